#include "engine/structure/at_hole.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "tests/engine/structure/annotated.h"

using namespace seedling;
using namespace seedling::testing;

namespace {

constexpr std::string_view kWritten[] = {"statement", "expression", "name",   "member", "type",
                                         "label",     "comment",    "string", "other"};

AtHole at(std::string_view language, std::string_view source) {
  const Annotated input = annotated(language, source);
  auto result = at_hole(input.snapshot, input.range);
  REQUIRE(result.ok());
  return *std::move(result);
}

std::string joined(const std::vector<VisibleName>& names) {
  std::string all;
  for (const VisibleName& name : names) all.append(all.empty() ? "" : " ").append(name.name);
  return all;
}

bool allows(const AtHole& hole, std::string_view terminal) {
  return std::ranges::binary_search(hole.terminals, terminal);
}

}  // namespace

TEST_CASE("at hole: what is being written") {
  struct Row {
    std::string_view language, source, written, enclosing;
  };
  const Row rows[] = {
      {"python", "def f(a):\n    ‸\n    return a\n", "statement", "block"},
      {"python", "x = ‸\n", "expression", "assignment"},
      {"python", "x = f(1, «2»)\n", "expression", "argument_list"},
      {"python", "def ‸(a):\n    pass\n", "name", "function_definition"},
      {"python", "x = a.‸\n", "member", "attribute"},
      {"python", "x = 1  # ‸\n", "comment", "comment"},
      {"python", "x = 'a‸b'\n", "string", "string"},
      {"python", "x = a ‸ b\n", "other", "ERROR"},
      {"c", "int f(int a) { return ‸; }\n", "expression", "return_statement"},
      {"c", "int f(int a) { ‸ }\n", "statement", "compound_statement"},
      {"cpp", "int ‸ = 1;\n", "name", "init_declarator"},
      {"cpp", "void f(const ‸& a) {}\n", "type", "parameter_declaration"},
      {"c", "void f() { goto ‸; }\n", "label", "goto_statement"},
      {"javascript", "const { ‸ } = a;\n", "name", "object_pattern"},
      {"javascript", "f(`a${‸}`);\n", "expression", "template_substitution"},
      {"typescript", "let a: ‸ = 1;\n", "type", "type_annotation"},
      {"go", "package a\n\nfunc f(x ‸) {}\n", "type", "parameter_declaration"},
      {"rust", "fn f() { a.‸ }\n", "member", "field_expression"},
      {"java", "class A { void f() { int x = ‸; } }\n", "expression", "variable_declarator"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.source);
    const AtHole hole = at(row.language, row.source);
    CHECK(kWritten[static_cast<std::size_t>(hole.written)] == row.written);
    CHECK(hole.enclosing == row.enclosing);
  }
}

TEST_CASE("at hole: names with kinds, members, and whether others can be meant") {
  const AtHole hole =
      at("python", "import os\nclass A:\n    k = 1\n    def m(self, a):\n        b = ‸\n        c = 1\n");
  CHECK(joined(hole.names) == "self a os A");
  CHECK(hole.names.front().kind == NameKind::parameter);
  CHECK(hole.names.back().kind == NameKind::type);
  CHECK(joined(hole.members) == "k m");
  CHECK(hole.is_closed);
  CHECK_FALSE(at("python", "from os import *\n‸\n").is_closed);
  CHECK(at("typescript", "import a from 'a';\nlet x: string = ‸;\n").is_closed);
  CHECK_FALSE(at("typescript", "import a from 'a';\nlet x: ‸;\n").is_closed);  // a type may be ambient
  CHECK(joined(at("c", "int g;\nint f(int a) { int b; { int c; } ‸ }\n").names) == "b a g f");
}

TEST_CASE("at hole: brackets, indentation and a word that is begun") {
  const AtHole hole = at("javascript", "f({\n    a: [`${(‸");
  CHECK(hole.open_brackets == "({[$(");
  CHECK(hole.expected_closers == ")}]})");
  CHECK(hole.indent == "    ");
  CHECK_FALSE(hole.is_word_begun);
  CHECK(at("python", "x = pri‸\n").is_word_begun);
  CHECK_FALSE(at("python", "x = ‸print\n").is_word_begun);
}

TEST_CASE("at hole: the terminals that the grammar allows") {
  const AtHole value = at("python", "x = ‸");
  CHECK(allows(value, "identifier"));
  CHECK(allows(value, "("));
  CHECK_FALSE(allows(value, ")"));
  CHECK_FALSE(allows(value, "def"));
  CHECK(allows(at("python", "f(a‸"), ")") == allows(at("python", "f(‸"), ")"));
  CHECK(allows(at("python", "f(1 ‸"), ","));
  CHECK_FALSE(allows(at("python", "f(1 ‸"), "def"));
  CHECK(allows(at("c", "int f(void) { return ‸"), "identifier"));
  CHECK_FALSE(allows(at("c", "int f(void) { return ‸"), "if"));
  CHECK(allows(at("c", "‸"), "typedef"));
  CHECK(at("python", "# ‸").terminals.empty());
  CHECK_FALSE(at_hole({"a", "cobol", 0, "x"}, {}).ok());
}

TEST_CASE("at hole: offsets past the end count as the end") {
  const auto hole = at_hole({"a", "python", 0, "x = 1\n"}, {ByteOffset{50}, ByteOffset{40}});
  REQUIRE(hole.ok());
  CHECK(joined(hole->names) == "x");
}
