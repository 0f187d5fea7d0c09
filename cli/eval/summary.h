// cli/eval/summary.h
//
// What the judged cases of a run come to: scores with 95 % intervals, cost, and the trivial baseline.
//   Pure; any thread. A score that does not apply to any case is absent, not zero.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cli/eval/case.h"
#include "cli/eval/record.h"
#include "cli/eval/statistics.h"

namespace seedling::cli {

// How many of how many.
struct Share {
  int yes = 0, count = 0;
  void add(const std::optional<bool>& value) {
    if (!value.has_value()) return;
    ++count;
    if (*value) ++yes;
  }
  double value() const { return count == 0 ? 0 : static_cast<double>(yes) / count; }
  Interval interval() const { return wilson_interval(yes, count); }
};

struct EvalSummary {
  std::string name;  // "all", a part of the set, or "no_brackets"
  int cases = 0;
  Share exact, passed, unchanged, constant_right;  // the last: exact match of the best constant answer
  Share silent, broken,
      undeclared;        // of all: no answer; one that does not parse, that nothing declares a name of
  std::string constant;  // that answer
  std::optional<double> similarity;
  Interval similarity_interval;  // bootstrap
  std::optional<double> excess;  // mean over the edits that pass
  double mean_tokens = 0, mean_steps = 0, mean_forwards = 0;
  double tokens_per_step = 0, tokens_per_forward = 0, steps_per_block = 0;
  double ms_p50 = 0, ms_p95 = 0;
  std::map<std::string, int> why;  // what did not pass, by reason
};

// All cases first, then each part if there are several, then the cases whose expected line is more than
// brackets and punctuation if not all of them are. REQUIRES: as many records as cases, in the same order.
std::vector<EvalSummary> summarize(std::span<const EvalCase> cases, std::span<const EvalRecord> records);

// What a run states beside its scores.
struct RunFacts {
  std::string kind, set, answers, mode, canvas, weights, backend;
  int block = 0;
  double threshold = 0;
  std::uint64_t seed = 0;
  int left_out = 0, unusable = 0, taken_over = 0;  // the last: found in --out
  int judges = 0;
  std::optional<bool> is_offline;  // of the sandbox
  double wall_seconds = 0, model_seconds = 0;
};

std::string table_of(std::span<const EvalSummary> summaries, const RunFacts& facts);
std::string json_of(std::span<const EvalSummary> summaries, const RunFacts& facts);

}  // namespace seedling::cli
