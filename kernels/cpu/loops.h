// kernels/cpu/loops.h
//
// The innermost loops, compiled once per instruction set from loops_body.h, and the table that holds each
// set.
//   Pure functions over caller-owned memory. Same formulas in every set; sums may differ in the last bits,
//   because a set has its own lane count.
#pragma once

#include <cstddef>
#include <cstdint>

namespace seedling::kernels {

inline constexpr int kPanel = 16;  // outputs that lie side by side in packed weights

inline constexpr int round_up(int n, int multiple) {
  return (n + multiple - 1) / multiple * multiple;
}

// y [M,N] = x [M,I] · w, where input i of output n lies at w[(n / 16) * panel_stride + i * row_stride + n %
// 16]. W: float or uint16_t (bf16). Reads whole panels: N is rounded up to 16 on w's side, never on y's.
template <class W>
struct Gemm {
  const float* x;
  std::size_t x_stride;
  const W* w;
  std::size_t row_stride;
  std::size_t panel_stride;
  float* y;
  std::size_t y_stride;
  int m;
  int n;
  int inputs;
};

struct Loops {
  const char* name;
  void (*gemm_f32)(const Gemm<float>&);
  void (*gemm_bf16)(const Gemm<std::uint16_t>&);
  void (*rmsnorm)(const float* x, const float* gain, float eps, float* y, int n);
  void (*rope)(float* x, const float* cos, const float* sin, int d);
  // scores [n] become softmax(scores·scale); the values from n to padded_n become 0.
  void (*softmax)(float* scores, float scale, int n, int padded_n);
  void (*silu_mul)(const float* gate, const float* up, float* y, int n);
};

// nullptr where this build or this machine lacks the instructions.
const Loops* avx512_loops();
const Loops* avx2_loops();
const Loops* portable_loops();  // never nullptr

// The widest set of this machine.
const Loops& best_loops();

}  // namespace seedling::kernels
