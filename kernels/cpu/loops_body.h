// kernels/cpu/loops_body.h
//
// The loops of kernels/cpu/loops.h for one instruction set. Included by exactly one source file per set,
// which defines
//   SEEDLING_LANES  floats per vector
//   SEEDLING_ROWS   rows of x per register tile
//   SEEDLING_PANELS panels of w per register tile
// and is compiled with that set's flags. Everything is in an unnamed namespace and nothing of the standard
// library is instantiated, because a shared inline function compiled for AVX-512 would be linked into the
// portable path too.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "kernels/cpu/loops.h"

namespace seedling::kernels {
namespace {

constexpr int kLanes = SEEDLING_LANES;
constexpr int kVectors = kPanel / kLanes;  // vectors per panel

typedef float vec __attribute__((vector_size(kLanes * 4), aligned(4), may_alias));
typedef int32_t ivec __attribute__((vector_size(kLanes * 4), aligned(4), may_alias));
typedef uint32_t uvec __attribute__((vector_size(kLanes * 4), aligned(4), may_alias));
typedef uint16_t hvec __attribute__((vector_size(kLanes * 2), aligned(2), may_alias));

inline vec load(const float* p) {
  return *reinterpret_cast<const vec*>(p);
}
inline void store(float* p, vec v) {
  *reinterpret_cast<vec*>(p) = v;
}
inline vec load(const uint16_t* p) {  // bf16 is the upper half of an f32
  const hvec half = *reinterpret_cast<const hvec*>(p);
  return reinterpret_cast<vec>(__builtin_convertvector(half, uvec) << 16);
}
inline vec splat(float value) {
  return value - vec{};
}

inline float sum(vec v) {
  float total = 0;
  for (int lane = 0; lane < kLanes; ++lane) total += v[lane];
  return total;
}

// e^x to 2e-7 relative; NaN stays NaN. x = n·ln2 + r, e^r by its series to r^6.
inline vec exp(vec x) {
  x = x < splat(-87.0f) ? splat(-87.0f) : x;
  x = x > splat(88.0f) ? splat(88.0f) : x;
  const vec scaled = x * 1.44269504f;
  const ivec n = __builtin_convertvector(scaled + (scaled < vec{} ? splat(-0.5f) : splat(0.5f)), ivec);
  const vec whole = __builtin_convertvector(n, vec);
  const vec r = (x - whole * 0.693359375f) + whole * 2.12194440e-4f;
  vec series = splat(1.0f / 720);
  series = series * r + 1.0f / 120;
  series = series * r + 1.0f / 24;
  series = series * r + 1.0f / 6;
  series = series * r + 0.5f;
  series = series * r + 1.0f;
  series = series * r + 1.0f;
  return series * reinterpret_cast<vec>((n + 127) << 23);
}

// R rows of x by P panels of w, all of whose sums stay in registers.
template <int R, int P, class W>
inline __attribute__((always_inline)) void tile(const Gemm<W>& g, const float* x, const W* w, float* y,
                                                size_t y_stride) {
  vec sums[R][P * kVectors];
  for (int r = 0; r < R; ++r) {
    for (int j = 0; j < P * kVectors; ++j) sums[r][j] = vec{};
  }
  for (int i = 0; i < g.inputs; ++i) {
    vec weights[P * kVectors];
    for (int p = 0; p < P; ++p) {
      for (int v = 0; v < kVectors; ++v) {
        weights[p * kVectors + v] = load(w + p * g.panel_stride + i * g.row_stride + v * kLanes);
      }
    }
    for (int r = 0; r < R; ++r) {
      const vec input = splat(x[r * g.x_stride + i]);
      for (int j = 0; j < P * kVectors; ++j) sums[r][j] += input * weights[j];
    }
  }
  for (int r = 0; r < R; ++r) {
    for (int j = 0; j < P * kVectors; ++j) store(y + r * y_stride + j * kLanes, sums[r][j]);
  }
}

// `rows` <= R rows; the tile of each height is its own code.
template <int R, int P, class W>
inline void tile_of_height(const Gemm<W>& g, int rows, const float* x, const W* w, float* y,
                           size_t y_stride) {
  if (rows == R) {
    tile<R, P>(g, x, w, y, y_stride);
  } else if constexpr (R > 1) {
    tile_of_height<R - 1, P>(g, rows, x, w, y, y_stride);
  }
}

// All rows against P panels that begin at output n.
template <int R, int P, class W>
inline void panels(const Gemm<W>& g, int n) {
  const W* w = g.w + (n / kPanel) * g.panel_stride;
  const int width = g.n - n < P * kPanel ? g.n - n : P * kPanel;
  for (int row = 0; row < g.m; row += R) {
    const int rows = g.m - row < R ? g.m - row : R;
    const float* x = g.x + row * g.x_stride;
    float* y = g.y + row * g.y_stride + n;
    if (width == P * kPanel) {
      tile_of_height<R, P>(g, rows, x, w, y, g.y_stride);
      continue;
    }
    float edge[R * P * kPanel];  // y has no room for the padding of the last panel
    tile_of_height<R, P>(g, rows, x, w, edge, P * kPanel);
    for (int r = 0; r < rows; ++r) {
      for (int j = 0; j < width; ++j) y[r * g.y_stride + j] = edge[r * P * kPanel + j];
    }
  }
}

template <class W>
void gemm(const Gemm<W>& g) {
  constexpr int kRows = SEEDLING_ROWS, kPanels = SEEDLING_PANELS;
  // Few rows: the same number of sums, but more of them side by side, so that additions do not wait for each
  // other.
  constexpr int kLowRows = kRows / 2, kWidePanels = kPanels * 2;
  int n = 0;
  if (g.m <= kLowRows) {
    for (; n + kWidePanels * kPanel <= g.n; n += kWidePanels * kPanel) panels<kLowRows, kWidePanels>(g, n);
  }
  for (; n + kPanels * kPanel <= g.n; n += kPanels * kPanel) panels<kRows, kPanels>(g, n);
  for (; n < g.n; n += kPanel) panels<kRows, 1>(g, n);
}

void rmsnorm_row(const float* x, const float* gain, float eps, float* y, int n) {
  vec squares = {};
  int i = 0;
  for (; i + kLanes <= n; i += kLanes) squares += load(x + i) * load(x + i);
  float total = sum(squares);
  for (; i < n; ++i) total += x[i] * x[i];
  const float scale = 1.0f / __builtin_sqrtf(total / static_cast<float>(n) + eps);
  for (i = 0; i + kLanes <= n; i += kLanes) store(y + i, load(x + i) * scale * load(gain + i));
  for (; i < n; ++i) y[i] = x[i] * scale * gain[i];
}

void rope_head(float* x, const float* cos, const float* sin, int d) {
  const int half = d / 2;
  for (int i = 0; i < half; ++i) {
    const float a = x[i], b = x[i + half];
    x[i] = a * cos[i] - b * sin[i];
    x[i + half] = b * cos[i] + a * sin[i];
  }
}

void softmax_row(float* scores, float scale, int n, int padded_n) {
  vec maxima = splat(scores[0]);
  int i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    const vec value = load(scores + i);
    maxima = value > maxima ? value : maxima;
  }
  float largest = maxima[0];
  for (int lane = 1; lane < kLanes; ++lane) largest = maxima[lane] > largest ? maxima[lane] : largest;
  for (; i < n; ++i) largest = scores[i] > largest ? scores[i] : largest;

