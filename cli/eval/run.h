// cli/eval/run.h
//
// Runs `eval`: the model answers one case after the other while earlier answers are judged; --out keeps what
// is done, and a run that was broken off goes on there.
//   Main thread. The first Ctrl-C stops the model and the judges and ends with what is done.
//   Errors: those of the case file, of --out, of the engine (with the case's id) and of the sandbox.
#pragma once

#include <span>
#include <vector>

#include "cli/command.h"
#include "cli/eval/answer_case.h"
#include "cli/eval/case_file.h"
#include "cli/eval/record.h"
#include "cli/eval/sandbox.h"
#include "engine/engine.h"
#include "engine/result.h"

namespace seedling::cli {

// Who answers.
enum class Answers { model, truth, nothing };  // nothing: the empty answer, the unchanged text

struct EvalRun {
  EvalKind kind = EvalKind::infill;
  Answers answers = Answers::model;
  Engine* engine = nullptr;  // of the model's answers
  AskRules rules;
  const Sandbox* sandbox = nullptr;  // none: nothing is run
  int judges = 2;
  bool is_quiet = false;
  std::string settings;  // what the answers depend on beside the case
};

struct EvalResult {
  std::vector<EvalRecord> records;  // of the first cases: all of them unless it was stopped
  int taken_over = 0;
  double wall_seconds = 0, model_seconds = 0;
};

Result<EvalResult> run_cases(const EvalRun& run, std::span<const EvalCase> cases, RecordFile& file);

}  // namespace seedling::cli
