// engine/train/fused_cpu.h
//
// The memory-bound halves of training on the CPU, fused into one pass each; matrix products stay with
// libtorch.
//   Pointers and sizes only (no torch), rows split over OpenMP-free callers: every function works on a row
//   range, so that the caller decides about threads. bf16 is passed as uint16_t. All rows are contiguous.
//   Letters: N rows, C hidden, D head dim, F intermediate, V vocabulary, S keys.
//   Source of the formulas: RMSNorm (Zhang & Sennrich 2019), RoPE (Su et al. 2021), SwiGLU (Shazeer 2020).
#pragma once

#include <cstdint>

namespace seedling::fused {

using Bf16 = std::uint16_t;

// sum = x + delta (delta may be null); y = rmsnorm(sum)·w; inv[n] = 1/rms. x, sum [N,C] f32; delta, y [N,C]
// bf16.
void add_norm_forward(const float* x, const Bf16* delta, const float* w, float* sum, Bf16* y, float* inv,
                      std::int64_t begin, std::int64_t end, std::int64_t C, float eps);
// grad [N,C] f32 += the norm's share; dw [C] f32 accumulates (one buffer per thread); out_bf16 [N,C] = grad
// as bf16.
void add_norm_backward(const float* sum, const float* w, const float* inv, const Bf16* dy, float* grad,
                       Bf16* grad_bf16, float* dw, std::int64_t begin, std::int64_t end, std::int64_t C);

// One head row: RMSNorm over D, then rotation by the angles of one position. cosine, sine [D/2]. in, out
// bf16.
void norm_rope_forward(const Bf16* in, const float* w, const float* cosine, const float* sine, float scale,
                       Bf16* out, float* inv, std::int64_t D, float eps);
void norm_rope_backward(const Bf16* in, const float* w, const float* cosine, const float* sine, float scale,
                        float inv, const float* dout, Bf16* din, float* dw, std::int64_t D);

// out[n] = silu(gate[n])·up[n]; gate_up [N,2F] holds gate then up.
void swiglu_forward(const Bf16* gate_up, Bf16* out, std::int64_t begin, std::int64_t end, std::int64_t F);
void swiglu_backward(const Bf16* gate_up, const Bf16* dout, Bf16* dgate_up, std::int64_t begin,
                     std::int64_t end, std::int64_t F);

// In-place softmax of one row of scores over two runs of keys: a[first_a, last_a) and b[first_b, last_b);
// every other entry becomes 0. b may be null.
void softmax_row(Bf16* a, std::int64_t Sa, std::int64_t first_a, std::int64_t last_a, Bf16* b,
                 std::int64_t Sb, std::int64_t first_b, std::int64_t last_b);
// dscore = p·(dp - Σ p·dp) over both runs, written over dp.
void softmax_row_backward(const Bf16* pa, Bf16* dpa, std::int64_t Sa, const Bf16* pb, Bf16* dpb,
                          std::int64_t Sb);

// Cross-entropy of one row of logits against `target`; the row becomes weight·(softmax - onehot).
// Returns the unweighted loss in nats; *best tells whether the target is the arg-max.
float cross_entropy_row(Bf16* logits, std::int64_t V, std::int64_t target, float weight, bool* best);

void transpose(const Bf16* in, Bf16* out, std::int64_t rows, std::int64_t columns);

}  // namespace seedling::fused
