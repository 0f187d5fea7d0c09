#include "engine/model/offer_calibration.h"

#include <doctest/doctest.h>

namespace seedling {
namespace {

TEST_CASE("offer calibration: what was measured on these weights counts") {
  const auto found =
      OfferCalibration::parse(R"({"weights":"abc","least_confidence":0.75,"rows":[]})", "offers.json", "abc");
  REQUIRE(found.ok());
  CHECK(found->least_confidence == 0.75f);
}

TEST_CASE("offer calibration: other weights and damaged files are refused, with what to do") {
  for (const char* text :
       {"", "7", "[]", "{}", R"({"weights":"abc"})", R"({"weights":"abc","least_confidence":2})",
        R"({"weights":"abc","least_confidence":"high"})", R"({"least_confidence":0.5})",
        R"({"weights":7,"least_confidence":0.5})", R"({"weights":"other","least_confidence":0.5})"}) {
    CAPTURE(text);
    const auto found = OfferCalibration::parse(text, "offers.json", "abc");
    REQUIRE(!found.ok());
    CHECK(found.error().code == ErrorCode::invalid_input);
    CHECK(found.error().message.find("seedling eval offers --json") != std::string::npos);
  }
}

}  // namespace
}  // namespace seedling
