#include "engine/structure/extract_variable.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <span>
#include <sstream>

#include "engine/structure/verdict.h"
#include "tests/engine/structure/annotated.h"

using namespace seedling;
using namespace seedling::testing;

namespace {

struct Row {
  std::string_view language;
  std::string_view source;    // with ‸ or «range»
  std::string_view expected;  // with the name NAME; empty if there is no plan
};

std::optional<ExtractVariable> plan_of(const Annotated& input) {
  Result<std::optional<ExtractVariable>> plan = plan_extract_variable(input.snapshot, input.range);
  REQUIRE(plan.ok());
  return *plan;
}

void check(std::span<const Row> rows) {
  for (const Row& row : rows) {
    CAPTURE(row.source);
    const Annotated input = annotated(row.language, row.source);
    const std::optional<ExtractVariable> plan = plan_of(input);
    std::string result;
    if (plan) result = with_edits(input.snapshot.text, apply_name(*plan, input.snapshot, "NAME"));
    CHECK(result == row.expected);
    if (!plan) continue;
    CHECK(is_name_free(*plan, input.snapshot, plan->suggested_fallback_name));
    CHECK(input.snapshot.text.substr(plan->chosen.begin.value, plan->chosen.size()) == plan->expression);
  }
}

void check_refused(std::string_view language, std::span<const std::string_view> sources) {
  for (std::string_view source : sources) {
    CAPTURE(source);
    CHECK_FALSE(plan_of(annotated(language, source)).has_value());
  }
}

}  // namespace

TEST_CASE("extract variable: Python selections") {
  const Row rows[] = {
      {"python", "print(«a + b»)\n", "NAME = a + b\nprint(NAME)\n"},
      {"python", "print(« a + b »)\n", "NAME = a + b\nprint( NAME )\n"},
      {"python", "def f(a):\n    return «a.b[1]» + 2\n",
       "def f(a):\n    NAME = a.b[1]\n    return NAME + 2\n"},
      {"python", "def f(a):\n\treturn g(«h(a)»)\n", "def f(a):\n\tNAME = h(a)\n\treturn g(NAME)\n"},
      {"python", "if «a.b > 1»:\n    c()\n", "NAME = a.b > 1\nif NAME:\n    c()\n"},
      {"python", "for x in «f(y)»:\n    c(x)\n", "NAME = f(y)\nfor x in NAME:\n    c(x)\n"},
      {"python", "x = «'text'» + y\n", "NAME = 'text'\nx = NAME + y\n"},
      {"python", "x = «a * 2» + a * 2\n", "NAME = a * 2\nx = NAME + NAME\n"},
      {"python", "x = a * 2 + «a * 2»\n", "NAME = a * 2\nx = NAME + NAME\n"},
      {"python", "x = «f(a)» + f(a)\n", "NAME = f(a)\nx = NAME + f(a)\n"},
      {"python", "x = g(«a.b») + h(a.b)\n", "NAME = a.b\nx = g(NAME) + h(a.b)\n"},
      {"python", "a.b = «a.b» + 1\n", "NAME = a.b\na.b = NAME + 1\n"},
      {"python", "x = f(\n    «a +\n    b»,\n)\n", "NAME = (a +\n    b)\nx = f(\n    NAME,\n)\n"},
      {"python", "x = f(«g(\n    a)»)\n", "NAME = g(\n    a)\nx = f(NAME)\n"},
      {"python", "x = f(«'''a\nb'''»)\n", "NAME = '''a\nb'''\nx = f(NAME)\n"},
      {"python", "print(«a + b»)\r\nc()\r\n", "NAME = a + b\r\nprint(NAME)\r\nc()\r\n"},
      {"python", "x = a and «b > 1»\n", "NAME = b > 1\nx = a and NAME\n"},
      {"python", "x = [y + «z * 2» for y in w]\n", "NAME = z * 2\nx = [y + NAME for y in w]\n"},
      {"python", "x = [y for y in «w.items()»]\n", "NAME = w.items()\nx = [y for y in NAME]\n"},
      {"python", "async def f():\n    return g(«await h()»)\n",
       "async def f():\n    NAME = await h()\n    return g(NAME)\n"},
      {"python", "a[«i + 1»] = 2\n", "NAME = i + 1\na[NAME] = 2\n"},
      {"python", "with open(«p / 'a'») as f:\n    pass\n",
       "NAME = p / 'a'\nwith open(NAME) as f:\n    pass\n"},
      {"python", "if a:\n    pass\nelse:\n    f(«b + 1»)\n",
       "if a:\n    pass\nelse:\n    NAME = b + 1\n    f(NAME)\n"},
      {"python", "x = «f(a)»\n", "NAME = f(a)\nx = NAME\n"},
      {"python", "«f(a)».g()\n", "NAME = f(a)\nNAME.g()\n"},
      {"python", "print((«a + b»))\n", "NAME = a + b\nprint((NAME))\n"},
  };
  check(rows);
}

