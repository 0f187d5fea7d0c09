#include "cli/characters.h"

#include <algorithm>

#include "engine/sampler/finish.h"

namespace seedling::cli {

std::size_t character_length(std::string_view text, std::size_t at) {
  if (at >= text.size()) return 0;
  const unsigned char first = text[at];
  const std::size_t length = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 0;
  if (length == 0 || at + length > text.size()) return 0;
  return is_valid_utf8(text.substr(at, length)) ? length : 0;
}

std::size_t character_count(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++count)
    at += std::max<std::size_t>(1, character_length(text, at));
  return count;
}

}  // namespace seedling::cli
