// kernels/cpu/attention_exp2.h
//
// Powers of two for the softmax of attention. For the source files of the instruction sets alone; everything
// is in an unnamed namespace.
#pragma once

#include "kernels/cpu/int8_vectors.h"

namespace seedling::kernels {
namespace {

// 2^x for x <= 0 to 3e-7 relative: 1 for 0, exactly 0 below -126, NaN for NaN. x = n + f with |f| <= 1/2.
inline vec exp2_exact(vec x) {
  const vec least = splat(-126.0f);
  const vec inside = x < least ? least : x;
  const vec rounded = inside + kRound;
  const vec f = inside - (rounded - kRound);
  vec series = splat(0.0013264727f);
  series = series * f + 0.0096715126f;
  series = series * f + 0.055507337f;
  series = series * f + 0.24022242f;
  series = series * f + 0.69314698f;
  series = series * f + 1.0f;
  const ivec exponent = bits_of(rounded) - bits_of(splat(kRound)) + 127;
  const vec power = series * reinterpret_cast<vec>(exponent << 23);
  return x < least ? vec{} : power;
}

}  // namespace
}  // namespace seedling::kernels
