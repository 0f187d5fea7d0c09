#include "engine/structure/layout.h"

#include <doctest/doctest.h>

#include <random>
#include <span>

#include "engine/structure/lexical.h"
#include "tests/engine/structure/annotated.h"

using namespace seedling;
using namespace seedling::testing;

namespace {

struct Row {
  std::string_view language;
  std::string_view source;  // with ‸
  std::string_view completion;
  std::string_view kept;
  int max_lines = 10;
};

void check(std::span<const Row> rows) {
  for (const Row& row : rows) {
    CAPTURE(row.source);
    CAPTURE(row.completion);
    const Annotated input = annotated(row.language, row.source);
    const std::size_t kept =
        trim_completion(input.snapshot, input.range.begin, row.completion, row.max_lines);
    REQUIRE(kept <= row.completion.size());
    CHECK(row.completion.substr(0, kept) == row.kept);
  }
}

}  // namespace

TEST_CASE("closers_behind: brackets that the line has opened") {
  struct {
    std::string_view language, source;
    std::size_t count;
  } const rows[] = {
      {"python", "foo(‸)\n", 1},
      {"python", "foo([{‸}])\n", 3},
      {"python", "foo(a, ‸) + b\n", 1},
      {"python", "foo([‸)]\n", 0},
      {"python", "foo(\n    a‸)\n", 0},    // opened on another line
      {"python", "foo(\n    a[‸])\n", 1},  // only the inner one
      {"python", "x = (1) ‸)\n", 0},       // closes nothing
      {"python", "foo('‸')\n", 0},         // in a string
      {"python", "foo(  # ‸)\n", 0},       // in a comment
      {"python", "foo(‸)bar\n", 0},        // a word follows
      {"python", "foo(‸ )\n", 0},
      {"python", "foo(‸", 0},
      {"typescript", "const f = () => {‸};\n", 1},
      {"typescript", "`${‸}`", 1},
      {"cpp", "int f() { return g(‸); }\n", 1},
  };
  for (const auto& row : rows) {
    CAPTURE(row.source);
    const Annotated input = annotated(row.language, row.source);
    CHECK(closers_behind(input.snapshot, input.range.begin) == row.count);
  }
}

TEST_CASE("trim_completion: number of lines") {
  const Row rows[] = {
      {"python", "x = ‸", "1\ny = 2\nz = 3", "1", 1},
      {"python", "x = ‸", "1\ny = 2\nz = 3", "1\ny = 2", 2},
      {"python", "x = ‸", "1\ny = 2\nz = 3", "1\ny = 2\nz = 3", 3},
      {"python", "x = ‸", "1", "", 0},
      {"python", "x = ‸", "", "", 3},
      {"python", "x = ‸\n", "1\n\n", "1", 5},
      {"python", "x = ‸\n", "1  \n  ", "1", 5},
      {"python", "s = ‸", "'''a\nb\nc'''", "'''a\nb", 2},
  };
  check(rows);
}

TEST_CASE("trim_completion: leaving the cursor's block ends it") {
  const Row rows[] = {
      {"python", "def f():\n    ‸\n", "return 1\n\ndef g():\n    pass", "return 1"},
      {"python", "def f():\n    a = ‸\n", "1\n    return a\n\nprint(f())", "1\n    return a"},
      {"python", "def f():\n    ‸\n", "if x:\n        y()\n    return 1\nz()",
       "if x:\n        y()\n    return 1"},
      {"python", "def f():‸\n", "\n    return 1\n\ndef g():", "\n    return 1"},
      {"python", "class A:\n    def f(self):‸\n",
       "\n        return 1\n\n    def g(self):", "\n        return 1"},
      {"python", "def f():\n    x = [‸\n", "\n1,\n]\n    y = 2", "\n1,\n]\n    y = 2"},
      {"python", "def f():\n    x = '''‸\n", "a\nb'''\n    y = 2\nz", "a\nb'''\n    y = 2"},
      {"python", "\tif x:\n\t\t‸\n", "y()\n\tz()", "y()"},
      {"cpp", "void f() {\n  ‸\n}\n", "g();\n}\n\nvoid h() {", "g();"},
      {"cpp", "void f() {\n  ‸", "g();\n}\n\nvoid h() {\n}", "g();\n}"},
      {"cpp", "void f() {\n  if (a) {\n    ‸\n", "b();\n  } else {\n    c();\n  }\n  d();",
       "b();\n  } else {"},
      {"typescript", "function f() {\n  ‸\n}\n", "return 1;\n}\nf();", "return 1;"},
  };
  check(rows);
}

