// cli/eval/statistics.h
//
// How sure a measured share or mean is, and how near two texts are.
//   Pure; any thread; the bootstrap draws from a fixed seed, so the same values give the same interval.
#pragma once

#include <span>
#include <string_view>

namespace seedling::cli {

struct Interval {
  double low = 0, high = 0;
};

// Wilson's 95 % interval of a share. REQUIRES: 0 <= yes <= count; [0, 1] where count is 0.
Interval wilson_interval(int yes, int count);

// 95 % bootstrap interval of the mean; [0, 0] of nothing.
Interval bootstrap_interval(std::span<const double> values);

double mean_of(std::span<const double> values);
// The value below which this part of the values lies; 0 of nothing.
double percentile_of(std::span<const double> values, double part);

// 1 - edits / length of the longer one; 1 for two empty texts. Bytes, not characters.
double similarity_of(std::string_view a, std::string_view b);

}  // namespace seedling::cli
