// grammars/words.h
//
// The words of a language that are data rather than grammar: keywords, built-in names, how strings and
// comments look. They stand in grammars/<folder>/words.txt: `[section]` on a line of its own, then words
// between blanks.
//   Forms of lines are words too, with $ for a name and ~ for a blank (engine/sampler/line_preference.h).
//   Immutable once read; any thread. `@<folder>` in a section stands for the same section of that language.
//   Errors: a section that is not there has no words.
#pragma once

#include <string_view>
#include <vector>

#include "grammars/registry.h"

namespace seedling {

// Sorted, without repetitions.
const std::vector<std::string_view>& words_of(const Grammar& grammar, std::string_view section);

bool is_word(const Grammar& grammar, std::string_view section, std::string_view word);

// The text of a section that is a pattern rather than words, without blanks at its ends.
std::string_view section_of(const Grammar& grammar, std::string_view section);

}  // namespace seedling
