#include "engine/train/trajectories.h"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <optional>
#include <thread>

#include "engine/candidate_check.h"
#include "engine/fix_holes.h"
#include "engine/structure/scope.h"
#include "engine/structure/verdict.h"
#include "engine/train/random.h"
#include "engine/train/workers.h"

namespace seedling {
namespace {

constexpr int kBlock = 16;
constexpr int kMostHoleTokens = 48;
constexpr int kWindowTokens = 344;           // of the file around a hole
constexpr std::size_t kMostHoleBytes = 240;  // longer ones are not filled within kMostHoleTokens
constexpr float kNeverSure = 2;              // a threshold that gives a token a step

// How a member of the pool is drawn.
struct Draw {
  float threshold;
  float temperature;
};
constexpr Draw kOrderPool[] = {{kNeverSure, 0}, {0.9f, 0}, {0.6f, 0}, {0.9f, 0.7f}};
constexpr Draw kRewardPool[] = {{kNeverSure, 0}, {0.8f, 0}, {0.5f, 0}, {0.3f, 0}, {0.15f, 0}};

struct Trajectory {
  Sample sample;  // as the model filled it
  std::string text;
  int steps = 0;
  double bound = 0;
};

// Watches a hole being filled.
class Recorder {
 public:
  void see(const StepView& view) {
    const auto size = static_cast<std::size_t>(view.canvas.size());
    tokens_ = view.canvas.tokens;
    confidence_ = view.canvas.confidence;
    steps_.resize(size, -1);
    for (std::size_t i = 0; i < size; ++i)
      if (steps_[i] < 0 && view.canvas.masked[i] == 0) steps_[i] = view.step;
    taken_ = view.step + 1;
  }
  Trajectory trajectory(Sample hole, std::string text) const {
    Trajectory made;
    made.sample = std::move(hole);
    made.sample.tokens = tokens_;
    made.sample.steps = steps_;
    made.sample.block = kBlock;
    made.text = std::move(text);
    made.steps = taken_;
    for (const float confidence : confidence_) made.bound += std::log(std::max(confidence, 1e-6f));
    return made;
  }

 private:
  std::vector<TokenId> tokens_;
  std::vector<float> confidence_;
  std::vector<int> steps_;
  int taken_ = 0;
};

FillRequest request_for(const Sample& hole) {
  FillRequest request;
  request.prefix = hole.prefix;
  request.suffix = hole.suffix;
  request.language = hole.language;
  request.path = hole.path;
  request.limits.max_tokens = kMostHoleTokens;
  return request;
}

// What the verifier says of texts in one hole.
class Verifier {
 public:
  explicit Verifier(const Sample& hole) : hole_(hole) {
    snapshot_.language = hole.language;
    snapshot_.path = hole.path;
    snapshot_.text = hole.prefix + hole.suffix;
    edit_.range = {at(hole.prefix.size()), at(hole.prefix.size())};
  }

  Status look_at_truth() {
    truth_ = TRY(judge(filled(hole_.middle).text, hole_.language));
    return Done{};
  }
  Snapshot filled(const std::string& text) const {
    Snapshot snapshot = snapshot_;
    snapshot.text.insert(hole_.prefix.size(), text);
    return snapshot;
  }
  ByteRange hole_of(const std::string& text) const {
    return {at(hole_.prefix.size()), at(hole_.prefix.size() + text.size())};
  }
  // In [0, 3]: parses no worse than the true text, uses declared names, and is like the true text.
  Result<double> value(const std::string& text) const {
    const bool parses = TRY(judge(filled(text).text, hole_.language)).parses_no_worse_than(truth_);
    const bool is_declared = TRY(uses_declared_names(snapshot_, {edit_.range, text}, {}));
    return (parses ? 1.0 : 0.0) + (is_declared ? 1.0 : 0.0) + similarity(text, hole_.middle);
  }

 private:
  static ByteOffset at(std::size_t offset) { return ByteOffset{static_cast<std::uint32_t>(offset)}; }

