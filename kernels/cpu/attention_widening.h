// kernels/cpu/attention_widening.h
//
// What attention_body.h asks of an instruction set, for sets without products of bf16: keys and values are
// widened to f32, queries and shares are f32. For the source files of those sets alone, which define
// SEEDLING_TILE_ROWS and SEEDLING_TILE_VECTORS. Ends with the body.
#pragma once

#include "kernels/cpu/attention_exp2.h"

namespace seedling::kernels {
namespace {

using Entry = float;
constexpr int kTile = SEEDLING_TILE_ROWS;
constexpr int kTileVectors = SEEDLING_TILE_VECTORS;

// A lane holds two bf16, each the upper half of an f32.
template <int R, int V>
inline __attribute__((always_inline)) void multiply_pairs(const float* a, size_t a_stride, const uint16_t* b,
                                                          size_t panel_stride, vec (&sums)[R][V]) {
  vec even[V], odd[V];
#pragma GCC unroll 4
  for (int v = 0; v < V; ++v) {
    const ivec pairs =
        *reinterpret_cast<const ivec*>(b + static_cast<size_t>(v * kLanes / kPanel) * panel_stride +
                                       static_cast<size_t>(v * kLanes % kPanel) * 2);
    even[v] = reinterpret_cast<vec>(pairs << 16);
    odd[v] = reinterpret_cast<vec>(pairs & static_cast<int32_t>(0xffff0000));
  }
#pragma GCC unroll 16
  for (int r = 0; r < R; ++r) {
    const vec first = splat(a[r * a_stride]), second = splat(a[r * a_stride + 1]);
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) sums[r][v] += first * even[v];
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) sums[r][v] += second * odd[v];
  }
}

inline vec larger(vec a, vec b) {
  return a > b ? a : b;
}

inline vec shares_of(vec x) {
  return exp2_exact(x);
}

inline void store_entries(float* to, vec v) {
  store(to, v);
}

}  // namespace
}  // namespace seedling::kernels

#include "kernels/cpu/attention_body.h"
