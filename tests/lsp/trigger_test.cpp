#include "lsp/trigger.h"

#include <doctest/doctest.h>

#include <string>

namespace seedling {
namespace {

// '^' is the cursor.
bool may_offer(std::string text) {
  const std::size_t cursor = text.find('^');
  return is_place_to_offer(text.erase(cursor, 1), {static_cast<std::uint32_t>(cursor)});
}

TEST_CASE("trigger: at the end of a line, and before what closes") {
  for (const char* text : {"^", "x = ^", "x = ^  ", "x = ^\r\ny", "f(^)", "f(a[^]);", "f(\"^\"), ",
                           "if (x^) {", "x = ^\nmore words", "f(^))))))))"}) {
    CAPTURE(text);
    CHECK(may_offer(text));
  }
}

TEST_CASE("trigger: not in a word, and not before an expression") {
  for (const char* text :
       {"pr^int", "^print", "x = ^ + y", "f(^, b)", "f(^)  # why", "^\u00e9", "x = ^)))))))))", "x^ == 1"}) {
    CAPTURE(text);
    CHECK(!may_offer(text));
  }
}

TEST_CASE("trigger: a word begins behind the last byte that is none of its own") {
  const auto start = [](std::string_view text, std::uint32_t cursor) {
    return word_start(text, {cursor}).value;
  };
  CHECK(start("x = pri", 7) == 4);
  CHECK(start("x = ", 4) == 4);
  CHECK(start("gr\u00f6\u00dfe", 7) == 0);
  CHECK(start("a.b_1", 5) == 2);
  CHECK(start("", 0) == 0);
}

}  // namespace
}  // namespace seedling
