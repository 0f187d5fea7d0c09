// 16 registers of 8 lanes: 6 x 1 panels, 12 sums.
#define SEEDLING_LANES 8
#define SEEDLING_ROWS 6
#define SEEDLING_PANELS 1
#include "kernels/cpu/loops.h"

#if defined(__AVX2__) && defined(__FMA__)
#include "kernels/cpu/loops_body.h"

namespace seedling::kernels {
const Loops* avx2_loops() {
  static constexpr Loops loops = make_loops("avx2");
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &loops : nullptr;
}
}  // namespace seedling::kernels
#else
namespace seedling::kernels {
const Loops* avx2_loops() {
  return nullptr;
}
}  // namespace seedling::kernels
#endif
