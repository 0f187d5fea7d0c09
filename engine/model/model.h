// engine/model/model.h
//
// Model: what a model folder holds, loaded once and shared: configuration, tokenizer and mapped weights.
//   Immutable after load; safe to share between threads; backends read the weights in place.
//   Errors: not_found when the folder or a file is missing (says which and what to do), invalid_input when a
//   file is truncated or a tensor is missing or has the wrong shape (says expected and actual). Source: file
//   formats of DESIGN.md section 5.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "engine/model/config.h"
#include "engine/model/weights.h"
#include "engine/result.h"
#include "engine/tokenizer/tokenizer.h"

namespace seedling {

struct Model {
  std::string directory;
  ModelConfig config;
  std::shared_ptr<const Tokenizer> tokenizer;
  std::shared_ptr<const SafetensorsFile> weights;  // every tensor that config asks for was checked
  WeightMatrices matrices;  // those of `weights` with two dimensions, whatever they are stored as

  // REQUIRES: config asks for a matrix of that name.
  const WeightMatrix& matrix(std::string_view name) const;

  static Result<std::shared_ptr<const Model>> load(const std::string& directory);
};

}  // namespace seedling
