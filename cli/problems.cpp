#include "cli/problems.h"

namespace seedling::cli {

Result<std::vector<SyntaxProblem>> problems_of(const Snapshot& snapshot, WorkspaceReader& reader) {
  std::vector<SyntaxProblem> problems = TRY(syntax_problems(snapshot.text, snapshot.language));
  // Broken syntax hides declarations, so names are judged in sound text only.
  if (!problems.empty()) return problems;
  const Surroundings around = TRY(reader.surroundings_of(snapshot));
  return undeclared_uses(snapshot, {}, around);
}

}  // namespace seedling::cli
