// Any bytes as a text: every offset becomes a position and, at the beginning of a character, the same offset
// again, in each encoding; every position, near or far, becomes an offset in the text or an error.

#include <cstddef>
#include <cstdint>
#include <string>

#include "engine/assert.h"
#include "lsp/position.h"

namespace {

using namespace seedling;

// A column inside a character is its beginning, so an offset may come back smaller, but never larger.
void there_and_back(const std::string& text, const LineIndex& lines, std::uint32_t offset,
                    PositionEncoding encoding) {
  const Position position = to_position(text, lines, {offset}, encoding);
  SEEDLING_ASSERT(position.line < lines.line_count());
  const auto back = to_offset(text, lines, position, encoding);
  SEEDLING_ASSERT(back.ok());
  SEEDLING_ASSERT(back->value <= offset);
  const auto again = to_position(text, lines, *back, encoding);
  SEEDLING_ASSERT(again == position);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::uint32_t line = data[0] % 8u, character = data[1] % 3u == 0 ? 0x7FFFFFFFu : data[1];
  const std::string text(reinterpret_cast<const char*>(data) + 2, size - 2);
  const LineIndex lines(text);
  for (const auto encoding : {PositionEncoding::utf8, PositionEncoding::utf16, PositionEncoding::utf32}) {
    for (std::uint32_t offset = 0; offset <= text.size(); ++offset)
      there_and_back(text, lines, offset, encoding);
    const auto offset = to_offset(text, lines, {line, character}, encoding);
    SEEDLING_ASSERT(offset.ok() == (line < lines.line_count()));
    if (offset.ok()) SEEDLING_ASSERT(offset->value <= text.size());
    const Range range{{line, character}, {line + 1, 0}};
    const auto bytes = to_byte_range(text, lines, range, encoding);
    if (bytes.ok()) SEEDLING_ASSERT(bytes->begin <= bytes->end && bytes->end.value <= text.size());
  }
  return 0;
}
