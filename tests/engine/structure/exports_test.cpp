#include "engine/structure/exports.h"

#include <doctest/doctest.h>

using namespace seedling;

namespace {

Exports exports_in(std::string_view path, std::string_view language, std::string_view text) {
  return exports_of(scopes_of(text, language).value(), text, path);
}

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("exports: the outermost names and the members of types") {
  const Exports python =
      exports_in("pkg/shapes.py", "python",
                 "import os\nLIMIT = 3\n\ndef area(side):\n    local = side\n    return local\n\n"
                 "class Circle:\n    sides = 0\n    def grow(self):\n        self.radius = 1\n");
  CHECK(python.module == "shapes");
  CHECK(python.file == "shapes.py");
  CHECK(python.names == Words{"Circle", "LIMIT", "area"});
  REQUIRE(python.types.size() == 1);
  CHECK(python.types[0].name == "Circle");
  CHECK(python.types[0].members == Words{"grow", "radius", "sides"});
  CHECK(python.outline ==
        "LIMIT = 3\ndef area(side):\nclass Circle:\n    sides = 0\n    def grow(self):\n"
        "        self.radius = 1\n");
  CHECK(mentions("from pkg.shapes import area\n", python));
  CHECK(!mentions("import reshapes\n", python));

  const Exports header = exports_in("shape.h", "cpp", "namespace n {\nstruct A { int b; };\n}\nint c();\n");
  CHECK(header.names == Words{"A", "c", "n"});
  REQUIRE(header.types.size() == 1);
  CHECK(header.types[0].members == Words{"b"});
}

TEST_CASE("exports: a file that stands for its folder goes by its name") {
  CHECK(exports_in("lib/shapes/__init__.py", "python", "").module == "shapes");
  CHECK(exports_in("lib/shapes/index.ts", "typescript", "").module == "shapes");
  CHECK(exports_in("lib/shapes/area.go", "go", "package shapes\n").module == "shapes");
  CHECK(exports_in("area.go", "go", "package shapes\n").module.empty());
  CHECK(exports_in("src/a.test.ts", "typescript", "").module == "a");
}
