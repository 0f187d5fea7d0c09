#include "engine/model/calibration.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "engine/model/fingerprint.h"

namespace seedling {
namespace {

using nlohmann::json;

constexpr const char* kFile = "calibration.json";
constexpr double kLargestCoefficient = 1e6;
// Confidences are rounded to 0 by floats long before they are.
constexpr double kLeastLogSum = -200;

}  // namespace

std::array<double, kCalibrationTerms> calibration_terms(const RawConfidence& raw) {
  return {1, raw.mean, std::max(kLeastLogSum, raw.log_sum), std::log1p(std::max(0, raw.tokens))};
}

double Calibration::probability(const RawConfidence& raw) const {
  const std::array<double, kCalibrationTerms> terms = calibration_terms(raw);
  double sum = 0;
  for (std::size_t i = 0; i < terms.size(); ++i) sum += coefficients[i] * terms[i];
  return 1 / (1 + std::exp(-sum));
}

Result<Calibration> Calibration::load(const Model& model) {
  const std::string path = (std::filesystem::path(model.directory) / kFile).string();
  std::ifstream file(path, std::ios::binary);
  if (!file) return not_found(path + " is missing: seedling eval infill --calibrate writes it");
  return parse(std::string(std::istreambuf_iterator<char>(file), {}), path, fingerprint_of(*model.weights));
}

Result<Calibration> Calibration::parse(std::string_view text, const std::string& origin,
                                       const std::string& fingerprint) {
  try {
    const json root = json::parse(text);
    if (root.at("weights").get<std::string>() != fingerprint) {
      return invalid_input(origin + " was measured on other weights: seedling eval infill --calibrate " +
                           "measures these");
    }
    Calibration calibration;
    calibration.coefficients = root.at("coefficients").get<std::array<double, kCalibrationTerms>>();
    calibration.shown_from = root.at("shown_from").get<double>();
    const bool is_sound =
        std::all_of(calibration.coefficients.begin(), calibration.coefficients.end(),
                    [](double value) { return std::abs(value) <= kLargestCoefficient; });  // false for NaN
    if (is_sound && calibration.shown_from >= 0 && calibration.shown_from <= 1) return calibration;
  } catch (const json::exception&) {
    // Said below, whatever it was.
  }
  return invalid_input(origin + " is damaged: seedling eval infill --calibrate writes it anew");
}

}  // namespace seedling
