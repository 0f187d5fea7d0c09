#include "engine/structure/scope.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/engine/structure/annotated.h"

using namespace seedling;
using namespace seedling::testing;

TEST_CASE("names_visible_at") {
  struct Row {
    std::string_view language;
    std::string_view source;
    std::string_view names;  // sorted, one blank between them
  };
  const Row rows[] = {
      {"python", "import os\nx = 1\n‸\ny = 2\n", "os x"},
      {"python", "import a.b, c as d\nfrom e import f, g as h\n‸\n", "a d f h"},
      {"python", "def f(a, b=1, *c, d: int, **e):\n    z = 1\n    ‸\n    w = 2\n", "a b c d e f z"},
      {"python", "def f(a):\n    return a\n‸\n", "f"},
      {"python", "def f():\n    ‸\n    return 1\ndef g(q):\n    r = 1\nx = 1\n", "f g x"},
      {"python",
       "class A:\n    k = 1\n    def m(self):\n        ‸\n        return 1\n    def n(self): pass\n",
       "A self"},
      {"python", "class A:\n    k = 1\n    ‸\n", "A k"},
      {"python", "def f(a):\n    b = a\n    ‸\nc = 1\n", "a b c f"},
      {"python", "def f(a):\n    b = a\n‸", "f"},
      {"python", "for i, (j, k) in x:\n    with a as b:\n        ‸\n        pass\n", "b i j k"},
      {"python", "y = [‸q for q in x]\n", "q"},
      {"python", "z = [q for q in x]\n‸\n", "z"},
      {"c", "int g;\nint f(int a, char *b) {\n  int c = 1, *d;\n  ‸;\n  int e;\n}\n", "a b c d f g"},
      {"c", "int f(int a) { return a; }\nint g(void) {\n  for (int i = 0; i < 1; i++) {\n    ‸;\n  }\n}\n",
       "f g i"},
      {"c", "int f(void) {\n  { int a; }\n  ‸;\n}\n", "f"},
      {"cpp", "int f(int& a, int&& b) {\n  auto [c, d] = g();\n  for (auto& e : h) {\n    ‸;\n  }\n}\n",
       "a b c d e f"},
      {"cpp", "int f() {\n  auto g = [x = 1](int y) {\n    ‸;\n  };\n}\n", "f g x y"},
      {"cpp", "namespace n {\nclass A { int m(int p) { return ‸1; } };\nint f() { int l; }\n}\n", "A m n p"},
      {"javascript", "import a, { b, c as d } from 'x';\nconst { e, f: g, ...h } = a, [i] = b;\n‸\n",
       "a b d e g h i"},
      {"javascript", "function f(a, { b }, c = 1) {\n  let d;\n  ‸\n}\nconst z = 1;\n", "a b c d f z"},
      {"javascript", "const f = (a) => { ‸ };\n", "a f"},
      {"javascript", "for (const k of xs) { ‸ }\ntry { } catch (e) { }\n", "k"},
      {"typescript",
       "interface I {}\ntype T = I;\nfunction f(a: I, b?: T) {\n  const c: number = 1;\n  ‸\n}\n",
       "I T a b c f"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.source);
    const Annotated input = annotated(row.language, row.source);
    const auto names = names_visible_at(input.snapshot, input.range.begin);
    REQUIRE(names.ok());
    std::string listed;
    for (const std::string& name : *names) listed += (listed.empty() ? "" : " ") + name;
    CHECK(listed == row.names);
    CHECK(std::ranges::is_sorted(*names));
  }
}

TEST_CASE("is_valid_identifier") {
  CHECK(is_valid_identifier("user_name", "python"));
  CHECK(is_valid_identifier("_x9", "cpp"));
  CHECK(is_valid_identifier("größe", "python"));
  CHECK(is_valid_identifier("$el", "javascript"));
  CHECK(is_valid_identifier("$el", "typescriptreact"));
  CHECK_FALSE(is_valid_identifier("$el", "python"));
  CHECK_FALSE(is_valid_identifier("", "python"));
  CHECK_FALSE(is_valid_identifier("9a", "python"));
  CHECK_FALSE(is_valid_identifier("a b", "python"));
  CHECK_FALSE(is_valid_identifier("a.b", "python"));
  CHECK_FALSE(is_valid_identifier("lambda", "python"));
  CHECK(is_valid_identifier("lambda", "cpp"));
  CHECK_FALSE(is_valid_identifier("co_await", "cpp"));
  CHECK(is_valid_identifier("co_await", "c"));
  CHECK_FALSE(is_valid_identifier("typeof", "typescript"));
  CHECK_FALSE(is_valid_identifier("x", "cobol"));
}
