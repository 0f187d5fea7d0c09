// engine/train/transformer_torch.h
//
// The transformer as the trainer sees it: f32 master parameters, bf16 arithmetic, loss over a Batch.
//   On the CPU the memory-bound parts run fused (engine/train/fused_cpu.h); on CUDA, or with `plain`, the
//   same story in ordinary tensor operations, which is also what the tests hold the fused path against. Loop
//   thread only. Names and shapes of the parameters are those of the exported safetensors file, except that
//   q, k, v and gate, up are kept as one matrix each (split by `exported`). Letters: B rows, S = T + N tokens
//   a row, C hidden, H heads, K kv heads, D head dim, F intermediate, V vocabulary.
#pragma once

#include <ATen/ATen.h>

#include <string>
#include <vector>

#include "engine/model/config.h"
#include "engine/train/batch.h"
#include "engine/train/loss_sums.h"

namespace seedling {

struct Parameter {
  std::string name;
  at::Tensor value;             // f32, requires grad
  bool is_matrix = false;       // hidden matrix: optimised by Muon; embeddings and norms by AdamW
  std::vector<int> split_rows;  // row counts of the matrices fused into this one

  // The exported tensors it stands for, in the order of split_rows; itself where nothing is fused.
  std::vector<std::string> exported_names() const;
};

struct ForwardOptions {
  bool plain = false;    // ordinary tensor operations even on the CPU
  bool f32 = false;      // plain path only: arithmetic in f32 (the tests' reference)
  float dropout = 0.0f;  // on the output of attention and feed-forward
  std::uint64_t dropout_seed = 0;
  double total_weight = 0;  // what the loss is divided by; 0: the batch's own weight
  bool backward = true;     // compute gradients
};

class TrainedTransformer {
 public:
  TrainedTransformer(const ModelConfig&, at::Device, std::uint64_t seed);

  // The same parameters (shared storage) with gradients of their own, for another thread.
  TrainedTransformer replica() const;

  const ModelConfig& config() const { return config_; }
  std::vector<Parameter>& parameters() { return parameters_; }

  // Adds d(loss)/d(parameter) to the gradients if options.backward; loss = Σ weight·nats / Σ weight.
  LossSums loss(const Batch&, const ForwardOptions&);

  struct Exported {
    std::string name;
    at::Tensor value;  // f32 on the CPU
  };
  // Hugging Face names and shapes; `values` are parallel to parameters() (e.g. the moving averages).
  std::vector<Exported> exported(const std::vector<at::Tensor>& values) const;

 private:
  TrainedTransformer(const ModelConfig& config, at::Device device) : config_(config), device_(device) {}

  ModelConfig config_;
  at::Device device_;
  std::vector<Parameter> parameters_;
};

}  // namespace seedling
