// 32 registers of 16 lanes.
#define SEEDLING_LANES 16
#define SEEDLING_SUMS 24
#include "kernels/cpu/int8_loops.h"

#if defined(__AVX512F__) && defined(__AVX512VNNI__)
#include "kernels/cpu/int8_vectors.h"

namespace seedling::kernels {
namespace {

constexpr bool kOffset = true;

inline ivec load_weights(const uint8_t* p) {
  return load_bytes(p);
}

// As assembler, because gcc 12 copies the sums of the intrinsic to other registers and back.
inline ivec dot(ivec sums, ivec w, ivec x) {
  asm("vpdpbusd %2, %1, %0" : "+v"(sums) : "v"(w), "v"(x));
  return sums;
}

}  // namespace
}  // namespace seedling::kernels

#include "kernels/cpu/int8_body.h"

namespace seedling::kernels {
const Int8Loops* avx512_vnni_int8_loops() {
  static constexpr Int8Loops loops = make_int8_loops("avx512-vnni");
  const bool has_all = __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
                       __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni");
  return has_all ? &loops : nullptr;
}
}  // namespace seedling::kernels
#else
namespace seedling::kernels {
const Int8Loops* avx512_vnni_int8_loops() {
  return nullptr;
}
}  // namespace seedling::kernels
#endif
