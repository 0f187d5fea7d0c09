#include "engine/train/trajectory_states.h"

#include <doctest/doctest.h>

#include <map>

namespace {

using namespace seedling;

TEST_CASE("a block's states are named by the steps that committed something") {
  const std::vector<int> steps = {4, 4, 6, 5, 4};
  const BlockStates states(steps, false);
  CHECK(states.states() == std::vector<int>{4, 5, 6});
  CHECK(states.weights() == std::vector<double>{1, 1, 1});
  CHECK(states.first() == 4);
}

TEST_CASE("pushing apart: states that are near to others are learnt from more often") {
  // One big step, then three small ones: certain tokens 0, 5, 6, 7, and 8 at the end.
  const std::vector<int> steps = {0, 0, 0, 0, 0, 1, 2, 3};
  const BlockStates states(steps, true);
  REQUIRE(states.weights().size() == 4);
  CHECK(states.weights()[0] == doctest::Approx(1.0 / 5 + 1.0 / 6 + 1.0 / 7 + 1.0 / 8));
  CHECK(states.weights()[2] == doctest::Approx(1.0 / 6 + 1 + 1 + 1.0 / 2));
  CHECK(states.weights()[2] > states.weights()[0]);
}

TEST_CASE("states are picked by their weights, and always one of them") {
  const std::vector<int> steps = {0, 0, 1};
  for (const bool pushes_apart : {false, true}) {
    const BlockStates states(steps, pushes_apart);
    std::map<int, int> picked;
    for (int i = 0; i < 1000; ++i) ++picked[states.pick(i / 1000.0)];
    REQUIRE(picked.size() == 2);
    const double share = states.weights()[0] / (states.weights()[0] + states.weights()[1]);
    CHECK(picked[0] / 1000.0 == doctest::Approx(share).epsilon(0.01));
    CHECK(states.pick(0.9999999) == 1);
  }
}

}  // namespace
