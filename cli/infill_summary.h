// cli/infill_summary.h
//
// What `eval infill` says at its end: scores, cost and the trivial baselines of the same rows.
//   Pure; any thread. A score that does not apply to any row is absent, not zero.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace seedling::cli {

// One judged case.
struct InfillOutcome {
  std::string language;
  std::optional<std::string> expected;  // stripped
  std::string answer;                   // stripped
  std::optional<bool> passed;           // its program ran to the end
  std::optional<bool> empty_passed;     // so did the program with nothing in the hole
  int tokens = 0;
  int steps = 0;
  double ms = 0;

  bool is_exact() const { return expected.has_value() && *expected == answer; }
};

// Shares are in [0, 1].
struct InfillSummary {
  std::string name;  // language, or "all", or "no_brackets"
  int cases = 0;
  std::optional<double> exact_match;
  std::optional<double> pass;
  std::optional<double> baseline_constant;  // exact match of the best constant answer
  std::string constant;                     // that answer
  std::optional<double> baseline_empty;     // pass of the empty answer
  double mean_tokens = 0;
  double mean_steps = 0;
  double tokens_per_step = 0;
  double ms_p50 = 0;
  double ms_p95 = 0;
};

// All cases first, then each language if there are several, then the rows whose expected line is more than
// brackets and punctuation if not all of them are.
std::vector<InfillSummary> summarize(std::span<const InfillOutcome> outcomes);

std::string table_of(std::span<const InfillSummary> summaries);
// REQUIRES: what summarize() gave.
std::string json_of(std::span<const InfillSummary> summaries, const std::string& mode);

}  // namespace seedling::cli
