#include "cli/problems.h"

#include "engine/structure/surroundings.h"

namespace seedling::cli {

Result<std::vector<SyntaxProblem>> problems_of(const Snapshot& snapshot) {
  std::vector<SyntaxProblem> problems = TRY(syntax_problems(snapshot.text, snapshot.language));
  // Broken syntax hides declarations, so names are judged in sound text only.
  if (!problems.empty()) return problems;
  const Surroundings around = TRY(surroundings_of(snapshot));
  return undeclared_uses(snapshot, {}, around);
}

}  // namespace seedling::cli
