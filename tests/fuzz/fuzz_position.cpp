// Any text and any places in it: what is a place stays one on the way to the protocol and back, in each
// encoding; what is none is refused or moved to the nearest before it, and nothing points outside the text.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "engine/assert.h"
#include "lsp/position.h"

namespace {

using namespace seedling;

// Four bytes, or zeros behind the end.
std::uint32_t take_number(std::string_view& bytes) {
  std::uint32_t number = 0;
  const std::size_t count = std::min(bytes.size(), sizeof number);
  std::memcpy(&number, bytes.data(), count);
  bytes.remove_prefix(count);
  return number;
}

void check(std::string_view text, const LineIndex& lines, PositionEncoding encoding, std::uint32_t at,
           Position asked) {
  const Position position = to_position(text, lines, {at}, encoding);
  SEEDLING_ASSERT(position.line < lines.line_count());
  const auto back = to_offset(text, lines, position, encoding);
  SEEDLING_ASSERT(back.ok() && back->value <= text.size() && back->value <= at);
  SEEDLING_ASSERT(to_position(text, lines, *back, encoding) == position);

  const auto offset = to_offset(text, lines, asked, encoding);
  SEEDLING_ASSERT(offset.ok() == (asked.line < lines.line_count()));
  if (!offset.ok()) return;
  const ByteRange line = lines.line(text, asked.line);
  SEEDLING_ASSERT(line.contains(*offset));
  SEEDLING_ASSERT(lines.line_of(*offset) == asked.line);
  const Position known = to_position(text, lines, *offset, encoding);
  SEEDLING_ASSERT(known.line == asked.line && known.character <= asked.character);
  SEEDLING_ASSERT(to_offset(text, lines, known, encoding).value() == *offset);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::uint32_t at = take_number(bytes);
  const Position asked{take_number(bytes) % 64, take_number(bytes)};
  const LineIndex lines(bytes);
  for (const auto encoding : {PositionEncoding::utf8, PositionEncoding::utf16, PositionEncoding::utf32}) {
    check(bytes, lines, encoding, at, asked);
    check(bytes, lines, encoding, bytes.empty() ? 0 : at % static_cast<std::uint32_t>(bytes.size() + 1),
          {asked.line, asked.character % 128});
  }
  return 0;
}
