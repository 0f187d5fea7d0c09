#include "engine/structure/hole_names.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "engine/structure/document_tree.h"

using namespace seedling;

namespace {

// '^' stands where the hole is.
HoleNames names_in(std::string marked, std::string_view language) {
  const std::size_t at = marked.find('^');
  marked.erase(at, 1);
  DocumentTree tree = DocumentTree::open(marked, language).value();
  return tree.names_around({static_cast<std::uint32_t>(at)}).value();
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

TEST_CASE("hole names: all of them are known in a closed scope only") {
  CHECK(names_in("def f(a):\n    return ^\n", "python").are_all);
  const HoleNames open = names_in("from a import *\ndef f(a):\n    return ^\n", "python");
  CHECK(!open.are_all);
  CHECK(std::ranges::binary_search(open.names, "a"));
}