TEST_CASE("extract variable: Python cursors take the smallest expression worth a name") {
  const Row rows[] = {
      {"python", "print(a.b‸.c + 1)\n", "NAME = a.b\nprint(NAME.c + 1)\n"},
      {"python", "print(a ‸+ b)\n", "NAME = a + b\nprint(NAME)\n"},
      {"python", "x = f(g(a‸))\n", "NAME = g(a)\nx = f(NAME)\n"},
      {"python", "x = f(g‸(a))\n", "NAME = g(a)\nx = f(NAME)\n"},
      {"python", "x = f(g(a)‸)\n", "NAME = g(a)\nx = f(NAME)\n"},
      {"python", "f(4‸2)\n", "NAME = 42\nf(NAME)\n"},
      {"python", "f(timeout=4‸2)\n", "NAME = 42\nf(timeout=NAME)\n"},
      {"python", "f('te‸xt')\n", "NAME = 'text'\nf(NAME)\n"},
      {"python", "x = f(a‸)\n", ""},
      {"python", "x = ‸a\n", ""},
      {"python", "f(‸a)\n", ""},
      {"python", "‸\n", ""},
      {"python", "", ""},
  };
  check(rows);
}

TEST_CASE("extract variable: Python refusals") {
  const std::string_view sources[] = {
      "«x» = 1\n",
      "«x.y» = 1\n",
      "«x[0]» += 1\n",
      "for «x.y» in z:\n    pass\n",
      "del «x[0]»\n",
      "«f(a)»\n",
      "«'''doc'''»\n",
      "def f(a=«b + 1»):\n    pass\n",
      "def f(a: «B[int]»):\n    pass\n",
      "x: «B[int]» = 1\n",
      "@d(«a + 1»)\ndef f():\n    pass\n",
      "f = lambda a: «a + 1»\n",
      "x = [«y + 1» for y in z]\n",
      "x = [y for y in z if «y > 1»]\n",
      "x = [«f(w)» for y in z]\n",
      "while «x > 1»:\n    pass\n",
      "if a:\n    pass\nelif «b > 1»:\n    pass\n",
      "x = f'{«a + b»}'\n",
      "import «a.b»\n",
      "x = a and «b()»\n",
      "x = a is not None and «a.b > 1»\n",
      "x = «a.b» if a else c\n",
      "x = c if a else «a.b»\n",
      "assert a, «b()»\n",
      "(y := f()) and g(«y + 1»)\n",
      "if a: f(«b + 1»)\n",
      "a = 1; f(«b + 1»)\n",
      "x = «a + b» + \n",
      "x = a + «b + c»\n",
      "f«(a, b)»\n",
      "x = f(«y for y in z»)\n",
      "x = 'a' «'b'»\n",
      "try:\n    pass\nexcept «a.B»:\n    pass\n",
      "match x:\n    case «a.B»:\n        pass\n",
      "with a as b, f(«b.c»):\n    pass\n",
      "x = not«(a + b)»\n",
      "def f():\n    x = yield «a»\n",
      "f(«*a»)\n",
      "f(«a»)\n",
      "x = «a\ny» = b\n",
      "«»\n",
      "x = (« »)\n",
  };
  check_refused("python", sources);
}