  const Sample& hole_;
  Snapshot snapshot_;
  Edit edit_;
  Verdict truth_;
};

Result<std::vector<Trajectory>> draw_pool(Engine& engine, const Sample& hole, std::span<const Draw> draws,
                                          std::uint64_t seed) {
  std::vector<Trajectory> pool;
  for (const Draw& draw : draws) {
    engine.session().planner = Planner(kBlock, draw.threshold);
    FillRequest request = request_for(hole);
    request.temperature = draw.temperature;
    request.seed = seed;
    Recorder recorder;
    const FilledText filled =
        TRY(engine.fill(request, {}, [&](const StepView& view) { recorder.see(view); }));
    if (filled.outcome != Outcome::ended || !filled.joins_suffix) continue;
    pool.push_back(recorder.trajectory(hole, filled.text));
  }
  return pool;
}

// The place in the pool of the one to keep; the pool's size if there is none.
Result<std::size_t> choose_by_bound(const Engine& engine, const Verifier& verifier,
                                    const std::vector<Trajectory>& pool, TrajectoryReport& report) {
  std::size_t best = pool.size();
  for (std::size_t i = 0; i < pool.size(); ++i) {
    if (!TRY(declares_before_use(*engine.model().tokenizer, verifier.filled(pool[i].text),
                                 verifier.hole_of(pool[i].text), pool[i].sample))) {
      ++report.out_of_order;
      continue;
    }
    if (best == pool.size() || pool[i].bound > pool[best].bound) best = i;
  }
  return best;
}

// The first of the pool is the one written a token a step.
Result<std::size_t> choose_by_reward(const Verifier& verifier, const std::vector<Trajectory>& pool,
                                     double step_price) {
  std::size_t best = pool.size();
  double best_reward = 0, slow_value = 0;
  for (std::size_t i = 0; i < pool.size(); ++i) {
    const double value = TRY(verifier.value(pool[i].text));
    if (i == 0) slow_value = value;
    if (value < slow_value - 1e-9) continue;
    const double reward =
        value - step_price * pool[i].steps / static_cast<double>(pool[i].sample.tokens.size());
    if (best == pool.size() || reward > best_reward) best = i, best_reward = reward;
  }
  return best;
}

bool is_word(char c) {
  return c == '_' || std::isalnum(static_cast<unsigned char>(c)) || static_cast<unsigned char>(c) >= 0x80;
}

// Where `name` stands as a word of its own.
std::vector<std::size_t> places_of(std::string_view name, std::string_view text) {
  std::vector<std::size_t> places;
  for (std::size_t at = text.find(name); at != text.npos; at = text.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    if ((at == 0 || !is_word(text[at - 1])) && (end == text.size() || !is_word(text[end])))
      places.push_back(at);
  }
  return places;
}

}  // namespace

Result<bool> declares_before_use(const Tokenizer& tokenizer, const Snapshot& filled, ByteRange hole,
                                 const Sample& trajectory) {
  const auto after = names_visible_at(filled, hole.end), before = names_visible_at(filled, hole.begin);
  if (!after.ok() || !before.ok()) return true;  // a language whose scopes nobody knows
  std::vector<std::string> declared;
  std::set_difference(after.value().begin(), after.value().end(), before.value().begin(),
                      before.value().end(), std::back_inserter(declared));
  // The step by which each byte of the canvas' text is certain.
  std::string text;
  std::vector<int> step_of;
  for (std::size_t i = 0; i < trajectory.tokens.size(); ++i) {
    const std::string_view bytes = tokenizer.is_special(trajectory.tokens[i])
                                       ? std::string_view()
                                       : tokenizer.bytes(trajectory.tokens[i]);
    text += bytes;
    step_of.insert(step_of.end(), bytes.size(), trajectory.steps[i]);
  }
  for (const std::string& name : declared) {
    const std::vector<std::size_t> places = places_of(name, text);
    for (std::size_t k = 1; k < places.size(); ++k)
      if (step_of[places[k]] < step_of[places[0]]) return false;
  }
  return true;
}

double similarity(std::string_view a, std::string_view b) {
  const std::size_t longer = std::max(a.size(), b.size());
  return longer == 0 ? 1 : 1.0 - static_cast<double>(spelling_distance(a, b)) / static_cast<double>(longer);
}

namespace {

// What came of a hole.
struct Outcomes {
  TrajectoryReport report;  // its counts
  std::optional<Trajectory> kept;
};

Status fill_hole(Engine& engine, const Sample& hole, const TrajectoryOptions& options, std::uint64_t key,
                 Outcomes& out) {
  if (hole.middle.size() > kMostHoleBytes) return Done{};
  const std::span<const Draw> draws = options.by_reward ? std::span<const Draw>(kRewardPool) : kOrderPool;
  std::vector<Trajectory> pool = TRY(draw_pool(engine, hole, draws, key));
  out.report.drawn = static_cast<int>(pool.size());
  Verifier verifier(hole);
  TRY(verifier.look_at_truth());
  const std::size_t kept = options.by_reward ? TRY(choose_by_reward(verifier, pool, options.step_price))
                                             : TRY(choose_by_bound(engine, verifier, pool, out.report));
  if (kept < pool.size()) out.kept = std::move(pool[kept]);
  return Done{};
}

}  // namespace

Result<DrawnTrajectories> draw_trajectories(const std::string& model_directory, const RowBuilder& corpus,
                                            const TrajectoryOptions& options) {
  EngineOptions engine_options;
  engine_options.model_directory = model_directory;
  engine_options.backend = "cpu";
  engine_options.threads = 1;
  engine_options.recent_bytes = 0;
  // A hole is the work of one core: the model is too small to share a pass between them.
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  const int count = std::clamp(options.threads > 0 ? options.threads : cores, 1, options.holes);
  std::vector<std::unique_ptr<Engine>> engines;
  for (int i = 0; i < count; ++i) engines.push_back(TRY(Engine::open(engine_options)));

  std::vector<Outcomes> outcomes(static_cast<std::size_t>(options.holes));
  std::mutex lock;  // of what stands down to `failure`
  int begun = 0;
  bool go_on = true;
  Status failure = Done{};
  Workers workers(count, [] {});
  workers.run([&](int worker) {
    for (;;) {
      int hole = 0;
      {
        const std::lock_guard guard(lock);
        go_on = go_on && failure.ok() && begun < options.holes && (!options.go_on || options.go_on(begun));
        if (!go_on) return;
        hole = begun++;
      }
      const std::uint64_t key = combine(options.seed, static_cast<std::uint64_t>(hole));
      const Sample sample = corpus.some_hole(options.rows, key, kWindowTokens);
      const Status status = fill_hole(*engines[static_cast<std::size_t>(worker)], sample, options, key,
                                      outcomes[static_cast<std::size_t>(hole)]);
      if (status.ok()) continue;
      const std::lock_guard guard(lock);
      failure = status;
    }
  });
  TRY(failure);

  DrawnTrajectories drawn;
  TrajectoryReport& report = drawn.report;
  report.holes = begun;
  double tokens = 0, steps = 0;
  for (Outcomes& outcome : outcomes) {
    report.drawn += outcome.report.drawn;
    report.out_of_order += outcome.report.out_of_order;
    if (!outcome.kept) continue;
    tokens += static_cast<double>(outcome.kept->sample.tokens.size());
    steps += outcome.kept->steps;
    report.exact += outcome.kept->text == outcome.kept->sample.middle;
    drawn.kept.push_back(std::move(outcome.kept->sample));
  }
  report.kept = static_cast<int>(drawn.kept.size());
  report.kept_tokens_per_step = steps > 0 ? tokens / steps : 0;
  report.exact /= std::max(1, report.kept);
  return drawn;
}

}  // namespace seedling
