#include "engine/sampler/score.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>

#include "engine/assert.h"
#include "engine/sampler/rng.h"

namespace seedling {
namespace {

constexpr float kNothing = -std::numeric_limits<float>::infinity();

// Below this a term of the partition cannot change its sum.
constexpr float kLowest = -80.0f;

// Sixteen at once, written out: a compiler may not reorder a floating-point sum by itself, and a block of 16
// rows has a quarter of a million logits, which at 5 ns for each std::exp would cost more than the model's
// step.
constexpr std::size_t kLanes = 16;
typedef float Floats __attribute__((vector_size(kLanes * sizeof(float))));
typedef std::int32_t Ints __attribute__((vector_size(kLanes * sizeof(std::int32_t))));

// The baseline of x86-64 has no wide registers: the loader picks the copy for this machine (4.5 times
// faster).
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define SEEDLING_WIDE __attribute__((target_clones("default", "avx2", "arch=x86-64-v4")))
#else
#define SEEDLING_WIDE
#endif

// exp(x) for kLowest <= x <= 0, with a relative error below 1e-6.
inline void exp_nonpositive(const Floats& x, Floats& out) {
  const Floats t = x * 1.44269504f;
  const Ints whole = __builtin_convertvector(t - 0.5f, Ints);  // the nearest, as t <= 0
  const Floats f = (t - __builtin_convertvector(whole, Floats)) * 0.69314718f;
  const Floats p =
      1.0f + f * (1.0f + f * (0.5f + f * (0.16666667f +
                                          f * (0.041666667f + f * (0.0083333333f + f * 0.0013888889f)))));
  out = p * (Floats)((whole + 127) << 23);
}

// The lanes from `at` on; those past the end of the row are filled.
inline void load(std::span<const float> logits, std::size_t at, float fill, Floats& out) {
  const std::size_t count = std::min(kLanes, logits.size() - at);
  if (count < kLanes) out = Floats{} + fill;
  std::memcpy(&out, logits.data() + at, count * sizeof(float));
}

// NaN loses every comparison, so it never becomes the maximum.
SEEDLING_WIDE float maximum(std::span<const float> logits) {
  Floats best = Floats{} + kNothing;
  for (std::size_t i = 0; i < logits.size(); i += kLanes) {
    Floats row;
    load(logits, i, kNothing, row);
    best = row > best ? row : best;
  }
  float result = kNothing;
  for (std::size_t lane = 0; lane < kLanes; ++lane) result = best[lane] > result ? best[lane] : result;
  return result;
}

// Sum of exp(logit - top) over the row. REQUIRES: top is finite.
SEEDLING_WIDE float partition(std::span<const float> logits, float top) {
  Floats sum{};
  for (std::size_t i = 0; i < logits.size(); i += kLanes) {
    Floats row;
    load(logits, i, kNothing, row);
    const Floats below = row - top;
    const Floats lowest = Floats{} + kLowest;
    Floats term;
    exp_nonpositive(below > kLowest ? below : lowest, term);  // NaN becomes kLowest
    sum += term;
  }
  float total = 0;
  for (std::size_t lane = 0; lane < kLanes; ++lane) total += sum[lane];
  return total;
}

TokenId lowest(const TokenSet& allowed) {
  for (TokenId token = 0; token < allowed.vocab_size(); ++token) {
    if (allowed.contains(token)) return token;
  }
  return -1;
}

TokenId best_allowed(std::span<const float> logits, const TokenSet& allowed) {
  float best = kNothing;
  TokenId token = -1;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    if (logits[i] > best && allowed.contains(static_cast<TokenId>(i))) {
      best = logits[i];
      token = static_cast<TokenId>(i);
    }
  }
  return token;
}

float probability(std::span<const float> logits, TokenId token, float top) {
  if (!std::isfinite(top) || std::isnan(logits[token])) return 0;
  return std::exp(logits[token] - top) / partition(logits, top);
}

}  // namespace

Proposal propose(int position, std::span<const float> logits, const TokenSet& allowed) {
  const float top = maximum(logits);
  // Nearly always the arg-max of the row is allowed, and then one fast pass finds it.
  const auto at = std::find(logits.begin(), logits.end(), top);
  TokenId token = at == logits.end() ? -1 : static_cast<TokenId>(at - logits.begin());
  if (!std::isfinite(top) || !allowed.contains(token)) token = best_allowed(logits, allowed);
  if (token < 0) return {position, lowest(allowed), 0};
  return {position, token, probability(logits, token, top)};
}

Proposal draw(int position, std::span<const float> logits, const TokenSet& allowed, float temperature,
              std::uint64_t seed, std::uint64_t step) {
  SEEDLING_ASSERT(temperature > 0);
  // The arg-max of logit / temperature + Gumbel noise is a draw from the softmax.
  float best = kNothing;
  TokenId token = -1;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    if (!allowed.contains(static_cast<TokenId>(i))) continue;
    const float gumbel = -std::log(-std::log(uniform(seed, step, position, i)));
    const float value = logits[i] / temperature + gumbel;
    if (value > best) {
      best = value;
      token = static_cast<TokenId>(i);
    }
  }
  if (token < 0) return {position, lowest(allowed), 0};
  return {position, token, probability(logits, token, maximum(logits))};
}

float log_probability(std::span<const float> logits, TokenId token) {
  const float top = maximum(logits);
  if (!std::isfinite(top) || std::isnan(logits[token])) return kNothing;
  return logits[token] - top - std::log(partition(logits, top));
}

void log_softmax(std::span<const float> logits, std::span<float> out) {
  SEEDLING_ASSERT(out.size() == logits.size());
  const float top = maximum(logits);
  const float log_total = std::isfinite(top) ? std::log(partition(logits, top)) : 0.0f;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    out[i] = std::isfinite(top) && !std::isnan(logits[i]) ? logits[i] - top - log_total : kNothing;
  }
}

}  // namespace seedling
