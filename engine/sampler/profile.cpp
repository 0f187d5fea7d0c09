#include "engine/sampler/profile.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <utility>

#include "engine/assert.h"

namespace seedling {
namespace {

// Where `value` lies on an axis: between the points `low` and `low + 1`, `part` of the way; beyond the last
// point `part` is more than 1.
struct Place {
  std::size_t low = 0;
  double part = 0;
};

Place place_on(const std::vector<int>& axis, int value) {
  if (axis.size() < 2 || value <= axis.front()) return {};
  std::size_t high = 1;
  while (high + 1 < axis.size() && axis[high] < value) ++high;
  const double width = axis[high] - axis[high - 1];
  return {high - 1, (value - axis[high - 1]) / width};
}

// On the line through two times. Noise may let it fall, which no time beyond the last point does.
double along(double first, double second, double part) {
  const double time = first + part * (second - first);
  return part > 1 ? std::max(time, second) : time;
}

bool ascends(const std::vector<int>& axis) {
  return !axis.empty() &&
         std::adjacent_find(axis.begin(), axis.end(), std::greater_equal<int>()) == axis.end();
}

PassTimes pass_times(std::vector<int> sizes, double first, double each) {
  PassTimes times{std::move(sizes), {0}, {}};
  for (const int size : times.sizes) times.ms.push_back(first + each * size);
  return times;
}

}  // namespace

double PassTimes::at(int size, int context) const {
  SEEDLING_ASSERT(is_sound());
  const Place row = place_on(contexts, context), column = place_on(sizes, size);
  const auto time = [&](std::size_t context_index) {
    const double* times = &ms[context_index * sizes.size()];
    return sizes.size() < 2 ? times[0] : along(times[column.low], times[column.low + 1], column.part);
  };
  return contexts.size() < 2 ? time(0) : along(time(row.low), time(row.low + 1), row.part);
}

bool PassTimes::is_sound() const {
  const auto is_time = [](double time) { return std::isfinite(time) && time > 0; };
  return ascends(sizes) && sizes.front() > 0 && ascends(contexts) && contexts.front() >= 0 &&
         ms.size() == sizes.size() * contexts.size() && std::all_of(ms.begin(), ms.end(), is_time);
}

double StepProfile::extend_ms(int tokens, int context) const {
  const int longest = extend.sizes.back();
  double sum = 0;
  for (; tokens > longest; tokens -= longest, context += longest) sum += extend.at(longest, context);
  return tokens > 0 ? sum + extend.at(tokens, context) : sum;
}

StepProfile assumed_profile(bool is_gpu) {
  StepProfile profile;
  profile.step = pass_times({1, 64}, 1, is_gpu ? 0.002 : 0.1);
  profile.extend = pass_times({1, 256}, 1, is_gpu ? 0.002 : 0.05);
  profile.causal = pass_times({1}, 1, is_gpu ? 0.002 : 0.1);
  return profile;
}

}  // namespace seedling