TEST_CASE("extract variable: C++") {
  const Row rows[] = {
      {"cpp", "int f(int a) {\n  return g(«a + 1»);\n}\n",
       "int f(int a) {\n  auto NAME = a + 1;\n  return g(NAME);\n}\n"},
      {"cpp", "int f(A& a) {\n  a.b[«i * 2»].c = 1;\n}\n",
       "int f(A& a) {\n  auto NAME = i * 2;\n  a.b[NAME].c = 1;\n}\n"},
      {"cpp", "void f(A& a) {\n  «a.b».push_back(1);\n}\n",
       "void f(A& a) {\n  auto&& NAME = a.b;\n  NAME.push_back(1);\n}\n"},
      {"cpp", "void f() {\n  if («g(1)» > 2) {\n    h();\n  }\n}\n",
       "void f() {\n  auto NAME = g(1);\n  if (NAME > 2) {\n    h();\n  }\n}\n"},
      {"cpp", "int f(int a) { return «a * 2» + 1; }\n",
       "int f(int a) { auto NAME = a * 2; return NAME + 1; }\n"},
      {"cpp", "void f() {\n  g([&] {\n    h(«x + 1»);\n  });\n}\n",
       "void f() {\n  g([&] {\n    auto NAME = x + 1;\n    h(NAME);\n  });\n}\n"},
      {"cpp", "void f() {\n  for (auto& a : «g()») h(a);\n}\n",
       "void f() {\n  auto NAME = g();\n  for (auto& a : NAME) h(a);\n}\n"},
      {"cpp", "void f() {\n  g(\"te‸xt\", 1);\n}\n",
       "void f() {\n  auto NAME = \"text\";\n  g(NAME, 1);\n}\n"},
      {"cpp", "void f() {\n  auto x = g(a->b‸.c());\n}\n",
       "void f() {\n  auto&& NAME = a->b;\n  auto x = g(NAME.c());\n}\n"},
      {"cpp", "void f() {\n  for (int i = «g(1) + 1»; i < 9; ++i) h();\n}\n",
       "void f() {\n  auto NAME = g(1) + 1;\n  for (int i = NAME; i < 9; ++i) h();\n}\n"},
  };
  check(rows);
  const std::string_view refused[] = {
      "int x = «1 + 2»;\n",
      "void f() {\n  «x» = 1;\n}\n",
      "void f() {\n  «a.b» = 1;\n}\n",
      "void f() {\n  «g(1)»;\n}\n",
      "void f() {\n  while («a > 1») g();\n}\n",
      "void f() {\n  do g(); while («a > 1»);\n}\n",
      "void f() {\n  for (int i = 0; «i < g(1)»; ++i) h();\n}\n",
      "void f() {\n  for (int i = 0; i < 3; i += «a + 1») h();\n}\n",
      "void f(int a = «1 + 2») {}\n",
      "void f() {\n  if (a) g(«b + 1»);\n}\n",
      "void f() {\n  if (a) {\n  } else if («b > 1») {\n  }\n}\n",
      "void f() {\n  bool x = p && «p->x > 1»;\n}\n",
      "void f() {\n  x = a ? «b()» : c;\n}\n",
      "void f() {\n  switch (a) {\n    case «1 + 2»:\n      g();\n  }\n}\n",
      "void f() {\n  switch (a) {\n    case 1:\n      g(«b + 1»);\n  }\n}\n",
      "void f() {\n  int a[«1 + 2»];\n}\n",
      "void f() {\n  std::array<int, «1 + 2»> a;\n}\n",
      "void f() {\n  constexpr int x = «1 + 2»;\n}\n",
      "void f() {\n  static int x = «g(1)»;\n}\n",
      "void f() {\n  static_assert(«1 + 2» == 3);\n}\n",
      "void f() {\n  g(&«a.b»);\n}\n",
      "void f() {\n  «a.b»++;\n}\n",
      "void f() {\n  if (auto x = g(); «x.y > 1») h();\n}\n",
      "A::A() : b(«1 + 2») {}\n",
      "void f() {\n  «a.g»(1);\n}\n",
      "#define A «1 + 2»\n",
      "void f() {\n  int x = sizeof(«a + 1»);\n}\n",
      "void f() {\n  const char* x = \"a\" «\"b\"»;\n}\n",
  };
  check_refused("cpp", refused);
}

