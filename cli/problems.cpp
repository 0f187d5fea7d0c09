#include "cli/problems.h"

#include "engine/structure/undeclared.h"

namespace seedling::cli {

Result<std::vector<SyntaxProblem>> problems_of(const Snapshot& snapshot) {
  std::vector<SyntaxProblem> problems = TRY(syntax_problems(snapshot.text, snapshot.language));
  // Broken syntax hides declarations, so names are judged in sound text only.
  if (problems.empty()) problems = TRY(undeclared_uses(snapshot));
  return problems;
}

}  // namespace seedling::cli
