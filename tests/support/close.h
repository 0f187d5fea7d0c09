// tests/support/close.h
//
// Comparing floats so that a NaN fails: the worst index with both values is part of the message.
#pragma once

#include <doctest/doctest.h>

#include <cmath>
#include <span>

namespace seedling::test {

// |actual - expected| <= tolerance · (1 + |expected|) everywhere, and the sizes agree.
template <class Expected>
void require_close(std::span<const float> actual, std::span<const Expected> expected, double tolerance) {
  REQUIRE(actual.size() == expected.size());
  std::size_t worst = 0;
  double worst_excess = -1;
  for (std::size_t i = 0; i < actual.size(); ++i) {
    const double reference = static_cast<double>(expected[i]);
    const double excess = std::abs(static_cast<double>(actual[i]) - reference) / (1.0 + std::abs(reference));
    if (!(excess <= worst_excess)) {
      worst = i;
      worst_excess = excess;
      if (std::isnan(excess)) break;
    }
  }
  if (actual.empty()) return;
  INFO("worst at ", worst, " of ", actual.size(), ": actual ", actual[worst], ", expected ", expected[worst]);
  REQUIRE_FALSE(!(worst_excess <= tolerance));
}

}  // namespace seedling::test
