// engine/train/corpus/parses.h
//
// Does a text parse? One question to tree-sitter, for the corpus filter.
//   Any thread. No errors: a language without a grammar counts as parsing.
#pragma once

#include <string_view>

namespace seedling {

// True if ERROR nodes cover at most 1 % of the bytes. `language` is an LSP language id.
bool parses(std::string_view text, std::string_view language);

}  // namespace seedling
