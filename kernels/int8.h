// kernels/int8.h
//
// Linears with int8 weights and int8 activations, and what is fused with them: norms, SwiGLU, the residual,
// the softmax statistics of the head.
//   Weights are packed once (or lie packed in a file) and read in place through pointers; activations are
//   quantised row by row as they come. Sums are exact integers and a row's float arithmetic does not depend
//   on the other rows, so a row's result is the same for every M, tile and number of threads, bit for bit.
//   A row with a NaN or an infinity gives NaN outputs and disturbs no other row. Nothing here allocates
//   except Int8Activations::reserve and a thread's scratch. One thread at a time uses a Workers.
//
//   Letters: M rows (tokens of this call) · N outputs, I inputs of a linear (I <= 65,536) · F intermediate
//   size · V vocabulary
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "kernels/cpu/aligned.h"
#include "kernels/cpu/parallel.h"

namespace seedling::kernels {

// --- weights ---

// w [N,I] ≈ q·scale[n] with q in [-127,127]. Owned by somebody else: a file mapping or an array.
struct Int8Matrix {
  int outputs = 0;
  int inputs = 0;
  // [ceil(N/16)][ceil(I/4)][16 outputs][4 inputs], q + 128; the padding of both is 128. 64-byte aligned.
  // Four inputs side by side are what one lane of vpdpbusd or sdot multiplies; + 128 because x86 multiplies
  // unsigned by signed bytes.
  const std::uint8_t* panels = nullptr;
  const float* scales = nullptr;  // [N]
};

inline constexpr std::uint8_t kInt8Zero = 128;  // what a weight of 0 is stored as

// Bytes of the panels of w [N,I]: a multiple of 64.
std::size_t int8_panel_bytes(int outputs, int inputs);

// Row `output` of w, w[output] = values[0..inputs), goes into the panels and the scales of a matrix that is
// being made: scale = largest magnitude / 127, rounded to nearest even. The panels were filled with kInt8Zero
// before. A row with a NaN or an infinity gets the scale NaN.
void pack_int8_row(const float* values, int inputs, int output, std::uint8_t* panels, float* scales);

// values [I] = row `output` of w as floats.
void unpack_int8_row(const Int8Matrix& w, int output, float* values);

// --- activations ---

// x [M,I] ≈ q·scale[m]. Memory of one input width, used for call after call.
class Int8Activations {
 public:
  // Room for `rows` rows of `inputs`; contents are lost.
  void reserve(int rows, int inputs);

  int rows() const { return static_cast<int>(scales_.size()); }
  int inputs() const { return inputs_; }
  std::size_t stride() const { return stride_; }  // bytes; a multiple of 64
  std::int8_t* values(int row) { return values_.data() + static_cast<std::size_t>(row) * stride_; }
  const std::int8_t* values(int row) const {
    return values_.data() + static_cast<std::size_t>(row) * stride_;
  }
  float* scales() { return scales_.data(); }
  const float* scales() const { return scales_.data(); }
  // 128·Σq of a row: what the offset of the weights adds to each of its sums.
  std::int32_t* offsets() { return offsets_.data(); }
  const std::int32_t* offsets() const { return offsets_.data(); }

 private:
  int inputs_ = 0;
  std::size_t stride_ = 0;
  AlignedArray<std::int8_t> values_;  // zero behind the inputs
  AlignedArray<float> scales_;
  AlignedArray<std::int32_t> offsets_;
};

// out = the rows of x [M,I], I = out.inputs(), scale = largest magnitude / 127.
void int8_quantize(Workers& workers, const float* x, std::size_t x_stride, int m, Int8Activations& out);

// The same of x / sqrt(mean(x²) + eps) · gain [I].
void int8_rmsnorm(Workers& workers, const float* x, std::size_t x_stride, const float* gain, float eps, int m,
                  Int8Activations& out);

// --- linears ---

// y [M,N] = x·wᵀ + bias, or y += that.
struct Int8Linear {
  Int8Matrix w;
  const float* bias = nullptr;  // [N] or null
  float* y = nullptr;
  std::size_t y_stride = 0;
  bool is_residual = false;  // y += instead of y =
};

// Linears of the same input as one parallel loop. REQUIRES: x.inputs() == inputs of each; y overlaps nothing.
void int8_linears(Workers& workers, const Int8Activations& x, int m, std::span<const Int8Linear> linears);

// y [M,F] = silu(x·gateᵀ) · (x·upᵀ); gate, up [F,I].
void int8_swiglu(Workers& workers, const Int8Activations& x, int m, const Int8Matrix& gate,
                 const Int8Matrix& up, float* y, std::size_t y_stride);

// --- head ---

// What is wanted of one row.
struct HeadQuery {
  const std::uint64_t* allowed = nullptr;    // [V/64 rounded up], bit t: token t may be the answer; null: any
  int target = -1;                           // the token whose log-probability is wanted; -1: none
  float* logits = nullptr;                   // [V] to be filled, or null
  const std::uint64_t* preferred = nullptr;  // [V/64 rounded up]: the best of these is wanted too; null: not
};

// Of the softmax over the whole vocabulary; NaN logits count as minus infinity. A row without a usable logit:
// the lowest allowed token, 0, 0, minus infinity. No allowed token: -1, confidence 0.
struct HeadAnswer {
  int token = -1;                    // the most probable allowed token; of equal ones the lowest
  float confidence = 0;              // its probability
  float entropy = 0;                 // nats
  float target_log_probability = 0;  // 0 without a target
  int preferred = -1;                // the most probable preferred token; -1: none is usable
  float preferred_confidence = 0;    // its probability
};

// logits [M,V] = x·wᵀ, never written out unless a query asks. answers[m] is for row m of x.
void int8_head(Workers& workers, const Int8Activations& x, const Int8Matrix& w,
               std::span<const HeadQuery> queries, std::span<HeadAnswer> answers);

}  // namespace seedling::kernels
