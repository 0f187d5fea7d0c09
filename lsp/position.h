// lsp/position.h
//
// Position <-> ByteOffset in UTF-8, UTF-16 and UTF-32. The only place where columns become bytes.
//   Lines end at "\n", "\r\n" or "\r", as LSP says. Pure and total: text that is not UTF-8 counts a stray
//   byte as one character.
//   A column past the end of its line is the end of the line; a column inside a character is its beginning.
//   Errors: a line past the end of the file.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/result.h"
#include "engine/types.h"

namespace seedling {

enum class PositionEncoding { utf8, utf16, utf32 };

struct Position {
  std::uint32_t line = 0;
  std::uint32_t character = 0;  // in units of the encoding agreed on in initialize
  auto operator<=>(const Position&) const = default;
};

struct Range {
  Position start;
  Position end;
  auto operator<=>(const Range&) const = default;
};

// Where the lines of one text begin. Goes stale with the text: keep the two together.
class LineIndex {
 public:
  explicit LineIndex(std::string_view text);

  std::uint32_t line_count() const { return static_cast<std::uint32_t>(starts_.size()); }
  // REQUIRES: line < line_count(), and the text that the index was made from. The line's terminator is left
  // out.
  ByteRange line(std::string_view text, std::uint32_t line) const;
  std::uint32_t line_of(ByteOffset at) const;

 private:
  std::vector<std::uint32_t> starts_;
};

Result<ByteOffset> to_offset(std::string_view text, const LineIndex& lines, Position position,
                             PositionEncoding encoding);
// Errors also when the range ends before it begins.
Result<ByteRange> to_byte_range(std::string_view text, const LineIndex& lines, Range range,
                                PositionEncoding encoding);

// An offset past the end is the end of the text.
Position to_position(std::string_view text, const LineIndex& lines, ByteOffset at, PositionEncoding encoding);
Range to_range(std::string_view text, const LineIndex& lines, ByteRange range, PositionEncoding encoding);

}  // namespace seedling
