// cli/bench/shapes.h
//
// The shapes that passes are timed with: the model that ships, and two that other engines were measured with.
//   Time does not depend on what the weights are, so those of the larger shapes are drawn from a seed. They
//   are written to a temporary file that is removed as soon as it is mapped. Every model holds 8,192
//   positions here, whatever its configuration says. Errors: a full disk, a missing model folder.
#pragma once

#include <array>
#include <memory>
#include <string_view>

#include "cli/command.h"
#include "engine/model/model.h"

namespace seedling::cli {

inline constexpr int kBenchPositions = 8192;

// "shipped" is what --model names, or the default model.
inline constexpr std::array<std::string_view, 3> kShapeNames = {"shipped", "30m", "100m"};

// REQUIRES: `shape` is one of kShapeNames.
Result<std::shared_ptr<const Model>> load_shape(std::string_view shape, const GlobalOptions& global);

}  // namespace seedling::cli
