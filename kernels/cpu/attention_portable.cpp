// 16 registers of 4 lanes, which every 64-bit machine has: 2 x 4 sums.
#define SEEDLING_LANES 4
#define SEEDLING_TILE_ROWS 2
#define SEEDLING_TILE_VECTORS 4
#include "kernels/cpu/attention_loops.h"
#include "kernels/cpu/attention_widening.h"

namespace seedling::kernels {

const AttentionLoops* portable_attention_loops() {
  static constexpr AttentionLoops loops = make_attention_loops("portable");
  return &loops;
}

const AttentionLoops& best_attention_loops() {
  static const AttentionLoops* const best = [] {
    if (const AttentionLoops* loops = avx512_bf16_attention_loops()) return loops;
    if (const AttentionLoops* loops = avx512_attention_loops()) return loops;
    if (const AttentionLoops* loops = avx2_attention_loops()) return loops;
    return portable_attention_loops();
  }();
  return *best;
}

}  // namespace seedling::kernels