  // e^-87 of the padding is not 0, so the last vector is summed lane by lane.
  vec sums = {};
  for (i = 0; i + kLanes <= n; i += kLanes) {
    const vec value = exp((load(scores + i) - largest) * scale);
    store(scores + i, value);
    sums += value;
  }
  float total = sum(sums);
  if (i < n) {
    float tail[kLanes] = {};
    for (int j = 0; j < n - i; ++j) tail[j] = (scores[i + j] - largest) * scale;
    store(tail, exp(load(tail)));
    for (int j = 0; j < n - i; ++j) {
      scores[i + j] = tail[j];
      total += tail[j];
    }
  }
  const float inverse = 1.0f / total;
  for (i = 0; i < n; ++i) scores[i] *= inverse;
  for (; i < padded_n; ++i) scores[i] = 0;
}

void silu_mul_row(const float* gate, const float* up, float* y, int n) {
  int i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    const vec g = load(gate + i);
    store(y + i, g / (1.0f + exp(-g)) * load(up + i));
  }
  float tail[kLanes] = {};
  for (int j = 0; i + j < n; ++j) tail[j] = gate[i + j];
  const vec g = load(tail);
  store(tail, g / (1.0f + exp(-g)));
  for (int j = 0; i + j < n; ++j) y[i + j] = tail[j] * up[i + j];
}

constexpr Loops make_loops(const char* name) {
  return {name, gemm<float>, gemm<uint16_t>, rmsnorm_row, rope_head, softmax_row, silu_mul_row};
}

}  // namespace
}  // namespace seedling::kernels
