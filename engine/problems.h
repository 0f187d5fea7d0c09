// engine/problems.h
//
// What our own parser finds wrong in a document: syntax errors, and where there are none undeclared names.
//   As a diagnostic each says by its code which of the two it is: "syntax", "undeclared".
//   Names that other files declare are looked up by `reader`, who keeps what it has read for the next file;
//   `open`: files whose texts take the place of what is on the disk.
//   Any thread; in the order of the text. Errors: unsupported for a language without a grammar, stopped
//   when the token was set.
#pragma once

#include <span>
#include <stop_token>
#include <vector>

#include "engine/generator.h"
#include "engine/open_file.h"
#include "engine/result.h"
#include "engine/structure/surroundings.h"
#include "engine/structure/verdict.h"
#include "engine/types.h"

namespace seedling {

Result<std::vector<Diagnostic>> diagnostics_of(const Snapshot& snapshot, std::stop_token stop = {},
                                               std::span<const OpenFile> open = {});
Result<std::vector<SyntaxProblem>> problems_of(const Snapshot& snapshot, WorkspaceReader& reader,
                                               std::stop_token stop = {});

}  // namespace seedling
