// cli/characters.h
//
// Characters (code points) of a UTF-8 text. Pure; total on any bytes.
#pragma once

#include <cstddef>
#include <string_view>

namespace seedling::cli {

// Bytes of the character that begins at `at`; 0 if none begins there that is complete and well formed.
std::size_t character_length(std::string_view text, std::size_t at);

// How many characters a text has; a byte that belongs to none counts as one.
std::size_t character_count(std::string_view text);

}  // namespace seedling::cli
