// cli/problems.h
//
// What our own parser finds wrong in a document: syntax errors, and where there are none undeclared names.
//   Pure; in the order of the text. Errors: unsupported for a language without a grammar.
#pragma once

#include <vector>

#include "engine/result.h"
#include "engine/structure/verdict.h"
#include "engine/types.h"

namespace seedling::cli {

Result<std::vector<SyntaxProblem>> problems_of(const Snapshot& snapshot);

}  // namespace seedling::cli
