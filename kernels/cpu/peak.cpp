// The instructions are written out, so that no compiler replaces, reorders or removes them.
#include "kernels/cpu/peak.h"

namespace seedling::kernels {
namespace {

typedef float vec16 __attribute__((vector_size(16)));

constexpr int kPortableSums = 8;

double float_portable(long rounds) {
  vec16 sums[kPortableSums] = {};
  vec16 a = {}, b = {};
  for (long round = 0; round < rounds; ++round) {
    for (int i = 0; i < kPortableSums; ++i) {
      sums[i] += a * b;
      asm volatile("" : "+m"(a));  // a may have changed: the product cannot be kept
    }
  }
  for (int i = 0; i < kPortableSums; ++i) asm volatile("" ::"m"(sums[i]));
  return static_cast<double>(rounds) * kPortableSums * 4;
}

#if defined(__x86_64__)

typedef int vec32 __attribute__((vector_size(32)));
typedef int vec64 __attribute__((vector_size(64)));

// Sums in flight: two 512-bit or 256-bit units times a latency of five or six.
constexpr int kSums = 12;

__attribute__((target("avx512f,avx512vnni"))) double int8_avx512_vnni(long rounds) {
  vec64 sums[kSums] = {};
  const vec64 a = {}, b = {};
  for (long round = 0; round < rounds; ++round) {
    for (int i = 0; i < kSums; ++i) asm volatile("vpdpbusd %1, %2, %0" : "+v"(sums[i]) : "v"(a), "v"(b));
  }
  return static_cast<double>(rounds) * kSums * 64;
}

__attribute__((target("avx2"))) double int8_avx_vnni(long rounds) {
  vec32 sums[kSums] = {};
  const vec32 a = {}, b = {};
  for (long round = 0; round < rounds; ++round) {
    for (int i = 0; i < kSums; ++i)
      asm volatile("%{vex%} vpdpbusd %1, %2, %0" : "+x"(sums[i]) : "x"(a), "x"(b));
  }
  return static_cast<double>(rounds) * kSums * 32;
}

__attribute__((target("avx512f,avx512bw"))) double int8_avx512(long rounds) {
  vec64 sums[kSums] = {};
  const vec64 a = {}, b = {}, ones = {};
  for (long round = 0; round < rounds; ++round) {
    for (int i = 0; i < kSums; ++i) {
      vec64 pairs;
      asm volatile(
          "vpmaddubsw %2, %3, %1\n\t"
          "vpmaddwd %4, %1, %1\n\t"
          "vpaddd %1, %0, %0"
          : "+v"(sums[i]), "=&v"(pairs)
          : "v"(a), "v"(b), "v"(ones));
    }
  }
  return static_cast<double>(rounds) * kSums * 64;
}

__attribute__((target("avx2"))) double int8_avx2(long rounds) {
  constexpr int kFewerSums = 10;  // sixteen registers
  vec32 sums[kFewerSums] = {};
  const vec32 a = {}, b = {}, ones = {};
  for (long round = 0; round < rounds; ++round) {
    for (int i = 0; i < kFewerSums; ++i) {
      vec32 pairs;
      asm volatile(
          "vpmaddubsw %2, %3, %1\n\t"
          "vpmaddwd %4, %1, %1\n\t"
          "vpaddd %1, %0, %0"
          : "+x"(sums[i]), "=&x"(pairs)
          : "x"(a), "x"(b), "x"(ones));
    }
  }
  return static_cast<double>(rounds) * kFewerSums * 32;
}

__attribute__((target("avx512f"))) double bf16_avx512(long rounds) {
  vec64 sums[kSums] = {};
  const vec64 a = {}, b = {};
  for (long round = 0; round < rounds; ++round) {
    for (int i = 0; i < kSums; ++i) asm volatile("vdpbf16ps %1, %2, %0" : "+v"(sums[i]) : "v"(a), "v"(b));
  }
  return static_cast<double>(rounds) * kSums * 32;
}

__attribute__((target("avx512f"))) double float_avx512(long rounds) {
  vec64 sums[kSums] = {};
  const vec64 a = {}, b = {};
  for (long round = 0; round < rounds; ++round) {
    for (int i = 0; i < kSums; ++i) asm volatile("vfmadd231ps %1, %2, %0" : "+v"(sums[i]) : "v"(a), "v"(b));
  }
  return static_cast<double>(rounds) * kSums * 16;
}

__attribute__((target("avx2,fma"))) double float_avx2(long rounds) {
  vec32 sums[kSums] = {};
  const vec32 a = {}, b = {};
  for (long round = 0; round < rounds; ++round) {
    for (int i = 0; i < kSums; ++i) asm volatile("vfmadd231ps %1, %2, %0" : "+x"(sums[i]) : "x"(a), "x"(b));
  }
  return static_cast<double>(rounds) * kSums * 8;
}

// What __builtin_cpu_supports of gcc 12 has no name for.
bool has_avx_vnni() {
  unsigned eax = 7, ebx = 0, ecx = 1, edx = 0;
  if (__builtin_cpu_supports("avx2") == 0) return false;
  asm volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
  return (eax & (1u << 4)) != 0;
}

__attribute__((target("avx2"))) void read_avx2(const std::byte* data, std::size_t bytes) {
  for (std::size_t at = 0; at < bytes; at += 256) {
    for (int i = 0; i < 8; ++i) {
      asm volatile("vmovdqu %0, %%ymm0" ::"m"(*reinterpret_cast<const vec32*>(data + at + 32 * i)) : "xmm0");
    }
  }
}

#endif

void read_portable(const std::byte* data, std::size_t bytes) {
  for (std::size_t at = 0; at < bytes; at += sizeof(vec16)) {
    const vec16 loaded = *reinterpret_cast<const vec16*>(data + at);
    asm volatile("" ::"m"(loaded));
  }
}

}  // namespace

std::vector<PeakLoop> peak_int8_loops() {
  std::vector<PeakLoop> loops;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512vnni")) loops.push_back({"avx512-vnni", int8_avx512_vnni});
  if (has_avx_vnni()) loops.push_back({"avx-vnni", int8_avx_vnni});
  if (__builtin_cpu_supports("avx512bw")) loops.push_back({"avx512", int8_avx512});
  if (__builtin_cpu_supports("avx2")) loops.push_back({"avx2", int8_avx2});
#endif
  if (loops.empty()) loops.push_back({"portable", float_portable});
  return loops;
}

std::vector<PeakLoop> peak_float_loops() {
  std::vector<PeakLoop> loops;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512bf16")) loops.push_back({"avx512-bf16", bf16_avx512});
  if (__builtin_cpu_supports("avx512f")) loops.push_back({"avx512-f32", float_avx512});
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    loops.push_back({"avx2-f32", float_avx2});
#endif
  if (loops.empty()) loops.push_back({"portable", float_portable});
  return loops;
}

void read_once(const std::byte* data, std::size_t bytes) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) return read_avx2(data, bytes);
#endif
  read_portable(data, bytes);
}

}  // namespace seedling::kernels
