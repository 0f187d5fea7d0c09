#include "engine/sampler/score.h"

#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <set>
#include <vector>

#include "engine/model/row_answer.h"
#include "engine/sampler/rng.h"

using namespace seedling;

namespace {

TokenSet everything(int vocab) {
  TokenSet set(vocab);
  for (TokenId token = 0; token < vocab; ++token) set.insert(token);
  return set;
}

double exact_log_probability(const std::vector<float>& row, int token) {
  double top = -1e300, sum = 0;
  for (const float value : row) top = std::max(top, static_cast<double>(value));
  for (const float value : row) sum += std::exp(value - top);
  return row[token] - top - std::log(sum);
}

}  // namespace

TEST_CASE("score: a forbidden token is never proposed or drawn") {
  std::mt19937 random(7);
  MESSAGE("seed 7");
  constexpr int kVocab = 37;
  std::vector<float> row(kVocab);
  for (int round = 0; round < 100'000; ++round) {
    for (float& value : row) value = static_cast<float>(random() % 2000) / 100.0f - 10.0f;
    TokenSet allowed(kVocab);
    for (int i = 0; i < 3; ++i) allowed.insert(static_cast<TokenId>(random() % kVocab));
    RowQuery query;
    query.allowed = allowed.words();
    if (!allowed.contains(answer_row(row, query).token)) FAIL("proposed a forbidden token in round ", round);
    if (!allowed.contains(draw(0, row, allowed, 1.0f, round, 0).token))
      FAIL("drew a forbidden token in round ", round);
  }
}

TEST_CASE("score: draws follow the softmax, and the same seed draws the same") {
  const std::vector<float> row = {0, 1, 2, -1};
  const TokenSet all = everything(4);
  std::vector<int> count(4, 0);
  constexpr int kDraws = 20'000;
  for (int seed = 0; seed < kDraws; ++seed) {
    const Proposal proposal = draw(2, row, all, 1.0f, seed, 5);
    CHECK(proposal.token == draw(2, row, all, 1.0f, seed, 5).token);
    ++count[proposal.token];
  }
  for (int token = 0; token < 4; ++token) {
    const double p = std::exp(exact_log_probability(row, token));
    const double sigma = std::sqrt(p * (1 - p) / kDraws);
    CHECK(std::abs(count[token] / static_cast<double>(kDraws) - p) < 4 * sigma);
  }
}

TEST_CASE("score: of several draws none is drawn twice, and the best token is none of them") {
  const std::vector<float> row = {0, 1, 2, -1, std::nanf(""), 3};
  TokenSet allowed = everything(6);
  for (int seed = 0; seed < 200; ++seed) {
    const std::vector<TokenId> drawn = draw_others(2, row, allowed, 0.8f, seed, 5, 5, 4);
    CHECK(std::set<TokenId>(drawn.begin(), drawn.end()) == std::set<TokenId>{0, 1, 2, 3});
    CHECK(draw_others(2, row, allowed, 0.8f, seed, 5, 5, 9) == drawn);  // there are no more
    CHECK(draw_others(2, row, allowed, 0.8f, seed, 5, 5, 1).front() == drawn.front());
  }
}

TEST_CASE("score: what is drawn first follows the softmax of the others") {
  const std::vector<float> row = {0, 1, 5, -1}, others = {0, 1, -1};
  constexpr int kDraws = 20'000;
  int count = 0;
  for (int seed = 0; seed < kDraws; ++seed)
    count += draw_others(2, row, everything(4), 1.0f, seed, 5, 2, 1).front() == 1 ? 1 : 0;
  const double p = std::exp(exact_log_probability(others, 1));
  CHECK(std::abs(count / static_cast<double>(kDraws) - p) < 4 * std::sqrt(p * (1 - p) / kDraws));
}

TEST_CASE("rng: numbers lie inside (0, 1) and depend on every counter") {
  for (int i = 0; i < 10'000; ++i) {
    const float value = uniform(1, 2, 3, i);
    if (!(value > 0 && value < 1)) FAIL("out of range at ", i);
  }
  const float base = uniform(1, 2, 3, 4);
  CHECK(base == uniform(1, 2, 3, 4));
  CHECK(base != uniform(2, 2, 3, 4));
  CHECK(base != uniform(1, 3, 3, 4));
  CHECK(base != uniform(1, 2, 4, 4));
  CHECK(base != uniform(1, 2, 3, 5));
}
