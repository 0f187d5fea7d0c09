#include "cli/eval/judge.h"

#include "cli/eval/excess_code.h"
#include "cli/eval/statistics.h"
#include "cli/json_object.h"
#include "engine/candidate_check.h"
#include "engine/structure/verdict.h"

namespace seedling::cli {
namespace {

Status run_tests(const EvalCase& eval_case, EvalKind kind, const std::string& answer, const Sandbox& sandbox,
                 EvalJudgement& judgement) {
  const TestFrame& test = *eval_case.test;
  const ProgramRun run = TRY(sandbox.run(test.runner, test.program(answer), test.tests));
  judgement.passed = run.passed;
  judgement.why = run.why;
  if (kind == EvalKind::edit && run.passed && test.runner == Runner::python) {
    judgement.excess = TRY(excess_code(eval_case, answer, sandbox));
  }
  return Done{};
}

// What holds of an answer without running it.
Status judge_structure(const EvalCase& eval_case, const std::string& answer, const Sandbox* sandbox,
                       EvalJudgement& judgement) {
  const auto at = static_cast<std::uint32_t>(eval_case.prefix.size());
  const Edit edit{{ByteOffset{at}, ByteOffset{at}}, answer};
  const Snapshot empty{"answer", eval_case.language, 0, eval_case.prefix + eval_case.suffix};
  const std::string text = with_edit(empty.text, edit);
  const Result<Verdict> verdict = judge(text, eval_case.language);
  if (!verdict.ok()) return Done{};  // a language without a grammar
  judgement.is_silent = stripped(answer).empty();
  if (*judgement.is_silent) return Done{};
  judgement.parses = verdict->is_clean();
  if (!verdict->is_clean() && eval_case.expected.has_value()) {
    const std::string wanted = eval_case.prefix + *eval_case.expected + eval_case.suffix;
    judgement.parses = verdict->parses_no_worse_than(TRY(judge(wanted, eval_case.language)));
  }
  if (eval_case.language == "python" && sandbox != nullptr && sandbox->can_run(Runner::python)) {
    const std::string program = "compile(" + json_string(text) + ", 'answer', 'exec')\n";
    judgement.parses = TRY(sandbox->run(Runner::python, program, {})).passed;
  }
  judgement.is_declared = TRY(uses_declared_names(empty, edit, {}));
  return Done{};
}

}  // namespace

Result<EvalJudgement> judge_answer(const EvalCase& eval_case, EvalKind kind, const std::string& text,
                                   const JudgeRules& rules, const Sandbox* sandbox) {
  EvalJudgement judgement;
  const std::string answer = kind == EvalKind::infill ? answer_of(text, eval_case) : text;
  if (kind != EvalKind::infill) judgement.changed = answer != eval_case.text;
  if (eval_case.expected.has_value()) {
    const std::string_view given = stripped(answer), wanted = stripped(*eval_case.expected);
    judgement.exact = given == wanted;
    judgement.similarity = similarity_of(given, wanted);
  }
  if (kind == EvalKind::infill)
    TRY(judge_structure(eval_case, answer, rules.executes ? sandbox : nullptr, judgement));
  const bool is_testable = eval_case.test.has_value() && rules.executes && sandbox != nullptr &&
                           sandbox->can_run(eval_case.test->runner);
  if (!is_testable) return judgement;
  if (rules.trusts_truth && kind != EvalKind::edit && answer == eval_case.expected)
    judgement.passed = true;
  else
    TRY(run_tests(eval_case, kind, answer, *sandbox, judgement));
  return judgement;
}

}  // namespace seedling::cli
