// The cases that time one forward pass: a denoising step, the prefill, and one token after the other.
#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>

#include "cli/bench/bench.h"
#include "cli/bench/floor.h"
#include "cli/bench/shapes.h"
#include "engine/model/backend.h"
#include "kernels/cpu/parallel.h"

namespace seedling::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kStepTokens[] = {1, 2, 4, 8, 16, 32, 64};
constexpr int kStepContexts[] = {0, 256, 1024, 4096};
constexpr int kPrefillTokens = 512;
constexpr int kCausalContext = 1024;
constexpr int kCausalTokens = 64;

// Passes between two looks at the machine's rates.
constexpr double kMsOfRound = 10;
constexpr int kLeastOfRound = 2, kLeastRounds = 5;

struct CloseSession {
  const Backend* backend;
  void operator()(BackendSession* session) const { backend->release(session); }
};

double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

// One session of a shape, and what it takes to run passes in it.
class Passes {
 public:
  static Result<Passes> open(const BenchRun& run, std::string_view shape) {
    Passes passes;
    passes.model_ = TRY(run.model(shape));
    passes.backend_ = TRY(find_backend(run.global.backend));
    passes.session_ = std::unique_ptr<BackendSession, CloseSession>(
        TRY(passes.backend_->prepare(passes.model_, {run.global.device, run.global.threads})),
        CloseSession{passes.backend_});
    return passes;
  }

  const ModelConfig& config() const { return model_->config; }
  int length() const { return backend_->length(session_.get()); }
  void truncate(int length) { backend_->truncate(session_.get(), length); }

  // `count` tokens in one pass; of all its rows, or of the last one, the most probable token is asked for.
  Status forward(Sight sight, int count, bool is_last_only) {
    tokens_.resize(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) tokens_[static_cast<std::size_t>(i)] = token_at(length() + i);
    queries_.clear();
    for (int row = is_last_only ? count - 1 : 0; row < count; ++row) queries_.push_back({.row = row});
    answers_.resize(queries_.size());
    TRY(backend_->forward(session_.get(), {.tokens = tokens_, .sight = sight}, queries_, answers_));
    return Done{};
  }
  void keep(int count) { backend_->keep(session_.get(), count); }

  // Text for the cache up to `length` tokens.
  Status extend_to(int wanted) {
    while (length() < wanted) {
      const int count = std::min(kMostTokens, wanted - length());
      TRY(forward(Sight::causal, count, /*is_last_only=*/true));
      keep(count);
    }
    return Done{};
  }

  void add_answers(Checksum& checksum) const {
    for (const RowAnswer& answer : answers_) {
      checksum.add(&answer.token, sizeof answer.token);
      checksum.add(&answer.confidence, sizeof answer.confidence);
    }
  }

 private:
  // Any token will do, as long as it is always the same one.
  TokenId token_at(int position) const {
    const std::uint32_t drawn = (static_cast<std::uint32_t>(position) + 1) * 2654435761u;
    return static_cast<TokenId>((drawn >> 8) % static_cast<std::uint32_t>(config().vocab_size));
  }

  std::shared_ptr<const Model> model_;
  const Backend* backend_ = nullptr;
  std::unique_ptr<BackendSession, CloseSession> session_{nullptr, CloseSession{nullptr}};
  std::vector<TokenId> tokens_;
  std::vector<RowQuery> queries_;
  std::vector<RowAnswer> answers_;
};

// What is timed: how long it took, and a hash of what came out, the same every time.
struct Sample {
  double ms = 0;
  std::string checksum;
};
using TakeSample = std::function<Result<Sample>()>;

// Samples in rounds, and the machine's rates after each round. The first sample of a round brings the weights
// back into the caches and is not counted. Time and floor are compared round by round.
class Timing {
 public:
  Timing(const BenchRun& run, RateMeter* meter, const Work& work) : run_(run), meter_(meter), work_(work) {}

  Status take(const TakeSample& take_sample) {
    if (run_.options.passes > 0) return take_exactly(run_.options.passes, take_sample);
    const Clock::time_point start = Clock::now();
    for (int round = 0; round < kLeastRounds || ms_since(start) < 1e3 * run_.options.seconds; ++round) {
      if (run_.is_stopped()) return Done{};
      TRY(take_sample());
      const std::size_t first = ms_.size();
      const Clock::time_point round_start = Clock::now();
      for (int i = 0; i < kLeastOfRound || ms_since(round_start) < kMsOfRound; ++i) {
        TRY(add(TRY(take_sample())));
      }
      if (meter_ == nullptr) continue;
      const double median = quantile(std::span(ms_).subspan(first), 0.5);
      over_floor_.push_back(median / floor_ms(work_, meter_->measure(work_.bytes)));
    }
    return Done{};
  }

  bool is_empty() const { return ms_.empty(); }
  // REQUIRES: !is_empty().
  void fill(BenchLine& line) const {
    line.p50_ms = quantile(ms_, 0.5);
    line.p95_ms = quantile(ms_, 0.95);
    line.n = static_cast<int>(ms_.size());
    if (!over_floor_.empty()) line.over_floor = quantile(over_floor_, 0.5);
    line.checksum = checksum_;
  }

 private:
  Status take_exactly(int count, const TakeSample& take_sample) {
    for (int i = 0; i < count && !run_.is_stopped(); ++i) TRY(add(TRY(take_sample())));
    return Done{};
  }

