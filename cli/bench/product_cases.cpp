// The cases that time what a user waits for: a completion, a keystroke.
//   The text is that of sample.h. A completion is asked for as the server does while somebody types: one
//   candidate, the default limits; `invoked` asks for the alternatives that the server asks for by hand.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>

#include "cli/bench/bench.h"
#include "cli/bench/sample.h"
#include "engine/engine.h"
#include "engine/sampler/canvas.h"

namespace seedling::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kLeastLineBytes = 16;  // of a line that is completed, without its indentation
constexpr std::size_t kLinesBetween = 3;     // such lines, from one that is completed to the next
constexpr std::string_view kTypedFrom = "    def rows(self, limit):";
constexpr std::size_t kTypedCharacters = 200;
constexpr int kInvokedCandidates = 3;

double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

// Of all threads of this process.
double cpu_ms() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto ms = [](timeval time) {
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
  };
  return ms(usage.ru_utime) + ms(usage.ru_stime);
}

double resident_mib() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

// A place in a file: what stands before the cursor and what behind.
struct Cursor {
  std::string before, after;
};

// The middle of every few lines, with the rest of the line not written yet.
std::vector<Cursor> completed_places() {
  const std::string_view text = sample_text();
  std::vector<Cursor> places;
  std::size_t long_lines = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::size_t word = std::min(text.find_first_not_of(' ', begin), end);
    if (end - word >= kLeastLineBytes && long_lines++ % kLinesBetween == 0) {
      places.push_back({std::string(text.substr(0, (word + end) / 2)), std::string(text.substr(end))});
    }
    begin = end + 1;
  }
  return places;
}

// A function while it is written, character by character, with the file's end behind it all the time.
std::vector<Cursor> typed_places() {
  const std::string_view text = sample_text();
  const std::size_t begin = text.find(kTypedFrom);
  const std::string after(text.substr(begin + kTypedCharacters));
  std::vector<Cursor> places;
  for (std::size_t typed = 1; typed <= kTypedCharacters; ++typed) {
    places.push_back({std::string(text.substr(0, begin + typed)), after});
  }
  return places;
}

CompleteRequest request_at(const Cursor& cursor, Mode mode) {
  Snapshot snapshot;
  snapshot.path = kSamplePath;
  snapshot.language = kSampleLanguage;
  snapshot.text = cursor.before + cursor.after;
  CompleteRequest request;
  request.snapshot = std::make_shared<const Snapshot>(std::move(snapshot));
  request.cursor = {static_cast<std::uint32_t>(cursor.before.size())};
  request.mode = mode;
  return request;
}

// What some completions cost, and what they said.
class Completions {
 public:
  Completions(const BenchRun& run, Mode mode, int candidates = 1)
      : run_(run), mode_(mode), candidates_(candidates) {}

  // remembers: whether a completion that is typed on is continued without the model, as in an editor.
  Status open(bool remembers) {
    EngineOptions options = engine_options(run_.global);
    if (!remembers) options.recent_bytes = 0;
    if (run_.options.block > 0) options.block_size = run_.options.block;
    engine_ = TRY(Engine::open(options));
    return Done{};
  }
  void forget() { engine_->forget(std::string(kSamplePath)); }

  Status complete(const Cursor& cursor, bool is_counted) {
    CompleteRequest request = request_at(cursor, mode_);
    if (is_counted) request.limits.candidates = candidates_;
    int steps = 0, tokens = 0;
    const StepObserver observer = [&](const StepView& view) {
      steps = view.step + 1;
      tokens = first_masked(view.canvas);
    };
    const double cpu_before = cpu_ms();
    const Clock::time_point start = Clock::now();
    const std::vector<Completion> completions = TRY(engine_->complete(request, {}, observer));
    const double ms = ms_since(start);
    if (!is_counted) return Done{};
    ms_.push_back(ms);
    cpu_ms_ += cpu_ms() - cpu_before;
    steps_ += steps;
    tokens_ += tokens;
    total_ms_ += ms;
    found_ += static_cast<double>(completions.size());
    return remember(cursor, completions);
  }

