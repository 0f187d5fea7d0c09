// 32 registers of 16 lanes: 8 x 2 sums.
#define SEEDLING_LANES 16
#define SEEDLING_TILE_ROWS 8
#define SEEDLING_TILE_VECTORS 2
#include "kernels/cpu/attention_loops.h"

#if defined(__AVX512F__)

#include "kernels/cpu/attention_widening.h"

namespace seedling::kernels {
const AttentionLoops* avx512_attention_loops() {
  static constexpr AttentionLoops loops = make_attention_loops("avx512");
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") ? &loops : nullptr;
}
}  // namespace seedling::kernels
#else
namespace seedling::kernels {
const AttentionLoops* avx512_attention_loops() {
  return nullptr;
}
}  // namespace seedling::kernels
#endif
