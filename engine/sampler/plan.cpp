#include "engine/sampler/plan.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "engine/assert.h"
#include "engine/model/backend.h"

namespace seedling {
namespace {

// A language begins with as much trust in the table as this many steps and holes would give.
constexpr double kTrustedSteps = 200, kTrustedHoles = 20;
// What is older than about so many holes counts no more.
constexpr double kRememberedHoles = 100;

constexpr double kMostEase = 4;

// What a row of the table promises for a hole.
struct Promise {
  Plan plan;
  double tokens_by_deadline = 0;
  double ms = 0;
};

Promise promise_of(const StepProfile& profile, const DecodingRow& row, const PlanLimits& limits) {
  const double extra = (row.tokens_per_step - 1) * limits.ease;
  Promise promise;
  promise.plan.block = row.block;
  promise.plan.threshold = row.threshold;
  promise.plan.tokens_per_step = std::clamp(1 + extra, 0.1, static_cast<double>(row.block));

  const double n = std::max(1.0, limits.hole_tokens);
  const int middle = limits.context_tokens + static_cast<int>(n / 2);
  const double steps = std::max(1.0, n / promise.plan.tokens_per_step);
  double extension = profile.extend_ms(row.block, middle);
  if (2 * row.block <= kMostListed)
    extension =
        std::min(extension, profile.step_ms(2 * row.block, middle) - profile.step_ms(row.block, middle));
  const double extended = (n - 1) / row.block * extension;
  promise.ms = steps * profile.step_ms(row.block, middle) + extended;
  promise.plan.tokens_per_ms = n / promise.ms;
  promise.tokens_by_deadline = n;
  if (limits.budget_ms <= 0) return promise;

  const int cached = limits.context_tokens - limits.uncached_tokens;
  const double left = limits.budget_ms - profile.extend_ms(limits.uncached_tokens, cached);
  if (promise.ms > left) {
    const double whole_steps = std::floor(std::max(0.0, left) / (promise.ms / steps));
    promise.tokens_by_deadline = std::min(n, whole_steps * promise.plan.tokens_per_step);
  }
  return promise;
}

bool is_better(const Promise& a, const Promise& b) {
  if (a.tokens_by_deadline != b.tokens_by_deadline) return a.tokens_by_deadline > b.tokens_by_deadline;
  return a.ms < b.ms;
}

}  // namespace

Plan choose_plan(const StepProfile& profile, std::span<const DecodingRow> rows, const PlanLimits& limits) {
  std::optional<Promise> best;
  for (const DecodingRow& row : rows) {
    if (!row.is_safe) continue;
    const Promise promise = promise_of(profile, row, limits);
    if (!best || is_better(promise, *best)) best = promise;
  }
  SEEDLING_ASSERT(best.has_value());
  return best->plan;
}

Planner::Planner(int block, float threshold) : fixed_{block, threshold} {}

Planner::Planner(DecodingTable table, StepProfile profile)
    : table_(std::move(table)), profile_(std::move(profile)) {}

Planner::Observed Planner::start() const {
  return {0, 0, 0, kTrustedHoles, kTrustedHoles * table_.tokens_per_hole};
}

Plan Planner::plan(PlanLimits limits, std::string_view language) const {
  if (is_fixed()) return fixed_;
  const auto found = observed_.find(language);
  const Observed seen = found == observed_.end() ? start() : found->second;
  limits.hole_tokens = seen.tokens / seen.holes;
  // With the table's word for the steps that were not observed yet.
  const double trusted = seen.steps > 0 ? kTrustedSteps * seen.expected_extra / seen.steps : 0;
  if (trusted > 0) {
    limits.ease = std::clamp((seen.extra + trusted) / (seen.expected_extra + trusted), 0.0, kMostEase);
  }
  return choose_plan(profile_, table_.rows, limits);
}

void Planner::observe(const Plan& plan, std::string_view language, int tokens, int steps) {
  if (is_fixed() || tokens < 1 || steps < 1) return;
  const auto row = std::find_if(table_.rows.begin(), table_.rows.end(), [&](const DecodingRow& r) {
    return r.block == plan.block && r.threshold == plan.threshold;
  });
  if (row == table_.rows.end()) return;
  Observed& seen = observed_.try_emplace(std::string(language), start()).first->second;
  const double kept = 1 - 1 / kRememberedHoles;
  seen.steps = kept * seen.steps + steps;
  seen.expected_extra = kept * seen.expected_extra + steps * std::max(0.0, row->tokens_per_step - 1);
  seen.extra = kept * seen.extra + (tokens - steps);
  seen.holes = kept * seen.holes + 1;
  seen.tokens = kept * seen.tokens + tokens;
}

}  // namespace seedling
