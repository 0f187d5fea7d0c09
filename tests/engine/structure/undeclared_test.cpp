#include "engine/structure/undeclared.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace seedling;

namespace {

std::string listed(std::string_view language, std::string_view text, const Surroundings& around = {}) {
  const auto problems = undeclared_uses({"a", std::string(language), 0, std::string(text)}, {}, around);
  REQUIRE(problems.ok());
  std::string all;
  for (const SyntaxProblem& problem : *problems)
    all += std::to_string(problem.line) + ":" + std::to_string(problem.column) + " " + problem.message + "\n";
  return all;
}

}  // namespace

TEST_CASE("undeclared_uses: reports what nothing declares") {
  CHECK(listed("python", "x = 1\nprint(y)\n") == "2:7 'y' is not declared\n");
  CHECK(listed("python", "def f(a):\n    return a + bb\n") == "2:16 'bb' is not declared\n");
  CHECK(listed("python", "é = 1; print(z)\n") == "1:14 'z' is not declared\n");
  CHECK(listed("python", "@dec\ndef f(): pass\n") == "1:2 'dec' is not declared\n");
  CHECK(listed("python", "x = os.path.join('a')\n") == "1:5 'os' is not declared\n");
  CHECK(listed("python", "print(f'{abc}')\n") == "1:10 'abc' is not declared\n");
  CHECK(listed("python", "class A:\n    k = 1\n    def m(self): return kk\n") ==
        "3:25 'kk' is not declared\n");
  CHECK(listed("cpp", "int f(int y) { return x + y; }\n") == "1:23 'x' is not declared\n");
  CHECK(listed("c", "int f(int y) { return x + y; }\n") == "1:23 'x' is not declared\n");
  CHECK(listed("javascript", "import a from 'a';\nexport const f = () => a(b);\n") ==
        "2:26 'b' is not declared\n");
  CHECK(listed("typescript", "import a from 'a';\nexport const f = (x: Foo): string => a(x);\n",
               {{}, true}) == "2:22 'Foo' is not declared\n");
  CHECK(listed("typescriptreact", "import a from 'a';\nexport const f = <Foo a={a} />;\n") ==
        "2:19 'Foo' is not declared\n");
  CHECK(listed("rust", "fn f(y: u8) -> u8 { x + y }\n") == "1:21 'x' is not declared\n");
  CHECK(listed("rust", "#[derive(Debug)]\nstruct A;\nfn f(_: A) -> u8 { x }\n") ==
        "3:20 'x' is not declared\n");
  CHECK(listed("rust", "#[tokio::main]\nasync fn main() { x }\n") == "2:19 'x' is not declared\n");
  CHECK(listed("java", "class A { int f(int y) { return x + y; } }\n") == "1:33 'x' is not declared\n");
  CHECK_FALSE(undeclared_uses({"a", "cobol", 0, "x"}).ok());
}

TEST_CASE("undeclared_uses: silent where something may declare the name") {
  const std::string_view sources[] = {
      "import os.path as p, sys\nprint(p, sys)\n",
      "import os.path\nprint(os)\n",
      "from a.b import c, d as e\nprint(c, e)\n",
      "from a import *\nprint(x)\n",
      "globals()['x'] = 1\nprint(x)\n",
      "def f(a, b=1, *c, d: int = 2, **e):\n    return a, b, c, d, e\n",
      "f = lambda a, *b, c=1: (a, b, c)\n",
      "for i, (j, *k) in []:\n    print(i, j, k)\n",
      "[a, [b, c]] = d = 1\nprint(a, b, c, d)\n",
      "with open('a') as (a, b), open('c') as d:\n    print(a, b, d)\n",
      "try:\n    pass\nexcept ValueError as e:\n    print(e)\n",
      "try:\n    pass\nexcept* ValueError as e:\n    print(e)\n",
      "print([a for a in [] if a], {b: c for b, c in []}, (d for d in []))\n",
      "if (n := 1): print(n)\n",
      "def f():\n    global g\n    g = 1\nprint(g)\n",
      "match []:\n    case [a, *b] | {'k': a, **b}:\n        print(a, b)\n    case str(c) as d:\n        "
      "print(c, d)\n"
      "    case list(x=e):\n        print(e)\n    case f:\n        print(f)\n",
      "class A[T]:\n    x: T\n    def m(self): return __class__, self\n",
      "type B[T] = list[T]\nprint(B)\n",
      "def f(x):\n    return later(x)\ndef later(x):\n    return x\n",
      "print(f'{1!r:>{2}}', __name__, __file__)\n",
      "print(f(a=1))\ndef f(a): pass\n",
      "a.b = 1 if (a := 1) else 2\n",
      "x = (\n",
  };
  for (std::string_view source : sources) {
    CAPTURE(source);
    CHECK(listed("python", source) == "");
  }
}