TEST_CASE("extract variable: C only where the type is evident") {
  const Row rows[] = {
      {"c", "void f(void) {\n  g(«1 + 2»);\n}\n", "void f(void) {\n  int NAME = 1 + 2;\n  g(NAME);\n}\n"},
      {"c", "void f(void) {\n  g(«\"text\"»);\n}\n",
       "void f(void) {\n  const char *NAME = \"text\";\n  g(NAME);\n}\n"},
      {"c", "void f(void) {\n  g(«1.5f»);\n}\n", "void f(void) {\n  float NAME = 1.5f;\n  g(NAME);\n}\n"},
      {"c", "void f(void) {\n  g(«0x1FUL»);\n}\n",
       "void f(void) {\n  unsigned long NAME = 0x1FUL;\n  g(NAME);\n}\n"},
      {"c", "void f(int a) {\n  if («a > 1») g();\n}\n",
       "void f(int a) {\n  int NAME = a > 1;\n  if (NAME) g();\n}\n"},
      {"c", "void f(void *a) {\n  g(«(struct s *)a»);\n}\n",
       "void f(void *a) {\n  struct s *NAME = (struct s *)a;\n  g(NAME);\n}\n"},
      {"c", "void f(int a) {\n  g(«!a»);\n}\n", "void f(int a) {\n  int NAME = !a;\n  g(NAME);\n}\n"},
      {"c", "void f(int a) {\n  g(«a + 1»);\n}\n", ""},
      {"c", "void f(int a) {\n  g(«h(a)»);\n}\n", ""},
      {"c", "void f(struct s *a) {\n  g(«a->b»);\n}\n", ""},
      {"c", "void f(void) {\n  g(«1 + 1.5»);\n}\n", ""},
      {"c", "void f(void) {\n  char a[] = «\"text\"»;\n}\n", ""},
  };
  check(rows);
}

TEST_CASE("extract variable: JavaScript and TypeScript") {
  const Row rows[] = {
      {"javascript", "foo(«a + b»);\n", "const NAME = a + b;\nfoo(NAME);\n"},
      {"javascript", "foo(«a + b»)\nbar()\n", "const NAME = a + b\nfoo(NAME)\nbar()\n"},
      {"javascript", "function f() {\n  return a.b‸.c;\n}\n",
       "function f() {\n  const NAME = a.b;\n  return NAME.c;\n}\n"},
      {"javascript", "const f = async () => {\n  g(«await h()»);\n};\n",
       "const f = async () => {\n  const NAME = await h();\n  g(NAME);\n};\n"},
      {"javascript", "xs.map((x) => {\n  return g(«x * 2»);\n});\n",
       "xs.map((x) => {\n  const NAME = x * 2;\n  return g(NAME);\n});\n"},
      {"javascript", "export const x = f(«a.b»);\n", "const NAME = a.b;\nexport const x = f(NAME);\n"},
      {"javascript", "f(`a ${«b.c»}`);\n", "const NAME = b.c;\nf(`a ${NAME}`);\n"},
      {"javascript", "for (const x of «f(y)») {\n  g(x);\n}\n",
       "const NAME = f(y);\nfor (const x of NAME) {\n  g(x);\n}\n"},
      {"javascript", "switch (a) {\n  case 1:\n    f(«b + 1»);\n}\n",
       "switch (a) {\n  case 1:\n    const NAME = b + 1;\n    f(NAME);\n}\n"},
      {"typescript", "function f(a: A): number {\n  return g(«a.b as number») + 1;\n}\n",
       "function f(a: A): number {\n  const NAME = a.b as number;\n  return g(NAME) + 1;\n}\n"},
      {"typescript", "class A {\n  m() {\n    return this.x[«this.i + 1»];\n  }\n}\n",
       "class A {\n  m() {\n    const NAME = this.i + 1;\n    return this.x[NAME];\n  }\n}\n"},
      {"typescript", "f({ a: «b.c», d: b.c });\n", "const NAME = b.c;\nf({ a: NAME, d: NAME });\n"},
      {"typescriptreact", "function V() {\n  return <A b={«c.d»} />;\n}\n",
       "function V() {\n  const NAME = c.d;\n  return <A b={NAME} />;\n}\n"},
  };
  check(rows);
  const std::string_view refused[] = {
      "«a.b» = 1;\n",
      "«a.b»();\n",
      "«a()»;\n",
      "delete «a.b»;\n",
      "while («a > 1») {}\n",
      "for (let i = 0; «i < a.b»; i++) {}\n",
      "const f = (x) => «x + 1»;\n",
      "function f(a = «b + 1») {}\n",
      "const x = a && «a.b»;\n",
      "const x = a ?? «b()»;\n",
      "const x = «a?.b».c;\n",
      "const x = a?.f(«b()»);\n",
      "import a from «'b'»;\n",
      "class A { x = «1 + 2»; }\n",
      "if (a) f(«b + 1»);\n",
      "let x: «'a'» | 'b';\n",
      "const x = { «'a'»: 1 };\n",
      "if (a) {\n} else if («b > 1») {\n}\n",
      "function* f() { const x = «yield a»; }\n",
      "const x = typeof«(a)»;\n",
      "enum E { A = «1 + 2» }\n",
      "const a = 1, b = «a + 1»;\n",
  };
  check_refused("typescript", refused);
}

