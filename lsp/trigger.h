// lsp/trigger.h
//
// Where typing may bring a completion, and where it would only be in the way.
//   Pure; a few bytes around the cursor are looked at.
#pragma once

#include <string_view>

#include "engine/types.h"

namespace seedling {

// False in the middle of a word, and where the rest of the line says more than brackets, quotes and
// separators. REQUIRES: the cursor lies inside the text.
bool is_place_to_offer(std::string_view text, ByteOffset cursor);

// Where the word that ends at the cursor begins.
ByteOffset word_start(std::string_view text, ByteOffset cursor);

}  // namespace seedling
