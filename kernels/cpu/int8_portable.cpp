// 4 lanes and few sums, for any compiler and machine; what the other sets are checked against.
#define SEEDLING_LANES 4
#define SEEDLING_SUMS 8
#include "kernels/cpu/int8_vectors.h"

namespace seedling::kernels {
namespace {

constexpr bool kOffset = true;

inline ivec load_weights(const uint8_t* p) {
  return load_bytes(p);
}

inline ivec dot(ivec sums, ivec w, ivec x) {
  for (int byte = 0; byte < 4; ++byte) {
    sums += (w >> (8 * byte) & 0xff) * (x << (24 - 8 * byte) >> 24);
  }
  return sums;
}

}  // namespace
}  // namespace seedling::kernels

#include "kernels/cpu/int8_body.h"

namespace seedling::kernels {

const Int8Loops* portable_int8_loops() {
  static constexpr Int8Loops loops = make_int8_loops("portable");
  return &loops;
}

const Int8Loops& best_int8_loops() {
  static const Int8Loops* const best = [] {
    for (const Int8Loops* loops : {avx512_vnni_int8_loops(), avx_vnni_int8_loops(), avx2_int8_loops(),
                                   neon_dot_int8_loops(), neon_int8_loops()}) {
      if (loops) return loops;
    }
    return portable_int8_loops();
  }();
  return *best;
}

}  // namespace seedling::kernels
