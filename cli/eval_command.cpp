// `seedling eval infill|fix|edit`: answers a file of cases with one engine and scores the answers.
#include <iostream>
#include <memory>

#include "cli/command.h"
#include "cli/eval/calibrate.h"
#include "cli/eval/run.h"
#include "cli/eval/summary.h"
#include "cli/eval/sweep.h"
#include "engine/engine.h"
#include "engine/model/fingerprint.h"

namespace seedling::cli {
namespace {

constexpr std::size_t kLeastToFit = 50;  // completions

EvalKind kind_of(const EvalOptions& options) {
  if (options.kind == "infill") return EvalKind::infill;
  return options.kind == "fix" ? EvalKind::fix : EvalKind::edit;
}

Answers answers_of(const EvalOptions& options) {
  if (options.is_truth) return Answers::truth;
  return options.is_nothing ? Answers::nothing : Answers::model;
}

const char* answers_text(Answers answers) {
  switch (answers) {
    case Answers::model:
      return "model";
    case Answers::truth:
      return "truth";
    case Answers::nothing:
      break;
  }
  return "nothing";
}

bool has_tests(std::span<const EvalCase> cases) {
  return std::any_of(cases.begin(), cases.end(), [](const EvalCase& c) { return c.test.has_value(); });
}

// How a canvas gets its length: never from what was expected.
std::string canvas_rule(EvalKind kind, Mode mode, const Plan& plan, const AskRules& rules,
                        std::span<const EvalCase> cases) {
  std::string text = mode == Mode::causal ? "one token after the other until <end>"
                                          : "blocks of " + std::to_string(plan.block) + " until <end>";
  if (kind == EvalKind::infill) {
    int most = 0;
    for (const EvalCase& eval_case : cases) most = std::max(most, most_tokens(eval_case, rules));
    text += ", " + std::to_string(most) + " tokens at most";
  }
  char threshold[40];
  std::snprintf(threshold, sizeof threshold, ", committed from %.2f on", static_cast<double>(plan.threshold));
  return mode == Mode::causal ? text : text + threshold;
}

std::string settings_of(const EvalOptions& options, const EvalRun& run, const Plan& plan,
                        const std::string& weights) {
  std::string text = options.kind + std::string("|") + answers_text(run.answers) + "|";
  text += run.sandbox != nullptr ? "run" : "-";
  if (run.answers != Answers::model) return text;
  text += "|" + options.decode.mode + "|" + std::to_string(plan.block) + "|" + std::to_string(plan.threshold);
  text +=
      "|" + std::to_string(options.decode.seed) + "|" + std::to_string(options.max_tokens) + "|" + weights;
  if (run.rules.as_completion) text += "|completion";
  if (run.rules.is_constrained) text += "|constrained";
  return text + (options.is_scored ? "|scored" : "");
}

// Everything that one run needs, in the order in which it is opened.
struct Opened {
  CaseFile cases;
  std::unique_ptr<Sandbox> sandbox;
  std::unique_ptr<Engine> engine;
  EvalRun run;
  RunFacts facts;
};

Result<Opened> open_run(const EvalOptions& options, const GlobalOptions& global) {
  Opened opened;
  const EvalKind kind = kind_of(options);
  CaseChoice choice{options.language, options.limit, options.spread, options.is_complete};
  opened.cases = TRY(read_cases(kind, options.cases, choice));
  const std::vector<EvalCase>& cases = opened.cases.cases;
  // Without tests python3 still says what parses.
  const bool is_judged = kind == EvalKind::infill || has_tests(cases);
  if (options.executes && is_judged) opened.sandbox = Sandbox::open();

  EvalRun& run = opened.run;
  run.kind = kind;
  run.answers = answers_of(options);
  run.sandbox = opened.sandbox.get();
  run.judges = options.judges;
  run.is_quiet = options.is_quiet;
  run.rules = {options.decode.decode_mode(),
               options.decode.seed,
               options.max_tokens,
               options.is_scored,
               options.decode.is_constrained(),
               options.as_completion || options.calibrates,
               run.sandbox};
  RunFacts& facts = opened.facts;
  Plan plan;
  if (run.answers == Answers::model) {
    opened.engine = TRY(Engine::open(engine_options(global, options.decode)));
    run.engine = opened.engine.get();
    plan = run.engine->session().planner.plan({}, "");
    facts.weights = fingerprint_of(*run.engine->model().weights);
    facts.backend = run.engine->backend_name();
    facts.canvas = canvas_rule(kind, run.rules.mode, plan, run.rules, cases);
    facts.block = plan.block;
    facts.threshold = static_cast<double>(plan.threshold);
  }
  run.settings = settings_of(options, run, plan, facts.weights);
  facts.kind = options.kind;
  facts.set = cases.front().set;
  facts.answers = answers_text(run.answers);
  facts.mode = options.decode.mode;
  facts.seed = options.decode.seed;
  facts.left_out = opened.cases.left_out;
  facts.unusable = opened.cases.unusable;
  if (opened.sandbox) {
    facts.judges = options.judges;
    facts.is_offline = opened.sandbox->is_offline();
  }
  return opened;
}

// The tests of which no tool is here are said once, before anybody waits.
void tell_what_cannot_run(std::span<const EvalCase> cases, const Sandbox* sandbox) {
  int count = 0;
  std::string language;
  for (const EvalCase& eval_case : cases) {
    if (sandbox == nullptr || !eval_case.test || sandbox->can_run(eval_case.test->runner)) continue;
    ++count;
    language = eval_case.language;
  }
  if (count == 0) return;
  tell("the tests of " + std::to_string(count) + " cases cannot be run here: install what runs " + language);
}

Result<int> print_calibration(std::span<const EvalCase> cases, std::span<const EvalRecord> records,
                              const std::string& weights, const std::string& table) {
  const std::vector<ShownCompletion> shown = shown_completions(cases, records);
  if (shown.size() < kLeastToFit) {
    return invalid_input("--calibrate: only " + std::to_string(shown.size()) +
                         " completions would be shown; give it " + std::to_string(kLeastToFit) + " at least");
  }
  Calibration calibration = fit_calibration(shown);
  calibration.shown_from = threshold_for(calibration, shown);
  const Reliability reliability = measure_reliability(shown);
  std::cerr << table << reliability_table(reliability);
  std::cout << calibration_json(calibration, reliability, shown, static_cast<int>(cases.size()), weights)
            << "\n";
  return 0;
}

}  // namespace

Result<int> run_eval(const EvalOptions& options, const GlobalOptions& global) {
  if (options.sweeps) return run_sweep(options, global);
  Opened opened = TRY(open_run(options, global));
  std::span<const EvalCase> cases = opened.cases.cases;
  tell_what_cannot_run(cases, opened.run.sandbox);
  RecordFile file = TRY(RecordFile::open(options.out, options.is_fresh, opened.run.kind));
  const EvalResult result = TRY(run_cases(opened.run, cases, file));
  if (result.records.size() < cases.size()) {
    tell("stopped after " + std::to_string(result.records.size()) + " of " + std::to_string(cases.size()) +
         " cases" + (options.out.empty() ? "" : "; the same command goes on from there"));
  }
  opened.facts.taken_over = result.taken_over;
  opened.facts.wall_seconds = result.wall_seconds;
  opened.facts.model_seconds = result.model_seconds;
  const std::vector<EvalSummary> summaries = summarize(cases.first(result.records.size()), result.records);
  const std::string table = table_of(summaries, opened.facts);
  if (options.calibrates) {
    return print_calibration(cases.first(result.records.size()), result.records, opened.facts.weights, table);
  }
  (options.is_json ? std::cerr : std::cout) << table;
  if (options.is_json) std::cout << json_of(summaries, opened.facts) << "\n";
  return 0;
}

}  // namespace seedling::cli
