#include "engine/model/int8_model.h"

#include <algorithm>
#include <string>
#include <utility>

#include "engine/assert.h"
#include "engine/model/safetensors.h"

namespace seedling {
namespace {

using kernels::Int8Matrix;

constexpr const char* kEmbedding = "model.embed_tokens.weight";

// REQUIRES: the tensor exists; Model::load checked that.
const TensorView& tensor(const Model& model, const std::string& name) {
  const TensorView* view = model.weights->find(name);
  SEEDLING_ASSERT(view);
  return *view;
}

std::vector<float> values(const Model& model, const std::string& name) {
  const TensorView& view = tensor(model, name);
  std::vector<float> out(view.byte_count / dtype_bytes(view.dtype));
  read_f32(view, 0, out);
  return out;
}

// Packs matrices one behind the other into one piece of memory.
class Packer {
 public:
  explicit Packer(const Model& model) : model_(model) {}

  // To be packed by pack(); `matrix` is written then.
  void add(const std::string& name, Int8Matrix& matrix) {
    const TensorView& view = tensor(model_, name);
    matrix.outputs = static_cast<int>(view.shape[0]);
    matrix.inputs = static_cast<int>(view.shape[1]);
    wanted_.push_back({&view, &matrix, size_});
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
        read_f32(*wanted.view, static_cast<std::size_t>(n) * row.size(), row);
        kernels::pack_int8_row(row.data(), matrix.inputs, n, panels, scales);
      }
      matrix.panels = panels;
      matrix.scales = scales;
    }
    return memory;
  }

 private:
  struct Wanted {
    const TensorView* view;
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
  read_f32(tensor(model, kEmbedding), static_cast<std::size_t>(token) * out.size(), out);
}

}  // namespace seedling
