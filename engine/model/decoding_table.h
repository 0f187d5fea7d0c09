// engine/model/decoding_table.h
//
// DecodingTable: what was measured of a model's weights on text that they have not seen: how many tokens a
// step commits for each block size and threshold, and whether the text is as good as one token at a time.
//   `decoding.json` in the model folder, optional; `seedling eval infill --sweep` writes it. It names the
//   weights it was measured on (fingerprint.h). Plain value, any thread. Errors: not_found where there is
//   none; invalid_input for a damaged file and for one that was measured on other weights.
#pragma once

#include <string>
#include <vector>

#include "engine/model/model.h"
#include "engine/result.h"

namespace seedling {

struct DecodingRow {
  int block = 16;
  float threshold = 0.9f;
  double tokens_per_step = 1;
  bool is_safe = true;  // the text is no worse than one token at a time, within noise
};

struct DecodingTable {
  double tokens_per_hole = 12;    // on average, <end> included
  std::vector<DecodingRow> rows;  // one at least that is safe

  static Result<DecodingTable> load(const Model& model);
  // The same of a file's text; `fingerprint` is that of the weights. Public for tests.
  static Result<DecodingTable> parse(std::string_view json, const std::string& origin,
                                     const std::string& fingerprint);
};

// For weights of which nothing was measured: their own block size, one token a step.
DecodingTable unmeasured_table(const ModelConfig& config);

}  // namespace seedling
