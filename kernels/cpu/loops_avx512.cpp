// 32 registers of 16 lanes: 8 x 2 sums.
#define SEEDLING_LANES 16
#define SEEDLING_ROWS 8
#define SEEDLING_PANELS 2
#include "kernels/cpu/loops.h"

#if defined(__AVX512F__)
#include "kernels/cpu/loops_body.h"

namespace seedling::kernels {
const Loops* avx512_loops() {
  static constexpr Loops loops = make_loops("avx512");
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") ? &loops : nullptr;
}
}  // namespace seedling::kernels
#else
namespace seedling::kernels {
const Loops* avx512_loops() {
  return nullptr;
}
}  // namespace seedling::kernels
#endif
