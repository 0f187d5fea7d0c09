// tests/support/random.h
//
// Seeds for random tests: fixed, or SEEDLING_TEST_SEED; printed with every failure through INFO().
#pragma once

#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>

namespace seedling {

inline std::uint64_t test_seed() {
  const char* given = std::getenv("SEEDLING_TEST_SEED");
  return given ? std::strtoull(given, nullptr, 10) : 20261123;
}

inline std::string repeat_with(std::uint64_t seed) {
  return "repeat with SEEDLING_TEST_SEED=" + std::to_string(seed);
}

// In [0, bound). REQUIRES: bound > 0.
inline std::uint32_t pick(std::mt19937_64& random, std::uint64_t bound) {
  return static_cast<std::uint32_t>(random() % bound);
}

}  // namespace seedling