TEST_CASE("trim_completion: brackets that the text behind the cursor closes are not closed twice") {
  const Row rows[] = {
      {"python", "foo(‸)\n", "a, b)", "a, b"},
      {"python", "foo(‸)\n", "a, b)\nbar()", "a, b"},
      {"python", "foo(‸)\n", "g(a), [b]", "g(a), [b]"},
      {"python", "foo(‸)\n", "a) + bar(b", "a) + bar(b"},
      {"python", "foo(‸\n", "a, b)", "a, b)"},
      {"python", "x = {'a': [‸]}\n", "1, 2]}", "1, 2"},
      {"python", "x = {'a': [‸}\n", "1, 2]}", "1, 2]"},
      {"python", "def f():\n    return g(‸\n", "a)\n", "a)"},
      {"cpp", "int f() { return g(‸); }\n", "1);", "1"},
      {"cpp", "int f() { return ‸; }\n", "g(1);", "g(1)"},
      {"cpp", "void f() {\n  g(‸\n}\n", "1);\n}\n", "1);"},
      {"cpp", "auto s = R\"(‸)\";\n", "a)b", "a)b"},
      {"javascript", "f(() => {‸})\n", "\n  return 1;\n})", "\n  return 1;"},
      {"javascript", "const a = `x${‸}`;\n", "b}`;", "b"},
      {"typescript", "const a: Array<string> = [‸];\n", "'x', 'y'];", "'x', 'y'"},
      {"c", "int a[] = {‸};\n", "1, 2};\nint b;", "1, 2"},
      {"python", "print(\"(‸\n", "a)\")", "a)\")"},
  };
  check(rows);
}

TEST_CASE("trim_completion: what follows already is not repeated") {
  const Row rows[] = {
      {"python", "a = ‸\nb = 2\n", "1\nb = 2\nc = 3", "1"},
      {"python", "a = 1\n‸\nb = 2\n", "b = 2\nc = 3", ""},
      {"python", "a = 1\n‸\nb = 2\n", "c = 3\nb = 2", "c = 3"},
      {"python", "def f():\n    ‸\n    return x\n", "x = 1\n    return x", "x = 1"},
      {"cpp", "int a = ‸;\n", "1;", "1"},
      {"cpp", "int a = ‸ + b;\n", "c + b;", "c"},
      {"cpp", "int a = ‸b;\n", "ab;", "ab;"},
      {"cpp", "f(‸, b);\n", "a,", "a"},
      {"cpp", "int a = ‸ + b;\n", "c + b", "c + b"},
      {"cpp", "int a = ‸;  // note\n", "1;", "1"},
      {"cpp", "int a = g(‸);\n", "h(1)", "h(1)"},
      {"cpp", "void f() {\n  ‸\n}\n", "if (a) {\n    b();\n  }", "if (a) {\n    b();\n  }"},
  };
  check(rows);
}

