// Positions against a naive decoder: every offset of ASCII, BMP and astral lines in all three encodings.

#include "lsp/position.h"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

#include "tests/support/random.h"

namespace seedling {
namespace {

constexpr PositionEncoding kEncodings[] = {PositionEncoding::utf8, PositionEncoding::utf16,
                                           PositionEncoding::utf32};

// Where a character begins, and its position, found by walking the text from its start.
struct Place {
  std::uint32_t offset;
  Position position;
};

std::vector<Place> walk(std::string_view text, PositionEncoding encoding) {
  std::vector<Place> places;
  Position position;
  for (std::uint32_t i = 0; i <= text.size();) {
    places.push_back({i, position});
    if (i == text.size()) break;
    const auto lead = static_cast<unsigned char>(text[i]);
    const bool is_pair = text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n';
    if (is_pair || text[i] == '\r' || text[i] == '\n') {
      i += is_pair ? 2 : 1;
      position = {position.line + 1, 0};
      continue;
    }
    const std::uint32_t bytes = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    position.character += encoding == PositionEncoding::utf8    ? bytes
                          : encoding == PositionEncoding::utf16 ? (bytes == 4 ? 2 : 1)
                                                                : 1;
    i += bytes;
  }
  return places;
}

void check_text(const std::string& text) {
  CAPTURE(text);
  const LineIndex lines(text);
  for (const PositionEncoding encoding : kEncodings) {
    const std::vector<Place> places = walk(text, encoding);
    CHECK(lines.line_count() == places.back().position.line + 1);
    for (const Place& place : places) {
      const auto offset = to_offset(text, lines, place.position, encoding);
      REQUIRE(offset.ok());
      CHECK(offset->value == place.offset);
      CHECK(to_position(text, lines, {place.offset}, encoding) == place.position);
    }
  }
}

TEST_CASE("position: ASCII, BMP and astral lines") {
  check_text("");
  check_text("\n");
  check_text("plain ascii\n");
  check_text("ASCII line\nBMP \u00e9\u20ac\u4e2d line\nastral \U0001d11e\U0001f600 line");
  check_text("crlf \u00e9\r\nend \U0001f600\r\n");
  check_text("old mac\rline\rline \U0001f600");
  check_text("\r\n\r\r\n\n\n\r");
}

TEST_CASE("position: random texts") {
  const std::uint64_t seed = test_seed();
  INFO(repeat_with(seed));
  std::mt19937_64 random(seed);
  const std::vector<std::string> pieces = {"a",      "b c",    "\n",         "\r\n",      "\r",
                                           "\u00e9", "\u4e2d", "\U0001f600", "\U0001d11e"};
  for (int round = 0; round < 300; ++round) {
    std::string text;
    for (std::uint32_t n = pick(random, 30); n > 0; --n) text += pieces[pick(random, pieces.size())];
    check_text(text);
  }
}

TEST_CASE("position: past the end of the line is its end, past the end of the file an error") {
  const std::string text = "ab\r\n\U0001f600\n\nlast";
  const LineIndex lines(text);
  for (const PositionEncoding encoding : kEncodings) {
    for (const std::uint32_t far : {100u, 0x7fffffffu, 0xffffffffu}) {
      CHECK(to_offset(text, lines, {0, far}, encoding)->value == 2);
      CHECK(to_offset(text, lines, {1, far}, encoding)->value == 8);
      CHECK(to_offset(text, lines, {2, far}, encoding)->value == 9);
      CHECK(to_offset(text, lines, {3, far}, encoding)->value == 14);
    }
    CHECK(!to_offset(text, lines, {4, 0}, encoding).ok());
    CHECK(!to_offset(text, lines, {0xffffffffu, 0}, encoding).ok());
    CHECK(to_offset(text, lines, {4, 0}, encoding).error().message.find("which has 4 lines") !=
          std::string::npos);
  }
}

TEST_CASE("position: inside a character is its beginning") {
  const std::string text = "\U0001f600\u00e9";
  const LineIndex lines(text);
  for (std::uint32_t column = 1; column < 4; ++column) {
    CHECK(to_offset(text, lines, {0, column}, PositionEncoding::utf8)->value == 0);
  }
  CHECK(to_offset(text, lines, {0, 5}, PositionEncoding::utf8)->value == 4);
  CHECK(to_offset(text, lines, {0, 1}, PositionEncoding::utf16)->value == 0);
  CHECK(to_position(text, lines, {2}, PositionEncoding::utf16) == Position{0, 0});
  CHECK(to_position(text, lines, {5}, PositionEncoding::utf16) == Position{0, 2});
}

TEST_CASE("position: inside a line end is the end of the line; past the text is its end") {
  const std::string text = "a\r\nb";
  const LineIndex lines(text);
  CHECK(to_position(text, lines, {2}, PositionEncoding::utf16) == Position{0, 1});
  CHECK(to_position(text, lines, {99}, PositionEncoding::utf16) == Position{1, 1});
}

TEST_CASE("position: total on text that is not UTF-8") {
  const std::string text = "\xFF\xC3\n\xF0\x9F\x98";
  const LineIndex lines(text);
  for (const PositionEncoding encoding : kEncodings) {
    for (std::uint32_t at = 0; at <= text.size(); ++at) {
      const Position position = to_position(text, lines, {at}, encoding);
      const auto back = to_offset(text, lines, position, encoding);
      REQUIRE(back.ok());
      CHECK(back->value == at);
    }
  }
}

TEST_CASE("position: a range that ends before it begins is refused") {
  const std::string text = "ab\ncd";
  const LineIndex lines(text);
  CHECK(!to_byte_range(text, lines, {{1, 0}, {0, 1}}, PositionEncoding::utf16).ok());
  CHECK(!to_byte_range(text, lines, {{0, 0}, {2, 0}}, PositionEncoding::utf16).ok());
  const auto range = to_byte_range(text, lines, {{0, 1}, {1, 1}}, PositionEncoding::utf16);
  REQUIRE(range.ok());
  CHECK(*range == ByteRange{{1}, {4}});
}

}  // namespace
}  // namespace seedling
