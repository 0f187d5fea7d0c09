// 16 registers of 8 lanes.
#define SEEDLING_LANES 8
#define SEEDLING_SUMS 8
#include "kernels/cpu/int8_loops.h"

#if defined(__AVX2__) && defined(__FMA__)
#include <immintrin.h>

#include "kernels/cpu/int8_vectors.h"

namespace seedling::kernels {
namespace {

constexpr bool kOffset = false;

inline ivec load_weights(const uint8_t* p) {
  const __m256i stored = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  return reinterpret_cast<ivec>(_mm256_xor_si256(stored, _mm256_set1_epi8(-128)));
}

// vpmaddubsw wants one unsigned factor and saturates at 32,767: |x| times w with the sign of x gives pairs of
// at most 2·127·127.
inline ivec dot(ivec sums, ivec w, ivec x) {
  const __m256i inputs = reinterpret_cast<__m256i>(x);
  const __m256i pairs =
      _mm256_maddubs_epi16(_mm256_abs_epi8(inputs), _mm256_sign_epi8(reinterpret_cast<__m256i>(w), inputs));
  return sums + reinterpret_cast<ivec>(_mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

}  // namespace
}  // namespace seedling::kernels

#include "kernels/cpu/int8_body.h"

namespace seedling::kernels {
const Int8Loops* avx2_int8_loops() {
  static constexpr Int8Loops loops = make_int8_loops("avx2");
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &loops : nullptr;
}
}  // namespace seedling::kernels
#else
namespace seedling::kernels {
const Int8Loops* avx2_int8_loops() {
  return nullptr;
}
}  // namespace seedling::kernels
#endif
