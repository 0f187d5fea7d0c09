#include "engine/model/row_answer.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>

#include "engine/assert.h"

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
// faster). It asks before ThreadSanitizer is there, which the function that answers would call.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_THREAD__)
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

struct Partition {
  float sum = 0;       // of exp(logit - top)
  float weighted = 0;  // of exp(logit - top) * (logit - top)
};

// REQUIRES: top is finite.
SEEDLING_WIDE Partition partition(std::span<const float> logits, float top) {
  Floats sum{}, weighted{};
  for (std::size_t i = 0; i < logits.size(); i += kLanes) {
    Floats row;
    load(logits, i, kNothing, row);
    const Floats below = row - top;
    const Floats lowest = Floats{} + kLowest;
    const Floats exponent = below > kLowest ? below : lowest;  // NaN becomes kLowest
    Floats term;
    exp_nonpositive(exponent, term);
    sum += term;
    weighted += term * exponent;
  }
  Partition total;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    total.sum += sum[lane];
    total.weighted += weighted[lane];
  }
  return total;
}

bool is_allowed(const std::uint64_t* allowed, std::size_t token) {
  return !allowed || ((allowed[token / 64] >> (token % 64)) & 1) != 0;
}

// The first of the largest; with `allowed` null the largest is `top`.
TokenId best_allowed(std::span<const float> logits, const std::uint64_t* allowed) {
  float best = kNothing;
  TokenId token = -1;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    if (logits[i] > best && is_allowed(allowed, i)) {
      best = logits[i];
      token = static_cast<TokenId>(i);
    }
  }
  return token;
}

TokenId lowest_allowed(const std::uint64_t* allowed, std::size_t vocab) {
  for (std::size_t token = 0; token < vocab; ++token) {
    if (is_allowed(allowed, token)) return static_cast<TokenId>(token);
  }
  return -1;
}

}  // namespace

RowAnswer answer_row(std::span<const float> logits, const RowQuery& query) {
  RowAnswer answer;
  answer.target_log_probability = kNothing;
  const float top = maximum(logits);
  if (!std::isfinite(top)) {
    answer.token = lowest_allowed(query.allowed, logits.size());
    return answer;
  }
  // Nearly always the arg-max of the row is allowed, and then one fast pass finds it.
  const auto at = static_cast<std::size_t>(std::find(logits.begin(), logits.end(), top) - logits.begin());
  const Partition total = partition(logits, top);
  const float log_sum = std::log(total.sum);
  answer.entropy = log_sum - total.weighted / total.sum;
  if (query.target >= 0 && !std::isnan(logits[query.target])) {
    answer.target_log_probability = logits[query.target] - top - log_sum;
  }
  answer.token =
      is_allowed(query.allowed, at) ? static_cast<TokenId>(at) : best_allowed(logits, query.allowed);
  if (answer.token >= 0) {
    answer.confidence = std::exp(logits[answer.token] - top) / total.sum;
  } else {
    answer.token = lowest_allowed(query.allowed, logits.size());
  }
  if (query.preferred) answer.preferred = best_allowed(logits, query.preferred);
  if (answer.preferred >= 0)
    answer.preferred_confidence = std::exp(logits[answer.preferred] - top) / total.sum;
  return answer;
}

void log_softmax(std::span<const float> logits, std::span<float> out) {
  SEEDLING_ASSERT(out.size() == logits.size());
  const float top = maximum(logits);
  const float log_total = std::isfinite(top) ? std::log(partition(logits, top).sum) : 0.0f;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    out[i] = std::isfinite(top) && !std::isnan(logits[i]) ? logits[i] - top - log_total : kNothing;
  }
}

}  // namespace seedling
