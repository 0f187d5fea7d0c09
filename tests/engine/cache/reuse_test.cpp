#include "engine/cache/reuse.h"

#include <doctest/doctest.h>

#include <vector>

using namespace seedling;

TEST_CASE("reuse: the longest common prefix") {
  const auto check = [](std::vector<TokenId> cached, std::vector<TokenId> wanted, int expected) {
    CHECK(reusable_length(cached, wanted) == expected);
    CHECK(reusable_length(wanted, cached) == expected);
  };
  check({}, {}, 0);
  check({1, 2, 3}, {}, 0);
  check({1, 2, 3}, {1, 2, 3}, 3);
  check({1, 2, 3}, {1, 2, 4}, 2);
  check({1, 2, 3}, {1, 2}, 2);
  check({1, 2, 3}, {2, 2, 3}, 0);
}
