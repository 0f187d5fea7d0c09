// engine/train/optimizer_torch.h
//
// Optimizer: Muon for the hidden matrices, AdamW for embeddings and norms, and a moving average of all
// parameters.
//   Loop thread only. step() consumes and clears the gradients. State is plain tensors, saved and restored by
//   name. Source: Muon (Jordan et al. 2024: momentum, Newton-Schulz with 5 iterations), AdamW (Loshchilov &
//   Hutter 2019).
#pragma once

#include <ATen/ATen.h>

#include <string>
#include <utility>
#include <vector>

#include "engine/train/transformer_torch.h"
#include "engine/train/workers.h"

namespace seedling {

struct OptimizerOptions {
  double matrix_rate = 0.02;  // Muon
  double adam_rate = 3e-3;    // AdamW: embedding and norms
  double momentum = 0.95;
  double beta1 = 0.9, beta2 = 0.95;
  double weight_decay = 0.01;    // of the matrices, times the rate
  double average_decay = 0.998;  // of the moving average
  double clip = 1.0;             // largest gradient norm of the AdamW parameters
};

class Optimizer {
 public:
  Optimizer(std::vector<Parameter>&, const OptimizerOptions&);

  // rate_scale in [0,1] multiplies both rates; `step` counts from 0. The parameters are shared out over the
  // workers.
  void step(std::int64_t step, double rate_scale, Workers&);

  // Every tensor that must survive a restart, by name; restoring copies into them.
  std::vector<std::pair<std::string, at::Tensor>> state();
  const std::vector<at::Tensor>& averages() const { return averages_; }
  // Starts the averages anew from the present values (after loading weights from elsewhere).
  void restart_averages();

 private:
  void matrix_step(std::size_t i, double rate);
  void adam_step(std::size_t i, double rate, std::int64_t step, double gradient_scale);

  std::vector<Parameter>& parameters_;
  OptimizerOptions options_;
  std::vector<at::Tensor> first_;   // momentum
  std::vector<at::Tensor> second_;  // squared gradients; undefined for matrices
  std::vector<at::Tensor> averages_;
};

}  // namespace seedling
