// engine/train/random.h
//
// Counter-based random numbers for training: every number is a function of a key, so order and threads do not
// matter.
//   The mixing function is the sampler's (engine/sampler/rng.h).
#pragma once

#include <cstdint>

#include "engine/sampler/rng.h"

namespace seedling {

inline std::uint64_t combine(std::uint64_t key, std::uint64_t value) {
  return mix(key ^ mix(value));
}

// A stream of numbers from one key.
class Random {
 public:
  explicit Random(std::uint64_t key) : state_(key) {}
  std::uint64_t next() { return mix(state_ += 0x632be59bd9b4e019ull); }
  double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }  // [0, 1)
  int below(int n) {
    return n <= 1 ? 0 : static_cast<int>(next() % static_cast<std::uint64_t>(n));
  }                                                                       // [0, n)
  int between(int low, int high) { return low + below(high - low + 1); }  // [low, high]

 private:
  std::uint64_t state_;
};

}  // namespace seedling
