// cli/eval/sweep.h
//
// What `eval infill --sweep` measures: for block sizes and thresholds, how many tokens a step commits and
// whether the text is as good as one token a step. The result is a model's decoding.json
// (engine/model/decoding_table.h).
//   All but run_sweep() is pure; any thread. A measure of a row is compared case by case with the same
//   measure of the reference: the row is safe where neither exact match nor similarity falls by more than the
//   standard error of the mean difference, nor by more than kMostLoss.
#pragma once

#include <array>
#include <span>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/eval/record.h"
#include "cli/eval/statistics.h"
#include "engine/model/decoding_table.h"

namespace seedling::cli {

inline constexpr std::array kSweepBlocks = {2, 4, 8, 16, 32};
inline constexpr std::array kSweepThresholds = {0.9f, 0.7f, 0.5f, 0.3f};
// One token a step, in blocks as the model was trained to fill them.
inline constexpr float kReferenceThreshold = 1;

inline constexpr double kMostLoss = 0.01;

struct SweepRow {
  DecodingRow row;
  double exact_match = 0, similarity = 0;  // means over the cases
  Interval exact_interval;
  double similarity_change = 0;  // from the reference, and its standard error
  double similarity_error = 0;
  double tokens_per_forward = 0, steps_per_block = 0;
  double ms_p50 = 0;
};

// REQUIRES: the same cases in the same order, one at least; only those that say what was expected count.
SweepRow sweep_row(int block, float threshold, std::span<const EvalRecord> records,
                   std::span<const EvalRecord> reference);

std::string sweep_table(std::span<const SweepRow> rows);
// The first row is the reference's.
std::string sweep_json(std::span<const SweepRow> rows, std::span<const EvalRecord> reference,
                       const std::string& fingerprint);

// Every block size with every threshold, after the reference that they are compared with.
Result<int> run_sweep(const EvalOptions& options, const GlobalOptions& global);

}  // namespace seedling::cli
