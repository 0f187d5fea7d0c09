// cli/eval/answer_case.h
//
// Asks the model what a case asks: fills its hole, fixes its problems, or edits its text as told.
//   The thread that owns the engine. No answer depends on what was expected: neither its length nor its place
//   is given away. Errors: those of the engine; stopped.
#pragma once

#include <stop_token>

#include "cli/eval/case_file.h"
#include "cli/eval/record.h"
#include "cli/eval/sandbox.h"
#include "engine/engine.h"
#include "engine/result.h"

namespace seedling::cli {

inline constexpr int kTokensOfLine = 64;
inline constexpr int kTokensOfBlock = 128;
inline constexpr int kTokensOfSpan = 256;

struct AskRules {
  Mode mode = Mode::diffusion;
  std::uint64_t seed = 0;
  int max_tokens = 0;                // 0: one of the three above
  bool is_scored = false;            // with the causal score of a completion
  bool is_constrained = true;        // a hole is held to the structure of the code around it
  bool as_completion = false;        // holes as an editor asks: with the structural checks, cut and trimmed
  const Sandbox* sandbox = nullptr;  // tells what the failing test of a bug says; none: only that it fails
};

Result<EvalAnswer> answer_case(Engine& engine, EvalKind kind, const EvalCase& eval_case,
                               const AskRules& rules, std::stop_token stop);

// How long an answer may be, and what stands for the rest: one line for the report.
int most_tokens(const EvalCase& eval_case, const AskRules& rules);

}  // namespace seedling::cli
