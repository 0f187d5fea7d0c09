#include "engine/tokenizer/splitter.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace seedling {
namespace {

// The pieces with '|' between them.
std::string cut(const std::vector<std::string>& patterns, std::string_view text) {
  const auto splitter = Splitter::compile(patterns);
  if (!splitter) return splitter.error().message;
  std::string shown;
  std::size_t begin = 0;
  for (const std::size_t end : splitter->piece_ends(text)) {
    if (begin > 0) shown += '|';
    shown += text.substr(begin, end - begin);
    begin = end;
  }
  return shown;
}

std::string cut_code(std::string_view text) {
  return cut({std::string(kCodePattern)}, text);
}

TEST_CASE("splitter: code is cut where the pattern's comments say") {
  CHECK(cut_code("") == "");
  CHECK(cut_code("def f(self, _name):\n    return self.x\n") ==
        "def| f|(self|,| _|name|):|\n    |return| self|.x|\n");
  CHECK(cut_code("__init__") == "__|init|__");
  CHECK(cut_code("snake_case") == "snake|_case");
  CHECK(cut_code("x = 12345") == "x| =| 123|45");
  CHECK(cut_code("a    b") == "a|   | b");
  CHECK(cut_code("a  // b") == "a| | //| b");
  CHECK(cut_code("    x") == "   | x");
  CHECK(cut_code("x   \ny") == "x|   |\n|y");
  CHECK(cut_code("\n\n\t\tx") == "\n\n\t\t|x");
  CHECK(cut_code("a\r\n  b\rc") == "a|\r\n  |b|\r|c");
  CHECK(cut_code("a == b") == "a| ==| b");
  CHECK(cut_code(std::string(20, '-')) == std::string(16, '-') + "|" + std::string(4, '-'));
  CHECK(cut_code("h\xC3\xA9t\xC3\xA9 x") == "h\xC3\xA9t\xC3\xA9| x");
}

TEST_CASE("splitter: bytes that are not UTF-8 are pieces of their own") {
  CHECK(cut_code("ab\xFF\xFE cd") == "ab|\xFF\xFE| cd");
  CHECK(cut_code("\xC3") == "\xC3");                                // cut short
  CHECK(cut_code("a\xED\xA0\x80z") == "a|\xED\xA0\x80|z");          // a surrogate
  CHECK(cut_code("a\xC0\xAFz") == "a|\xC0\xAF|z");                  // overlong
  CHECK(cut_code("a\xF4\x90\x80\x80z") == "a|\xF4\x90\x80\x80|z");  // beyond U+10FFFF
}

TEST_CASE("splitter: GPT-2's pattern keeps a space with the word and contractions apart") {
  CHECK(cut({std::string(kGpt2Pattern)}, "I've  12 things!") == "I|'ve| | 12| things|!");
}

TEST_CASE("splitter: unmatched text is a piece, and patterns apply one after the other") {
  CHECK(cut({"[0-9]+"}, "ab12cd") == "ab|12|cd");
  CHECK(cut({"\\p{N}", "[a-z]"}, "ab12") == "a|b|1|2");
  CHECK(cut({}, "ab 12") == "ab 12");
}

TEST_CASE(
    "splitter: a pattern that matches nothing, moves backwards or never ends still gives the whole text") {
  CHECK(cut({"x*"}, "abxxc") == "ab|xx|c");
  CHECK(cut({"a\\Kb?"}, "aab") == "aa|b");
  const std::string text(200, 'a');
  CHECK(cut({"(a|a?)+$b"}, text) == text);
}

TEST_CASE("splitter: a bad pattern is an error with its offset") {
  const auto bad = Splitter::compile(std::vector<std::string>{"ab(c"});
  REQUIRE_FALSE(bad.ok());
  CHECK(bad.error().message.find("bad pattern at offset 4") != std::string::npos);
  CHECK_FALSE(Splitter::compile(std::vector<std::string>{std::string(20'000, 'a')}).ok());
}

}  // namespace
}  // namespace seedling
