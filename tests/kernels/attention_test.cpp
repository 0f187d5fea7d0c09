// Attention against plain double-precision sums over awkward sizes, in every instruction set of this machine;
// what a row does not see, how the pass is cut and how many threads there are does not change a bit of it.
#include "kernels/attention.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <random>

#include "tests/support/close.h"
#include "tests/support/random.h"

namespace seedling::kernels {
namespace {

using test::require_close;

constexpr float kTheta = 10'000;

std::vector<const AttentionLoops*> all_loops() {
  std::vector<const AttentionLoops*> found;
  for (const AttentionLoops* loops : {avx512_bf16_attention_loops(), avx512_attention_loops(),
                                      avx2_attention_loops(), portable_attention_loops()}) {
    if (loops) found.push_back(loops);
  }
  return found;
}

float bf16_round(float value) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  return std::bit_cast<float>((bits + 0x7fff + ((bits >> 16) & 1)) & 0xffff0000u);
}

// A text of tokens as the QKV linear would give them, and the norms of a layer.
struct Tokens {
  Tokens(AttentionShape of, int count, bool has_norm)
      : shape(of), stride(static_cast<std::size_t>((of.heads + 2 * of.kv_heads) * of.dim) + 3) {
    std::mt19937_64 random(test_seed());
    const auto fill = [&](std::vector<float>& values, std::size_t size, float scale) {
      values.resize(size);
      for (float& value : values) {
        value = static_cast<float>(static_cast<double>(random() >> 11) * 0x1p-52 - 1.0) * scale;
      }
    };
    fill(qkv, static_cast<std::size_t>(count) * stride, 2);
    if (has_norm) {
      fill(query_gain, static_cast<std::size_t>(of.dim), 1);
      fill(key_gain, static_cast<std::size_t>(of.dim), 1);
    }
  }

  QueryKeyNorm norm() const {
    return {query_gain.empty() ? nullptr : query_gain.data(), key_gain.empty() ? nullptr : key_gain.data(),
            1e-5f};
  }
  const float* row(int token) const { return qkv.data() + static_cast<std::size_t>(token) * stride; }
  std::size_t width() const { return static_cast<std::size_t>(shape.heads * shape.dim); }

  AttentionShape shape;
  std::size_t stride;
  std::vector<float> qkv;
  std::vector<float> query_gain, key_gain;
};

// One layer of one sequence.
struct Layer {
  Layer(const Tokens& of, const AttentionLoops& loops, int threads)
      : tokens(of),
        workers(threads),
        rotary(of.shape.dim, kTheta),
        cache(of.shape.kv_heads, of.shape.dim),
        attention(of.shape, loops) {}

  // Tokens [p, p + m) behind the p before; what `rows` get.
  std::vector<float> pass(AttentionPass pass, std::span<const int> rows) {
    return pass_of(pass, tokens.row(pass.p), rows);
  }
  std::vector<float> pass_of(AttentionPass pass, const float* qkv, std::span<const int> rows) {
    int reach = pass.m;
    for (const int offset : pass.offsets) reach = std::max(reach, offset + 1);
    rotary.reserve(pass.p + reach);
    std::vector<float> out(rows.size() * tokens.width(), 7.0f);
    attention.begin(pass, rotary);
    attention.run(workers, cache, tokens.norm(), qkv, tokens.stride, rows, out.data());
    return out;
  }
  std::vector<float> pass(AttentionPass pass) { return this->pass(pass, first(pass.m)); }

  // Tokens [0, end) in causal passes of `step`.
  void extend(int end, int step) {
    for (int p = 0; p < end; p += step) pass({std::min(step, end - p), p, Sight::causal, {}, {}}, {});
  }

  static std::vector<int> first(int count) {
    std::vector<int> rows(static_cast<std::size_t>(count));
    std::iota(rows.begin(), rows.end(), 0);
    return rows;
  }

