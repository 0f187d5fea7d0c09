#include "cli/eval/calibrate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "cli/json_object.h"
#include "engine/assert.h"

namespace seedling::cli {
namespace {

using Vector = std::array<double, kCalibrationTerms>;
using Matrix = std::array<Vector, kCalibrationTerms>;

constexpr int kRounds = 50;
constexpr double kRidge = 1e-2;
constexpr int kFolds = 5;

// Gaussian elimination with pivoting. REQUIRES: positive definite, which the ridge sees to.
Vector solve(Matrix a, Vector b) {
  const std::size_t n = kCalibrationTerms;
  for (std::size_t column = 0; column < n; ++column) {
    std::size_t pivot = column;
    for (std::size_t row = column + 1; row < n; ++row) {
      if (std::abs(a[row][column]) > std::abs(a[pivot][column])) pivot = row;
    }
    std::swap(a[column], a[pivot]);
    std::swap(b[column], b[pivot]);
    for (std::size_t row = column + 1; row < n; ++row) {
      const double factor = a[row][column] / a[column][column];
      for (std::size_t i = column; i < n; ++i) a[row][i] -= factor * a[column][i];
      b[row] -= factor * b[column];
    }
  }
  Vector x{};
  for (std::size_t row = n; row-- > 0;) {
    double sum = b[row];
    for (std::size_t i = row + 1; i < n; ++i) sum -= a[row][i] * x[i];
    x[row] = sum / a[row][row];
  }
  return x;
}

// One Newton step on the penalised log-likelihood; how far it went.
double improve(Calibration& calibration, std::span<const ShownCompletion> shown) {
  Matrix curvature{};
  Vector slope{};
  for (std::size_t i = 0; i < kCalibrationTerms; ++i) {
    curvature[i][i] = kRidge;
    slope[i] = -kRidge * calibration.coefficients[i];
  }
  for (const ShownCompletion& completion : shown) {
    const Vector terms = calibration_terms(completion.raw);
    const double says = calibration.probability(completion.raw);
    for (std::size_t i = 0; i < kCalibrationTerms; ++i) {
      slope[i] += ((completion.is_right ? 1 : 0) - says) * terms[i];
      for (std::size_t j = 0; j < kCalibrationTerms; ++j) {
        curvature[i][j] += says * (1 - says) * terms[i] * terms[j];
      }
    }
  }
  const Vector step = solve(curvature, slope);
  double length = 0;
  for (const double part : step) length = std::max(length, std::abs(part));
  // Far from the optimum a whole step may overshoot.
  const double scale = std::min(1.0, 5 / std::max(length, 1e-12));
  for (std::size_t i = 0; i < kCalibrationTerms; ++i) calibration.coefficients[i] += scale * step[i];
  return length;
}

int fold_of(const std::string& file) {
  unsigned sum = 2166136261u;
  for (const char byte : file) sum = (sum ^ static_cast<unsigned char>(byte)) * 16777619u;
  return static_cast<int>(sum % kFolds);
}

struct Said {
  double says, raw;
  bool is_right;
};

// What a model says of each completion that was fitted without its file.
std::vector<Said> cross_fitted(std::span<const ShownCompletion> shown) {
  std::vector<Said> said;
  for (int fold = 0; fold < kFolds; ++fold) {
    std::vector<ShownCompletion> others;
    for (const ShownCompletion& completion : shown) {
      if (fold_of(completion.file) != fold) others.push_back(completion);
    }
    const Calibration calibration = fit_calibration(others);
    for (const ShownCompletion& completion : shown) {
      if (fold_of(completion.file) != fold) continue;
      said.push_back({calibration.probability(completion.raw), completion.raw.mean, completion.is_right});
    }
  }
  return said;
}

std::vector<ReliabilityBin> bins_of(std::vector<Said> said, double Said::*by) {
  std::sort(said.begin(), said.end(), [by](const Said& a, const Said& b) { return a.*by < b.*by; });
  std::vector<ReliabilityBin> bins;
  for (int bin = 0; bin < kReliabilityBins; ++bin) {
    const std::size_t begin = said.size() * bin / kReliabilityBins;
    const std::size_t end = said.size() * (bin + 1) / kReliabilityBins;
    if (begin == end) continue;
    ReliabilityBin made;
    made.cases = static_cast<int>(end - begin);
    for (std::size_t i = begin; i < end; ++i) {
      made.says += said[i].says / made.cases;
      made.raw += said[i].raw / made.cases;
      made.right += (said[i].is_right ? 1.0 : 0.0) / made.cases;
    }
    bins.push_back(made);
  }
  return bins;
}

double error_of(std::span<const ReliabilityBin> bins, double ReliabilityBin::*says) {
  double error = 0, cases = 0;
  for (const ReliabilityBin& bin : bins) {
    error += bin.cases * std::abs(bin.*says - bin.right);
    cases += bin.cases;
  }
  return cases > 0 ? error / cases : 0;
}

}  // namespace

std::vector<ShownCompletion> shown_completions(std::span<const EvalCase> cases,
                                               std::span<const EvalRecord> records) {
  SEEDLING_ASSERT(cases.size() == records.size());
  std::vector<ShownCompletion> shown;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const EvalAnswer& answer = records[i].answer;
    if (answer.text.empty() || !answer.confidence || !answer.log_confidence || !cases[i].expected) continue;
    const std::string file = cases[i].id.substr(0, cases[i].id.rfind(':'));
    const bool is_right = stripped(answer.text) == stripped(*cases[i].expected);
    shown.push_back({file, {*answer.confidence, *answer.log_confidence, answer.tokens}, is_right});
  }
  return shown;
}

