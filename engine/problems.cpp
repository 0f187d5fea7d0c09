#include "engine/problems.h"

#include <utility>

#include "engine/structure/undeclared.h"

namespace seedling {
namespace {

Result<std::vector<SyntaxProblem>> undeclared_names(const Snapshot& snapshot, WorkspaceReader& reader,
                                                    std::stop_token stop) {
  const Surroundings around = TRY(reader.surroundings_of(snapshot, stop));
  return undeclared_uses(snapshot, stop, around);
}

}  // namespace

Result<std::vector<SyntaxProblem>> problems_of(const Snapshot& snapshot, WorkspaceReader& reader,
                                               std::stop_token stop) {
  std::vector<SyntaxProblem> problems = TRY(syntax_problems(snapshot.text, snapshot.language, stop));
  // Broken syntax hides declarations, so names are judged in sound text only.
  if (!problems.empty()) return problems;
  return undeclared_names(snapshot, reader, stop);
}

Result<std::vector<Diagnostic>> diagnostics_of(const Snapshot& snapshot, std::stop_token stop,
                                               std::span<const OpenFile> open) {
  const auto as_diagnostics = [](std::vector<SyntaxProblem> problems, const char* code) {
    std::vector<Diagnostic> diagnostics;
    for (SyntaxProblem& problem : problems)
      diagnostics.push_back({problem.range, std::move(problem.message), "seedling", code});
    return diagnostics;
  };
  std::vector<SyntaxProblem> syntax = TRY(syntax_problems(snapshot.text, snapshot.language, stop));
  if (!syntax.empty()) return as_diagnostics(std::move(syntax), "syntax");
  WorkspaceReader reader;  // files may have changed since the last time
  reader.prefer(open);
  return as_diagnostics(TRY(undeclared_names(snapshot, reader, stop)), "undeclared");
}

}  // namespace seedling
