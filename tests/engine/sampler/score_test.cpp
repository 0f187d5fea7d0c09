#include "engine/sampler/score.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "engine/sampler/rng.h"

using namespace seedling;

namespace {

TokenSet set_of(int vocab, std::initializer_list<TokenId> tokens) {
  TokenSet set(vocab);
  for (const TokenId token : tokens) set.insert(token);
  return set;
}

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

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

}  // namespace

TEST_CASE("score: confidence is higher for a peaked row than for a flat one") {
  const TokenSet all = everything(64);
  std::vector<float> flat(64, 0.0f), peaked(64, 0.0f);
  peaked[5] = 8;
  CHECK(propose(0, peaked, all).confidence > 0.9f);
  CHECK(propose(0, flat, all).confidence == doctest::Approx(1.0 / 64).epsilon(1e-4));
  CHECK(propose(3, peaked, all).token == 5);
  CHECK(propose(3, peaked, all).position == 3);
}

TEST_CASE("score: probabilities agree with double precision at every width") {
  std::mt19937 random(20261123);
  MESSAGE("seed 20261123");
  std::normal_distribution<float> normal(0, 4);
  for (const int vocab : {1, 2, 15, 16, 17, 31, 33, 127, 320, 4096, 16384}) {
    std::vector<float> row(vocab);
    for (float& value : row) value = normal(random);
    std::vector<float> logs(vocab);
    log_softmax(row, logs);
    for (const int token : {0, vocab / 2, vocab - 1}) {
      const double expected = exact_log_probability(row, token);
      CHECK(std::abs(log_probability(row, token) - expected) < 1e-4);
      CHECK(std::abs(logs[token] - expected) < 1e-4);
    }
  }
}

TEST_CASE("score: the best allowed token wins, its confidence counts the forbidden ones") {
  const std::vector<float> row = {5, 1, 3, 2};
  const Proposal proposal = propose(0, row, set_of(4, {1, 3}));
  CHECK(proposal.token == 3);
  CHECK(std::abs(proposal.confidence - std::exp(exact_log_probability(row, 3))) < 1e-5);
  CHECK(propose(0, row, TokenSet(4)).token == -1);
}

TEST_CASE("score: NaN and infinity never win and never spread") {
  CHECK(propose(0, std::vector<float>{kNan, 1, 2}, everything(3)).token == 2);
  CHECK(propose(0, std::vector<float>{kNan, 1, 2}, everything(3)).confidence ==
        doctest::Approx(0.731).epsilon(1e-3));
  CHECK(propose(0, std::vector<float>{1, -kInfinity, 2}, everything(3)).token == 2);
  const Proposal nothing = propose(0, std::vector<float>{kNan, kNan}, everything(2));
  CHECK(nothing.token == 0);
  CHECK(nothing.confidence == 0);
  const Proposal silent = propose(0, std::vector<float>{-kInfinity, -kInfinity}, set_of(2, {1}));
  CHECK(silent.token == 1);
  CHECK(silent.confidence == 0);
  CHECK(std::isinf(log_probability(std::vector<float>{kNan, 1}, 0)));
}

TEST_CASE("score: a forbidden token is never proposed or drawn") {
  std::mt19937 random(7);
  MESSAGE("seed 7");
  constexpr int kVocab = 37;
  std::vector<float> row(kVocab);
  for (int round = 0; round < 100'000; ++round) {
    for (float& value : row) value = static_cast<float>(random() % 2000) / 100.0f - 10.0f;
    TokenSet allowed(kVocab);
    for (int i = 0; i < 3; ++i) allowed.insert(static_cast<TokenId>(random() % kVocab));
    if (!allowed.contains(propose(0, row, allowed).token))
      FAIL("proposed a forbidden token in round ", round);
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
