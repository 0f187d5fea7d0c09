// cli/eval/judge.h
//
// Judges an answer: compares it with what was expected and runs the tests around it.
//   Any thread. Errors: those of the sandbox.
#pragma once

#include "cli/eval/case_file.h"
#include "cli/eval/record.h"
#include "cli/eval/sandbox.h"
#include "engine/result.h"

namespace seedling::cli {

struct JudgeRules {
  bool executes = true;  // run tests at all
  bool trusts_truth =
      true;  // what is equal to the ground truth passes unseen; that it does was tested before
};

// `text` is the completion, or of a fix or edit the whole text. No sandbox: nothing is run.
Result<EvalJudgement> judge_answer(const EvalCase& eval_case, EvalKind kind, const std::string& text,
                                   const JudgeRules& rules, const Sandbox* sandbox);

}  // namespace seedling::cli
