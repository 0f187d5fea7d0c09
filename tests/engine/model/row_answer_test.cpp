#include "engine/model/row_answer.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

using namespace seedling;

namespace {

double exact_log_probability(const std::vector<float>& row, int token) {
  double top = -1e300, sum = 0;
  for (const float value : row) top = std::max(top, static_cast<double>(value));
  for (const float value : row) sum += std::exp(value - top);
  return row[token] - top - std::log(sum);
}

RowAnswer ask(std::vector<float> row, std::uint64_t allowed = ~std::uint64_t{0}, TokenId target = -1) {
  RowQuery query;
  query.allowed = &allowed;
  query.target = target;
  return answer_row(row, query);
}

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

}  // namespace

TEST_CASE("row answer: confidence is higher for a peaked row than for a flat one, entropy lower") {
  std::vector<float> flat(64, 0.0f), peaked(64, 0.0f);
  peaked[5] = 8;
  CHECK(ask(peaked).confidence > 0.9f);
  CHECK(ask(peaked).token == 5);
  CHECK(ask(peaked).entropy < 0.3f);
  CHECK(ask(flat).confidence == doctest::Approx(1.0 / 64).epsilon(1e-4));
  CHECK(ask(flat).entropy == doctest::Approx(std::log(64.0)).epsilon(1e-4));
}

TEST_CASE("row answer: the best of the preferred tokens is told beside the best of all") {
  std::vector<float> row(64, 0.0f);
  row[5] = 8;
  row[7] = 6;
  const std::uint64_t some = std::uint64_t{1} << 7 | std::uint64_t{1} << 9, none = 0;
  RowQuery query;
  query.preferred = &some;
  const RowAnswer answer = answer_row(row, query);
  CHECK(answer.token == 5);
  CHECK(answer.preferred == 7);
  CHECK(answer.preferred_confidence ==
        doctest::Approx(std::exp(exact_log_probability(row, 7))).epsilon(1e-4));
  query.preferred = &none;
  CHECK(answer_row(row, query).preferred == -1);
}

TEST_CASE("row answer: probabilities agree with double precision at every width") {
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
      RowQuery query;
      query.target = token;
      CHECK(std::abs(answer_row(row, query).target_log_probability - expected) < 1e-4);
      CHECK(std::abs(logs[token] - expected) < 1e-4);
    }
  }
}

TEST_CASE("row answer: the best allowed token wins, its confidence counts the forbidden ones") {
  const std::vector<float> row = {5, 1, 3, 2};
  const RowAnswer answer = ask(row, 0b1010);
  CHECK(answer.token == 3);
  CHECK(std::abs(answer.confidence - std::exp(exact_log_probability(row, 3))) < 1e-5);
  CHECK(ask(row, 0).token == -1);
  CHECK(ask(row, 0).confidence == 0);
}

TEST_CASE("row answer: NaN and infinity never win and never spread") {
  CHECK(ask({kNan, 1, 2}).token == 2);
  CHECK(ask({kNan, 1, 2}).confidence == doctest::Approx(0.731).epsilon(1e-3));
  CHECK(ask({1, -kInfinity, 2}).token == 2);
  CHECK(ask({kNan, kNan}).token == 0);
  CHECK(ask({kNan, kNan}).confidence == 0);
  CHECK(ask({-kInfinity, -kInfinity}, 0b10).token == 1);
  CHECK(ask({-kInfinity, -kInfinity}, 0b10).confidence == 0);
  CHECK(ask({1, kNan}, 0b10).confidence == 0);
  CHECK(std::isinf(ask({kNan, 1}, ~std::uint64_t{0}, 0).target_log_probability));
}
