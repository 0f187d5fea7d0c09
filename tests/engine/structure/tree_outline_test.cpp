#include "engine/structure/tree_outline.h"

#include <doctest/doctest.h>

using namespace seedling;

namespace {

TreeOutline outline(const std::string& text, const std::string& language = "cpp") {
  const Result<TreeOutline> made = tree_outline(text, language);
  REQUIRE(made.ok());
  return *made;
}

}  // namespace

TEST_CASE("tree outline: every node is entered and left") {
  const TreeOutline made = outline("int x;");
  CHECK(made.events.size() % 2 == 0);
  CHECK(made.events.front() + 1 == made.events.back());
  CHECK(made.errors == 0);
  CHECK(outline("int x = ) (;").errors > 0);
  CHECK(tree_outline("x", "klingon").error().code == ErrorCode::unsupported);
}

TEST_CASE("tree outline: a whole statement only adds, a torn or closing one changes") {
  const auto with = [](const std::string& middle) {
    return outline("void f() { g(); " + middle + " g(); }");
  };
  const TreeOutline empty = with("");
  CHECK(adds_only(empty, with("int y = 2;"), 0));
  CHECK(adds_only(empty, with("g();"), 0));  // the same as its neighbours
  CHECK(adds_only(empty, with("if (a) { g(); }"), 0));
  CHECK(!adds_only(with("return 1;"), with("return a;"), 0));
  CHECK(!adds_only(with("int y;"), empty, 0));
}

TEST_CASE("tree outline: Python's pass gives way") {
  const auto with = [](const std::string& body) {
    return outline("for i in a:\n    " + body + "\n", "python");
  };
  const TreeOutline empty = with("pass");
  CHECK(adds_only(empty, with("x = i"), kOutlineOfPass));
  CHECK(adds_only(empty, with("pass"), kOutlineOfPass));
  CHECK(!adds_only(empty, outline("for i in a:\n    x\nprint()\n", "python"), 0));
}
