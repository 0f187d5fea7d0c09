#include "engine/structure/undeclared.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace seedling;

namespace {

std::string listed(std::string_view language, std::string_view text) {
  const auto problems = undeclared_uses({"a", std::string(language), 0, std::string(text)});
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
  CHECK(listed("cpp", "int f() { return x; }\n").empty());
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
