// cli/diagnostics_left.h
//
// What is left of a list of diagnostics once one of them was fixed and no tool was asked again.
//   Those behind the edit move with the text; what it rewrote goes. So do likely consequences: where the fix
//   made a broken text parse, what a compiler said behind the place; and what it said of the same word.
//   Pure; thread-free. Errors: none.
#pragma once

#include <string_view>
#include <vector>

#include "engine/generator.h"

namespace seedling::cli {

std::vector<Diagnostic> diagnostics_left(std::vector<Diagnostic> diagnostics, const Diagnostic& fixed,
                                         const Edit& edit, const Snapshot& before, const Snapshot& after);

}  // namespace seedling::cli
