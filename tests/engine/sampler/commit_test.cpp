#include "engine/sampler/commit.h"

#include <doctest/doctest.h>

#include <random>
#include <vector>

#include "engine/sampler/canvas.h"

using namespace seedling;

namespace {

void check(std::vector<float> confidences, float threshold, std::vector<int> expected) {
  std::vector<Proposal> proposals;
  for (std::size_t i = 0; i < confidences.size(); ++i) {
    // A negative confidence stands for a position where nothing is allowed.
    proposals.push_back({static_cast<int>(i), confidences[i] < 0 ? -1 : 1, confidences[i]});
  }
  std::vector<int> positions;
  for (const Proposal& chosen : choose_commits(proposals, threshold)) positions.push_back(chosen.position);
  CHECK(positions == expected);
}

}  // namespace

TEST_CASE("commit: everything sure, else the leftmost") {
  check({0.95f, 0.5f, 0.99f}, 0.9f, {2, 0});
  check({0.1f, 0.3f, 0.2f}, 0.9f, {0});
  check({0.1f, 0.3f, 0.89f}, 0.9f, {0});  // one <end> behind another is always nearly sure
  check({0.95f, 0.95f}, 0.9f, {0, 1});    // ties go to the lower position
  check({0.9f}, 0.9f, {0});               // the threshold itself is sure enough
  check({-1.0f, 0.2f}, 0.9f, {1});
  check({-1.0f}, 0.9f, {});
  check({}, 0.9f, {});
}

TEST_CASE("commit: below, a run from the left as far as it is likely to be right as a whole") {
  check({0.8f, 0.7f, 0.9f, 0.99f}, 0.5f, {3, 2, 0, 1});  // 0.56 together, 0.504 with the third
  check({0.8f, 0.7f, 0.8f, 0.7f}, 0.5f, {0, 1});
  check({0.8f, 0.5f, 0.95f, 0.8f}, 0.5f, {2, 0});  // what is nearly certain is committed wherever it stands
  check({0.4f, 0.8f, 0.8f}, 0.5f, {0});  // nothing to the right of a doubt, the doubt itself at least
  check({0.8f, -1.0f, 0.8f}, 0.5f, {0});
  check({0.2f, 0.3f}, 0, {1, 0});  // no bound at all
}

TEST_CASE("commit: at least one per step, and all that are sure") {
  std::mt19937 random(99);
  MESSAGE("seed 99");
  for (int round = 0; round < 1000; ++round) {
    std::vector<Proposal> proposals(1 + random() % 20);
    std::size_t sure = 0;
    for (std::size_t i = 0; i < proposals.size(); ++i) {
      proposals[i] = {static_cast<int>(i), 1, static_cast<float>(random() % 1000) / 1000.0f};
      sure += proposals[i].confidence >= 0.9f;
    }
    const std::vector<Proposal> chosen = choose_commits(proposals, 0.9f);
    REQUIRE(!chosen.empty());
    CHECK(chosen.size() == std::max<std::size_t>(sure, 1));
    if (sure == 0) CHECK(chosen.front().position == 0);
    for (std::size_t i = 1; i < chosen.size(); ++i) CHECK(chosen[i].confidence <= chosen[i - 1].confidence);
  }
}

TEST_CASE("canvas: committing <end> cuts off what stands behind it") {
  Canvas canvas{.mask = 2, .end = 1};
  open_block(canvas, 4);
  CHECK(canvas.size() == 4);
  CHECK(first_masked(canvas) == 0);
  commit(canvas, 1, 50, 0.5f);
  CHECK(first_masked(canvas) == 0);
  CHECK(!canvas.ended());
  commit(canvas, 2, 1, 0.9f);
  CHECK(canvas.size() == 3);
  CHECK(canvas.ended());
  commit(canvas, 0, 51, 0.8f);
  CHECK(first_masked(canvas) == canvas.size());
  CHECK(canvas.tokens == std::vector<TokenId>{51, 50, 1});
}

TEST_CASE("canvas: a new block starts after the finished ones") {
  Canvas canvas{.mask = 2, .end = 1};
  open_block(canvas, 2);
  commit(canvas, 0, 50, 1);
  commit(canvas, 1, 51, 1);
  open_block(canvas, 3);
  CHECK(canvas.block_begin == 2);
  CHECK(canvas.block().size() == 3);
  CHECK(first_masked(canvas) == 2);
}