  Status add(const Sample& sample) {
    if (!checksum_.empty() && checksum_ != sample.checksum) {
      return Error{ErrorCode::internal,
                   "the same pass gave different answers: " + checksum_ + " and " + sample.checksum};
    }
    checksum_ = sample.checksum;
    ms_.push_back(sample.ms);
    return Done{};
  }

  const BenchRun& run_;
  RateMeter* meter_;
  Work work_;
  std::vector<double> ms_, over_floor_;
  std::string checksum_;
};

std::unique_ptr<RateMeter> meter_of(const BenchRun& run) {
  if (run.options.passes > 0 || run.global.device != "cpu") return nullptr;
  return std::make_unique<RateMeter>(run.global.threads > 0 ? run.global.threads
                                                            : kernels::available_threads());
}

std::vector<int> chosen(const std::vector<int>& asked, std::span<const int> all) {
  std::vector<int> values = asked.empty() ? std::vector<int>(all.begin(), all.end()) : asked;
  std::sort(values.begin(), values.end());
  return values;
}

Status run_step(const BenchRun& run, const std::string& name, std::string_view shape) {
  Passes passes = TRY(Passes::open(run, shape));
  const std::unique_ptr<RateMeter> meter = meter_of(run);
  for (const int context : chosen(run.options.contexts, kStepContexts)) {
    run.show_progress(name + ": computing " + std::to_string(context) + " tokens of context");
    TRY(passes.extend_to(context));
    for (const int m : chosen(run.options.tokens, kStepTokens)) {
      run.show_progress(name + ": " + std::to_string(m) + " tokens, context " + std::to_string(context));
      Timing timing(run, meter.get(), work_of_pass(passes.config(), m, context, m, /*causal=*/false));
      TRY(timing.take([&]() -> Result<Sample> {
        const Clock::time_point start = Clock::now();
        TRY(passes.forward(Sight::block, m, /*is_last_only=*/false));
        const double ms = ms_since(start);
        Checksum checksum;
        passes.add_answers(checksum);
        return Sample{ms, checksum.text()};
      }));
      if (timing.is_empty()) return Done{};
      BenchLine line{.name = name, .m = m, .context = context};
      timing.fill(line);
      run.report(line);
    }
  }
  return Done{};
}

Status run_prefill(const BenchRun& run, const std::string& name, std::string_view shape) {
  Passes passes = TRY(Passes::open(run, shape));
  const std::unique_ptr<RateMeter> meter = meter_of(run);
  Timing timing(run, meter.get(), work_of_pass(passes.config(), kPrefillTokens, 0, 1, /*causal=*/true));
  run.show_progress(name);
  TRY(timing.take([&]() -> Result<Sample> {
    passes.truncate(0);
    const Clock::time_point start = Clock::now();
    TRY(passes.extend_to(kPrefillTokens));
    const double ms = ms_since(start);
    Checksum checksum;
    passes.add_answers(checksum);
    return Sample{ms, checksum.text()};
  }));
  if (timing.is_empty()) return Done{};
  BenchLine line{.name = name, .m = kPrefillTokens, .context = 0};
  timing.fill(line);
  line.tokens_per_s = kPrefillTokens / line.p50_ms * 1e3;
  run.report(line);
  return Done{};
}

// A sample is a run of tokens, each kept and the next one computed from it; its time is that of one token.
Status run_causal(const BenchRun& run, const std::string& name, std::string_view shape) {
  Passes passes = TRY(Passes::open(run, shape));
  const std::unique_ptr<RateMeter> meter = meter_of(run);
  run.show_progress(name);
  TRY(passes.extend_to(kCausalContext));
  const int middle = kCausalContext + kCausalTokens / 2;
  Timing timing(run, meter.get(), work_of_pass(passes.config(), 1, middle, 1, /*causal=*/true));
  TRY(timing.take([&]() -> Result<Sample> {
    passes.truncate(kCausalContext);
    Checksum checksum;
    const Clock::time_point start = Clock::now();
    for (int i = 0; i < kCausalTokens; ++i) {
      TRY(passes.forward(Sight::causal, 1, /*is_last_only=*/true));
      passes.keep(1);
      passes.add_answers(checksum);
    }
    return Sample{ms_since(start) / kCausalTokens, checksum.text()};
  }));
  if (timing.is_empty()) return Done{};
  BenchLine line{.name = name, .m = 1, .context = kCausalContext};
  timing.fill(line);
  line.tokens_per_s = 1e3 / line.p50_ms;
  run.report(line);
  return Done{};
}

}  // namespace

std::vector<BenchCase> pass_cases() {
  using Run = Status (*)(const BenchRun&, const std::string&, std::string_view);
  const std::pair<const char*, Run> kinds[] = {
      {"step", run_step}, {"prefill", run_prefill}, {"causal", run_causal}};
  std::vector<BenchCase> cases;
  for (const auto& [kind, function] : kinds) {
    for (const std::string_view shape : kShapeNames) {
      cases.push_back({std::string(kind) + "." + std::string(shape),
                       [function = function, shape](const BenchRun& run, const std::string& name) {
                         return function(run, name, shape);
                       }});
    }
  }
  return cases;
}

}  // namespace seedling::cli
