// `seedling eval infill`: fills the holes of a file of cases with one engine and scores the answers.
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>

#include "cli/command.h"
#include "cli/infill_cases.h"
#include "cli/infill_summary.h"
#include "cli/infill_sweep.h"
#include "cli/interrupt.h"
#include "cli/json_object.h"
#include "cli/python_check.h"
#include "engine/engine.h"
#include "engine/model/fingerprint.h"

namespace seedling::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kTokensOfLine = 64;
constexpr int kTokensOfSpan = 256;
constexpr int kProgressEveryCases = 50;  // where standard error is no terminal

struct FilledCase {
  std::string completion;
  FillStats stats;
  double ms = 0;
};

// Cases come without a path, documents in an editor never do, and neither did any in training.
std::string_view path_for(std::string_view language) {
  if (language == "python") return "solution.py";
  if (language == "javascript") return "solution.js";
  if (language == "java") return "Solution.java";
  return "solution";
}

FillRequest request_for(const InfillCase& infill, const EvalInfillOptions& options) {
  FillRequest request;
  request.prefix = infill.prefix;
  request.suffix = infill.suffix;
  request.language = infill.language;
  request.path = path_for(infill.language);
  request.mode = options.decode.decode_mode();
  request.seed = options.decode.seed;
  request.limits.max_lines = infill.max_lines();
  const int enough = infill.max_lines() > 0 ? kTokensOfLine : kTokensOfSpan;
  request.limits.max_tokens = options.max_tokens > 0 ? options.max_tokens : enough;
  return request;
}

// Where the one line that is wanted came out blank, the line behind it is.
Result<FilledCase> fill_case(Engine& engine, const InfillCase& infill, const EvalInfillOptions& options,
                             std::stop_token stop, const StepObserver& observer) {
  const Clock::time_point start = Clock::now();
  FillRequest request = request_for(infill, options);
  FilledText filled = TRY(engine.fill(request, stop, observer));
  FillStats stats = filled.stats;
  if (infill.answer == Answer::single_line && filled.outcome == Outcome::max_lines &&
      stripped(filled.text).empty()) {
    request.limits.max_lines = 2;
    filled = TRY(engine.fill(request, stop, observer));
    stats.tokens = filled.stats.tokens;
    stats.steps += filled.stats.steps;
  }
  const double ms = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
  return FilledCase{std::move(filled.text), stats, ms};
}

Result<InfillOutcome> judge_case(const InfillCase& infill, const FilledCase& filled,
                                 const PythonCheck* python) {
  const std::string answer = answer_of(filled.completion, infill.answer);
  InfillOutcome outcome;
  outcome.language = infill.language;
  if (infill.expected.has_value()) outcome.expected = stripped(*infill.expected);
  outcome.answer = stripped(answer);
  outcome.tokens = filled.stats.tokens;
  outcome.steps = filled.stats.steps;
  outcome.ms = filled.ms;
  if (python != nullptr && infill.is_executable()) {
    outcome.passed = TRY(python->passes(program_with(infill, answer)));
    outcome.empty_passed = TRY(python->passes(program_with(infill, "")));
  }
  return outcome;
}

// One line on standard error that is written over and over; now and then a new one where it is no terminal.
class Progress {
 public:
  Progress(std::size_t count, bool is_quiet)
      : count_(count), is_quiet_(is_quiet), is_terminal_(::isatty(STDERR_FILENO) == 1) {}
  ~Progress() {
    if (is_shown_ && is_terminal_) std::cerr << "\n";
  }
  void show(std::span<const InfillOutcome> done) {
    const std::size_t number = done.size();
    exact_ += done.back().is_exact() ? 1 : 0;
    passed_ += done.back().passed.value_or(false) ? 1 : 0;
    if (is_quiet_ || (!is_terminal_ && number % kProgressEveryCases != 0 && number != count_)) return;
    char line[160];
    std::snprintf(line, sizeof line, "case %zu/%zu  exact %.1f %%%s  steps %d  %.0f ms", number, count_,
                  100.0 * exact_ / static_cast<double>(number), pass_text(done.back(), number).c_str(),
                  done.back().steps, done.back().ms);
    std::cerr << (is_terminal_ ? "\r\033[K" : "") << line << (is_terminal_ ? "" : "\n") << std::flush;
    is_shown_ = true;
  }

 private:
  std::string pass_text(const InfillOutcome& last, std::size_t number) const {
    if (!last.passed.has_value()) return {};
    char text[40];
    std::snprintf(text, sizeof text, "  pass %.1f %%", 100.0 * passed_ / static_cast<double>(number));
    return text;
  }

