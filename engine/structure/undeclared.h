// engine/structure/undeclared.h
//
// Uses of names that nothing declares: a conservative first form, for Python only; other languages give none.
//   Pure; any thread. A name counts as declared if anything anywhere in the file binds it (assignment,
//   parameter, import, def, class, for, with, except, walrus, match, global, del) or if any version of Python
//   has it built in. Files that bind names in ways that cannot be seen give none: a star import, exec, eval,
//   globals(), locals(), vars(), an enum's _convert_, a syntax error.
//   So real code is not reported, and some undeclared uses are missed.
//   Errors: unsupported for an unknown language, stopped when the token was set.
#pragma once

#include <stop_token>
#include <vector>

#include "engine/result.h"
#include "engine/structure/verdict.h"
#include "engine/types.h"

namespace seedling {

// Makes the first call as quick as the next ones; takes some 20 ms. Any thread.
void prepare_undeclared_uses();

Result<std::vector<SyntaxProblem>> undeclared_uses(const Snapshot& snapshot, std::stop_token stop = {});

}  // namespace seedling
