// kernels/cpu/int8_loops.h
//
// The innermost loops of kernels/int8.h, compiled once per instruction set from int8_body.h, and the table
// that holds each set.
//   Pure functions over caller-owned memory. Integer sums are exact, so the linears differ between the sets
//   only by the rounding of their float epilogues.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/cpu/loops.h"
#include "kernels/int8.h"

namespace seedling::kernels {

// Rows of quantised activations, as Int8Activations holds them.
struct Int8Rows {
  const std::int8_t* values;
  std::size_t stride;
  const float* scales;
  const std::int32_t* offsets;
  int count;
};

// Softmax statistics of one row over a run of tokens.
struct LogitScan {
  float largest;       // of all usable logits; -infinity: there is none
  float sum;           // Σ e^(x - largest)
  float weighted_sum;  // Σ (x - largest)·e^(x - largest)
  float best;          // the largest allowed logit; -infinity: none
  int best_token;      // the lowest token that has it; -1: none
};

inline constexpr int panels_of(int outputs) {
  return round_up(outputs, kPanel) / kPanel;
}

struct Int8Loops {
  const char* name;
  // How many panels the loops take at a time with so many rows: what a part is a multiple of.
  int (*panels_together)(int rows);
  // Panels [first, end) of the linear, for all rows.
  void (*linear)(const Int8Rows& x, const Int8Linear& linear, int first, int end);
  void (*swiglu)(const Int8Rows& x, const Int8Matrix& gate, const Int8Matrix& up, float* y,
                 std::size_t y_stride, int first, int end);
  // The values of a row, its scale and its offset.
  void (*quantize)(const float* x, int inputs, std::int8_t* values, float* scale, std::int32_t* offset);
  void (*rmsnorm)(const float* x, const float* gain, float eps, int inputs, std::int8_t* values, float* scale,
                  std::int32_t* offset);
  // logits [n] are those of tokens first..first+n; first is a multiple of 64; allowed as in HeadQuery. Plus
  // infinity becomes the largest float.
  LogitScan (*scan)(float* logits, int n, const std::uint64_t* allowed, int first);
};

// nullptr where this build or this machine lacks the instructions.
const Int8Loops* avx512_vnni_int8_loops();
const Int8Loops* avx_vnni_int8_loops();
const Int8Loops* avx2_int8_loops();
const Int8Loops* neon_dot_int8_loops();
const Int8Loops* neon_int8_loops();
const Int8Loops* portable_int8_loops();  // never nullptr

// The fastest set of this machine.
const Int8Loops& best_int8_loops();

// kernels/int8.h with the loops chosen by the caller.
void int8_quantize(Workers& workers, const Int8Loops& loops, const float* x, std::size_t x_stride, int m,
                   Int8Activations& out);
void int8_rmsnorm(Workers& workers, const Int8Loops& loops, const float* x, std::size_t x_stride,
                  const float* gain, float eps, int m, Int8Activations& out);
void int8_linears(Workers& workers, const Int8Loops& loops, const Int8Activations& x, int m,
                  std::span<const Int8Linear> linears);
void int8_swiglu(Workers& workers, const Int8Loops& loops, const Int8Activations& x, int m,
                 const Int8Matrix& gate, const Int8Matrix& up, float* y, std::size_t y_stride);
void int8_head(Workers& workers, const Int8Loops& loops, const Int8Activations& x, const Int8Matrix& w,
               std::span<const HeadQuery> queries, std::span<HeadAnswer> answers);

}  // namespace seedling::kernels