  std::size_t count_;
  bool is_quiet_, is_terminal_;
  bool is_shown_ = false;
  int exact_ = 0, passed_ = 0;
};

std::string line_of(const InfillCase& infill, const FilledCase& filled, const InfillOutcome& outcome) {
  JsonObject line;
  line.add("id", infill.id).add("completion", filled.completion).add("tokens", filled.stats.tokens);
  line.add("steps", filled.stats.steps).add("ms", filled.ms);
  if (outcome.expected.has_value()) line.add("exact", outcome.is_exact());
  line.add("passed", outcome.passed);
  return line.text() + "\n";
}

// Everything from the first case to the last, or to Ctrl-C.
Result<std::vector<InfillOutcome>> run_cases(Engine& engine, std::span<const InfillCase> cases,
                                             const EvalInfillOptions& options, const PythonCheck* python,
                                             std::ostream* out) {
  const Interrupt interrupt;
  std::stop_source stop;
  const StepObserver observer = [&](const StepView&) {
    if (interrupt.is_requested()) stop.request_stop();
  };
  Progress progress(cases.size(), options.is_quiet);
  std::vector<InfillOutcome> outcomes;
  for (const InfillCase& infill : cases) {
    if (interrupt.is_requested()) break;
    Result<FilledCase> filled = fill_case(engine, infill, options, stop.get_token(), observer);
    if (!filled.ok() && filled.error().code == ErrorCode::stopped) break;
    if (!filled.ok()) return invalid_input(infill.id + ": " + filled.error().message);
    outcomes.push_back(TRY(judge_case(infill, filled.value(), python)));
    if (out != nullptr) {
      *out << line_of(infill, filled.value(), outcomes.back()) << std::flush;
      if (!*out) return invalid_input("cannot write to " + options.out);
    }
    progress.show(outcomes);
  }
  return outcomes;
}

// Every block size with every threshold, after the reference that they are compared with.
Result<int> run_sweep(const EvalInfillOptions& options, const GlobalOptions& global,
                      std::span<const InfillCase> cases) {
  std::vector<InfillOutcome> reference;
  std::vector<SweepRow> rows;
  std::string fingerprint;
  const auto add = [&](int block, float threshold) -> Status {
    EngineOptions engine_options = cli::engine_options(global);
    engine_options.block_size = block;
    engine_options.commit_threshold = threshold;
    const std::unique_ptr<Engine> engine = TRY(Engine::open(engine_options));
    block = engine->session().planner.plan({}, "").block;  // where it was left to the model
    const std::vector<InfillOutcome> outcomes = TRY(run_cases(*engine, cases, options, nullptr, nullptr));
    if (outcomes.size() < cases.size()) return invalid_input("stopped before everything was measured");
    if (rows.empty()) {
      reference = outcomes;
      fingerprint = fingerprint_of(*engine->model().weights);
    }
    rows.push_back(sweep_row(block, threshold, outcomes, reference));
    return Done{};
  };
  TRY(add(0, kReferenceThreshold));
  for (const int block : kSweepBlocks) {
    for (const float threshold : kSweepThresholds) TRY(add(block, threshold));
  }
  (options.is_json ? std::cerr : std::cout) << sweep_table(rows);
  if (options.is_json) std::cout << sweep_json(rows, reference, fingerprint) << "\n";
  return 0;
}

}  // namespace

Result<int> run_eval_infill(const EvalInfillOptions& options, const GlobalOptions& global) {
  const std::vector<InfillCase> cases =
      TRY(read_infill_cases(options.cases, options.language, options.limit));
  if (options.sweeps) return run_sweep(options, global, cases);
  std::optional<PythonCheck> python;
  if (options.executes) python = TRY(PythonCheck::find());
  const std::unique_ptr<Engine> engine = TRY(Engine::open(engine_options(global, options.decode)));
  std::ofstream out;
  if (!options.out.empty()) {
    out.open(options.out, std::ios::binary);
    if (!out) return invalid_input("cannot write to " + options.out);
  }

  const std::vector<InfillOutcome> outcomes =
      TRY(run_cases(*engine, cases, options, python ? &*python : nullptr, out.is_open() ? &out : nullptr));
  const std::vector<InfillSummary> summaries = summarize(outcomes);
  if (outcomes.size() < cases.size()) {
    tell("stopped after " + std::to_string(outcomes.size()) + " of " + std::to_string(cases.size()) +
         " cases");
  }
  (options.is_json ? std::cerr : std::cout) << table_of(summaries);
  if (options.is_json) std::cout << json_of(summaries, options.decode.mode) << "\n";
  return 0;
}

}  // namespace seedling::cli
