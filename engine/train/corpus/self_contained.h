// engine/train/corpus/self_contained.h
//
// Functions that stand for themselves: they use nothing but their arguments, what the language brings,
// modules of Python's standard library that everybody knows, and a few functions and one-line constants that
// stand beside them, which come along.
//   Most code of packages leans on the package; a model learns what code in general does from the little that
//   does not, so training shows that more often.
//   Pure; any thread. Errors: none; a language without scopes has no such functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace seedling {

// Every outermost function of a text that returns something, decides or repeats something on the way and is
// of a size to be read at once, as a text of its own: behind the imports and the neighbours it needs, a
// newline at its end. One that already came along with another is no text of its own.
std::vector<std::string> self_contained_functions(std::string_view text, std::string_view language);

}  // namespace seedling
