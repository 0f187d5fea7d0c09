// engine/model/offer_calibration.h
//
// How sure a model has to be of a completion for it to be worth showing to somebody who only types.
//   `offers.json` in the model folder, optional; `seedling eval offers --json` writes it. It names the
//   weights it was measured on (fingerprint.h). Plain value, any thread. Errors: not_found where there is
//   none; invalid_input for a damaged file and for one that was measured on other weights.
#pragma once

#include <string>
#include <string_view>

#include "engine/model/model.h"
#include "engine/result.h"

namespace seedling {

struct OfferCalibration {
  float least_confidence = 0;

  static Result<OfferCalibration> load(const Model& model);
  // The same of a file's text; `fingerprint` is that of the weights. Public for tests.
  static Result<OfferCalibration> parse(std::string_view json, const std::string& origin,
                                        const std::string& fingerprint);
};

}  // namespace seedling
