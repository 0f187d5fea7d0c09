// kernels/cpu/int8_body.h
//
// The loops of kernels/cpu/int8_loops.h for one instruction set. Included by exactly one source file per set,
// which defines before it
//   SEEDLING_LANES     32-bit lanes of a vector
//   SEEDLING_SUMS      vectors of sums that fit the registers beside the operands
// and then, in the unnamed namespace of seedling::kernels, with the types of int8_vectors.h,
//   kOffset            whether its dot() takes weights as they are stored, 128 too large
//   load_weights(p)    a vector of weights, as dot() wants them
//   dot(sums, w, x)    sums + the products of four neighbouring bytes, added up in their lane
// Everything is in an unnamed namespace and nothing of the standard library is instantiated, because a shared
// inline function compiled for AVX-512 would be linked into the portable path too.
#pragma once

#include "kernels/cpu/int8_vectors.h"

namespace seedling::kernels {
namespace {

constexpr int kQuadBytes = kPanel * 4;  // four inputs of a panel
constexpr int kMostPanels = 4;          // of a tile
constexpr float kInfinity = __builtin_inff();
constexpr float kLargest = 3.40282347e38f;

constexpr int least(int a, int b) {
  return a < b ? a : b;
}

// Rows of a tile of that many panels.
constexpr int rows_of_tile(int panels) {
  const int rows = SEEDLING_SUMS / (panels * kVectors);
  return rows < 1 ? 1 : least(rows, 8);
}

// Panels of a tile of that many rows, as a power of two.
constexpr int panels_of_tile(int rows) {
  int panels = kMostPanels;
  while (panels > 1 && rows * panels * kVectors > SEEDLING_SUMS) panels /= 2;
  return panels;
}

// The panels that are worked on together when there are so many rows.
int panels_together(int rows) {
  constexpr int kMostRows = rows_of_tile(1);
  const int tiles = (rows + kMostRows - 1) / kMostRows;
  return panels_of_tile((rows + tiles - 1) / tiles);
}

// --- tiles ---

// sums[r][·] = Σ over the inputs of row first_row + r times P panels w, which have `quads` quads of inputs.
// Meanwhile the panels `next` are fetched.
template <int R, int P>
inline __attribute__((always_inline)) void multiply(const Int8Rows& x, int first_row, const uint8_t* const* w,
                                                    const uint8_t* const* next, int quads,
                                                    ivec (&sums)[R][P * kVectors]) {
  // Few sums would wait for each other: every second quad of inputs gets its own.
  constexpr int kSplit = R * P * kVectors < 8 ? 2 : 1;
  ivec parts[kSplit][R][P * kVectors] = {};
  if constexpr (kOffset) {
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) {
#pragma GCC unroll 16
      for (int j = 0; j < P * kVectors; ++j) parts[0][r][j] = splat(-x.offsets[first_row + r]);
    }
  }
  const int8_t* values = x.values + first_row * x.stride;
  const auto add_quad = [&](int quad, auto& into) __attribute__((always_inline)) {
    ivec weights[P * kVectors];
#pragma GCC unroll 16
    for (int p = 0; p < P; ++p) {
      const size_t at = static_cast<size_t>(quad) * kQuadBytes;
      const uint8_t* quads_of_panel = w[p] + at;
      __builtin_prefetch(next[p] + at, 0, 2);  // to the second level: the first is full
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) {
        weights[p * kVectors + v] = load_weights(quads_of_panel + v * kLanes * 4);
      }
    }
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) {
      const ivec inputs = splat(load_int(values + r * x.stride + static_cast<size_t>(quad) * 4));
#pragma GCC unroll 16
      for (int j = 0; j < P * kVectors; ++j) into[r][j] = dot(into[r][j], weights[j], inputs);
    }
  };
  int quad = 0;
  for (; quad + kSplit <= quads; quad += kSplit) {
#pragma GCC unroll 2
    for (int s = 0; s < kSplit; ++s) add_quad(quad + s, parts[s]);
  }
  if (quad < quads) add_quad(quad, parts[0]);
#pragma GCC unroll 16
  for (int r = 0; r < R; ++r) {
#pragma GCC unroll 16
    for (int j = 0; j < P * kVectors; ++j) {
      sums[r][j] = kSplit == 2 ? parts[0][r][j] + parts[kSplit - 1][r][j] : parts[0][r][j];
    }
  }
}

