// cli/eval/calibrate.h
//
// Fits how often a completion is right to how sure the model is of it: `eval infill --calibrate`, which
// writes a model's calibration.json (engine/model/calibration.h).
//   A logistic model, fitted by Newton's method with a small ridge. What is said of its quality comes from
//   cases that it was not fitted on: five folds, all holes of one file in the same one. Pure; any thread.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cli/eval/case.h"
#include "cli/eval/record.h"
#include "engine/model/calibration.h"

namespace seedling::cli {

// A completion that would be shown, and whether it was what stood there.
struct ShownCompletion {
  std::string file;
  RawConfidence raw;
  bool is_right = false;
};

// Cases with nothing to show are left out. REQUIRES: as many records as cases, in the same order.
std::vector<ShownCompletion> shown_completions(std::span<const EvalCase> cases,
                                               std::span<const EvalRecord> records);

// Coefficients that make what was seen likeliest. Nothing to fit gives zeros.
Calibration fit_calibration(std::span<const ShownCompletion> shown);

// Completions of about the same calibrated confidence.
struct ReliabilityBin {
  double says = 0;   // mean of the calibrated confidence
  double raw = 0;    // mean of the model's own
  double right = 0;  // share that was right
  int cases = 0;
};

struct Reliability {
  std::vector<ReliabilityBin> bins;  // the least sure first, equally filled
  double error = 0;                  // expected calibration error: mean |says - right| over the cases
  double raw_error = 0;              // the same of the model's own confidence, in bins of its own
  double brier = 0;                  // mean squared error of the calibrated confidence
};

inline constexpr int kReliabilityBins = 10;
Reliability measure_reliability(std::span<const ShownCompletion> shown);

// The threshold from which on more than a fifth of what is shown is right, by the fitted model; 0 where that
// would silence nearly everything.
double threshold_for(const Calibration& calibration, std::span<const ShownCompletion> shown);

std::string reliability_table(const Reliability& reliability);
std::string calibration_json(const Calibration& calibration, const Reliability& reliability,
                             std::span<const ShownCompletion> shown, int cases,
                             const std::string& fingerprint);

}  // namespace seedling::cli
