// 16 registers of 8 lanes: 4 x 2 sums.
#define SEEDLING_LANES 8
#define SEEDLING_TILE_ROWS 4
#define SEEDLING_TILE_VECTORS 2
#include "kernels/cpu/attention_loops.h"

#if defined(__AVX2__) && defined(__FMA__)

#include "kernels/cpu/attention_widening.h"

namespace seedling::kernels {
const AttentionLoops* avx2_attention_loops() {
  static constexpr AttentionLoops loops = make_attention_loops("avx2");
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &loops : nullptr;
}
}  // namespace seedling::kernels
#else
namespace seedling::kernels {
const AttentionLoops* avx2_attention_loops() {
  return nullptr;
}
}  // namespace seedling::kernels
#endif
