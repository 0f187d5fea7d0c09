// `seedling check`: what the structural check says of files.
#include <algorithm>
#include <iostream>

#include "cli/command.h"
#include "cli/document.h"
#include "cli/problems.h"

namespace seedling::cli {

Result<int> run_check(const CheckOptions& options) {
  bool found = false;
  for (const std::string& file : options.files) {
    const SnapshotPtr snapshot = TRY(open_document(file));
    const Result<std::vector<SyntaxProblem>> problems = problems_of(*snapshot);
    if (!problems.ok() && problems.error().code == ErrorCode::unsupported) {
      tell(file + " was not checked: " + problems.error().message);
      continue;
    }
    if (!problems.ok()) return problems.error();
    for (const SyntaxProblem& problem : problems.value()) {
      std::cout << file << ":" << problem.line << ":" << problem.column << ": " << problem.message << "\n";
      found = true;
    }
  }
  return found ? 1 : 0;
}

}  // namespace seedling::cli
