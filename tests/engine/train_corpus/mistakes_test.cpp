#include "engine/train/corpus/mistakes.h"

#include <doctest/doctest.h>

#include <map>
#include <set>
#include <string>

namespace {

using namespace seedling;

// Every mistake that some seed makes in the whole text, by kind.
std::map<MistakeKind, std::set<std::string>> all_mistakes(std::string_view language, std::string_view text) {
  std::map<MistakeKind, std::set<std::string>> out;
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    Random random(seed);
    if (const auto mistake = make_mistake(language, text, 0, text.size(), random))
      out[mistake->kind].insert(with_mistake(text, *mistake));
  }
  return out;
}

TEST_CASE("Python: each kind that can be made is made") {
  auto made = all_mistakes("python",
                           "import os\n"
                           "def total(items, start=None):\n"
                           "    return sum(items, start) == 'x'\n");
  CHECK(made[MistakeKind::dropped_import].count("def total(items, start=None):\n"
                                                "    return sum(items, start) == 'x'\n") == 1);
  const auto has = [&](MistakeKind kind, const std::string& line) {
    for (const std::string& text : made[kind])
      if (text.find(line) != text.npos) return true;
    return false;
  };
  CHECK(has(MistakeKind::misspelt_name, "return smu(items"));
  CHECK(has(MistakeKind::misspelt_name, "retrun"));
  CHECK(has(MistakeKind::unknown_name, "sum(item, start)"));
  CHECK(has(MistakeKind::missing_name, "sum(, start)"));
  CHECK(has(MistakeKind::dropped_bracket, "total(items, start=None:"));
  CHECK(has(MistakeKind::extra_bracket, "start)) =="));
  CHECK(has(MistakeKind::dropped_colon, "start=None)\n"));
  CHECK(has(MistakeKind::dropped_quote, "== 'x\n"));
  CHECK(has(MistakeKind::dropped_argument, "sum(start)"));
  CHECK(has(MistakeKind::dropped_argument, "sum(items)"));
  CHECK(has(MistakeKind::wrong_operator, ") = 'x'"));
  CHECK(has(MistakeKind::wrong_indentation, "\nreturn"));
  CHECK(has(MistakeKind::foreign_word, "start=null"));
  CHECK(made[MistakeKind::wrong_type].empty());
  CHECK(made[MistakeKind::dropped_semicolon].empty());
}

TEST_CASE("C++ and TypeScript: their own kinds") {
  auto cpp = all_mistakes("cpp", "#include <vector>\nint size(long n) { return v.size(n, 2); }\n");
  CHECK(!cpp[MistakeKind::dropped_semicolon].empty());
  CHECK(!cpp[MistakeKind::wrong_type].empty());
  CHECK(cpp[MistakeKind::dropped_import].count("int size(long n) { return v.size(n, 2); }\n") == 1);
  auto typescript = all_mistakes("typescript", "import a from 'a';\nconst x: number = f(1);\n");
  CHECK(!typescript[MistakeKind::wrong_type].empty());
  CHECK(typescript[MistakeKind::dropped_semicolon].empty());  // none is needed there
  CHECK(!typescript[MistakeKind::dropped_import].empty());
}

TEST_CASE("comments and the inside of strings are left alone") {
  const std::string text = "# fold the values\ns = \"fold the values\"\n";
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    Random random(seed);
    const auto mistake = make_mistake("python", text, 0, text.size(), random);
    REQUIRE(mistake.has_value());
    const std::string made = with_mistake(text, *mistake);
    CHECK(made.find("fold the values\n") != made.npos);
    CHECK(made.find("fold the values", 16) != made.npos);
  }
}

TEST_CASE("a mistake changes the text, inside the range only, and is a function of the seed") {
  const std::string text = "int a = f(b, c);\nint d = g(a);\nint e = h(d);\n";
  const std::size_t begin = text.find("int d"), end = text.find("int e");
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    CAPTURE(seed);
    Random random(seed), again(seed);
    const auto mistake = make_mistake("c", text, begin, end, random);
    REQUIRE(mistake.has_value());
    CHECK(mistake->begin >= begin);
    CHECK(mistake->end <= end);
    const std::string made = with_mistake(text, *mistake);
    CHECK(made != text);
    CHECK(made.starts_with(text.substr(0, begin)));
    CHECK(made.ends_with(text.substr(end)));
    CHECK(with_mistake(text, *make_mistake("c", text, begin, end, again)) == made);
  }
}

TEST_CASE("nothing to get wrong, and texts that end inside a string, comment or bracket") {
  Random random(1);
  CHECK(!make_mistake("python", "", 0, 0, random).has_value());
  CHECK(!make_mistake("c", "  \n\n", 0, 4, random).has_value());
  for (const char* text :
       {"f(\"", "f(a, '", "/* x", "x = \"\"\"a", "f(a,", "f(,)", "'\\", "((((", "\xff\xfe("})
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
      Random each(seed);
      for (const char* language : {"python", "c", "typescript", "rust", "text"}) {
        const std::string_view whole = text;
        const auto mistake = make_mistake(language, whole, 0, whole.size(), each);
        if (mistake.has_value()) CHECK(mistake->end <= whole.size());
      }
    }
}

}  // namespace
