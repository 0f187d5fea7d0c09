// engine/model/calibration.h
//
// Calibration: how often a completion is right of which the model says how sure it is of its tokens.
//   `calibration.json` in the model folder, optional; `seedling eval infill --calibrate` writes it, from
//   completions in text that these weights have not seen. It names the weights (fingerprint.h). Plain value,
//   any thread. Errors: not_found where there is none; invalid_input for a damaged file and for one that was
//   measured on other weights.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "engine/model/model.h"
#include "engine/result.h"

namespace seedling {

// What the sampler says of a completion.
struct RawConfidence {
  double mean = 0;     // of the committed tokens, in [0, 1]
  double log_sum = 0;  // sum of their logarithms
  int tokens = 0;      // <end> included
};

// What the logistic model sees of it: 1, mean, log_sum, ln(tokens + 1).
inline constexpr std::size_t kCalibrationTerms = 4;
std::array<double, kCalibrationTerms> calibration_terms(const RawConfidence& raw);

struct Calibration {
  std::array<double, kCalibrationTerms> coefficients{};
  double shown_from = 0;  // what nobody asked for is not shown below this probability

  // In [0, 1].
  double probability(const RawConfidence& raw) const;

  static Result<Calibration> load(const Model& model);
  // The same of a file's text; `fingerprint` is that of the weights. Public for tests.
  static Result<Calibration> parse(std::string_view json, const std::string& origin,
                                   const std::string& fingerprint);
};

}  // namespace seedling
