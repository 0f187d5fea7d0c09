// 32 registers of 4 lanes; every 64-bit ARM has these instructions.
#define SEEDLING_LANES 4
#define SEEDLING_SUMS 16
#include "kernels/cpu/int8_loops.h"

#if defined(__ARM_NEON) && defined(__aarch64__)
#include <arm_neon.h>

#include "kernels/cpu/int8_vectors.h"

namespace seedling::kernels {
namespace {

constexpr bool kOffset = false;

inline ivec load_weights(const uint8_t* p) {
  return reinterpret_cast<ivec>(veorq_u8(vld1q_u8(p), vdupq_n_u8(128)));
}

inline ivec dot(ivec sums, ivec w, ivec x) {
  const int8x16_t weights = reinterpret_cast<int8x16_t>(w), inputs = reinterpret_cast<int8x16_t>(x);
  const int16x8_t low = vmull_s8(vget_low_s8(weights), vget_low_s8(inputs));
  const int16x8_t high = vmull_high_s8(weights, inputs);
  // Two neighbours at a time: [pairs of low, pairs of high], then their neighbours.
  const int32x4_t quads = vpaddq_s32(vpaddlq_s16(low), vpaddlq_s16(high));
  return sums + reinterpret_cast<ivec>(quads);
}

}  // namespace
}  // namespace seedling::kernels

#include "kernels/cpu/int8_body.h"

namespace seedling::kernels {
const Int8Loops* neon_int8_loops() {
  static constexpr Int8Loops loops = make_int8_loops("neon");
  return &loops;
}
}  // namespace seedling::kernels
#else
namespace seedling::kernels {
const Int8Loops* neon_int8_loops() {
  return nullptr;
}
}  // namespace seedling::kernels
#endif
