// The kernels against naive double-precision loops over awkward sizes, in every instruction set of this
// machine.
#include "kernels/ops.h"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "kernels/cpu/loops.h"
#include "tests/support/close.h"
#include "tests/support/random.h"

namespace seedling::kernels {
namespace {

using test::require_close;

std::vector<float> random_values(std::mt19937_64& random, std::size_t count) {
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(static_cast<double>(random() >> 11) * 0x1p-52 - 1.0);
  return values;
}

float bf16_round(float value) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  return std::bit_cast<float>((bits + 0x7fff + ((bits >> 16) & 1)) & 0xffff0000u);
}

// y [m,n] = x [m,i] · wᵀ, w [n,i]
std::vector<double> naive_linear(std::span<const float> x, std::span<const float> w, int m, int n,
                                 int inputs) {
  std::vector<double> y(static_cast<std::size_t>(m) * n);
  for (int row = 0; row < m; ++row) {
    for (int output = 0; output < n; ++output) {
      for (int i = 0; i < inputs; ++i) {
        y[row * n + output] +=
            static_cast<double>(x[row * inputs + i]) * static_cast<double>(w[output * inputs + i]);
      }
    }
  }
  return y;
}

std::vector<const Loops*> all_loops() {
  std::vector<const Loops*> all = {portable_loops()};
  if (avx2_loops()) all.push_back(avx2_loops());
  if (avx512_loops()) all.push_back(avx512_loops());
  return all;
}

TEST_CASE("a hand-worked 2x3 linear") {
  Workers workers(1);
  PackedMatrix w(2, 3, WeightType::f32);
  const float rows[] = {1, 2, 3, 4, 5, 6};
  w.pack(0, rows, 2);
  const float x[] = {1, 0, -1, 2, 2, 2}, bias[] = {10, 20};
  float y[4] = {};
  linear(workers, w, bias, x, 3, y, 2, 2);
  CHECK(y[0] == 10 + 1 - 3);
  CHECK(y[1] == 20 + 4 - 6);
  CHECK(y[2] == 10 + 12);
  CHECK(y[3] == 20 + 30);
}

TEST_CASE("linear agrees with naive loops for every size, weight type and thread count") {
  std::mt19937_64 random(test_seed());
  INFO(repeat_with(test_seed()));
  for (const int threads : {1, 3}) {
    Workers workers(threads);
    for (const int m : {1, 2, 3, 5, 7, 8, 9, 17, 33}) {
      for (const int n : {1, 15, 16, 17, 31, 64, 65, 127, 320}) {
        for (const int inputs : {1, 3, 16, 40, 129}) {
          INFO("threads ", threads, " m ", m, " n ", n, " inputs ", inputs);
          const auto x = random_values(random, static_cast<std::size_t>(m) * inputs);
          auto w = random_values(random, static_cast<std::size_t>(n) * inputs);
          for (const WeightType type : {WeightType::f32, WeightType::bf16}) {
            PackedMatrix packed(n, inputs, type);
            packed.pack(0, w.data(), n);
            if (type == WeightType::bf16) {
              for (float& value : w) value = bf16_round(value);
            }
            // One value more per row than it needs: padding that must survive.
            std::vector<float> y(static_cast<std::size_t>(m) * (n + 1), 77.0f);
            linear(workers, packed, nullptr, x.data(), inputs, y.data(), n + 1, m);
            const auto expected = naive_linear(x, w, m, n, inputs);
            for (int row = 0; row < m; ++row) {
              require_close(std::span<const float>(y).subspan(row * (n + 1), n),
                            std::span<const double>(expected).subspan(row * n, n), 2e-6 * std::sqrt(inputs));
              REQUIRE(y[row * (n + 1) + n] == 77.0f);
            }
          }
        }
      }
    }
  }
}

TEST_CASE("a linear large enough to be split agrees with one thread, bit for bit") {
  std::mt19937_64 random(test_seed());
  INFO(repeat_with(test_seed()));
  const int m = 19, n = 1000, inputs = 200;
  const auto x = random_values(random, m * inputs), w = random_values(random, n * inputs);
  PackedMatrix packed(n, inputs, WeightType::bf16);
  packed.pack(0, w.data(), n);
  std::vector<float> one(m * n), many(m * n);
  Workers alone(1), several(4);
  linear(alone, packed, nullptr, x.data(), inputs, one.data(), n, m);
  for (int repeat = 0; repeat < 50; ++repeat) {
    std::fill(many.begin(), many.end(), 0.0f);
    linear(several, packed, nullptr, x.data(), inputs, many.data(), n, m);
    REQUIRE(many == one);
  }
}

TEST_CASE("each instruction set's loops agree with naive loops") {
  for (const Loops* loops : all_loops()) {
    CAPTURE(loops->name);
    std::mt19937_64 random(test_seed());
    INFO(repeat_with(test_seed()));
    for (const int n : {1, 2, 7, 8, 15, 16, 17, 40, 127, 513}) {
      CAPTURE(n);
      const auto x = random_values(random, n), gain = random_values(random, n);
      std::vector<float> y(n);
      std::vector<double> expected(n);

      loops->rmsnorm(x.data(), gain.data(), 1e-6f, y.data(), n);
      double squares = 0;
      for (const float value : x) squares += static_cast<double>(value) * value;
      for (int i = 0; i < n; ++i) expected[i] = x[i] / std::sqrt(squares / n + 1e-6) * gain[i];
      require_close<double>(y, expected, 1e-5);

      loops->silu_mul(x.data(), gain.data(), y.data(), n);
      for (int i = 0; i < n; ++i) expected[i] = x[i] / (1.0 + std::exp(-static_cast<double>(x[i]))) * gain[i];
      require_close<double>(y, expected, 1e-6);

      const int padded = n + 5;
      std::vector<float> scores(padded, 9.0f);
      std::copy(x.begin(), x.end(), scores.begin());
      loops->softmax(scores.data(), 3.0f, n, padded);
      double total = 0;
      for (const float value : x) total += std::exp(3.0 * value);
      std::vector<double> shares(padded);
      for (int i = 0; i < n; ++i) shares[i] = std::exp(3.0 * x[i]) / total;
      require_close<double>(scores, shares, 1e-6);

      std::vector<float> product(3 * n);
      const auto inputs = random_values(random, 3 * 21);
      const int panels = round_up(n, kPanel) / kPanel;
      const auto packed = random_values(random, static_cast<std::size_t>(panels) * 21 * kPanel);
      loops->gemm_f32({inputs.data(), 21, packed.data(), kPanel, 21 * kPanel, product.data(),
                       static_cast<std::size_t>(n), 3, n, 21});
      std::vector<double> sums(3 * n);
      for (int row = 0; row < 3; ++row) {
        for (int output = 0; output < n; ++output) {
          for (int i = 0; i < 21; ++i) {
            sums[row * n + output] += static_cast<double>(inputs[row * 21 + i]) *
                                      packed[(output / kPanel * 21 + i) * kPanel + output % kPanel];
          }
        }
      }
      require_close<double>(product, sums, 1e-5);
    }
  }
}

TEST_CASE("extreme inputs: large scores do not overflow, and a NaN is not hidden") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const Loops* loops : all_loops()) {
    CAPTURE(loops->name);
    std::vector<float> scores = {1e30f, -1e30f, 0, 1e30f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    loops->softmax(scores.data(), 1.0f, 17, 17);
    CHECK(scores[0] == doctest::Approx(0.5));
    CHECK(scores[3] == doctest::Approx(0.5));
    CHECK(scores[1] < 1e-30f);

    std::vector<float> gate(17, 200.0f), up(17, 1.0f), y(17);
    gate[1] = -200.0f;
    gate[16] = nan;
    loops->silu_mul(gate.data(), up.data(), y.data(), 17);
    CHECK(y[0] == doctest::Approx(200.0f));
    CHECK(std::abs(y[1]) < 1e-30f);
    CHECK(std::isnan(y[16]));

    for (const int at : {2, 16}) {
      std::vector<float> poisoned(17, 0.5f);
      poisoned[at] = nan;
      loops->softmax(poisoned.data(), 1.0f, 17, 17);
      CHECK(std::isnan(poisoned[at]));
    }
  }
}

