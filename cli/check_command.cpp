// `seedling check`: what the structural check says of files.
#include <algorithm>
#include <iostream>

#include "cli/command.h"
#include "cli/document.h"
#include "cli/misspellings.h"
#include "engine/problems.h"

namespace seedling::cli {
namespace {

// Names are taken from files here and there, so that a thousand of them come from many packages.
constexpr std::size_t kStride = 7919;

Result<int> run_misspellings(const CheckOptions& options) {
  for (const bool follows : {false, true}) {
    Misspellings sum;
    WorkspaceReader reader;
    const std::size_t count = options.files.size();
    for (std::size_t i = 0; i < count && sum.tried < options.misspellings; ++i) {
      const std::size_t at = count % kStride == 0 ? i : i * kStride % count;
      const SnapshotPtr snapshot = TRY(open_document(options.files[at]));
      add_misspellings(*snapshot, options.seed, at, options.misspellings, follows ? &reader : nullptr, sum);
    }
    std::cout << (follows ? "other files read:     " : "other files not read: ") << sum.closed_functions
              << " of " << sum.functions << " functions are closed; " << sum.caught << " of " << sum.tried
              << " misspelt names are reported\n";
  }
  return 0;
}

}  // namespace

Result<int> run_check(const CheckOptions& options) {
  if (options.misspellings > 0) return run_misspellings(options);
  bool found = false;
  WorkspaceReader reader;
  for (const std::string& file : options.files) {
    const SnapshotPtr snapshot = TRY(open_document(file));
    const Result<std::vector<SyntaxProblem>> problems = problems_of(*snapshot, reader);
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