TEST_CASE("trim_completion: arbitrary text never makes it read outside or keep too many lines") {
  constexpr std::uint32_t kSeed = 7;
  MESSAGE("seed ", kSeed);
  std::mt19937 random(kSeed);
  constexpr std::string_view kPieces[] = {"(",  ")",    "{",   "}",      "[",  "]",  "\n", "  ",   "\t",
                                          "x",  "'",    "\"",  "`",      "${", "/*", "*/", "//",   "#",
                                          "\\", "R\"(", ")\"", "\"\"\"", "é",  ":",  ";",  "\r\n", "\0"};
  const auto make = [&](int pieces) {
    std::string text;
    for (int i = 0; i < pieces; ++i) text += kPieces[random() % std::size(kPieces)];
    return text;
  };
  for (int round = 0; round < 3000; ++round) {
    const std::string_view language = std::array{"python", "cpp", "typescript"}[random() % 3];
    const Snapshot snapshot{"a", std::string(language), 0, make(static_cast<int>(random() % 40))};
    const ByteOffset cursor{static_cast<std::uint32_t>(random() % (snapshot.text.size() + 1))};
    const std::string completion = make(static_cast<int>(random() % 30));
    const int max_lines = 1 + static_cast<int>(random() % 4);
    const std::size_t kept = trim_completion(snapshot, cursor, completion, max_lines);
    REQUIRE(kept <= completion.size());
    layout_at(snapshot, cursor);
  }
}

TEST_CASE("layout_at") {
  struct LayoutRow {
    std::string_view language;
    std::string_view source;
    std::string_view indent;
    std::string_view open;
    bool in_string;
    bool in_comment;
  };
  const LayoutRow rows[] = {
      {"python", "def f(a, ‸", "", "(", false, false},
      {"python", "  x = [f({‸", "  ", "[({", false, false},
      {"python", "  x = 'a‸'", "  ", "", true, false},
      {"python", "x = 'a'‸", "", "", false, false},
      {"python", "x = 'a\\'‸'", "", "", true, false},
      {"python", "x = '''a\n'b‸", "", "", true, false},
      {"python", "x = 'a\ny = (‸", "", "(", false, false},
      {"python", "# don't (‸", "", "", false, true},
      {"python", "# don't\n(‸", "", "(", false, false},
      {"python", "x = 7 // 2 + (‸", "", "(", false, false},
      {"c", "int a; /* ( ‸ */", "", "", false, true},
      {"c", "\tchar c = '\"'; f(‸", "\t", "(", false, false},
      {"cpp", "auto a = 1'000 + (‸", "", "(", false, false},
      {"cpp", "auto a = R\"x(\" ) ‸)x\";", "", "", true, false},
      {"cpp", "auto a = R\"x(\" ) )x\" + (‸", "", "(", false, false},
      {"javascript", "const a = `x ${b(‸", "", "$(", false, false},
      {"javascript", "const a = `x ${b} ‸`", "", "", true, false},
      {"javascript", "const a = /[/(]'/.test(‸", "", "(", false, false},
      {"javascript", "const a = b / c / (‸", "", "(", false, false},
      {"javascript", "return /'/.test(‸", "", "(", false, false},
      {"typescript", "f(a]‸", "", "(", false, false},
      {"cobol", "f(‸", "", "(", false, false},
  };
  for (const LayoutRow& row : rows) {
    CAPTURE(row.source);
    const Annotated input = annotated(row.language, row.source);
    const Layout layout = layout_at(input.snapshot, input.range.begin);
    CHECK(layout.indent == row.indent);
    CHECK(layout.open_brackets == row.open);
    CHECK(layout.in_string == row.in_string);
    CHECK(layout.in_comment == row.in_comment);
  }
  const Annotated blank = annotated("python", "a\n\n  ‸b");
  CHECK(layout_at(blank.snapshot, blank.range.begin).after_blank_line);
  CHECK(layout_at(blank.snapshot, blank.range.begin).line_is_blank_before);
  const Annotated first = annotated("python", "a‸");
  CHECK_FALSE(layout_at(first.snapshot, first.range.begin).after_blank_line);
  CHECK_FALSE(layout_at(first.snapshot, first.range.begin).line_is_blank_before);
}
