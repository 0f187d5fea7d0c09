#include "engine/structure/python_lines.h"

#include <doctest/doctest.h>

#include <string>

using namespace seedling;

namespace {

int problems(std::string_view text) {
  PythonLines lines;
  lines.read(text);
  return lines.problem_count();
}

}  // namespace

TEST_CASE("python lines: what Python indents is read without a problem") {
  for (const std::string_view text : {
           "x = 1\ny = 2\n", "if x:\n    y = 1\n    z = 2\nw = 3\n",
           "if x:\n  if y:\n        z = 1\n  w = 2\n", "def f(a,\n        b):\n    return a\n",
           "x = [\n      1,\n  2]\ny = 1\n", "def f():\n    '''one\n  two\n'''\n    return 1\n",
           "if x:  # comment\n\n# another\n    y = 1\n        # odd\n    z = 1\n",
           "x = 1 + \\\n        2\ny = 3\n", "if a and \\\n   b:\n    c\n", "if x: y = 1\nz = 2\n",
           "class A:\n    x: int = {1: 2}\n\n    def f(self): pass\n", "x = a[1:\n      2]\ny = 1\n",
           "for x in y:\r\n    z\r\n    w\r\n",
           "x = (1 +\n  2)\nfrom y import *\nz = '='\nw = 1  # =\nv = \\\n  1\n",
           "if x:\n\ty = 1\n        z = 1\n",  // what a tab stands for is not known
       }) {
    CAPTURE(text);
    CHECK(problems(text) == 0);
  }
}

TEST_CASE("python lines: lines that cannot stand where they do") {
  CHECK(problems("x = 1\n    y = 2\n") == 1);           // nothing opens a block
  CHECK(problems("if x:\ny = 2\n") == 1);               // the block is missing
  CHECK(problems("if x:\n    y = 1\n  z = 2\n") == 1);  // no block is that wide
  CHECK(problems("def f():\n    if x:\n    y\n") == 1);
  CHECK(problems("x =\ny = 1\n") == 1);  // the operator lacks something
}

TEST_CASE("python lines: what may come next is known where a line begins") {
  PythonLines lines;
  lines.read("def f():\n    for x in y:\n");
  REQUIRE(lines.is_at_line_start());
  CHECK(!lines.may_begin_at(4));
  CHECK(lines.may_begin_at(5));
  lines.read("        z\n");
  for (const int width : {0, 4, 8}) CHECK(lines.may_begin_at(width));
  for (const int width : {1, 6, 12}) CHECK(!lines.may_begin_at(width));
  lines.read("    if a");
  CHECK(!lines.is_at_line_start());
  CHECK(lines.line_width() == 4);
  CHECK(!lines.opens_block());
  lines.read(":");
  CHECK(lines.opens_block());
}

TEST_CASE("python lines: the width of the first line that counts") {
  CHECK(first_line_width("\n# x\n    y = 1\n") == 4);
  CHECK(first_line_width("x") == 0);
  CHECK(first_line_width("\n  \n") == -1);
  CHECK(first_line_width("") == -1);
}
