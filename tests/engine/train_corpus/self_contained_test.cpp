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


def leans_on_the_module(values):
    if len(values) > LIMIT:
        return None
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

TEST_CASE("functions that need nothing but the language and plain modules, with their imports") {
  const std::vector<std::string> functions = self_contained_functions(kModule, "python");
  REQUIRE(functions.size() == 2);
  CHECK(functions[0].starts_with("import math\n\n\ndef area(sides, scale=1):\n"));
  CHECK(functions[0].ends_with("    return total\n"));
  CHECK(functions[1].starts_with("def outer(values):\n"));  // with what is in it, and not that alone
}

TEST_CASE("other languages too, as far as they have scopes") {
  const std::vector<std::string> functions = self_contained_functions(R"(const limit = 3;
function clamp(value, low, high) {
  if (value < low) return low;
  if (value > high) return high;
  return value;
}
function leans(value) {
  if (value < limit)
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
