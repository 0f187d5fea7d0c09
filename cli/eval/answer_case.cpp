#include "cli/eval/answer_case.h"

#include <chrono>

#include "cli/diagnostics_input.h"
#include "cli/diagnostics_left.h"
#include "cli/document.h"
#include "cli/eval/reexamine.h"

namespace seedling::cli {
namespace {

using Clock = std::chrono::steady_clock;

// Cases come without a path, documents in an editor never do, and neither did any in training.
std::string_view path_for(std::string_view language) {
  if (language == "python") return "solution.py";
  if (language == "javascript") return "solution.js";
  if (language == "java") return "Solution.java";
  if (language == "cpp") return "solution.cpp";
  return "solution";
}

SnapshotPtr snapshot_of(const EvalCase& eval_case) {
  Snapshot snapshot;
  snapshot.path = path_for(eval_case.language);
  snapshot.language = eval_case.language;
  snapshot.text = eval_case.text;
  return std::make_shared<const Snapshot>(std::move(snapshot));
}

FillRequest request_for(const EvalCase& eval_case, const AskRules& rules) {
  FillRequest request;
  request.prefix = eval_case.prefix;
  request.suffix = eval_case.suffix;
  request.language = eval_case.language;
  request.path = path_for(eval_case.language);
  request.mode = rules.mode;
  request.seed = rules.seed;
  request.limits.max_lines = eval_case.max_lines();
  request.limits.max_tokens = most_tokens(eval_case, rules);
  request.is_constrained = rules.is_constrained;
  request.is_one_line = eval_case.max_lines() == 1;
  return request;
}

// Where the one line that is wanted came out blank, the line behind it is.
Result<EvalAnswer> fill_hole(Engine& engine, const EvalCase& eval_case, const AskRules& rules,
                             std::stop_token stop) {
  FillRequest request = request_for(eval_case, rules);
  FilledText filled = TRY(engine.fill(request, stop));
  EvalAnswer answer;
  answer.add_cost(filled.stats, rules.mode);
  if (eval_case.answer == Answer::single_line && filled.outcome == Outcome::max_lines &&
      stripped(filled.text).empty()) {
    request.limits.max_lines = 2;
    filled = TRY(engine.fill(request, stop));
    answer.tokens = 0;  // what was thrown away is no text, but its passes were made
    answer.add_cost(filled.stats, rules.mode);
  }
  answer.confidence = filled.stats.mean_confidence;
  answer.log_confidence = filled.stats.log_confidence;
  if (rules.is_scored) {
    answer.causal_score = TRY(causal_score(engine.session(), request, filled.text, stop));
  }
  // As in an editor: nothing rather than what breaks the code around it.
  if (filled.fit != Fit::worse) answer.text = std::move(filled.text);
  return answer;
}

// What an editor would show at the hole; nothing where it would show nothing.
Result<EvalAnswer> complete_hole(Engine& engine, const EvalCase& eval_case, const AskRules& rules,
                                 std::stop_token stop) {
  CompleteRequest request;
  Snapshot snapshot;
  snapshot.path = path_for(eval_case.language);
  snapshot.language = eval_case.language;
  snapshot.text = eval_case.prefix + eval_case.suffix;
  request.snapshot = std::make_shared<const Snapshot>(std::move(snapshot));
  request.cursor = ByteOffset{static_cast<std::uint32_t>(eval_case.prefix.size())};
  request.is_constrained = rules.is_constrained;
  request.mode = rules.mode;
  request.seed = rules.seed;
  if (rules.max_tokens > 0) request.limits.max_tokens = rules.max_tokens;
  const std::vector<Completion> completions = TRY(engine.complete(request, stop));
  EvalAnswer answer;
  if (completions.empty()) return answer;
  const Completion& completion = completions.front();
  answer.add_cost(completion.stats, rules.mode);
  answer.text = completion.text;
  answer.confidence = completion.stats.mean_confidence;
  answer.log_confidence = completion.stats.log_confidence;
  return answer;
}

// One problem after the other, each on the text as the fixes before have left it: what `seedling fix` does.
Result<EvalAnswer> fix_problems(Engine& engine, const EvalCase& eval_case, const AskRules& rules,
                                std::stop_token stop) {
  SnapshotPtr snapshot = snapshot_of(eval_case);
  std::vector<Diagnostic> diagnostics;
  for (const CaseProblem& problem : eval_case.problems) {
    const ByteOffset at = reported_offset(*snapshot, problem.line, problem.column, problem.message);
    diagnostics.push_back({{at, at}, problem.message, "", ""});
  }
  EvalAnswer answer;
  while (!diagnostics.empty()) {
    const Diagnostic next = diagnostics.front();
    diagnostics.erase(diagnostics.begin());
    const ResolvedAction resolved = TRY(fix_at(engine, snapshot, next, rules, stop));
    answer.add_cost(resolved.stats, rules.mode);
    if (resolved.edits.empty()) continue;
    const SnapshotPtr before = snapshot;
    snapshot = with_text(*snapshot, with_edits(snapshot->text, resolved.edits));
    for (const Edit& edit : resolved.edits)
      diagnostics = diagnostics_left(std::move(diagnostics), next, edit, *before, *snapshot);
  }
  answer.text = snapshot->text;
  return answer;
}

// What the failing test prints last that names an error.
Result<std::string> symptom_of(const EvalCase& eval_case, const Sandbox* sandbox) {
  const std::string unknown = "the tests fail";
  if (sandbox == nullptr || !eval_case.test || !sandbox->can_run(eval_case.test->runner)) return unknown;
  const TestFrame& test = *eval_case.test;
  const ProgramRun run = TRY(sandbox->run(test.runner, test.program(eval_case.text), test.tests));
  if (run.why == "out of time") return std::string("the tests do not come to an end");
  std::string_view output = run.output;
  while (!output.empty()) {
    const std::size_t newline = output.substr(0, output.size() - 1).rfind('\n');
    const std::string_view line = output.substr(newline == std::string_view::npos ? 0 : newline + 1);
    if (line.find("Error") != std::string_view::npos) return std::string(stripped(line));
    output.remove_suffix(line.size());
  }
  return unknown;
}

Result<EvalAnswer> edit_text(Engine& engine, const EvalCase& eval_case, const std::string& message,
                             const AskRules& rules, std::stop_token stop) {
  const SnapshotPtr snapshot = snapshot_of(eval_case);
  const ResolvedAction resolved = TRY(reexamine(engine, snapshot, message, rules, stop));
  EvalAnswer answer;
  answer.add_cost(resolved.stats, rules.mode);
  answer.text = with_edits(snapshot->text, resolved.edits);
  return answer;
}

Result<EvalAnswer> ask(Engine& engine, EvalKind kind, const EvalCase& eval_case, const AskRules& rules,
                       std::stop_token stop) {
  if (kind == EvalKind::infill) {
    return rules.as_completion ? complete_hole(engine, eval_case, rules, stop)
                               : fill_hole(engine, eval_case, rules, stop);
  }
  if (kind == EvalKind::edit) return edit_text(engine, eval_case, eval_case.instruction, rules, stop);
  if (!eval_case.problems.empty()) return fix_problems(engine, eval_case, rules, stop);
  return edit_text(engine, eval_case, TRY(symptom_of(eval_case, rules.sandbox)), rules, stop);
}

}  // namespace

Result<EvalAnswer> answer_case(Engine& engine, EvalKind kind, const EvalCase& eval_case,
                               const AskRules& rules, std::stop_token stop) {
  const Clock::time_point start = Clock::now();
  EvalAnswer answer = TRY(ask(engine, kind, eval_case, rules, stop));
  answer.ms = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
  return answer;
}

int most_tokens(const EvalCase& eval_case, const AskRules& rules) {
  if (rules.max_tokens > 0) return rules.max_tokens;
  if (eval_case.max_lines() > 0) return kTokensOfLine;
  const bool is_block = eval_case.answer == Answer::block || eval_case.answer == Answer::control;
  return is_block ? kTokensOfBlock : kTokensOfSpan;
}

}  // namespace seedling::cli
