// engine/model/quantise.h
//
// Int8 weights from floating-point ones: for a matrix, and for a whole model folder.
//   Every row gets the scale largest magnitude / 127, rounded to nearest (kernels/int8.h); norms and biases
//   stay as they are. Any thread; no torch.
//   Errors: invalid_input for weights that are not finite, a folder that is int8 already, or a destination
//   that holds something else than a model; not_found as Model::load.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "engine/model/model.h"
#include "engine/model/weights.h"
#include "engine/result.h"
#include "kernels/cpu/aligned.h"

namespace seedling {

// Sums over the values of a matrix.
struct QuantisationError {
  double squared_error = 0;
  double squared_weight = 0;

  double relative_rms() const;  // 0 where there is no weight
  QuantisationError& operator+=(const QuantisationError& other);
};

// Tensors for write_safetensors that own their bytes.
class Int8Tensors {
 public:
  // Adds `name` and its scales; read_row(n, out) gives row n of w [outputs, inputs].
  Result<QuantisationError> add_matrix(const std::string& name, int outputs, int inputs,
                                       const std::function<void(int, std::span<float>)>& read_row);
  // Adds a tensor as it is; the view must outlive this.
  void add(NamedTensor tensor) { tensors_.push_back(std::move(tensor)); }

  std::span<const NamedTensor> tensors() const { return tensors_; }

 private:
  std::vector<NamedTensor> tensors_;
  std::vector<kernels::AlignedArray<std::uint8_t>> panels_;
  std::vector<kernels::AlignedArray<float>> scales_;
};

struct QuantisedMatrix {
  std::string name;
  QuantisationError error;
};

// Writes `model` with int8 matrices into the folder `to`, made if missing: model.safetensors, config.json
// with a quantization_config, tokenizer.json. The matrices in the order of the configuration.
Result<std::vector<QuantisedMatrix>> quantise_model(const Model& model, const std::string& to);

}  // namespace seedling
