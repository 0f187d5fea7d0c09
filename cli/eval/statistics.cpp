#include "cli/eval/statistics.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "engine/sampler/rng.h"

namespace seedling::cli {
namespace {

constexpr double kZ = 1.959964;  // of a normal distribution, 95 % on both sides
constexpr int kResamples = 1000;

}  // namespace

Interval wilson_interval(int yes, int count) {
  if (count == 0) return {0, 1};
  const double n = count, share = yes / n, z2 = kZ * kZ;
  const double middle = (share + z2 / (2 * n)) / (1 + z2 / n);
  const double half = kZ / (1 + z2 / n) * std::sqrt(share * (1 - share) / n + z2 / (4 * n * n));
  return {std::max(0.0, middle - half), std::min(1.0, middle + half)};
}

Interval bootstrap_interval(std::span<const double> values) {
  if (values.empty()) return {};
  std::vector<double> means(kResamples);
  for (int round = 0; round < kResamples; ++round) {
    double& mean = means[round];
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto at = static_cast<std::size_t>(uniform(1, round, i, 0) * static_cast<float>(values.size()));
      mean += values[std::min(at, values.size() - 1)];
    }
    mean /= static_cast<double>(values.size());
  }
  std::sort(means.begin(), means.end());
  return {means[kResamples * 25 / 1000], means[kResamples * 975 / 1000 - 1]};
}

double mean_of(std::span<const double> values) {
  if (values.empty()) return 0;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double percentile_of(std::span<const double> values, double part) {
  if (values.empty()) return 0;
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  const auto at = static_cast<std::size_t>(part * static_cast<double>(sorted.size()));
  return sorted[std::min(at, sorted.size() - 1)];
}

double similarity_of(std::string_view a, std::string_view b) {
  // What both share at their ends changes nothing, and is nearly everything of an edited program.
  const std::size_t longer = std::max(a.size(), b.size());
  if (longer == 0) return 1;
  while (!a.empty() && !b.empty() && a.front() == b.front()) a.remove_prefix(1), b.remove_prefix(1);
  while (!a.empty() && !b.empty() && a.back() == b.back()) a.remove_suffix(1), b.remove_suffix(1);
  std::vector<std::size_t> edits(b.size() + 1);  // from what is read of a to each beginning of b
  std::iota(edits.begin(), edits.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = edits[0]++;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = edits[j + 1];
      edits[j + 1] = std::min({substituted, edits[j] + 1, diagonal + 1});
    }
  }
  return 1 - static_cast<double>(edits.back()) / static_cast<double>(longer);
}

}  // namespace seedling::cli
