#include <doctest/doctest.h>

#include <random>
#include <string>
#include <string_view>

#include "tests/fuzz/scopes_exercise.h"
#include "tests/fuzz/structure_exercise.h"

using namespace seedling;
using namespace seedling::testing;

namespace {

constexpr std::string_view kWords[] = {
    "x",       "y",          "f",       "(",     ")",      "{",    "}",       "[",     "]",      ",",
    ":",       ";",          ".",       "=",     "==",     "+",    "*",       "&&",    "?",      "?.",
    "->",      "=>",         "<",       ">",     "\n",     "\n  ", "\n    ",  "\t",    " ",      "'a'",
    "\"",      "`",          "${",      "1",     "2.5f",   "def ", "class ",  "if ",   "else",   "for ",
    "in ",     "while",      "return ", "auto ", "const ", "int ", "struct ", "case ", "await ", "lambda ",
    "import ", "from ",      "//",      "/*",    "*/",     "#",    "#if ",    "\\",    "\r\n",   "é",
    "\xff",    "template <", "@",       "...",   "&"};

}  // namespace

TEST_CASE("structure: word soup in every language does no harm") {
  constexpr std::uint32_t kSeed = 4242;
  MESSAGE("seed ", kSeed);
  std::mt19937 random(kSeed);
  for (int round = 0; round < 400; ++round) {
    std::string bytes;
    for (int i = 0; i < 5; ++i) bytes += static_cast<char>(random());
    for (unsigned words = random() % 40; words > 0; --words) bytes += kWords[random() % std::size(kWords)];
    exercise_structure(bytes);
    exercise_scopes(bytes);
  }
}

TEST_CASE("structure: deep nesting does not exhaust the stack") {
  for (std::string_view language : {"python", "cpp", "typescript"}) {
    for (std::string_view opener : {"(", "[{", "-", "x.", "if (x) "}) {
      CAPTURE(language);
      CAPTURE(opener);
      Snapshot snapshot{"deep", std::string(language), 0, "x = "};
      for (int i = 0; i < 1000; ++i) snapshot.text += opener;
      snapshot.text += "y";
      const ByteOffset end{static_cast<std::uint32_t>(snapshot.text.size())};
      exercise_verdict(snapshot);
      CHECK(enclosing_statement(snapshot, {end, end}).ok());
      CHECK(names_visible_at(snapshot, end).ok());
      exercise_extract_variable(snapshot, {end, end});
    }
  }
}
