// 32 registers of 4 lanes; sdot came with ARMv8.2.
#define SEEDLING_LANES 4
#define SEEDLING_SUMS 16
#include "kernels/cpu/int8_loops.h"

#if defined(__ARM_FEATURE_DOTPROD) && defined(__linux__)
#include <arm_neon.h>
#include <sys/auxv.h>

#include "kernels/cpu/int8_vectors.h"

namespace seedling::kernels {
namespace {

constexpr bool kOffset = false;

inline ivec load_weights(const uint8_t* p) {
  return reinterpret_cast<ivec>(veorq_u8(vld1q_u8(p), vdupq_n_u8(128)));
}

inline ivec dot(ivec sums, ivec w, ivec x) {
  const int8x16_t weights = reinterpret_cast<int8x16_t>(w), inputs = reinterpret_cast<int8x16_t>(x);
  return reinterpret_cast<ivec>(vdotq_s32(reinterpret_cast<int32x4_t>(sums), weights, inputs));
}

}  // namespace
}  // namespace seedling::kernels

#include "kernels/cpu/int8_body.h"

namespace seedling::kernels {
const Int8Loops* neon_dot_int8_loops() {
  static constexpr Int8Loops loops = make_int8_loops("neon-dot");
  constexpr unsigned long kHasDot = 1ul << 20;  // HWCAP_ASIMDDP
  return (getauxval(AT_HWCAP) & kHasDot) != 0 ? &loops : nullptr;
}
}  // namespace seedling::kernels
#else
namespace seedling::kernels {
const Int8Loops* neon_dot_int8_loops() {
  return nullptr;
}
}  // namespace seedling::kernels
#endif
