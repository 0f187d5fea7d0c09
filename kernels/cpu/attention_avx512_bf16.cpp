// 32 registers of 16 lanes, each of which multiplies a pair of bf16.
#define SEEDLING_LANES 16
#include "kernels/cpu/attention_loops.h"

#if defined(__AVX512BF16__) && defined(__AVX512DQ__)
#include <immintrin.h>

#include "kernels/cpu/attention_exp2.h"

namespace seedling::kernels {
namespace {

using Entry = uint16_t;
constexpr int kTile = 8;
constexpr int kTileVectors = 2;

template <int R, int V>
inline __attribute__((always_inline)) void multiply_pairs(const uint16_t* a, size_t a_stride,
                                                          const uint16_t* b, size_t panel_stride,
                                                          vec (&sums)[R][V]) {
  vec pairs[V];
  for (int v = 0; v < V; ++v) pairs[v] = load(reinterpret_cast<const float*>(b + v * panel_stride));
#pragma GCC unroll 16
  for (int r = 0; r < R; ++r) {
    int32_t pair;
    __builtin_memcpy(&pair, a + r * a_stride, 4);
    const ivec entry = splat(pair);
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) {
      sums[r][v] = (vec)_mm512_dpbf16_ps((__m512)sums[r][v], (__m512bh)pairs[v], (__m512bh)entry);
    }
  }
}

inline vec larger(vec a, vec b) {
  return (vec)_mm512_max_ps((__m512)a, (__m512)b);
}

// To 9e-5, a twentieth of what rounding to bf16 costs: x = n + f with 0 <= f < 1.
inline vec shares_of(vec x) {
  constexpr int kMinusFloor = 0x01;
  const vec f = (vec)_mm512_reduce_ps((__m512)x, kMinusFloor);
  vec series = splat(0.077067043f);
  series = series * f + 0.22764499f;
  series = series * f + 0.69511679f;
  series = series * f + 1.0f;
  return (vec)_mm512_scalef_ps((__m512)series, (__m512)x);  // times 2^floor(x); 0 where that is too small
}

inline void store_entries(uint16_t* to, vec v) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), (__m256i)_mm512_cvtneps_pbh((__m512)v));
}

}  // namespace
}  // namespace seedling::kernels

#include "kernels/cpu/attention_body.h"

namespace seedling::kernels {
const AttentionLoops* avx512_bf16_attention_loops() {
  static constexpr AttentionLoops loops = make_attention_loops("avx512-bf16");
  return __builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512dq") &&
                 __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")
             ? &loops
             : nullptr;
}
}  // namespace seedling::kernels
#else
namespace seedling::kernels {
const AttentionLoops* avx512_bf16_attention_loops() {
  return nullptr;
}
}  // namespace seedling::kernels
#endif
