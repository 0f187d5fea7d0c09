// kernels/cpu/int8_vectors.h
//
// Vectors of SEEDLING_LANES 32-bit lanes and what int8_body.h does with them, in the compiler's portable
// notation. For the source files of the instruction sets alone; everything is in an unnamed namespace.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <utility>

#include "kernels/cpu/int8_loops.h"
#include "kernels/cpu/loops.h"

namespace seedling::kernels {
namespace {

constexpr int kLanes = SEEDLING_LANES;
constexpr int kVectors = kPanel / kLanes;  // vectors per panel

typedef float vec __attribute__((vector_size(kLanes * 4)));
typedef int32_t ivec __attribute__((vector_size(kLanes * 4)));
typedef int8_t bvec __attribute__((vector_size(kLanes)));

// The same in memory, anywhere.
typedef float loose_vec __attribute__((vector_size(kLanes * 4), aligned(4), may_alias));
typedef int32_t loose_ivec __attribute__((vector_size(kLanes * 4), aligned(1), may_alias));
typedef int8_t loose_bvec __attribute__((vector_size(kLanes), aligned(1), may_alias));

inline vec load(const float* p) {
  return *reinterpret_cast<const loose_vec*>(p);
}
inline void store(float* p, vec v) {
  *reinterpret_cast<loose_vec*>(p) = v;
}
inline ivec load_bytes(const uint8_t* p) {
  return *reinterpret_cast<const loose_ivec*>(p);
}
// The first n < kLanes values, and zeros.
inline vec load_first(const float* p, int n) {
  alignas(64) float lanes[kLanes] = {};
  for (int i = 0; i < n; ++i) lanes[i] = p[i];
  return load(lanes);
}
inline int32_t load_int(const int8_t* p) {
  int32_t value;
  __builtin_memcpy(&value, p, 4);
  return value;
}
inline vec splat(float value) {
  return value - vec{};
}
inline ivec splat(int32_t value) {
  return value - ivec{};
}
inline vec to_float(ivec v) {
  return __builtin_convertvector(v, vec);
}
inline ivec bits_of(vec v) {
  return reinterpret_cast<ivec>(v);
}
// The lowest byte of each lane. (A conversion of the vector is a dozen instructions on AVX2.)
template <int... kLane>
inline bvec lowest_bytes(ivec v, std::integer_sequence<int, kLane...>) {
  typedef int8_t bytes __attribute__((vector_size(kLanes * 4)));
  const bytes all = reinterpret_cast<bytes>(v);
  return __builtin_shufflevector(all, all, (4 * kLane)...);
}
inline void store_bytes(int8_t* p, ivec v) {
  *reinterpret_cast<loose_bvec*>(p) = lowest_bytes(v, std::make_integer_sequence<int, kLanes>());
}

// The lanes joined by halves, so that a lane waits for few others.
template <int kHalf, class Vector, int... kLane>
inline Vector with_other_half(Vector v, std::integer_sequence<int, kLane...>) {
  return __builtin_shufflevector(v, v, (kLane ^ kHalf)...);
}
template <int kHalf = kLanes / 2, class Vector, class Join>
inline auto fold(Vector v, const Join& join) {
  v = join(v, with_other_half<kHalf>(v, std::make_integer_sequence<int, kLanes>()));
  if constexpr (kHalf > 1) {
    return fold<kHalf / 2>(v, join);
  } else {
    return v[0];
  }
}
inline float sum(vec v) {
  return fold(v, [](vec a, vec b) { return a + b; });
}
inline int32_t sum(ivec v) {
  return fold(v, [](ivec a, ivec b) { return a + b; });
}
inline float largest(vec v) {
  return fold(v, [](vec a, vec b) { return a > b ? a : b; });
}
inline int32_t largest(ivec v) {
  return fold(v, [](ivec a, ivec b) { return a > b ? a : b; });
}

// Adding 1.5·2^23 leaves the nearest integer in the low bits of the float. |v| < 2^22.
constexpr float kRound = 12582912.0f;

inline ivec round_to_int(vec v) {
  return bits_of(v + kRound) - bits_of(splat(kRound));
}

// e^x for x in [-87, 88] to 3e-7 relative; anything elsewhere. 2^(n + f) with |f| <= 1/2: n goes into the
// exponent, 2^f is the polynomial through its values at the Chebyshev points.
inline vec exp_inside(vec x) {
  constexpr float kLog2E = 1.44269504f;
  const vec rounded = x * kLog2E + kRound;
  const vec f = x * kLog2E - (rounded - kRound);
  vec power = splat(0.00133908634f);
  power = power * f + 0.00967603192f;
  power = power * f + 0.0555035711f;
  power = power * f + 0.240221075f;
  power = power * f + 0.693147188f;
  power = power * f + 1.00000008f;
  return reinterpret_cast<vec>(bits_of(power) + (bits_of(rounded) << 23));
}

inline vec exp(vec x) {
  x = x > splat(-87.0f) ? x : splat(-87.0f);
  return exp_inside(x < splat(88.0f) ? x : splat(88.0f));
}

// Lane i is all ones where bit i is set.
inline ivec lanes_of_bits(uint64_t bits) {
  ivec lane_bit;
  for (int lane = 0; lane < kLanes; ++lane) lane_bit[lane] = 1 << lane;
  return (splat(static_cast<int32_t>(bits & 0xffff)) & lane_bit) != ivec{};
}

// Bytes of one panel.
inline size_t int8_panel_stride(int inputs) {
  return static_cast<size_t>(round_up(inputs, 4)) * kPanel;
}

}  // namespace
}  // namespace seedling::kernels
