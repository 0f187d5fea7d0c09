// engine/model/int8_model.h
//
// The weights of a model as the int8 kernels read them: in the file where they are int8 there, else packed
// once and shared by the sessions of one model.
//   Immutable after pack_int8_model(); the views point into `memory` or into the model's file, which `model`
//   keeps mapped. Norms and biases stay f32.
//   Letters: C hidden size · H query heads, K kv heads, D head dim · F intermediate size · V vocabulary
#pragma once

#include <memory>
#include <vector>

#include "engine/model/model.h"
#include "kernels/cpu/huge_array.h"
#include "kernels/int8.h"

namespace seedling {

struct Int8Layer {
  std::vector<float> input_norm;              // [C]
  kernels::Int8Matrix q, k, v;                // [H·D,C], [K·D,C] twice
  std::vector<float> q_bias, k_bias, v_bias;  // the same outputs, or empty
  std::vector<float> q_norm, k_norm;          // [D] or empty
  kernels::Int8Matrix output;                 // [C,H·D]
  std::vector<float> post_attention_norm;     // [C]
  kernels::Int8Matrix gate, up;               // [F,C]
  kernels::Int8Matrix down;                   // [C,F]
};

struct Int8Model {
  std::shared_ptr<const Model> model;
  std::vector<Int8Layer> layers;
  std::vector<float> final_norm;  // [C]
  kernels::Int8Matrix head;       // [V,C]
  kernels::HugeArray memory;      // of what was packed here

  std::size_t bytes() const;  // of all matrices, wherever they lie
};

Int8Model pack_int8_model(std::shared_ptr<const Model> model);

// out [C] = the embedding of a token, as wide as the file has it.
void read_embedding(const Model& model, TokenId token, std::span<float> out);

}  // namespace seedling
