// 16 registers of 4 lanes, which every 64-bit machine has: 2 x 1 panels, 8 sums.
#define SEEDLING_LANES 4
#define SEEDLING_ROWS 2
#define SEEDLING_PANELS 1
#include "kernels/cpu/loops_body.h"

namespace seedling::kernels {

const Loops* portable_loops() {
  static constexpr Loops loops = make_loops("portable");
  return &loops;
}

const Loops& best_loops() {
  static const Loops* const best = [] {
    if (const Loops* loops = avx512_loops()) return loops;
    if (const Loops* loops = avx2_loops()) return loops;
    return portable_loops();
  }();
  return *best;
}

}  // namespace seedling::kernels