TEST_CASE("undeclared_uses: silent where another file, a macro or a base class may declare the name") {
  struct Row {
    std::string_view language;
    std::string_view source;
  };
  const Row rows[] = {
      {"c", "#include \"a.h\"\nint f(void) { return x; }\n"},
      {"c", "#include <stdio.h>\nint f(void) { return puts(\"a\"); }\n"},
      {"c",
       "int f(int a) {\n#ifdef B\n  return a;\n#elif C > 1\n#endif\n  goto out;\nout:\n  return 1;\n}\n"},
      {"c", "struct a { int x; };\nint f(struct a *p) { return p->x + (struct a){.x = 1}.x; }\n"},
      {"c", "#define M(x) ((x) + y)\nint f(int y) { return M(y); }\n"},
      {"c", "f(a, b) int a; char *b; { return a + *b; }\n"},
      {"c", "int (*g(int a))(char);\nenum e { A, B = A };\nint f(void) { return B + sizeof(enum e); }\n"},
      {"c", "const char *f(void) { return __func__; }\n"},
      {"c", "void f(void) { scale(WIDTH); clear(); }\n"},
      {"cpp", "import a;\nint f() { return x; }\n"},
      {"cpp", "using namespace a;\nint f() { return x; }\n"},
      {"cpp", "class A : B { int f() { return x; } };\n"},
      {"cpp", "template <class T, int N> T f(T (&a)[N]) { return a[N - 1]; }\n"},
      {"cpp", "int f() { auto g = [y = 1](auto... z) { return (z + ... + y); }; return g(1); }\n"},
      {"cpp", "namespace n { struct S {}; void h(S); }\nvoid f() { h(n::S{}); std::g(); }\n"},
      {"cpp", "struct A { int v; int f() const; };\nint A::f() const { return v; }\n"},
      {"javascript", "f(x);\n"},
      {"javascript", "/* global g */\nimport a from 'a';\na(g);\n"},
      {"javascript", "import a from 'a';\nif (typeof g !== 'undefined') a(g);\n"},
      {"javascript", "import a from 'a';\nwith (a) { b; }\n"},
      {"javascript",
       "import a from 'a';\nf(v, w);\nfunction f() { for (var v of [w]) ; }\nvar { w, x: [v] } = a;\n"},
      {"javascript",
       "export { a as b } from 'a';\nl: for (;;) { break l; }\nexport class C { #p = 1; get q() { return "
       "this.#p; } }\n"},
      {"javascript", "import a from 'a';\nexport default <div x={a}>{window.b}<a.C/></div>;\n"},
      {"typescript",
       "import { I } from 'a';\nexport type M<T> = { [K in keyof T]: T[K] extends infer R ? R : I };\n"},
      {"typescript", "export function f<T>(this: Window, [a, { b = 1 }]: T): a is T { return b; }\n"},
      {"typescript",
       "export enum E { A, B = A }\nexport type T = [first: E, second?: typeof f];\ndeclare function f(x: "
       "number): void;\n"},
      {"typescript",
       "export interface A { (x: string): B; [k: string]: B; m<T>(y: T): T }\ninterface B {}\n"},
      {"go", "package a\n\nfunc f() int { return x }\n"},
      {"rust", "use a::*;\nfn f() -> u8 { x }\n"},
      {"rust", "fn f() { local! { static KEY: u8 = 1; }\n KEY.with(); }\n"},
      {"rust", "#[derive(Debug, Events)]\nstruct A;\nfn f() -> AEvent { x }\n"},
      {"rust", "#[cxx::bridge]\nmod ffi { extern \"C++\" { fn f(name: CxxString); } }\n"},
      {"rust", "make!();\nfn f() -> u8 { x }\n"},
      {"rust",
       "fn f(p: P) -> u8 { match p { P { x, y: Some(z) } if x > 0 => x + z, n => { g!(q, n); 1 } } }\nstruct "
       "P { x: u8 }\n"},
      {"java", "class A extends B { int f() { return x; } }\n"},
      {"java", "class A { Object f() { return new B() { int g() { return x; } }; } }\n"},
      {"java",
       "class A { int f(Object o) { if (!(o instanceof String s)) return 0; return s.length() + B.c; } }\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.source);
    CHECK(listed(row.language, row.source) == "");
  }
}

TEST_CASE("undeclared_uses: a header is not judged") {
  const std::string text = "inline int f() { return x; }\n";
  CHECK(undeclared_uses({"a.h", "cpp", 0, text})->empty());
  CHECK(undeclared_uses({"a.cpp", "cpp", 0, text})->size() == 1);
}

TEST_CASE("undeclared_uses: names of other files count once they are known") {
  const Snapshot go{"a.go", "go", 0, "package a\n\nfunc f() int { return x + y }\n"};
  const auto problems = undeclared_uses(go, {}, Surroundings{{name_key("x")}, true});
  REQUIRE(problems.ok());
  REQUIRE(problems->size() == 1);
  CHECK(problems->front().message == "'y' is not declared");
  CHECK(undeclared_uses(go, {}, Surroundings{{name_key("x")}, false})->empty());
}

TEST_CASE("undeclared_uses: the Python library has none") {
  const std::filesystem::path library = "/usr/lib/python3.11";
  if (!std::filesystem::exists(library / "argparse.py")) {
    MESSAGE("no Python library at " << library.string() << ": skipped");
    return;
  }
  for (std::string_view name :
       {"argparse.py", "ast.py", "calendar.py", "contextlib.py", "dataclasses.py", "enum.py", "functools.py",
        "inspect.py", "random.py", "shlex.py", "statistics.py", "typing.py"}) {
    std::ifstream file(library / name, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    CAPTURE(name);
    CHECK(listed("python", text.str()) == "");
  }
}
