// engine/train/corpus/samples.h
//
// Samples: holes with more than their text, which cost too much to make while training: what a tool says of a
// mistake in one (diagnosed.h), or how a model filled it (engine/train/trajectories.h).
//   On disk a JSON object a line, so that a file can be looked at; written beside the old one and renamed.
//   Owner: the caller. Errors: not_found for a missing file, invalid_input with file and line for a damaged
//   one.
#pragma once

#include <string>
#include <vector>

#include "engine/result.h"
#include "engine/types.h"

namespace seedling {

struct Sample {
  std::string language;  // LSP language id
  std::string path;      // inside its package
  std::string prefix, suffix;
  std::string message;  // of a tool, about the draft; may be empty
  std::string draft;    // what is wrong in the hole; may be empty
  std::string middle;   // what belongs in the hole

  // How a model filled the hole; empty where none did. The canvas, <end> included, then for each of its
  // tokens the step that committed it, counted from 0.
  std::vector<TokenId> tokens;
  std::vector<int> steps;
  int block = 0;  // tokens denoised together

  bool operator==(const Sample&) const = default;
};

// Where a corpus keeps the diagnosed mistakes of a split.
std::string diagnosed_path(const std::string& corpus, const std::string& split);

Status write_samples(const std::string& path, const std::vector<Sample>& samples);
Result<std::vector<Sample>> read_samples(const std::string& path);

}  // namespace seedling
