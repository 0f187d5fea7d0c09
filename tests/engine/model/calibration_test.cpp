#include "engine/model/calibration.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace seedling;

namespace {

std::string file_of(const std::string& coefficients, const std::string& shown_from = "0.2") {
  return R"({"weights":"w","coefficients":)" + coefficients + R"(,"shown_from":)" + shown_from + "}";
}

}  // namespace

TEST_CASE("calibration: a logistic model of the sampler's own confidence") {
  const Result<Calibration> read = Calibration::parse(file_of("[-1,2,0.5,0.25]"), "f", "w");
  REQUIRE(read.ok());
  CHECK(read->shown_from == 0.2);
  const double sum = -1 + 2 * 0.5 + 0.5 * -3 + 0.25 * std::log(6.0);
  CHECK(read->probability({0.5, -3, 5}) == doctest::Approx(1 / (1 + std::exp(-sum))));
  CHECK(read->probability({0.9, -1, 5}) > read->probability({0.5, -3, 5}));
  CHECK(std::isfinite(read->probability({0, -INFINITY, 0})));
}

TEST_CASE("calibration: a file that is damaged or of other weights is refused") {
  for (const std::string& text :
       {std::string("{"), std::string("[]"), file_of("[1,2,3]"), file_of("[1,2,3,1e99]"),
        file_of("[1,2,3,null]"), file_of("[1,2,3,4]", "1.5"), file_of("[1,2,3,4]", "\"x\"")}) {
    CAPTURE(text);
    const Result<Calibration> read = Calibration::parse(text, "calibration.json", "w");
    REQUIRE(!read.ok());
    CHECK(read.error().message.starts_with("calibration.json is damaged"));
  }
  CHECK(Calibration::parse(file_of("[1,2,3,4]"), "f", "v").error().message.find("other weights") !=
        std::string::npos);
}
