#include "engine/train/diagnostics.h"

#include <doctest/doctest.h>

#include <set>

namespace {

using seedling::diagnostic_for;
using seedling::Random;

TEST_CASE("a message names something close to the text, never a whole right name by chance alone") {
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Random random(seed);
    const std::string message = diagnostic_for("python", "    return total(values)", random);
    REQUIRE(!message.empty());
    seen.insert(message);
  }
  CHECK(seen.size() > 20);
  CHECK(seen.count("'(' was never closed") == 1);
}

TEST_CASE("each language speaks as its compilers do") {
  bool c = false, typescript = false;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Random one(seed), other(seed);
    c |= diagnostic_for("cpp", "return size;", one).find("undeclared identifier") != std::string::npos;
    typescript |=
        diagnostic_for("typescript", "return size;", other).find("Cannot find name") != std::string::npos;
  }
  CHECK(c);
  CHECK(typescript);
}

TEST_CASE("nothing to get wrong, nothing to say") {
  Random random(1);
  CHECK(diagnostic_for("python", "  \n", random).empty());
  CHECK(diagnostic_for("c", "", random).empty());
}

}  // namespace
