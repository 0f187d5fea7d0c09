// 16 registers of 8 lanes.
#define SEEDLING_LANES 8
#define SEEDLING_SUMS 12
#include "kernels/cpu/int8_loops.h"

#if defined(__AVX2__) && defined(__AVXVNNI__)
#include <cpuid.h>

#include "kernels/cpu/int8_vectors.h"

namespace seedling::kernels {
namespace {

constexpr bool kOffset = true;

inline ivec load_weights(const uint8_t* p) {
  return load_bytes(p);
}

// As assembler, because gcc 12 copies the sums of the intrinsic to other registers and back.
inline ivec dot(ivec sums, ivec w, ivec x) {
  asm("%{vex%} vpdpbusd %2, %1, %0" : "+x"(sums) : "x"(w), "x"(x));
  return sums;
}

bool has_avx_vnni() {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  return __get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx) != 0 && (eax >> 4 & 1) != 0;
}

}  // namespace
}  // namespace seedling::kernels

#include "kernels/cpu/int8_body.h"

namespace seedling::kernels {
const Int8Loops* avx_vnni_int8_loops() {
  static constexpr Int8Loops loops = make_int8_loops("avx-vnni");
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && has_avx_vnni() ? &loops : nullptr;
}
}  // namespace seedling::kernels
#else
namespace seedling::kernels {
const Int8Loops* avx_vnni_int8_loops() {
  return nullptr;
}
}  // namespace seedling::kernels
#endif