Calibration fit_calibration(std::span<const ShownCompletion> shown) {
  Calibration calibration;
  for (int round = 0; round < kRounds; ++round) {
    if (improve(calibration, shown) < 1e-8) break;
  }
  return calibration;
}

Reliability measure_reliability(std::span<const ShownCompletion> shown) {
  const std::vector<Said> said = cross_fitted(shown);
  Reliability reliability;
  reliability.bins = bins_of(said, &Said::says);
  reliability.error = error_of(reliability.bins, &ReliabilityBin::says);
  reliability.raw_error = error_of(bins_of(said, &Said::raw), &ReliabilityBin::raw);
  for (const Said& one : said) {
    const double miss = one.says - (one.is_right ? 1 : 0);
    reliability.brier += miss * miss / static_cast<double>(said.size());
  }
  return reliability;
}

double threshold_for(const Calibration& calibration, std::span<const ShownCompletion> shown) {
  constexpr double kWorthReading = 0.2, kLeastShown = 0.1;
  std::vector<double> says;
  for (const ShownCompletion& completion : shown) says.push_back(calibration.probability(completion.raw));
  std::sort(says.rbegin(), says.rend());
  double sum = 0, threshold = 0;
  std::size_t count = 0;
  for (std::size_t i = 0; i < says.size(); ++i) {
    sum += says[i];
    if (sum < kWorthReading * static_cast<double>(i + 1)) break;
    threshold = says[i];
    count = i + 1;
  }
  return static_cast<double>(count) < kLeastShown * static_cast<double>(says.size()) ? 0 : threshold;
}

std::string reliability_table(const Reliability& reliability) {
  std::string table = "cases   says  right   the model's own\n";
  char line[160];
  for (const ReliabilityBin& bin : reliability.bins) {
    std::snprintf(line, sizeof line, "%5d %5.1f %% %5.1f %% %10.3f\n", bin.cases, 100 * bin.says,
                  100 * bin.right, bin.raw);
    table += line;
  }
  std::snprintf(line, sizeof line,
                "expected calibration error %.3f (%.3f as it is without), Brier score %.3f\n",
                reliability.error, reliability.raw_error, reliability.brier);
  return table + line;
}

std::string calibration_json(const Calibration& calibration, const Reliability& reliability,
                             std::span<const ShownCompletion> shown, int cases,
                             const std::string& fingerprint) {
  std::vector<std::string> coefficients, bins;
  for (const double value : calibration.coefficients) coefficients.push_back(json_number(value));
  for (const ReliabilityBin& bin : reliability.bins) {
    JsonObject line;
    line.add("cases", bin.cases).add("says", bin.says).add("right", bin.right).add("raw", bin.raw);
    bins.push_back(line.text());
  }
  JsonObject object;
  object.add("weights", fingerprint).add("cases", cases).add("shown", shown.size());
  object.add_json("coefficients", json_array(coefficients)).add("shown_from", calibration.shown_from);
  object.add("error", reliability.error).add("raw_error", reliability.raw_error);
  object.add("brier", reliability.brier);
  return object.add_json("bins", json_array(bins)).text();
}

}  // namespace seedling::cli
