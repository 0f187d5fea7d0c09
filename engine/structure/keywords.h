// engine/structure/keywords.h
//
// Words that cannot be variable names, by language id, and Python's built-in names.
//   Immutable tables; any thread.
#pragma once

#include <string_view>

namespace seedling {

bool is_keyword(std::string_view word, std::string_view language);

// Names that every Python module knows, those of older versions included.
bool is_python_builtin(std::string_view name);

}  // namespace seedling
