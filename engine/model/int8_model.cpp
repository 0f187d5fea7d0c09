#include "engine/model/int8_model.h"

#include <algorithm>
#include <string>
#include <utility>

namespace seedling {
namespace {

using kernels::Int8Matrix;

constexpr const char* kEmbedding = "model.embed_tokens.weight";

std::vector<float> values(const Model& model, const std::string& name) {
  return read_vector(*model.weights, name);
}

// Packs matrices one behind the other into one piece of memory.
class Packer {
 public:
  explicit Packer(const Model& model) : model_(model) {}

  // What is int8 in the file is read there; the rest is packed by pack(), and `matrix` is written then.
  void add(const std::string& name, Int8Matrix& matrix) {
    const WeightMatrix& weights = model_.matrix(name);
    if (weights.is_int8()) {
      matrix = weights.int8();
      return;
    }
    matrix.outputs = weights.outputs;
    matrix.inputs = weights.inputs;
    wanted_.push_back({&weights, &matrix, size_});
    size_ += panel_bytes(matrix) + (static_cast<std::size_t>(matrix.outputs) * sizeof(float) + 63) / 64 * 64;
  }

  kernels::HugeArray pack() {
    kernels::HugeArray memory(size_);
    std::vector<float> row;
    for (const Wanted& wanted : wanted_) {
      Int8Matrix& matrix = *wanted.matrix;
      std::uint8_t* panels = memory.data() + wanted.at;
      float* scales = reinterpret_cast<float*>(panels + panel_bytes(matrix));
      std::fill_n(panels, panel_bytes(matrix), kernels::kInt8Zero);
      row.resize(static_cast<std::size_t>(matrix.inputs));
      for (int n = 0; n < matrix.outputs; ++n) {
        wanted.weights->read_row(n, row);
        kernels::pack_int8_row(row.data(), matrix.inputs, n, panels, scales);
      }
      matrix.panels = panels;
      matrix.scales = scales;
    }
    return memory;
  }

 private:
  struct Wanted {
    const WeightMatrix* weights;
    Int8Matrix* matrix;
    std::size_t at;  // bytes from the beginning of the memory; a multiple of 64
  };
  static std::size_t panel_bytes(const Int8Matrix& matrix) {
    return kernels::int8_panel_bytes(matrix.outputs, matrix.inputs);
  }

  const Model& model_;
  std::vector<Wanted> wanted_;
  std::size_t size_ = 0;
};

}  // namespace

std::size_t Int8Model::bytes() const {
  const auto bytes_of = [](const kernels::Int8Matrix& w) {
    return kernels::int8_panel_bytes(w.outputs, w.inputs);
  };
  std::size_t sum = bytes_of(head);
  for (const Int8Layer& layer : layers) {
    for (const kernels::Int8Matrix* w :
         {&layer.q, &layer.k, &layer.v, &layer.output, &layer.gate, &layer.up, &layer.down}) {
      sum += bytes_of(*w);
    }
  }
  return sum;
}

Int8Model pack_int8_model(std::shared_ptr<const Model> shared) {
  const Model& model = *shared;
  Int8Model packed;
  Packer packer(model);
  packed.layers.resize(static_cast<std::size_t>(model.config.num_hidden_layers));
  for (std::size_t n = 0; n < packed.layers.size(); ++n) {
    const std::string prefix = "model.layers." + std::to_string(n) + ".", attention = prefix + "self_attn.";
    Int8Layer& layer = packed.layers[n];
    layer.input_norm = values(model, prefix + "input_layernorm.weight");
    packer.add(attention + "q_proj.weight", layer.q);
    packer.add(attention + "k_proj.weight", layer.k);
    packer.add(attention + "v_proj.weight", layer.v);
    if (model.config.qkv_bias) {
      layer.q_bias = values(model, attention + "q_proj.bias");
      layer.k_bias = values(model, attention + "k_proj.bias");
      layer.v_bias = values(model, attention + "v_proj.bias");
    }
    if (model.config.qk_norm) {
      layer.q_norm = values(model, attention + "q_norm.weight");
      layer.k_norm = values(model, attention + "k_norm.weight");
    }
    packer.add(attention + "o_proj.weight", layer.output);
    layer.post_attention_norm = values(model, prefix + "post_attention_layernorm.weight");
    packer.add(prefix + "mlp.gate_proj.weight", layer.gate);
    packer.add(prefix + "mlp.up_proj.weight", layer.up);
    packer.add(prefix + "mlp.down_proj.weight", layer.down);
  }
  packed.final_norm = values(model, "model.norm.weight");
  packer.add(model.config.tie_word_embeddings ? kEmbedding : "lm_head.weight", packed.head);
  packed.memory = packer.pack();
  packed.model = std::move(shared);
  return packed;
}

void read_embedding(const Model& model, TokenId token, std::span<float> out) {
  model.matrix(kEmbedding).read_row(token, out);
}

}  // namespace seedling