// The scales, or biases, of a panel; the last panel of a matrix has fewer than 16.
struct PanelFloats {
  vec lanes[kVectors];
};

inline PanelFloats panel_floats(const float* values, int count) {
  PanelFloats result;
  alignas(64) float padded[kPanel] = {};
  if (values && count < kPanel) {
    for (int i = 0; i < count; ++i) padded[i] = values[i];
  }
  const float* from = values && count >= kPanel ? values : padded;
  for (int v = 0; v < kVectors; ++v) result.lanes[v] = load(from + v * kLanes);
  return result;
}

inline void store_panel(float* y, const vec* lanes, int count) {
  if (count >= kPanel) {
    for (int v = 0; v < kVectors; ++v) store(y + v * kLanes, lanes[v]);
    return;
  }
  alignas(64) float padded[kPanel];
  for (int v = 0; v < kVectors; ++v) store(padded + v * kLanes, lanes[v]);
  for (int i = 0; i < count; ++i) y[i] = padded[i];
}

// What becomes of the sums of a linear.
struct LinearOutput {
  const Int8Rows& x;
  const Int8Linear& linear;

  static constexpr int kMatrices = 1;
  const Int8Matrix& matrix(int) const { return linear.w; }

  template <int R, int P>
  inline __attribute__((always_inline)) void finish(int row, int panel,
                                                    const ivec (&sums)[R][P * kVectors]) const {
#pragma GCC unroll 4
    for (int p = 0; p < P; ++p) {
      const int output = (panel + p) * kPanel, count = linear.w.outputs - output;
      const PanelFloats scales = panel_floats(linear.w.scales + output, count);
      const PanelFloats bias = panel_floats(linear.bias ? linear.bias + output : nullptr, count);
#pragma GCC unroll 16
      for (int r = 0; r < R; ++r) {
        float* y = linear.y + (row + r) * linear.y_stride + output;
        const PanelFloats before = panel_floats(linear.is_residual ? y : nullptr, count);
        vec lanes[kVectors];
#pragma GCC unroll 4
        for (int v = 0; v < kVectors; ++v) {
          const vec scale = x.scales[row + r] * scales.lanes[v];
          lanes[v] = to_float(sums[r][p * kVectors + v]) * scale + (bias.lanes[v] + before.lanes[v]);
        }
        store_panel(y, lanes, count);
      }
    }
  }
};

// The first half of a tile's panels are the gate's, the second half the same outputs of up.
struct SwigluOutput {
  const Int8Rows& x;
  const Int8Matrix& gate;
  const Int8Matrix& up;
  float* y;
  size_t y_stride;

  static constexpr int kMatrices = 2;
  const Int8Matrix& matrix(int index) const { return index == 0 ? gate : up; }

  template <int R, int P>
  inline __attribute__((always_inline)) void finish(int row, int panel,
                                                    const ivec (&sums)[R][P * kVectors]) const {
    constexpr int kHalf = P / 2;
#pragma GCC unroll 4
    for (int p = 0; p < kHalf; ++p) {
      const int output = (panel + p) * kPanel, count = gate.outputs - output;
      const PanelFloats gate_scales = panel_floats(gate.scales + output, count);
      const PanelFloats up_scales = panel_floats(up.scales + output, count);
#pragma GCC unroll 16
      for (int r = 0; r < R; ++r) {
        const float scale = x.scales[row + r];
        vec lanes[kVectors];
#pragma GCC unroll 4
        for (int v = 0; v < kVectors; ++v) {
          const vec g = to_float(sums[r][p * kVectors + v]) * (scale * gate_scales.lanes[v]);
          const vec u = to_float(sums[r][(kHalf + p) * kVectors + v]) * (scale * up_scales.lanes[v]);
          lanes[v] = g * u / (1.0f + exp(-g));
        }
        store_panel(y + (row + r) * y_stride + output, lanes, count);
      }
    }
  }
};

template <int R, int P, class Output>
inline void tile(const Output& out, int row, int panel, const uint8_t* const* w, const uint8_t* const* next,
                 int quads) {
  ivec sums[R][P * kVectors];
  multiply<R, P>(out.x, row, w, next, quads, sums);
  out.template finish<R, P>(row, panel, sums);
}