TEST_CASE("extract variable: names that are taken, and a plain name for when there is no better one") {
  const Annotated input =
      annotated("python",
                "import os\ndef f(user):\n    name = user.name\n    print(«get_name(user)», later)\n"
                "def other(unrelated):\n    pass\n");
  const std::optional<ExtractVariable> plan = plan_of(input);
  REQUIRE(plan.has_value());
  for (std::string_view taken : {"os", "f", "user", "name", "later", "print", "get_name", "other"}) {
    CAPTURE(taken);
    CHECK_FALSE(is_name_free(*plan, input.snapshot, taken));
  }
  CHECK(is_name_free(*plan, input.snapshot, "unrelated"));
  CHECK_FALSE(is_name_free(*plan, input.snapshot, "for"));
  CHECK_FALSE(is_name_free(*plan, input.snapshot, "not a name"));
  CHECK(plan->suggested_fallback_name == "name_value");

  struct NameRow {
    std::string_view language;
    std::string_view source;
    std::string_view name;
  };
  const NameRow rows[] = {
      {"python", "print(«user.first_name»)\n", "first_name"},
      {"python", "print(«load_config(path)»)\n", "config"},
      {"python", "print(«a > 1»)\n", "is_match"},
      {"python", "print(«len(x)»)\n", "len_value"},
      {"python", "print(«'hello'»)\n", "text"},
      {"python", "print(«a + 1»)\n", "value"},
      {"javascript", "f(«user.firstName»);\n", "firstName"},
      {"javascript", "f(«getHTMLTable(a)»);\n", "htmlTable"},
      {"javascript", "f(«new FooBar()»);\n", "fooBar"},
      {"javascript", "f(«a === b»);\n", "isMatch"},
      {"typescript", "value(«a + 1»);\n", "valueValue"},
      {"cpp", "void f() {\n  g(«a.itemCount()»);\n}\n", "item_count"},
  };
  for (const NameRow& row : rows) {
    CAPTURE(row.source);
    const std::optional<ExtractVariable> named = plan_of(annotated(row.language, row.source));
    REQUIRE(named.has_value());
    CHECK(named->suggested_fallback_name == row.name);
  }
}

TEST_CASE("extract variable: at any cursor of real files the result parses without new errors") {
  const std::filesystem::path root = SEEDLING_SOURCE_DIR;
  std::vector<std::filesystem::path> files = {root / "engine/structure/extract_variable.cpp",
                                              root / "engine/structure/layout.cpp"};
  for (const char* name : {"textwrap.py", "shlex.py", "heapq.py", "bisect.py"}) {
    const std::filesystem::path path = std::filesystem::path("/usr/lib/python3.11") / name;
    if (std::filesystem::exists(path)) files.push_back(path);
  }
  constexpr std::uint32_t kSeed = 20261123;
  MESSAGE("seed ", kSeed);
  std::mt19937 random(kSeed);
  int plan_count = 0;
  for (const std::filesystem::path& path : files) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    const std::string_view language = path.extension() == ".py" ? "python" : "cpp";
    const Snapshot snapshot{path.string(), std::string(language), 0, text.str()};
    const Result<Verdict> before = judge(snapshot.text, language);
    REQUIRE(before.ok());
    for (int round = 0; round < 25; ++round) {
      const auto at = static_cast<std::uint32_t>(random() % snapshot.text.size());
      CAPTURE(path.string());
      CAPTURE(at);
      const auto plan = plan_extract_variable(snapshot, {ByteOffset{at}, ByteOffset{at}});
      REQUIRE(plan.ok());
      if (!plan->has_value()) continue;
      ++plan_count;
      const std::string after =
          with_edits(snapshot.text, apply_name(**plan, snapshot, (*plan)->suggested_fallback_name));
      const Result<Verdict> verdict = judge(after, language);
      REQUIRE(verdict.ok());
      CHECK(verdict->parses_no_worse_than(*before));
    }
  }
  CHECK(plan_count > 10);
}
