// kernels/ops.h
//
// The operations of one transformer layer, declared once; cpu/ holds the loops that define what they mean.
//   Caller-owned f32 buffers, row-major; a stride is the distance of two rows in floats. Sums are f32, in an
//   order that does not depend on M or on the number of threads, so a token computed alone equals the token
//   in a batch. Nothing here allocates except pack/reserve and a thread's scratch. Not thread-safe per
//   Workers.
//
//   Letters: M rows (tokens of this call) · N outputs, I inputs of a linear · C hidden size · H query heads,
//   K kv heads, D head dim · P cached tokens, T = P + M · F intermediate size · V vocabulary
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "kernels/cpu/aligned.h"
#include "kernels/cpu/parallel.h"

namespace seedling::kernels {

enum class WeightType { f32, bf16 };

// w [N,I] of y = x·wᵀ, rearranged once into panels of 16 outputs, [N/16][I][16], the last one padded with
// zeros: one vector load then meets one broadcast input, and no sum has to be reduced across lanes.
class PackedMatrix {
 public:
  PackedMatrix() = default;
  PackedMatrix(int outputs, int inputs, WeightType type);

  // rows [count,I] become outputs first..first+count; rounded to nearest even where the type is bf16.
  void pack(int first, const float* rows, int count);

  int outputs() const { return outputs_; }
  int inputs() const { return inputs_; }
  WeightType type() const { return type_; }
  std::size_t bytes() const { return f32_.size() * 4 + bf16_.size() * 2; }
  const float* f32() const { return f32_.data(); }
  const std::uint16_t* bf16() const { return bf16_.data(); }

 private:
  int outputs_ = 0;
  int inputs_ = 0;
  WeightType type_ = WeightType::f32;
  AlignedArray<float> f32_;  // one of the two is empty
  AlignedArray<std::uint16_t> bf16_;
};

// Keys and values of one layer for one sequence.
struct KeyValues {
  int heads = 0;               // K
  int dim = 0;                 // D
  int capacity = 0;            // tokens; a multiple of 16
  AlignedArray<float> keys;    // [K][capacity/16][D][16]: panels of 16 tokens, as PackedMatrix
  AlignedArray<float> values;  // [K][capacity][D rounded up to 16]

  std::size_t bytes() const { return (keys.size() + values.size()) * sizeof(float); }
  // Room for `tokens`, keeping the first `used`.
  void reserve(int tokens, int used);
  // k, v: rows [M,K,D] with one stride; they become tokens position.. of the cache.
  // REQUIRES: position + m <= capacity.
  void write(int position, const float* k, const float* v, std::size_t stride, int m);
};

// y [M,N] = x [M,I] · wᵀ (+ bias [N] where it is not null). y must not overlap x.
void linear(Workers& workers, const PackedMatrix& w, const float* bias, const float* x, std::size_t x_stride,
            float* y, std::size_t y_stride, int m);

// y [M,n] = x / sqrt(mean(x²) + eps) · gain [n]. In place is allowed.
void rmsnorm(const float* x, std::size_t x_stride, const float* gain, float eps, float* y,
             std::size_t y_stride, int m, int n);

// Rotates the halves of each head: (a, b) -> (a·cos - b·sin, b·cos + a·sin), a = x[..D/2], b = x[D/2..].
// x [M,heads,D] · cos, sin [M,D/2], the rows of this call's positions.
void rope(float* x, std::size_t x_stride, const float* cos, const float* sin, int m, int heads, int d);

// out [M,H,D] (row stride H·D) = softmax(q·kᵀ/sqrt(D))·v over the T = P + M tokens of `cache`, whose last M
// are this call's: row m sees the first P and those n of the last M for which is_seen(m, n), itself at least.
// q [M,H,D]. REQUIRES: H % K == 0; P + M <= capacity.
void attention(Workers& workers, const KeyValues& cache, const float* q, std::size_t q_stride, float* out,
               int m, int p, int heads, const std::function<bool(int, int)>& is_seen);

// y [M,F] = silu(x[..F]) · x[F..2F] of x [M,2F].
void silu_mul(Workers& workers, const float* x, float* y, int m, int f);

// y += x, n values.
void add(const float* x, float* y, std::size_t n);

}  // namespace seedling::kernels