// `rows` <= R; the tile of each height is its own code.
template <int R, int P, class Output>
inline void tile_of_height(int rows, const Output& out, int row, int panel, const uint8_t* const* w,
                           const uint8_t* const* next, int quads) {
  if constexpr (R > 1) {
    if (rows < R) return tile_of_height<R - 1, P>(rows, out, row, panel, w, next, quads);
  }
  tile<R, P>(out, row, panel, w, next, quads);
}

// All rows against `P / kMatrices` panels of each matrix.
template <int P, class Output>
void all_rows(const Output& out, int panel) {
  constexpr int kEach = P / Output::kMatrices, kMostRows = rows_of_tile(P);
  const size_t panel_bytes = int8_panel_stride(out.matrix(0).inputs);
  const int quads = static_cast<int>(panel_bytes / kQuadBytes);
  const uint8_t* w[P];
  for (int p = 0; p < P; ++p) w[p] = out.matrix(p / kEach).panels + (panel + p % kEach) * panel_bytes;
  // While these panels are worked on, the next ones come; each tile fetches some of them, so that memory is
  // busy all the time.
  const bool is_last = panels_of(out.matrix(0).outputs) - panel < 2 * kEach;
  const int tiles = (out.x.count + kMostRows - 1) / kMostRows;
  for (int t = 0, row = 0; t < tiles; ++t) {  // of equal heights, but for one row
    const int rows = (out.x.count - row + tiles - t - 1) / (tiles - t);
    const uint8_t* next[P];
    for (int p = 0; p < P; ++p) next[p] = is_last || p % tiles != t ? w[p] : w[p] + kEach * panel_bytes;
    tile_of_height<kMostRows, P>(rows, out, row, panel, w, next, quads);
    row += rows;
  }
}

// Tiles as wide as the number of rows lets them be.
template <int P, class Output>
void panels_of_width(const Output& out, int widest, int& panel, int end) {
  constexpr int kEach = P / Output::kMatrices;
  if (P > widest && P > Output::kMatrices) return;
  for (; panel + kEach <= end; panel += kEach) all_rows<P>(out, panel);
}

template <class Output>
void all_panels(const Output& out, int first, int end) {
  const int widest = panels_together(out.x.count);
  int panel = first;
  panels_of_width<4>(out, widest, panel, end);
  panels_of_width<2>(out, widest, panel, end);
  if constexpr (Output::kMatrices == 1) panels_of_width<1>(out, widest, panel, end);
}

void linear_panels(const Int8Rows& x, const Int8Linear& linear, int first, int end) {
  if (x.count > 0) all_panels(LinearOutput{x, linear}, first, end);
}

void swiglu_panels(const Int8Rows& x, const Int8Matrix& gate, const Int8Matrix& up, float* y, size_t y_stride,
                   int first, int end) {
  if (x.count > 0) all_panels(SwigluOutput{x, gate, up, y, y_stride}, first, end);
}

// --- activations ---

struct RowSpread {
  float largest;  // magnitude; infinity or NaN if there is one in the row
  float squares;  // Σ x²
};

// Of x · gain, where there is a gain. Magnitudes are compared as integers: NaN is above infinity.
template <bool kHasGain>
inline RowSpread spread_of(const float* x, const float* gain, int n) {
  ivec magnitudes = {};
  vec squares = {};
  int i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    const vec value = load(x + i);
    const ivec magnitude = bits_of(kHasGain ? value * load(gain + i) : value) & 0x7fffffff;
    magnitudes = magnitude > magnitudes ? magnitude : magnitudes;
    squares += value * value;
  }
  if (i < n) {
    const vec value = load_first(x + i, n - i);
    const ivec magnitude = bits_of(kHasGain ? value * load_first(gain + i, n - i) : value) & 0x7fffffff;
    magnitudes = magnitude > magnitudes ? magnitude : magnitudes;
    squares += value * value;
  }
  const int32_t bits = largest(magnitudes);
  RowSpread result = {0, sum(squares)};
  __builtin_memcpy(&result.largest, &bits, 4);
  return result;
}