TEST_CASE("rope rotates halves and keeps lengths; position 0 changes nothing") {
  float x[] = {1, 2, 3, 4};
  const float cos[] = {0, 1}, sin[] = {1, 0};
  rope(x, 4, cos, sin, 1, 1, 4);
  CHECK(x[0] == -3);  // (1, 3) turned by a quarter: (-3, 1)
  CHECK(x[2] == 1);
  CHECK(x[1] == 2);  // (2, 4) not turned
  CHECK(x[3] == 4);
}

struct AttentionCase {
  int m, p, heads, kv_heads, d;
  bool causal;
};

void check_attention(const AttentionCase& c, int threads) {
  INFO("m ", c.m, " p ", c.p, " heads ", c.heads, "/", c.kv_heads, " d ", c.d, " causal ", c.causal);
  std::mt19937_64 random(test_seed());
  INFO(repeat_with(test_seed()));
  const int t = c.p + c.m;
  const auto q = random_values(random, static_cast<std::size_t>(c.m) * c.heads * c.d);
  const auto k = random_values(random, static_cast<std::size_t>(t) * c.kv_heads * c.d);
  const auto v = random_values(random, static_cast<std::size_t>(t) * c.kv_heads * c.d);
  Workers workers(threads);
  KeyValues cache;
  cache.heads = c.kv_heads;
  cache.dim = c.d;
  const std::size_t stride = static_cast<std::size_t>(c.kv_heads) * c.d;
  for (int token = 0; token < t; ++token) {  // grows on the way
    cache.reserve(token + 1, token);
    cache.write(token, k.data() + token * stride, v.data() + token * stride, stride, 1);
  }
  std::vector<float> out(q.size());
  attention(workers, cache, q.data(), static_cast<std::size_t>(c.heads) * c.d, out.data(), c.m, c.p, c.heads,
            [&](int row, int token) { return !c.causal || token <= row; });

  std::vector<double> expected(q.size());
  for (int row = 0; row < c.m; ++row) {
    for (int head = 0; head < c.heads; ++head) {
      const int kv = head / (c.heads / c.kv_heads), seen = c.causal ? c.p + row + 1 : t;
      std::vector<double> weights(seen);
      double total = 0;
      for (int token = 0; token < seen; ++token) {
        double score = 0;
        for (int i = 0; i < c.d; ++i) {
          score +=
              static_cast<double>(q[(row * c.heads + head) * c.d + i]) * k[token * stride + kv * c.d + i];
        }
        total += weights[token] = std::exp(score / std::sqrt(c.d));
      }
      for (int token = 0; token < seen; ++token) {
        for (int i = 0; i < c.d; ++i) {
          expected[(row * c.heads + head) * c.d + i] +=
              weights[token] / total * v[token * stride + kv * c.d + i];
        }
      }
    }
  }
  require_close<double>(out, expected, 2e-6);
}

TEST_CASE("attention agrees with naive loops, causal and not, grouped and not") {
  for (const bool causal : {false, true}) {
    for (const AttentionCase& c : {AttentionCase{1, 0, 1, 1, 2, causal},
                                   {1, 31, 2, 1, 8, causal},
                                   {3, 0, 2, 2, 8, causal},
                                   {16, 17, 4, 2, 16, causal},
                                   {33, 300, 3, 1, 10, causal},
                                   {17, 64, 4, 4, 64, causal}}) {
      check_attention(c, 1);
      check_attention(c, 2);
    }
  }
}

}  // namespace
}  // namespace seedling::kernels
