// cli/eval/case_file.h
//
// Reads the cases of `eval` from a file: our own lines, or a benchmark's rows as they are published.
//   infill: {"id","language","prefix","suffix","expected"?,"single_line"?}; human-eval-infilling,
//   santacoder-fim-task, SAFIM. fix: {"id","language","text","diagnostics":[{"line","col","message"}]};
//   DrRepair (rendered), HumanEvalPack, QuixBugs. edit: {"id","language","text","instruction","expected"?};
//   EditEval, CanItEdit. Plain values; one thread. Errors: one that names file and line for a row that is
//   none of these.
#pragma once

#include <string>
#include <vector>

#include "cli/eval/case.h"
#include "engine/result.h"

namespace seedling::cli {

enum class EvalKind { infill, fix, edit };

// Which cases of a file are asked for.
struct CaseChoice {
  std::string language;      // LSP id; empty: all
  int limit = 0;             // the first so many; 0: all
  int spread = 0;            // so many, evenly spaced over the file; 0: all
  bool is_complete = false;  // those too whose ground truth does not reproduce (left_out.h)
};

struct CaseFile {
  std::vector<EvalCase> cases;
  int left_out = 0;  // rows that left_out.h names
  int unusable = 0;  // rows that nothing here can judge, or that their own data call unverified
};

Result<CaseFile> read_cases(EvalKind kind, const std::string& path, const CaseChoice& choice);

}  // namespace seedling::cli
