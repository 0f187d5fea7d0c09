// engine/problems.h
//
// What our own parser finds wrong in a document: syntax errors, and where there are none undeclared names.
//   As a diagnostic each says by its code which of the two it is: "syntax", "undeclared".
//   In the order of the text; any thread. Reads the files that the document depends on, which stand around
//   snapshot.path, from the working directory or absolute. Errors: unsupported for a language without a
//   grammar, stopped when the token was set.
#pragma once

#include <stop_token>
#include <vector>

#include "engine/generator.h"
#include "engine/result.h"
#include "engine/structure/verdict.h"
#include "engine/types.h"

namespace seedling {

Result<std::vector<Diagnostic>> diagnostics_of(const Snapshot& snapshot, std::stop_token stop = {});
Result<std::vector<SyntaxProblem>> problems_of(const Snapshot& snapshot, std::stop_token stop = {});

}  // namespace seedling
