// engine/cache/reuse.h
//
// How much of a cached token sequence can be kept for a new one. Pure; thread-free.
#pragma once

#include <algorithm>
#include <span>

#include "engine/types.h"

namespace seedling {

// Length of the longest common prefix.
inline int reusable_length(std::span<const TokenId> cached, std::span<const TokenId> wanted) {
  const auto [at, ignored] = std::mismatch(cached.begin(), cached.end(), wanted.begin(), wanted.end());
  return static_cast<int>(at - cached.begin());
}

}  // namespace seedling
