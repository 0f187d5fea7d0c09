// engine/sampler/rng.h
//
// Counter-based random numbers: the same (seed, step, position, index) gives the same number in any order of
// asking.
//   Pure; no state. Source: the finaliser of SplitMix64 (Steele, Lea, Flood 2014), applied to a chain of
//   counters.
#pragma once

#include <cstdint>

namespace seedling {

inline std::uint64_t mix(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15ull;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
  return x ^ (x >> 31);
}

// In (0, 1): never 0, so that its logarithm is finite.
inline float uniform(std::uint64_t seed, std::uint64_t step, std::uint64_t position, std::uint64_t index) {
  const std::uint64_t bits = mix(mix(mix(mix(seed) ^ step) ^ position) ^ index);
  return (static_cast<float>(bits >> 41) + 0.5f) * 0x1p-23f;
}

}  // namespace seedling
