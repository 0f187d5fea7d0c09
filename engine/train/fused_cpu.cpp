#include "engine/train/fused_cpu.h"

#include <algorithm>
#include <bit>
#include <cmath>

// Compiled with -O3 -ffast-math (see engine/CMakeLists.txt), so that exp() becomes a vector function; each
// loop exists for AVX-512, AVX2 and the baseline, chosen when the program starts: before ThreadSanitizer.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_THREAD__)
#define FOR_EACH_MACHINE __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define FOR_EACH_MACHINE
#endif

namespace seedling::fused {
namespace {

inline __attribute__((always_inline)) float widen(Bf16 x) {
  return std::bit_cast<float>(std::uint32_t{x} << 16);
}

inline __attribute__((always_inline)) Bf16 narrow(float x) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(x);
  return static_cast<Bf16>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

}  // namespace

FOR_EACH_MACHINE
void add_norm_forward(const float* x, const Bf16* delta, const float* w, float* sum, Bf16* y, float* inv,
                      std::int64_t begin, std::int64_t end, std::int64_t C, float eps) {
  for (std::int64_t n = begin; n < end; ++n) {
    const float* xn = x + n * C;
    float* sn = sum + n * C;
    Bf16* yn = y + n * C;
    float squares = 0;
    if (delta != nullptr) {
      const Bf16* dn = delta + n * C;
      for (std::int64_t c = 0; c < C; ++c) {
        const float s = xn[c] + widen(dn[c]);
        sn[c] = s;
        squares += s * s;
      }
    } else {
      for (std::int64_t c = 0; c < C; ++c) {
        sn[c] = xn[c];
        squares += xn[c] * xn[c];
      }
    }
    const float r = 1.0f / std::sqrt(squares / static_cast<float>(C) + eps);
    inv[n] = r;
    for (std::int64_t c = 0; c < C; ++c) yn[c] = narrow(sn[c] * r * w[c]);
  }
}

FOR_EACH_MACHINE
void add_norm_backward(const float* sum, const float* w, const float* inv, const Bf16* dy, float* grad,
                       Bf16* grad_bf16, float* dw, std::int64_t begin, std::int64_t end, std::int64_t C) {
  for (std::int64_t n = begin; n < end; ++n) {
    const float* sn = sum + n * C;
    const Bf16* dn = dy + n * C;
    float* gn = grad + n * C;
    Bf16* bn = grad_bf16 + n * C;
    const float r = inv[n];
    float dot = 0;
    for (std::int64_t c = 0; c < C; ++c) {
      const float d = widen(dn[c]);
      dot += d * w[c] * sn[c];
      dw[c] += d * sn[c] * r;
    }
    const float k = dot * r * r * r / static_cast<float>(C);
    for (std::int64_t c = 0; c < C; ++c) {
      const float g = gn[c] + widen(dn[c]) * w[c] * r - sn[c] * k;
      gn[c] = g;
      bn[c] = narrow(g);
    }
  }
}

FOR_EACH_MACHINE
void norm_rope_forward(const Bf16* in, const float* w, const float* cosine, const float* sine, float scale,
                       Bf16* out, float* inv, std::int64_t D, float eps) {
  float squares = 0;
  for (std::int64_t d = 0; d < D; ++d) squares += widen(in[d]) * widen(in[d]);
  const float r = 1.0f / std::sqrt(squares / static_cast<float>(D) + eps);
  *inv = r;
  const std::int64_t half = D / 2;
  for (std::int64_t d = 0; d < half; ++d) {
    const float a = widen(in[d]) * r * w[d] * scale;
    const float b = widen(in[d + half]) * r * w[d + half] * scale;
    out[d] = narrow(a * cosine[d] - b * sine[d]);
    out[d + half] = narrow(b * cosine[d] + a * sine[d]);
  }
}

FOR_EACH_MACHINE
void norm_rope_backward(const Bf16* in, const float* w, const float* cosine, const float* sine, float scale,
                        float inv, const float* dout, Bf16* din, float* dw, std::int64_t D) {
  const std::int64_t half = D / 2;
  float unrotated[256];
  for (std::int64_t d = 0; d < half; ++d) {
    unrotated[d] = (dout[d] * cosine[d] + dout[d + half] * sine[d]) * scale;
    unrotated[d + half] = (dout[d + half] * cosine[d] - dout[d] * sine[d]) * scale;
  }
  float dot = 0;
  for (std::int64_t d = 0; d < D; ++d) {
    dot += unrotated[d] * w[d] * widen(in[d]);
    dw[d] += unrotated[d] * widen(in[d]) * inv;
  }
  const float k = dot * inv * inv * inv / static_cast<float>(D);
  for (std::int64_t d = 0; d < D; ++d) din[d] = narrow(unrotated[d] * w[d] * inv - widen(in[d]) * k);
}

FOR_EACH_MACHINE
void swiglu_forward(const Bf16* gate_up, Bf16* out, std::int64_t begin, std::int64_t end, std::int64_t F) {
  for (std::int64_t n = begin; n < end; ++n) {
    const Bf16* gate = gate_up + n * 2 * F;
    const Bf16* up = gate + F;
    Bf16* o = out + n * F;
    for (std::int64_t f = 0; f < F; ++f) {
      const float g = widen(gate[f]);
      o[f] = narrow(g / (1.0f + std::exp(-g)) * widen(up[f]));
    }
  }
}

FOR_EACH_MACHINE
void swiglu_backward(const Bf16* gate_up, const Bf16* dout, Bf16* dgate_up, std::int64_t begin,
                     std::int64_t end, std::int64_t F) {
  for (std::int64_t n = begin; n < end; ++n) {
    const Bf16* gate = gate_up + n * 2 * F;
    const Bf16* up = gate + F;
    const Bf16* d = dout + n * F;
    Bf16* dgate = dgate_up + n * 2 * F;
    Bf16* dup = dgate + F;
    for (std::int64_t f = 0; f < F; ++f) {
      const float g = widen(gate[f]), u = widen(up[f]), o = widen(d[f]);
      const float s = 1.0f / (1.0f + std::exp(-g));
      dup[f] = narrow(o * g * s);
      dgate[f] = narrow(o * u * s * (1.0f + g * (1.0f - s)));
    }
  }
}

namespace {

// exp(x - peak) over [first, last) into the row itself, zeros elsewhere; returns the sum.
inline __attribute__((always_inline)) float exponentiate(Bf16* row, std::int64_t S, std::int64_t first,
                                                         std::int64_t last, float peak) {
  for (std::int64_t s = 0; s < first; ++s) row[s] = 0;
  float total = 0;
  for (std::int64_t s = first; s < last; ++s) {
    const float e = std::exp(widen(row[s]) - peak);
    total += e;
    row[s] = narrow(e);
  }
  for (std::int64_t s = last; s < S; ++s) row[s] = 0;
  return total;
}

}  // namespace

FOR_EACH_MACHINE
void softmax_row(Bf16* a, std::int64_t Sa, std::int64_t first_a, std::int64_t last_a, Bf16* b,
                 std::int64_t Sb, std::int64_t first_b, std::int64_t last_b) {
  float peak = -3.0e38f;
  for (std::int64_t s = first_a; s < last_a; ++s) peak = std::max(peak, widen(a[s]));
  for (std::int64_t s = first_b; s < last_b; ++s) peak = std::max(peak, widen(b[s]));
  float total = exponentiate(a, Sa, first_a, last_a, peak);
  if (b != nullptr) total += exponentiate(b, Sb, first_b, last_b, peak);
  const float scale = 1.0f / total;
  for (std::int64_t s = first_a; s < last_a; ++s) a[s] = narrow(widen(a[s]) * scale);
  for (std::int64_t s = first_b; s < last_b; ++s) b[s] = narrow(widen(b[s]) * scale);
}

FOR_EACH_MACHINE
void softmax_row_backward(const Bf16* pa, Bf16* dpa, std::int64_t Sa, const Bf16* pb, Bf16* dpb,
                          std::int64_t Sb) {
  float dot = 0;
  for (std::int64_t s = 0; s < Sa; ++s) dot += widen(pa[s]) * widen(dpa[s]);
  for (std::int64_t s = 0; s < Sb; ++s) dot += widen(pb[s]) * widen(dpb[s]);
  for (std::int64_t s = 0; s < Sa; ++s) dpa[s] = narrow(widen(pa[s]) * (widen(dpa[s]) - dot));
  for (std::int64_t s = 0; s < Sb; ++s) dpb[s] = narrow(widen(pb[s]) * (widen(dpb[s]) - dot));
}

FOR_EACH_MACHINE
float cross_entropy_row(Bf16* logits, std::int64_t V, std::int64_t target, float weight, bool* best) {
  float peak = -3.0e38f;
  for (std::int64_t v = 0; v < V; ++v) peak = std::max(peak, widen(logits[v]));
  float total = 0;
  for (std::int64_t v = 0; v < V; ++v) total += std::exp(widen(logits[v]) - peak);
  const float at_target = widen(logits[target]);
  *best = at_target >= peak;
  const float scale = weight / total;
  for (std::int64_t v = 0; v < V; ++v) logits[v] = narrow(std::exp(widen(logits[v]) - peak) * scale);
  logits[target] = narrow(widen(logits[target]) - weight);
  return std::log(total) + peak - at_target;
}

void transpose(const Bf16* in, Bf16* out, std::int64_t rows, std::int64_t columns) {
  constexpr std::int64_t kTile = 32;
  for (std::int64_t r0 = 0; r0 < rows; r0 += kTile)
    for (std::int64_t c0 = 0; c0 < columns; c0 += kTile)
      for (std::int64_t c = c0; c < std::min(c0 + kTile, columns); ++c)
        for (std::int64_t r = r0; r < std::min(r0 + kTile, rows); ++r)
          out[c * rows + r] = in[r * columns + c];
}

}  // namespace seedling::fused
