// Calibration: what is fitted says how often what it is told of was right.
#include "cli/eval/calibrate.h"

#include <nlohmann/json.hpp>

#include "engine/sampler/rng.h"
#include "tests/cli/program.h"

using namespace seedling;
using namespace seedling::cli;

namespace {

// Completions that are right as often as a known logistic model says.
std::vector<ShownCompletion> drawn(int count) {
  Calibration truth;
  truth.coefficients = {-3, 4, 0.5, 0.2};
  std::vector<ShownCompletion> shown;
  for (int i = 0; i < count; ++i) {
    ShownCompletion one;
    one.file = "file" + std::to_string(i % 50);
    one.raw.mean = uniform(1, i, 0, 0);
    one.raw.log_sum = -4 * static_cast<double>(uniform(1, i, 1, 0));
    one.raw.tokens = 1 + static_cast<int>(20 * uniform(1, i, 2, 0));
    one.is_right = static_cast<double>(uniform(1, i, 3, 0)) < truth.probability(one.raw);
    shown.push_back(one);
  }
  return shown;
}

}  // namespace

TEST_CASE("calibrate: finds the model that the completions were drawn from") {
  const std::vector<ShownCompletion> shown = drawn(4000);
  const Calibration fitted = fit_calibration(shown);
  CHECK(fitted.coefficients[0] == doctest::Approx(-3).epsilon(0.2));
  CHECK(fitted.coefficients[1] == doctest::Approx(4).epsilon(0.2));
  CHECK(fitted.coefficients[2] == doctest::Approx(0.5).epsilon(0.2));
  const Reliability reliability = measure_reliability(shown);
  CHECK(reliability.bins.size() == kReliabilityBins);
  CHECK(reliability.error < 0.03);
  CHECK(reliability.error < reliability.raw_error);
  int cases = 0;
  for (const ReliabilityBin& bin : reliability.bins) cases += bin.cases;
  CHECK(cases == 4000);
}

TEST_CASE("calibrate: all right, all wrong, and nothing at all stay finite") {
  std::vector<ShownCompletion> shown = drawn(100);
  for (ShownCompletion& one : shown) one.is_right = true;
  CHECK(fit_calibration(shown).probability(shown[0].raw) > 0.9);
  for (ShownCompletion& one : shown) one.is_right = false;
  const Calibration never = fit_calibration(shown);
  CHECK(never.probability(shown[0].raw) < 0.1);
  CHECK(threshold_for(never, shown) == 0);  // rather something than silence for good
  CHECK(fit_calibration({}).probability({}) == 0.5);
  CHECK(measure_reliability({}).bins.empty());
}

TEST_CASE("calibrate: the threshold keeps what is right a fifth of the time together") {
  const std::vector<ShownCompletion> shown = drawn(2000);
  const Calibration fitted = fit_calibration(shown);
  const double threshold = threshold_for(fitted, shown);
  int kept = 0, right = 0;
  for (const ShownCompletion& one : shown) {
    if (fitted.probability(one.raw) < threshold) continue;
    ++kept;
    right += one.is_right ? 1 : 0;
  }
  CHECK(kept > 200);
  CHECK(static_cast<double>(right) / kept > 0.17);
}

TEST_CASE("calibrate: what is written is what the engine reads") {
  std::vector<EvalCase> cases(60);
  std::vector<EvalRecord> records(60);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    cases[i].id = "f" + std::to_string(i / 3) + ":1";
    cases[i].expected = "x";
    records[i].answer.text = i % 2 == 0 ? " x" : "y";
    if (i == 0) records[i].answer.text.clear();  // silence is not judged
    records[i].answer.confidence = i % 2 == 0 ? 0.9 : 0.4;
    records[i].answer.log_confidence = -1;
    records[i].answer.tokens = 2;
  }
  const std::vector<ShownCompletion> shown = shown_completions(cases, records);
  CHECK(shown.size() == 59);
  CHECK(shown[0].file == "f0");
  CHECK(!shown[0].is_right);
  Calibration fitted = fit_calibration(shown);
  fitted.shown_from = 0.25;
  const std::string text = calibration_json(fitted, measure_reliability(shown), shown, 60, "w");
  const Result<Calibration> read = Calibration::parse(text, "f", "w");
  REQUIRE(read.ok());
  CHECK(read->shown_from == 0.25);
  CHECK(read->probability({0.9, -1, 2}) == doctest::Approx(fitted.probability({0.9, -1, 2})).epsilon(1e-4));
  CHECK(read->probability({0.9, -1, 2}) > 0.8);
  CHECK(nlohmann::json::parse(text)["shown"] == 59);
}
