// engine/train/corpus/lexical.h
//
// A text as a row of lexical tokens: identifiers and numbers as wholes, every other visible character alone,
// white space nowhere. Only their hashes are kept: that is what comparing texts for copies needs.
//   Pure functions, any thread, no errors: every byte sequence has lexical tokens.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace seedling {

// One 64-bit hash per lexical token, in order. Bytes above 0x7f count as letters.
std::vector<std::uint64_t> lexical_hashes(std::string_view text);

}  // namespace seedling