template <bool kHasGain>
inline void quantize_row(const float* x, const float* gain, int n, float largest, int8_t* values,
                         float* scale, int32_t* offset) {
  *offset = 0;
  if (!(largest >= 1e-30f && largest <= kLargest)) {  // zero, or nothing that can be computed with
    *scale = largest <= kLargest ? 0.0f : __builtin_nanf("");
    __builtin_memset(values, 0, static_cast<size_t>(n));
    return;
  }
  *scale = largest / 127;
  const float inverse = 127 / largest;
  ivec total = {};
  int i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    const vec value = kHasGain ? load(x + i) * load(gain + i) : load(x + i);
    const ivec q = round_to_int(value * inverse);
    total += q;
    store_bytes(values + i, q);
  }
  if (i < n) {
    const vec value =
        kHasGain ? load_first(x + i, n - i) * load_first(gain + i, n - i) : load_first(x + i, n - i);
    const ivec q = round_to_int(value * inverse);
    total += q;
    for (int j = 0; i + j < n; ++j) values[i + j] = static_cast<int8_t>(q[j]);
  }
  *offset = 128 * sum(total);
}

void quantize(const float* x, int inputs, int8_t* values, float* scale, int32_t* offset) {
  quantize_row<false>(x, nullptr, inputs, spread_of<false>(x, nullptr, inputs).largest, values, scale,
                      offset);
}

// The norm divides the whole row by one number, so it changes the scale and not the quantised values.
void rmsnorm(const float* x, const float* gain, float eps, int inputs, int8_t* values, float* scale,
             int32_t* offset) {
  const RowSpread spread = spread_of<true>(x, gain, inputs);
  quantize_row<true>(x, gain, inputs, spread.largest, values, scale, offset);
  *scale /= __builtin_sqrtf(spread.squares / static_cast<float>(inputs) + eps);
}

// --- head ---

// A logit that is NaN or minus infinity is smaller than any; plus infinity would make NaNs.
LogitScan scan(float* logits, int n, const uint64_t* allowed, int first) {
  const int whole = n / kLanes * kLanes;
  alignas(64) float tail[kLanes];  // the rest, if any
  for (int lane = 0; lane < kLanes; ++lane) tail[lane] = whole + lane < n ? logits[whole + lane] : -kInfinity;

  vec maxima = splat(-kInfinity);
  for (int i = 0; i < whole; i += kLanes) {
    const vec x = load(logits + i);
    maxima = x > maxima ? x : maxima;
  }
  maxima = load(tail) > maxima ? load(tail) : maxima;
  LogitScan result = {largest(maxima), 0, 0, -kInfinity, -1};
  if (result.largest == -kInfinity) return result;
  if (result.largest == kInfinity) {
    for (int i = 0; i < n; ++i) logits[i] = logits[i] > kLargest ? kLargest : logits[i];
    return scan(logits, n, allowed, first);
  }

  vec sums = {}, weighted_sums = {}, best = splat(-kInfinity);
  ivec best_token = splat(INT32_MAX), token = splat(first);
  for (int lane = 0; lane < kLanes; ++lane) token[lane] += lane;
  const auto look = [&](vec x, int at) __attribute__((always_inline)) {
    vec below = x - result.largest;
    below = below > splat(-87.0f) ? below : splat(-87.0f);  // also NaN
    const vec e = exp_inside(below);
    sums += e;
    weighted_sums += e * below;
    ivec is_better = x > best;
    if (allowed) is_better &= lanes_of_bits(allowed[(first + at) / 64] >> ((first + at) % 64));
    best = is_better ? x : best;
    best_token = is_better ? token : best_token;
    token += kLanes;
  };
  for (int i = 0; i < whole; i += kLanes) look(load(logits + i), i);
  if (whole < n) look(load(tail), whole);

  result.sum = sum(sums);
  result.weighted_sum = sum(weighted_sums);
  result.best = largest(best);
  if (result.best > -kInfinity) {
    result.best_token = -largest(-(best == splat(result.best) ? best_token : splat(INT32_MAX)));
  }
  return result;
}

constexpr Int8Loops make_int8_loops(const char* name) {
  return {name, panels_together, linear_panels, swiglu_panels, quantize, rmsnorm, scan};
}

}  // namespace
}  // namespace seedling::kernels
