#include "cli/eval/judge.h"

#include "cli/eval/excess_code.h"
#include "cli/eval/statistics.h"

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
