// engine/structure/scope.h
//
// Which names are declared and visible at a position, and which words may be names at all.
//   Pure; any thread. The names of a ScopeTable (scopes.h) as text: parameters, locals that stand before the
//   position, imports, functions and classes of the scopes around it. Members behind an object and built-ins
//   are not listed. Errors: unsupported for an unknown language.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/result.h"
#include "engine/types.h"

namespace seedling {

// Sorted, without repetitions.
Result<std::vector<std::string>> names_visible_at(const Snapshot& snapshot, ByteOffset offset);

// Whether `name` can be declared as a variable: the right form, and no keyword. False for an unknown
// language.
bool is_valid_identifier(std::string_view name, std::string_view language);

}  // namespace seedling
