#include "engine/train/corpus/self_contained.h"

#include <doctest/doctest.h>

using namespace seedling;

namespace {

constexpr std::string_view kModule = R"(import math
import numpy
from collections import (
    Counter)
from . import helpers
from .math import root

LIMIT = 10


def area(sides, scale=1):
    """Of a polygon."""
    total = 0
    for side in sides:
        total += math.sqrt(side) * scale
    return total


def shorten(values):
    if len(values) > LIMIT:
        return values[:LIMIT]
    return values


def brings_two_along(values):
    for value in shorten(values):
        if value:
            return area(value)
    return None


def leans_on_a_class(values):
    if values is None:
        return Shape()
    return values


def leans_on_its_package(values):
    for value in values:
        return root(value)
    return None


def leans_on_another_package(values):
    if values is None:
        return None
    return numpy.sum(values)


def decides_nothing(values):
    """Long enough,
    but plain."""
    return values


class Shape:
    def method(self, sides):
        for side in sides:
            self.total += side
        return self.total


def outer(values):
    def inner(value):
        if value:
            return value
        return 0
    return [inner(value) for value in values if value]
)";

}  // namespace

TEST_CASE("functions that need nothing but the language and plain modules, with what they need beside them") {
  const std::vector<std::string> functions = self_contained_functions(kModule, "python");
  REQUIRE(functions.size() == 2);
  // What came along, in the order of the file, is no text of its own.
  CHECK(functions[0].starts_with("import math\n\nLIMIT = 10\n\n\ndef area(sides, scale=1):\n"));
  CHECK(functions[0].find("    return total\n\n\ndef shorten(values):\n") != std::string::npos);
  CHECK(functions[0].ends_with("            return area(value)\n    return None\n"));
  CHECK(functions[1].starts_with("def outer(values):\n"));  // with what is in it, and not that alone
}

TEST_CASE("a function that repeats itself, or needs a name that two things have") {
  const std::vector<std::string> functions = self_contained_functions(R"(if fast:
    def step(n):
        return n - 1
else:
    def step(n):
        return n - 2


def leans(n):
    if n:
        return step(n)
    return 0


def falls(n):
    if n:
        return falls(n - 1)
    return 0
)",
                                                                      "python");
  REQUIRE(functions.size() == 1);
  CHECK(functions[0].starts_with("def falls(n):\n"));
}

TEST_CASE("other languages too, as far as they have scopes") {
  const std::vector<std::string> functions = self_contained_functions(R"(const limit = 3;
function clamp(value, low, high) {
  if (value < low) return low;
  if (value > high) return high;
  return value;
}
function leans(value) {
  if (value < limits.low)
    return value;
  return 0;
}
)",
                                                                      "javascript");
  REQUIRE(functions.size() == 1);
  CHECK(functions[0].starts_with("function clamp("));
  CHECK(functions[0].ends_with("}\n"));
  CHECK(self_contained_functions("anything", "plaintext").empty());
}
