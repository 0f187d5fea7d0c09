// engine/sampler/plan.h
//
// Plan: how many positions are denoised together and how sure a token must be to be committed: what fills a
// hole soonest on this machine, with this model, at no loss of text.
//   choose_plan() is pure. A Planner remembers how easy the text at hand has been, so what it answers depends
//   on what was filled before; one that is fixed always answers the same. One thread.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "engine/model/decoding_table.h"
#include "engine/sampler/profile.h"

namespace seedling {

struct Plan {
  int block = 16;
  float threshold = 0.9f;
  double tokens_per_step = 0;  // expected; 0: nothing is known
  double tokens_per_ms = 0;    // expected of the hole, without the prefill; 0: nothing is known
};

struct PlanLimits {
  int context_tokens = 0;   // that stand before the hole
  int uncached_tokens = 0;  // of these, still to be computed
  double hole_tokens = 12;  // expected, <end> included
  double budget_ms = 0;     // for prefill and hole; 0: none
  double ease = 1;          // extra tokens a step commits in this text, as a multiple of what was measured
};

// Of the safe rows, the one that has committed most of the hole when the budget is spent, in whole steps; of
// equals the soonest through; of equals the first. Rows whose text is worse are never chosen.
//
// A hole of n tokens takes n / tokens_per_step steps, and every block but the last becomes context, in the
// first step of the next one as long as both fit into one pass:
//     ms = n / tokens_per_step * step_ms(block) + (n - 1) / block * (step_ms(2 * block) - step_ms(block))
// REQUIRES: a row that is safe; a sound profile.
Plan choose_plan(const StepProfile& profile, std::span<const DecodingRow> rows, const PlanLimits& limits);

class Planner {
 public:
  // Always these.
  Planner(int block, float threshold);
  // Chosen for every hole. REQUIRES: as choose_plan().
  Planner(DecodingTable table, StepProfile profile);

  bool is_fixed() const { return table_.rows.empty(); }
  void set_profile(StepProfile profile) { profile_ = std::move(profile); }

  // For a hole in this language; hole_tokens and ease of the limits are filled in from what was observed.
  Plan plan(PlanLimits limits, std::string_view language) const;
  // What a hole took that was filled by this plan.
  void observe(const Plan& plan, std::string_view language, int tokens, int steps);

 private:
  // Decayed sums over the holes of one language.
  struct Observed {
    double steps = 0;
    double expected_extra = 0;  // tokens beyond one a step that the table gives these steps
    double extra = 0;           // that they had
    double holes = 0, tokens = 0;
  };
  Observed start() const;

  Plan fixed_;
  DecodingTable table_;
  StepProfile profile_;
  std::map<std::string, Observed, std::less<>> observed_;
};

}  // namespace seedling
