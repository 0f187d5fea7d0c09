// cli/problems.h
//
// What our own parser finds wrong in a document: syntax errors, and where there are none undeclared names.
//   Pure; in the order of the text. Errors: unsupported for a language without a grammar.
#pragma once

#include <vector>

#include "engine/result.h"
#include "engine/structure/surroundings.h"
#include "engine/structure/verdict.h"
#include "engine/types.h"

namespace seedling::cli {

// Names that other files declare are looked up by `reader`.
Result<std::vector<SyntaxProblem>> problems_of(const Snapshot& snapshot, WorkspaceReader& reader);

}  // namespace seedling::cli
