#include "engine/structure/hole_names.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "engine/structure/document_tree.h"

using namespace seedling;

namespace {

// '^' stands where the hole is.
HoleNames names_in(std::string marked, std::string_view language, std::vector<Neighbour> around = {}) {
  const std::size_t at = marked.find('^');
  marked.erase(at, 1);
  DocumentTree tree = DocumentTree::open(marked, language).value();
  return tree.names_around({static_cast<std::uint32_t>(at)}, {}, around).value();
}

Neighbour neighbour(std::string_view path, std::string_view language, std::string_view text,
                    bool is_beside = true) {
  const ScopeTable table = scopes_of(text, language).value();
  return {std::make_shared<const Exports>(exports_of(table, text, path)), is_beside};
}

std::string members_of(const HoleNames& names, std::string_view object) {
  std::string all;
  for (const Receiver& receiver : names.receivers)
    if (receiver.object == object)
      for (const std::string& member : receiver.members) all += (all.empty() ? "" : " ") + member;
  return all;
}

}  // namespace

TEST_CASE("hole names: members of self and this") {
  const std::string python =
      "class A:\n    size = 1\n    def __init__(self):\n        self.count = 0\n    def f(self):\n        "
      "return self.^\n";
  CHECK(members_of(names_in(python, "python"), "self") == "__init__ count f size");
  CHECK(members_of(
            names_in("class A {\n  f() { this.count = 1; }\n  g() { return this.^; }\n}\n", "javascript"),
            "this") == "count f g");
  CHECK(members_of(names_in("def f(x):\n    return ^\n", "python"), "self").empty());
}

TEST_CASE("hole names: members of a variable whose class the text declares") {
  const std::string python = "class A:\n    def go(self): pass\n\n";
  CHECK(members_of(names_in(python + "a = A()\na.^\n", "python"), "a") == "go");
  CHECK(members_of(names_in(python + "def f(a: A):\n    a.^\n", "python"), "a") == "go");
  const std::string script = "class A { go() {} }\n";
  CHECK(members_of(names_in(script + "const a = new A();\na.^;\n", "javascript"), "a") == "go");
  CHECK(members_of(names_in(python + "a = B()\na.^\n", "python"), "a").empty());
}

TEST_CASE("hole names: members that the text names elsewhere behind the same word") {
  const HoleNames names = names_in("import os\nos.path\nos.getcwd()\nx.y.z\nos.^\n", "python");
  CHECK(members_of(names, "os") == "getcwd path");
  CHECK(members_of(names, "x") == "y");
  CHECK(members_of(names, "y").empty());  // a member itself
}

TEST_CASE("hole names: members of what is imported from a neighbour") {
  const std::vector<Neighbour> shapes = {neighbour(
      "pkg/shapes.py", "python",
      "class Circle:\n    def __init__(self):\n        self.radius = 1\n\ndef area(): pass\nclass Hue:\n    "
      "RED = 1\n")};
  const auto members = [&](const std::string& text, std::string_view object) {
    return members_of(names_in(text, "python", shapes), object);
  };
  CHECK(members("from pkg.shapes import Circle\nc = Circle()\nc.^\n", "c") == "__init__ radius");
  CHECK(members("from .shapes import Circle as Round\ndef f(c: Round):\n    c.^\n", "c") ==
        "__init__ radius");
  CHECK(members("from .shapes import Hue\nHue.^\n", "Hue") == "RED");
  CHECK(members("from . import shapes\nshapes.^\n", "shapes") == "Circle Hue area");
  CHECK(members("import shapes as s\ns.^\n", "s") == "Circle Hue area");
  CHECK(members("import shapes\nc = shapes.Circle()\nc.^\n", "c") == "__init__ radius");
  CHECK(members("from other import Circle\nc = Circle()\nc.^\n", "c").empty());
  CHECK(members("from shapes import area\nc = Circle()\nc.^\n", "c").empty());
  const HoleNames all = names_in("from shapes import *\nx = ^\n", "python", shapes);
  CHECK(std::ranges::binary_search(all.names, "area"));
  CHECK(!std::ranges::binary_search(names_in("import shapes\nx = ^\n", "python", shapes).names, "area"));
}

TEST_CASE("hole names: what neighbours share in other languages") {
  const std::vector<Neighbour> script = {neighbour(
      "src/shapes.ts", "typescript", "export class Circle { radius = 1; }\nexport const one = 1;\n")};
  const auto members = [&](const std::string& text, std::string_view object) {
    return members_of(names_in(text, "typescript", script), object);
  };
  CHECK(members("import { Circle } from './shapes';\nconst c = new Circle();\nc.^;\n", "c") == "radius");
  CHECK(members("import * as s from './shapes';\ns.^;\n", "s") == "Circle one");
  CHECK(members("import * as s from './other'; // shapes are elsewhere\ns.^;\n", "s") == "Circle one");
  CHECK(members("// shapes\nimport * as s from './other';\ns.^;\n", "s").empty());

  const std::string_view go = "package a\ntype Circle struct { radius int }\nfunc area() {}\n";
  const auto names = [&](bool is_beside) {
    const std::vector<Neighbour> around = {neighbour("a/x.go", "go", go, is_beside)};
    return names_in("package a\nfunc f() {\n\tc := Circle{}\n\tc.^\n}\n", "go", around);
  };
  CHECK(std::ranges::binary_search(names(true).names, "area"));
  CHECK(members_of(names(true), "c") == "radius");
  CHECK(!std::ranges::binary_search(names(false).names, "area"));

  const std::vector<Neighbour> header = {
      neighbour("src/shape.h", "cpp", "namespace n {\nstruct Shape { int sides; };\nint area();\n}\n")};
  const HoleNames included = names_in("#include \"shape.h\"\nvoid f(n::Shape s) { s.^; }\n", "cpp", header);
  CHECK(std::ranges::binary_search(included.names, "area"));
  CHECK(members_of(included, "s") == "sides");
  const HoleNames not_included = names_in("#include \"b.h\"\nvoid f(n::Shape s) { s.^; }\n", "cpp", header);
  CHECK(members_of(not_included, "s").empty());
}

TEST_CASE("hole names: all of them are known in a closed scope only") {
  CHECK(names_in("def f(a):\n    return ^\n", "python").are_all);
  const HoleNames open = names_in("from a import *\ndef f(a):\n    return ^\n", "python");
  CHECK(!open.are_all);
  CHECK(std::ranges::binary_search(open.names, "a"));
}