  void report(const std::string& name) const {
    if (ms_.empty()) return;
    const double count = static_cast<double>(ms_.size());
    BenchLine line{.name = name};
    line.p50_ms = quantile(ms_, 0.5);
    line.p95_ms = quantile(ms_, 0.95);
    line.n = static_cast<int>(ms_.size());
    line.tokens_per_s = tokens_ / total_ms_ * 1e3;
    line.tokens = tokens_ / count;
    line.steps = steps_ / count;
    if (candidates_ > 1) line.candidates = found_ / count;
    line.cpu_ms = cpu_ms_ / count;
    line.resident_mib = resident_mib();
    line.checksum = checksum_.text();
    run_.report(line);
  }

 private:
  // The same place gets the same answer, whatever is cached and however often it is asked.
  Status remember(const Cursor& cursor, const std::vector<Completion>& completions) {
    std::string answer = "\n";
    for (const Completion& completion : completions) answer += completion.text + "\n";
    const auto [known, is_new] = answers_.emplace(cursor.before, answer);
    if (is_new) checksum_.add(answer);
    if (known->second == answer) return Done{};
    return Error{ErrorCode::internal,
                 "the same request was answered with \"" + known->second + "\" and \"" + answer + "\""};
  }

  const BenchRun& run_;
  Mode mode_;
  int candidates_;
  std::unique_ptr<Engine> engine_;
  std::vector<double> ms_;
  double cpu_ms_ = 0, total_ms_ = 0, steps_ = 0, tokens_ = 0, found_ = 0;
  std::map<std::string, std::string> answers_;  // by what stands before the cursor
  Checksum checksum_;
};

// Places in the order in which they are asked about: all of them, again and again until the time is over, or
// as many as --passes says.
template <class Visit>
Status visit_places(const BenchRun& run, std::span<const Cursor> places, const Visit& visit) {
  const Clock::time_point start = Clock::now();
  const int passes = run.options.passes;
  for (int i = 0; !run.is_stopped(); ++i) {
    const std::size_t place = static_cast<std::size_t>(i) % places.size();
    if (passes > 0 ? i >= passes : place == 0 && i > 0 && ms_since(start) >= 1e3 * run.options.seconds) break;
    TRY(visit(places[place], place));
  }
  return Done{};
}

// cold: nothing is cached. warm: the same place was asked about one character ago.
Status run_complete_case(const BenchRun& run, const std::string& name, Mode mode, bool is_warm,
                         int candidates = 1) {
  Completions completions(run, mode, candidates);
  TRY(completions.open(/*remembers=*/false));
  run.show_progress(name);
  TRY(visit_places(run, completed_places(), [&](const Cursor& place, std::size_t) -> Status {
    completions.forget();
    if (is_warm) {
      Cursor earlier = place;
      earlier.before.pop_back();
      TRY(completions.complete(earlier, /*is_counted=*/false));
    }
    return completions.complete(place, /*is_counted=*/true);
  }));
  completions.report(name);
  return Done{};
}

// What is cached stays from keystroke to keystroke.
Status run_typing(const BenchRun& run, const std::string& name, Mode mode) {
  Completions completions(run, mode);
  TRY(completions.open(/*remembers=*/true));
  run.show_progress(name);
  TRY(visit_places(run, typed_places(), [&](const Cursor& place, std::size_t typed) -> Status {
    if (typed == 0) completions.forget();
    return completions.complete(place, /*is_counted=*/true);
  }));
  completions.report(name);
  return Done{};
}

}  // namespace

std::vector<BenchCase> product_cases() {
  std::vector<BenchCase> cases;
  const std::pair<const char*, Mode> modes[] = {
      {"diffusion", Mode::diffusion}, {"causal", Mode::causal}, {"hybrid", Mode::hybrid}};
  for (const auto& [word, mode] : modes) {
    for (const bool is_warm : {false, true}) {
      cases.push_back({std::string("complete.") + word + (is_warm ? ".warm" : ".cold"),
                       [mode = mode, is_warm](const BenchRun& run, const std::string& name) {
                         return run_complete_case(run, name, mode, is_warm);
                       }});
    }
  }
  for (const auto& [word, mode] : modes) {
    cases.push_back(
        {std::string("invoked.") + word, [mode = mode](const BenchRun& run, const std::string& name) {
           return run_complete_case(run, name, mode, /*is_warm=*/true, kInvokedCandidates);
         }});
  }
  for (const auto& [word, mode] : modes) {
    cases.push_back(
        {std::string("typing.") + word, [mode = mode](const BenchRun& run, const std::string& name) {
           return run_typing(run, name, mode);
         }});
  }
  return cases;
}

}  // namespace seedling::cli
