#include "lsp/position.h"

#include <algorithm>
#include <string>

namespace seedling {
namespace {

// Bytes of the character at `at`; 1 for a byte that does not begin a whole character.
std::uint32_t character_bytes(std::string_view text, std::uint32_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  const std::uint32_t size = lead < 0xC2 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 1;
  if (at + size > text.size()) return 1;
  for (std::uint32_t i = 1; i < size; ++i) {
    if ((static_cast<unsigned char>(text[at + i]) & 0xC0) != 0x80) return 1;
  }
  return size;
}

std::uint32_t units(std::uint32_t bytes, PositionEncoding encoding) {
  switch (encoding) {
    case PositionEncoding::utf8:
      return bytes;
    case PositionEncoding::utf16:
      return bytes == 4 ? 2 : 1;
    case PositionEncoding::utf32:
      return 1;
  }
  return 1;
}

}  // namespace

LineIndex::LineIndex(std::string_view text) : starts_{0} {
  for (std::size_t i = 0; (i = text.find_first_of("\r\n", i)) != std::string_view::npos;) {
    i += text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n' ? 2 : 1;
    starts_.push_back(static_cast<std::uint32_t>(i));
  }
}

ByteRange LineIndex::line(std::string_view text, std::uint32_t line) const {
  const std::uint32_t begin = starts_[line];
  std::uint32_t end = line + 1 < starts_.size() ? starts_[line + 1] : static_cast<std::uint32_t>(text.size());
  if (line + 1 < starts_.size()) {
    if (text[end - 1] == '\n') --end;
    if (end > begin && text[end - 1] == '\r') --end;
  }
  return {{begin}, {end}};
}

std::uint32_t LineIndex::line_of(ByteOffset at) const {
  const auto after = std::upper_bound(starts_.begin(), starts_.end(), at.value);
  return static_cast<std::uint32_t>(after - starts_.begin()) - 1;
}

Result<ByteOffset> to_offset(std::string_view text, const LineIndex& lines, Position position,
                             PositionEncoding encoding) {
  if (position.line >= lines.line_count()) {
    return invalid_input("line " + std::to_string(position.line) +
                         " is past the end of the document, which has " + std::to_string(lines.line_count()) +
                         " lines");
  }
  const ByteRange line = lines.line(text, position.line);
  std::uint32_t at = line.begin.value;
  for (std::uint32_t column = 0; at < line.end.value;) {
    const std::uint32_t bytes = character_bytes(text, at);
    column += units(bytes, encoding);
    if (column > position.character) break;
    at += bytes;
  }
  return ByteOffset{at};
}

Result<ByteRange> to_byte_range(std::string_view text, const LineIndex& lines, Range range,
                                PositionEncoding encoding) {
  const ByteOffset begin = TRY(to_offset(text, lines, range.start, encoding));
  const ByteOffset end = TRY(to_offset(text, lines, range.end, encoding));
  if (range.end < range.start) return invalid_input("the range ends before it begins");
  return ByteRange{begin, end};
}

Position to_position(std::string_view text, const LineIndex& lines, ByteOffset at,
                     PositionEncoding encoding) {
  const ByteOffset inside{std::min(at.value, static_cast<std::uint32_t>(text.size()))};
  Position position{lines.line_of(inside), 0};
  const ByteRange line = lines.line(text, position.line);
  const std::uint32_t end = std::min(inside.value, line.end.value);
  for (std::uint32_t i = line.begin.value; i < end;) {
    const std::uint32_t bytes = character_bytes(text, i);
    if (i + bytes > end) break;
    position.character += units(bytes, encoding);
    i += bytes;
  }
  return position;
}

Range to_range(std::string_view text, const LineIndex& lines, ByteRange range, PositionEncoding encoding) {
  return {to_position(text, lines, range.begin, encoding), to_position(text, lines, range.end, encoding)};
}

}  // namespace seedling
