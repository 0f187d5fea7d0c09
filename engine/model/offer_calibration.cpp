#include "engine/model/offer_calibration.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "engine/model/fingerprint.h"

namespace seedling {
namespace {

using nlohmann::json;

constexpr const char* kFile = "offers.json";

}  // namespace

Result<OfferCalibration> OfferCalibration::load(const Model& model) {
  const std::string path = (std::filesystem::path(model.directory) / kFile).string();
  std::ifstream file(path, std::ios::binary);
  if (!file) return not_found(path + " is missing: seedling eval offers --json writes it");
  return parse(std::string(std::istreambuf_iterator<char>(file), {}), path, fingerprint_of(*model.weights));
}

Result<OfferCalibration> OfferCalibration::parse(std::string_view text, const std::string& origin,
                                                 const std::string& fingerprint) {
  const json root = json::parse(text, nullptr, /*allow_exceptions=*/false);
  const bool is_whole = root.is_object() && root.contains("weights") && root.contains("least_confidence") &&
                        root["least_confidence"].is_number();
  const double least = is_whole ? root["least_confidence"].get<double>() : -1;
  if (!(least >= 0 && least <= 1))
    return invalid_input(origin + " is damaged: seedling eval offers --json writes it anew");
  if (root["weights"] != fingerprint) {
    return invalid_input(origin +
                         " was measured on other weights: seedling eval offers --json measures these");
  }
  return OfferCalibration{static_cast<float>(least)};
}

}  // namespace seedling
