// engine/model/weights.h
//
// The tensors that a configuration asks for, checked, and one way to read them whatever they are stored as.
//   A matrix lies in the file as F32, BF16 or F16, or as int8: the tensor "X.weight" holds the panels of
//   kernels/int8.h as U8 [ceil(N/16), ceil(K/4), 16, 4], and "X.weight_scale" F32 [N], one scale a row, with
//   w ≈ q·scale. Such a file's config.json has a quantization_config. Norms and biases stay floating point.
//   Plain data after check_weights; views into the mapping, which must outlive them. Any thread.
//   Errors: invalid_input naming the tensor, what was expected and what was found; unsupported for int8 that
//   the configuration does not announce.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "engine/model/config.h"
#include "engine/model/safetensors.h"
#include "engine/result.h"
#include "kernels/int8.h"

namespace seedling {

// A tensor that a configuration asks for, by its Hugging Face name: [N,K] for a matrix, [N] for the others.
struct WeightSpec {
  std::string name;
  std::vector<std::int64_t> shape;

  bool is_matrix() const { return shape.size() == 2; }
};
std::vector<WeightSpec> weight_specs(const ModelConfig& config);

// w [outputs, inputs] as it lies in the file.
struct WeightMatrix {
  int outputs = 0;
  int inputs = 0;
  TensorView view;                // F32, BF16, F16 [outputs, inputs], or the panels
  const float* scales = nullptr;  // [outputs] of the panels; null for floating point

  bool is_int8() const { return scales != nullptr; }

  // What the kernels read in place. REQUIRES: is_int8().
  kernels::Int8Matrix int8() const;

  // out [inputs] = row `output` as floats, whatever they are stored as.
  void read_row(int output, std::span<float> out) const;
};

using WeightMatrices = std::map<std::string, WeightMatrix, std::less<>>;  // by name

// Every matrix of the configuration. Norms and biases are checked too; read_vector reads them.
Result<WeightMatrices> check_weights(const SafetensorsFile& file, const ModelConfig& config);

// All values of a norm or bias. REQUIRES: `file` was checked and the configuration asks for it.
std::vector<float> read_vector(const SafetensorsFile& file, std::string_view name);

inline constexpr std::string_view kScaleSuffix = "_scale";  // "X.weight_scale"

// The shape of the panels of a matrix [outputs, inputs].
std::vector<std::int64_t> panel_shape(std::int64_t outputs, std::int64_t inputs);

}  // namespace seedling
