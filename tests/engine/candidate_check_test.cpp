#include "engine/candidate_check.h"

#include <doctest/doctest.h>

using namespace seedling;

namespace {

// '^' marks where the range begins and ends; `text` replaces it.
bool passes(std::string_view marked, std::string text, std::string_view language = "python") {
  Snapshot snapshot;
  snapshot.language = language;
  std::vector<std::uint32_t> marks;
  for (const char c : marked) {
    if (c == '^') {
      marks.push_back(static_cast<std::uint32_t>(snapshot.text.size()));
    } else {
      snapshot.text += c;
    }
  }
  const Edit edit{{ByteOffset{marks.front()}, ByteOffset{marks.back()}}, std::move(text)};
  const Result<bool> result = uses_declared_names(snapshot, edit, {});
  REQUIRE(result.ok());
  return result.value();
}

}  // namespace

TEST_CASE("candidate check: what is written uses declared names only") {
  CHECK(passes("a = 1\nprint(^^)\n", "a"));
  CHECK(!passes("a = 1\nprint(^^)\n", "b"));
  CHECK(passes("a = 1\nprint(^^)\n", "len(str(a))"));
  CHECK(!passes("a = 1\nprint(^^)\n", "a + b"));
}

TEST_CASE("candidate check: a word that is continued or shortened counts as written") {
  CHECK(!passes("a = 1\nprint(a^)\n", "b"));    // becomes ab
  CHECK(!passes("a = 1\nprint(^a)\n", "b"));    // becomes ba
  CHECK(!passes("ab = 1\nprint(a^b^)\n", ""));  // becomes a
  CHECK(passes("ab = 1\nprint(a^)\n", "b"));
}

TEST_CASE("candidate check: names that were wrong before are not held against it") {
  CHECK(passes("print(b)\nx = ^^\n", "1"));
  CHECK(passes("print(b^^)\n", ", 1"));
  CHECK_FALSE(passes("x = ^^;\n", "b", "cpp"));
  CHECK(passes("#include <b>\nx = ^^;\n", "b", "cpp"));
  CHECK(passes("x = ^^\n", "b", "no such language"));
}

TEST_CASE("candidate check: an edit replaces its range") {
  CHECK(with_edit("abc", {{ByteOffset{1}, ByteOffset{2}}, "XY"}) == "aXYc");
  CHECK(with_edit("abc", {{ByteOffset{3}, ByteOffset{3}}, "d"}) == "abcd");
}
