#include "lsp/trigger.h"

namespace seedling {
namespace {

// What an editor closes by itself and a person puts behind it comes to a few characters; more is an
// expression.
constexpr std::size_t kMostBehindCursor = 8;

constexpr std::string_view kHarmless = ")]}>\"'`;,: \t";

bool is_word_byte(char c) {
  return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace

bool is_place_to_offer(std::string_view text, ByteOffset cursor) {
  std::string_view rest = text.substr(cursor.value);
  rest = rest.substr(0, rest.find_first_of("\r\n"));
  const std::size_t last = rest.find_last_not_of(" \t");
  if (last == std::string_view::npos) return true;
  if (last >= kMostBehindCursor) return false;
  // `if (x|) {` is harmless too: the brace begins the block that is to be written.
  rest = rest.substr(0, last + 1);
  if (rest.ends_with('{')) rest.remove_suffix(1);
  return rest.find_first_not_of(kHarmless) == std::string_view::npos;
}

ByteOffset word_start(std::string_view text, ByteOffset cursor) {
  std::uint32_t start = cursor.value;
  while (start > 0 && is_word_byte(text[start - 1])) --start;
  return {start};
}

}  // namespace seedling
