#include "engine/structure/statements.h"

#include <doctest/doctest.h>

#include <span>

#include "tests/engine/structure/annotated.h"

using namespace seedling;
using namespace seedling::testing;

namespace {

struct Row {
  std::string_view language;
  std::string_view source;    // with ‸ or «range»
  std::string_view expected;  // with «result»
};

void check(std::span<const Row> rows) {
  for (const Row& row : rows) {
    CAPTURE(row.source);
    const Annotated input = annotated(row.language, row.source);
    const Result<ByteRange> result = enclosing_statement(input.snapshot, input.range);
    REQUIRE(result.ok());
    CHECK(with_marks(input.snapshot.text, *result) == row.expected);
  }
}

}  // namespace

TEST_CASE("enclosing_statement: Python") {
  const Row rows[] = {
      {"python", "a = 1\nb = fo‸o(a)\nc = 3\n", "a = 1\n«b = foo(a)»\nc = 3\n"},
      {"python", "a = 1\nb = foo(a)‸\nc = 3\n", "a = 1\n«b = foo(a)»\nc = 3\n"},
      {"python", "a = 1\n‸b = foo(a)\n", "a = 1\n«b = foo(a)»\n"},
      {"python", "def f():\n  ‸  return x\n", "def f():\n    «return x»\n"},
      {"python", "def f():\n    return «undefined»  # why\n", "def f():\n    «return undefined»  # why\n"},
      {"python", "x = foo(\n    «y»,\n    z)\n", "«x = foo(\n    y,\n    z)»\n"},
      {"python", "def f(a, «b»):\n    return a\n", "«def f(a, b):»\n    return a\n"},
      {"python", "def f(a,\n      «b»):\n    return a\n", "«def f(a,\n      b):»\n    return a\n"},
      {"python", "if «x» > 1:\n    y()\nelse:\n    z()\n", "«if x > 1:»\n    y()\nelse:\n    z()\n"},
      {"python", "if x:\n    y()\nelif «z»:\n    z()\n", "if x:\n    y()\n«elif z:»\n    z()\n"},
      {"python", "for i in «xs»:\n    print(i)\n", "«for i in xs:»\n    print(i)\n"},
      {"python", "with «a» as b:\n    pass\n", "«with a as b:»\n    pass\n"},
      {"python", "try:\n    a()\nexcept «E» as e:\n    pass\n",
       "try:\n    a()\n«except E as e:»\n    pass\n"},
      {"python", "class A(«B»):\n    x = 1\n", "«class A(B):»\n    x = 1\n"},
      {"python", "@«dec»\ndef f():\n    pass\n", "«@dec»\ndef f():\n    pass\n"},
      {"python", "@dec\ndef f(«x»):\n    pass\n", "@dec\n«def f(x):»\n    pass\n"},
      {"python", "if x: return «y»\n", "if x: «return y»\n"},
      {"python", "if «x»: y()\n", "«if x: y()»\n"},
      {"python", "import os, «sys»\n", "«import os, sys»\n"},
      {"python", "a = 1; b = «2»; c = 3\n", "a = 1; «b = 2»; c = 3\n"},
      {"python", "def f():\n    «a = 1\n    b = 2»\n    c = 3\n",
       "def f():\n    «a = 1\n    b = 2»\n    c = 3\n"},
      {"python", "def f():\n    a = «1\n    b» = 2\n    c = 3\n",
       "def f():\n    «a = 1\n    b = 2»\n    c = 3\n"},
      {"python", "«def f():\n    a = 1\n    b = 2»\nc = 3\n", "«def f():»\n    a = 1\n    b = 2\nc = 3\n"},
      {"python", "def f():\n    # a «note»\n    return 1\n", "def f():\n    «# a note»\n    return 1\n"},
      {"python", "a = 1\n‸\nb = 2\n", "a = 1\n«»\nb = 2\n"},
      {"python", "", "«»"},
      {"python", "a = 1‸", "«a = 1»"},
  };
  check(rows);
}

TEST_CASE("enclosing_statement: broken syntax gives whole lines") {
  const Row rows[] = {
      {"python", "a = 1\nb = = «2»\nc = 3\n", "a = 1\n«b = = 2»\nc = 3\n"},
      {"python", "def f(x)‸\n    return x\n", "«def f(x)»\n    return x\n"},
      {"python", "a = 1\nprint((a)‸\n", "a = 1\n«print((a)»\n"},
      {"python", "foo(a‸,\n    b\nbar()\n", "«foo(a,\n    b\nbar()»\n"},
      {"c", "int f(void) {\n  int a = 1‸\n  return a;\n}\n",
       "int f(void) {\n  «int a = 1»\n  return a;\n}\n"},
      {"cpp", "int f() {\n  auto a = g(1‸;\n  return a;\n}\n",
       "int f() {\n  «auto a = g(1;»\n  return a;\n}\n"},
      {"typescript", "function f() {\n  const a = = ‸1;\n  return a;\n}\n",
       "function f() {\n  «const a = = 1;»\n  return a;\n}\n"},
  };
  check(rows);
}

