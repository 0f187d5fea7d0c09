#include "cli/eval/run.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <iostream>

#include "cli/eval/judge.h"
#include "cli/eval/ordered_pool.h"
#include "cli/eval/summary.h"
#include "cli/interrupt.h"

namespace seedling::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kProgressEveryCases = 50;  // where standard error is no terminal
// Answers that wait for their judgement: what a run that is broken off loses at most.
constexpr std::size_t kMostWaiting = 64;
constexpr std::chrono::milliseconds kAtOnce{0}, kPatience{100};

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// One line on standard error that is written over and over; now and then a new one where it is no terminal.
class Progress {
 public:
  Progress(std::size_t count, bool is_quiet)
      : count_(count), is_quiet_(is_quiet), is_terminal_(::isatty(STDERR_FILENO) == 1) {}
  ~Progress() {
    if (is_shown_ && is_terminal_) std::cerr << "\n";
  }
  void show(const EvalRecord& done) {
    ++number_;
    exact_.add(done.judgement.exact);
    passed_.add(done.judgement.passed);
    if (is_quiet_ || (!is_terminal_ && number_ % kProgressEveryCases != 0 && number_ != count_)) return;
    char line[160];
    std::snprintf(line, sizeof line, "case %zu/%zu%s%s  steps %d  %.0f ms", number_, count_,
                  text_of("exact", exact_).c_str(), text_of("pass", passed_).c_str(), done.answer.steps,
                  done.answer.ms);
    std::cerr << (is_terminal_ ? "\r\033[K" : "") << line << (is_terminal_ ? "" : "\n") << std::flush;
    is_shown_ = true;
  }

 private:
  static std::string text_of(const char* name, const Share& share) {
    if (share.count == 0) return {};
    char text[40];
    std::snprintf(text, sizeof text, "  %s %.1f %%", name, 100 * share.value());
    return text;
  }

  std::size_t count_, number_ = 0;
  bool is_quiet_, is_terminal_;
  bool is_shown_ = false;
  Share exact_, passed_;
};

// Ctrl-C as a stop token: whoever computes polls tokens, not signals.
class StopOnInterrupt {
 public:
  StopOnInterrupt() : watcher_([this](std::stop_token ended) { watch(ended); }) {}
  std::stop_token token() const { return stop_.get_token(); }
  bool is_stopped() const { return stop_.stop_requested(); }

 private:
  void watch(std::stop_token ended) {
    while (!ended.stop_requested() && !interrupt_.is_requested()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    if (interrupt_.is_requested()) stop_.request_stop();
  }

  Interrupt interrupt_;
  std::stop_source stop_;
  std::jthread watcher_;  // last: it ends before what it uses
};

Result<EvalAnswer> answer_of_case(const EvalRun& run, const EvalCase& eval_case, std::stop_token stop) {
  EvalAnswer answer;
  switch (run.answers) {
    case Answers::model:
      return answer_case(*run.engine, run.kind, eval_case, run.rules, stop);
    case Answers::truth:
      if (!eval_case.expected) return invalid_input("--truth: the case does not say what was expected");
      answer.text = *eval_case.expected;
      break;
    case Answers::nothing:
      answer.text = eval_case.text;
      break;
  }
  return answer;
}

using Judged = Result<EvalRecord>;

// The story of one run.
class CaseRun {
 public:
  CaseRun(const EvalRun& run, std::span<const EvalCase> cases, RecordFile& file)
      : run_(run), cases_(cases), file_(file), progress_(cases.size(), run.is_quiet), pool_(run.judges) {
    rules_.executes = run.sandbox != nullptr;
    rules_.trusts_truth = run.answers != Answers::truth;
  }

  Result<EvalResult> run(std::span<const std::string> keys) {
    for (std::size_t i = 0; i < cases_.size() && !stop_.is_stopped(); ++i) {
      if (const EvalRecord* known = file_.find(keys[i])) {
        ++result_.taken_over;
        pool_.add([record = *known]() -> Judged { return record; });
        TRY(collect(kMostWaiting));
        continue;
      }
      const Clock::time_point start = Clock::now();
      Result<EvalAnswer> answer = answer_of_case(run_, cases_[i], stop_.token());
      if (!answer.ok() && answer.error().code == ErrorCode::stopped) break;
      if (!answer.ok()) return invalid_input(cases_[i].id + ": " + answer.error().message);
      result_.model_seconds += seconds_since(start);
      judge(cases_[i], keys[i], std::move(answer).value());
      TRY(collect(kMostWaiting));
    }
    TRY(collect(0));
    return std::move(result_);
  }

 private:
  void judge(const EvalCase& eval_case, const std::string& key, EvalAnswer answer) {
    pool_.add([this, &eval_case,
               record = EvalRecord{eval_case.id, key, std::move(answer), {}}]() mutable -> Judged {
      record.judgement = TRY(judge_answer(eval_case, run_.kind, record.answer.text, rules_, run_.sandbox));
      return record;
    });
  }

  // Takes what is judged, and waits until no more than `most` are left.
  Status collect(std::size_t most) {
    while (pool_.waiting() > 0) {
      std::optional<Judged> judged = pool_.take(pool_.waiting() > most ? kPatience : kAtOnce);
      if (!judged) {
        if (pool_.waiting() <= most || stop_.is_stopped()) return Done{};
        continue;
      }
      EvalRecord record = TRY(std::move(*judged));
      if (file_.find(record.key) == nullptr) TRY(file_.add(record));
      progress_.show(record);
      result_.records.push_back(std::move(record));
    }
    return Done{};
  }

  const EvalRun& run_;
  std::span<const EvalCase> cases_;
  RecordFile& file_;
  JudgeRules rules_;
  EvalResult result_;
  StopOnInterrupt stop_;
  Progress progress_;
  OrderedPool<Judged> pool_;  // last: its jobs end before what they use
};

}  // namespace

Result<EvalResult> run_cases(const EvalRun& run, std::span<const EvalCase> cases, RecordFile& file) {
  const Clock::time_point start = Clock::now();
  std::vector<std::string> keys;
  for (const EvalCase& eval_case : cases) keys.push_back(record_key(run.settings, eval_case));
  TRY(file.check(cases, keys));
  EvalResult result = TRY(CaseRun(run, cases, file).run(keys));
  result.wall_seconds = seconds_since(start);
  return result;
}

}  // namespace seedling::cli