  const Tokens& tokens;
  Workers workers;
  RotaryTable rotary;
  KeyValueCache cache;
  Attention attention;
};

bool is_seen(const AttentionPass& pass, int row, int token) {
  if (pass.sight == Sight::listed) return ((pass.sees[static_cast<std::size_t>(row)] >> token) & 1) != 0;
  return pass.sight == Sight::block || token <= row;
}

// Normed and rotated.
std::vector<double> turned(const float* x, const float* gain, float eps, int position, int d) {
  std::vector<double> y(x, x + d);
  if (gain) {
    double squares = 0;
    for (const double value : y) squares += value * value;
    const double inverse = 1 / std::sqrt(squares / d + static_cast<double>(eps));
    for (int i = 0; i < d; ++i) y[i] *= inverse * static_cast<double>(gain[i]);
  }
  for (int i = 0; i < d / 2; ++i) {
    const float angle =
        static_cast<float>(position) / std::pow(kTheta, static_cast<float>(2 * i) / static_cast<float>(d));
    const double cos = static_cast<double>(std::cos(angle)), sin = static_cast<double>(std::sin(angle));
    const double a = y[i], b = y[i + d / 2];
    y[i] = a * cos - b * sin;
    y[i + d / 2] = b * cos + a * sin;
  }
  return y;
}

std::vector<double> naive(const Tokens& tokens, const AttentionPass& pass, std::span<const int> rows) {
  const AttentionShape& shape = tokens.shape;
  const int d = shape.dim, group = shape.heads / shape.kv_heads;
  const QueryKeyNorm norm = tokens.norm();
  const auto position_of = [&](int token) {  // of the whole text
    if (token < pass.p || pass.sight != Sight::listed) return token;
    return pass.p + pass.offsets[static_cast<std::size_t>(token - pass.p)];
  };
  std::vector<double> out(rows.size() * tokens.width());
  for (int kv = 0; kv < shape.kv_heads; ++kv) {
    std::vector<std::vector<double>> keys;
    for (int token = 0; token < pass.p + pass.m; ++token) {
      keys.push_back(
          turned(tokens.row(token) + (shape.heads + kv) * d, norm.key, norm.eps, position_of(token), d));
      for (double& value : keys.back()) value = static_cast<double>(bf16_round(static_cast<float>(value)));
    }
    for (std::size_t row = 0; row < rows.size(); ++row) {
      const int token = pass.p + rows[row];
      for (int head = kv * group; head < (kv + 1) * group; ++head) {
        const std::vector<double> query =
            turned(tokens.row(token) + head * d, norm.query, norm.eps, position_of(token), d);
        std::vector<double> values(static_cast<std::size_t>(d));
        double total = 0;
        for (int other = 0; other < pass.p + pass.m; ++other) {
          if (other >= pass.p && !is_seen(pass, rows[row], other - pass.p)) continue;
          double score = 0;
          for (int i = 0; i < d; ++i) score += query[i] * keys[other][i];
          const double share = std::exp(score / std::sqrt(d));
          const float* value = tokens.row(other) + (shape.heads + shape.kv_heads + kv) * d;
          for (int i = 0; i < d; ++i) values[i] += share * static_cast<double>(bf16_round(value[i]));
          total += share;
        }
        for (int i = 0; i < d; ++i) out[row * tokens.width() + head * d + i] = values[i] / total;
      }
    }
  }
  return out;
}

std::vector<std::uint64_t> chain(int m) {
  std::vector<std::uint64_t> sees;
  for (int token = 0; token < m; ++token) sees.push_back(~std::uint64_t{0} >> (63 - token));
  return sees;
}

struct Case {
  int m, p, heads, kv_heads, dim;
};
constexpr Case kCases[] = {{1, 0, 1, 1, 6},     {1, 255, 2, 1, 8},   {3, 254, 2, 2, 6},  {5, 40, 6, 2, 10},
                           {16, 17, 4, 2, 16},  {17, 300, 3, 1, 34}, {33, 95, 8, 2, 64}, {64, 513, 6, 2, 80},
                           {2, 1100, 5, 5, 22}, {61, 195, 14, 2, 32}};

TEST_CASE(
    "attention agrees with plain sums: causal, block and listed, grouped and not, with norms and without") {
  std::mt19937_64 random(test_seed());
  for (const Case& c : kCases) {
    std::vector<std::uint64_t> sees;
    std::vector<int> offsets;
    for (int token = 0; token < c.m; ++token) {
      sees.push_back(random() | (std::uint64_t{1} << token));
      offsets.push_back(static_cast<int>(pick(random, 70)));
    }
    for (std::uint64_t& bits : sees) bits &= ~std::uint64_t{0} >> (64 - c.m);
    const Tokens tokens({c.heads, c.kv_heads, c.dim}, c.p + c.m, c.m % 2 == 1);
    std::vector<int> rows;
    for (int row = 0; row < c.m; row += 1 + static_cast<int>(pick(random, 3))) rows.push_back(row);
    for (const AttentionPass& pass :
         {AttentionPass{c.m, c.p, Sight::causal, {}, {}}, AttentionPass{c.m, c.p, Sight::block, {}, {}},
          AttentionPass{c.m, c.p, Sight::listed, sees, offsets}}) {
      const std::vector<double> expected = naive(tokens, pass, rows);
      for (const AttentionLoops* loops : all_loops()) {
        CAPTURE(loops->name);
        CAPTURE(c.m);
        CAPTURE(c.p);
        CAPTURE(static_cast<int>(pass.sight));
        Layer layer(tokens, *loops, 2);
        layer.extend(c.p, 100);
        require_close<double>(layer.pass(pass, rows), expected, loops->entry_bytes == 2 ? 1e-2 : 1e-3);
      }
    }
  }
}

TEST_CASE("attention: a token alone equals the token in any pass, on any number of threads, bit for bit") {
  constexpr int kTokens = 700, kPass = 200, kFrom = 470;
  const Tokens tokens({6, 2, 16}, kTokens, true);
  for (const AttentionLoops* loops : all_loops()) {
    CAPTURE(loops->name);
    Layer one(tokens, *loops, 1);
    one.extend(kFrom, 64);
    std::vector<float> alone;
    for (int p = kFrom; p < kFrom + kPass; ++p) {
      const std::vector<float> row = one.pass({1, p, Sight::causal, {}, {}});
      alone.insert(alone.end(), row.begin(), row.end());
    }
    for (const int threads : {1, 2, 5}) {
      Layer layer(tokens, *loops, threads);
      layer.extend(kFrom, 470);
      CHECK(layer.pass({kPass, kFrom, Sight::causal, {}, {}}) == alone);

      // A block of 1 is a token alone too; a listed chain is a causal pass.
      CHECK(layer.pass({1, kFrom, Sight::block, {}, {}}) ==
            std::vector<float>(alone.begin(), alone.begin() + static_cast<std::ptrdiff_t>(tokens.width())));
      const std::vector<std::uint64_t> sees = chain(50);
      const std::vector<int> offsets = Layer::first(50);
      CHECK(layer.pass({50, kFrom, Sight::listed, sees, offsets}) ==
            std::vector<float>(alone.begin(),
                               alone.begin() + static_cast<std::ptrdiff_t>(50 * tokens.width())));
    }
  }
}

TEST_CASE(
    "attention: a block's rows do not depend on threads, on which rows are asked for, or on a longer pass") {
  constexpr int kTokens = 1400, kBlock = 16, kFrom = 1250;
  const Tokens tokens({4, 1, 32}, kTokens, false);
  for (const AttentionLoops* loops : all_loops()) {
    CAPTURE(loops->name);
    Layer one(tokens, *loops, 1);
    one.extend(kFrom, 256);
    const std::vector<float> expected = one.pass({kBlock, kFrom, Sight::block, {}, {}});
    for (const int threads : {2, 3, 16}) {
      Layer layer(tokens, *loops, threads);
      layer.extend(kFrom, 33);
      CHECK(layer.pass({kBlock, kFrom, Sight::block, {}, {}}) == expected);
      const std::vector<int> rows = {3, 11, 15};
      const std::vector<float> some = layer.pass({kBlock, kFrom, Sight::block, {}, {}}, rows);
      for (std::size_t i = 0; i < rows.size(); ++i) {
        for (std::size_t j = 0; j < tokens.width(); ++j) {
          REQUIRE(some[i * tokens.width() + j] ==
                  expected[static_cast<std::size_t>(rows[i]) * tokens.width() + j]);
        }
      }
      // The same block with a second one behind it that sees both.
      std::vector<std::uint64_t> sees(2 * kBlock, 0xffff);
      std::fill(sees.begin() + kBlock, sees.end(), 0xffffffff);
      const std::vector<int> offsets = Layer::first(2 * kBlock);
      const std::vector<float> both = layer.pass({2 * kBlock, kFrom, Sight::listed, sees, offsets});
      CHECK(std::equal(expected.begin(), expected.end(), both.begin()));
    }
  }
}

TEST_CASE("attention: a token that is not a number spoils those that see it, and nobody else") {
  constexpr int kM = 20, kBad = 7;
  const float bad_values[] = {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                              3.4e38f};
  for (const AttentionLoops* loops : all_loops()) {
    CAPTURE(loops->name);
    for (const float bad : bad_values) {
      Tokens tokens({2, 1, 16}, 40 + kM, false);
      Layer layer(tokens, *loops, 2);
      layer.extend(40, 40);
      const AttentionPass pass = {kM, 40, Sight::causal, {}, {}};
      const std::vector<float> clean = layer.pass(pass);
      std::fill_n(tokens.qkv.begin() + static_cast<std::ptrdiff_t>((40 + kBad) * tokens.stride),
                  tokens.stride, bad);
      const std::vector<float> spoilt = layer.pass(pass);
      for (int row = 0; row < kM; ++row) {
        for (std::size_t i = row * tokens.width(); i < (row + 1) * tokens.width(); ++i) {
          if (row < kBad) REQUIRE(spoilt[i] == clean[i]);
          if (row >= kBad) REQUIRE(std::isnan(spoilt[i]));
        }
      }
      // Once it is no longer in the cache, nothing is left of it.
      const std::vector<float> again =
          layer.pass_of({1, 40, Sight::causal, {}, {}}, tokens.row(40), std::vector<int>{0});
      CHECK(std::equal(again.begin(), again.end(), clean.begin()));
    }
  }
}

TEST_CASE("attention: extreme but finite scores stay finite") {
  for (const AttentionLoops* loops : all_loops()) {
    CAPTURE(loops->name);
    Tokens tokens({1, 1, 6}, 300, false);
    for (float& value : tokens.qkv) value *= 1e4f;
    Layer layer(tokens, *loops, 1);
    for (const float value : layer.pass({300, 0, Sight::causal, {}, {}})) REQUIRE(std::isfinite(value));
  }
}

TEST_CASE("key value cache: a copy shares what both have until one writes; trimming keeps the first tokens") {
  constexpr int kP = 600;
  const Tokens tokens({2, 1, 6}, kP + 40, false);
  const AttentionPass pass = {16, kP, Sight::causal, {}, {}};
  Layer layer(tokens, best_attention_loops(), 1);
  layer.extend(kP, 256);
  const KeyValueCache fork = layer.cache;
  CHECK(fork.bytes() == layer.cache.bytes());
  const std::vector<float> expected = layer.pass(pass);

  // Other tokens are written behind P of the original, and of what was before P in the second chunk.
  layer.pass_of({40, kP, Sight::causal, {}, {}}, tokens.row(3), {});
  layer.pass_of({40, 300, Sight::causal, {}, {}}, tokens.row(3), {});
  CHECK(layer.pass(pass) != expected);
  layer.cache = fork;
  CHECK(layer.pass(pass) == expected);

  layer.cache.trim(512);
  CHECK(layer.cache.bytes() < fork.bytes());
  layer.pass({kP - 512, 512, Sight::causal, {}, {}}, {});
  CHECK(layer.pass(pass) == expected);
  layer.cache.trim(0);
  CHECK(layer.cache.bytes() == 0);
}

}  // namespace
}  // namespace seedling::kernels