TEST_CASE("enclosing_statement: C and C++") {
  const Row rows[] = {
      {"c", "int f(void) {\n  int a = «b» + 1;\n  return a;\n}\n",
       "int f(void) {\n  «int a = b + 1;»\n  return a;\n}\n"},
      {"c", "#include <«x.h»>\nint a;\n", "«#include <x.h>»\nint a;\n"},
      {"c", "struct s {\n  int «a»;\n  int b;\n};\n", "struct s {\n  «int a;»\n  int b;\n};\n"},
      {"c", "int f(int «a»)\n{\n  return 1;\n}\n", "«int f(int a)\n{»\n  return 1;\n}\n"},
      {"cpp", "int f(«T» a) {\n  return 1;\n}\n", "«int f(T a) {»\n  return 1;\n}\n"},
      {"cpp", "int f() { return «x»; }\n", "int f() { «return x;» }\n"},
      {"cpp", "void f() {\n  if («x» > 1) {\n    g();\n  } else {\n    h();\n  }\n}\n",
       "void f() {\n  «if (x > 1) {»\n    g();\n  } else {\n    h();\n  }\n}\n"},
      {"cpp", "void f() {\n  for (auto& a : «b»)\n    g(a);\n}\n",
       "void f() {\n  «for (auto& a : b)»\n    g(a);\n}\n"},
      {"cpp", "void f() {\n  if (a) return «b»;\n}\n", "void f() {\n  if (a) «return b;»\n}\n"},
      {"cpp", "void f() {\n  g([&] {\n    h(«x»);\n  });\n}\n",
       "void f() {\n  g([&] {\n    «h(x);»\n  });\n}\n"},
      {"cpp", "class A : public «B» {\n  int x;\n};\n", "«class A : public B {»\n  int x;\n};\n"},
      {"cpp", "namespace a {\nusing b::«c»;\n}\n", "namespace a {\n«using b::c;»\n}\n"},
      {"cpp", "void f() {\n  a();\n‸}\n", "void f() {\n  a();\n«}»\n"},
  };
  check(rows);
}

TEST_CASE("enclosing_statement: JavaScript and TypeScript") {
  const Row rows[] = {
      {"javascript", "const a = «b»;\nfoo();\n", "«const a = b;»\nfoo();\n"},
      {"javascript", "function f(«a») {\n  return 1;\n}\n", "«function f(a) {»\n  return 1;\n}\n"},
      {"javascript", "it('x', () => {\n  a();\n  b(«c»);\n});\n",
       "it('x', () => {\n  a();\n  «b(c);»\n});\n"},
      {"javascript", "switch (a) {\n  case «b»:\n    c();\n}\n", "switch (a) {\n  «case b:»\n    c();\n}\n"},
      {"typescript", "interface A {\n  x: «Y»;\n  z: number;\n}\n",
       "interface A {\n  «x: Y»;\n  z: number;\n}\n"},
      {"typescript", "class A {\n  m(x: «Y»): void {\n    this.n();\n  }\n}\n",
       "class A {\n  «m(x: Y): void {»\n    this.n();\n  }\n}\n"},
      {"typescript", "type A = «B» | null;\n", "«type A = B | null;»\n"},
      {"typescript", "import { a, «b» } from './c';\n", "«import { a, b } from './c';»\n"},
      {"typescript", "export function f(a: «B») {\n  return a;\n}\n",
       "export «function f(a: B) {»\n  return a;\n}\n"},
      {"typescriptreact", "function V() {\n  return <A b={«c»} />;\n}\n",
       "function V() {\n  «return <A b={c} />;»\n}\n"},
  };
  check(rows);
}

TEST_CASE("enclosing_statement: a long statement gives the lines of the diagnostic") {
  std::string source = "const table = {\n";
  for (int i = 0; i < 30; ++i) source += "  key" + std::to_string(i) + ": value" + std::to_string(i) + ",\n";
  source += "};\n";
  Snapshot snapshot{"a.js", "javascript", 0, source};
  const auto at = static_cast<std::uint32_t>(source.find("value7"));
  const Result<ByteRange> result = enclosing_statement(snapshot, {ByteOffset{at}, ByteOffset{at + 6}});
  REQUIRE(result.ok());
  CHECK(source.substr(result->begin.value, result->size()) == "key7: value7,");
}

TEST_CASE("enclosing_statement: ranges outside the text are clamped, unknown languages are errors") {
  const Snapshot snapshot{"a.py", "python", 0, "x = 1\n"};
  const Result<ByteRange> result = enclosing_statement(snapshot, {ByteOffset{900}, ByteOffset{1000}});
  REQUIRE(result.ok());
  CHECK(result->end.value <= snapshot.text.size());
  const Snapshot unknown{"a.cob", "cobol", 0, "x"};
  CHECK_FALSE(enclosing_statement(unknown, {}).ok());
}
