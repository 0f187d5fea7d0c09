#include "engine/model/weights.h"

#include <cmath>

#include "engine/assert.h"

namespace seedling {
namespace {

constexpr std::int64_t kPanelOutputs = 16, kPanelInputs = 4;

Status check_floating(const SafetensorsFile& file, const TensorView& view, const std::string& name) {
  if (view.dtype != Dtype::i8 && view.dtype != Dtype::u8) return Done{};
  return unsupported(
      file.path() + ": tensor \"" + name +
      "\" holds integers; expected F32, BF16 or F16, or int8 panels that config.json announces "
      "(quantization_config.quant_method \"int8_panels\")");
}

Result<WeightMatrix> check_panels(const SafetensorsFile& file, const WeightSpec& spec) {
  WeightMatrix matrix{static_cast<int>(spec.shape[0]), static_cast<int>(spec.shape[1]), {}, nullptr};
  matrix.view = *TRY(file.require(spec.name, panel_shape(matrix.outputs, matrix.inputs)));
  const std::string scale_name = spec.name + std::string(kScaleSuffix);
  const std::vector<std::int64_t> scale_shape = {matrix.outputs};
  const TensorView* scales = TRY(file.require(scale_name, scale_shape));
  if (scales->dtype != Dtype::f32) {
    return invalid_input(file.path() + ": tensor \"" + scale_name + "\": expected F32, found " +
                         dtype_name(scales->dtype));
  }
  matrix.scales = reinterpret_cast<const float*>(scales->data);
  for (int row = 0; row < matrix.outputs; ++row) {
    const float scale = matrix.scales[row];
    if (std::isfinite(scale) && scale >= 0) continue;
    return invalid_input(file.path() + ": tensor \"" + scale_name +
                         "\": expected finite scales of at least 0, found " + std::to_string(scale) +
                         " for row " + std::to_string(row) + ": the file is damaged");
  }
  return matrix;
}

Result<WeightMatrix> check_matrix(const SafetensorsFile& file, const ModelConfig& config,
                                  const WeightSpec& spec) {
  const TensorView* view = file.find(spec.name);
  if (view != nullptr && view->dtype == Dtype::u8 && config.has_int8_panels) return check_panels(file, spec);
  view = TRY(file.require(spec.name, spec.shape));
  TRY(check_floating(file, *view, spec.name));
  return WeightMatrix{static_cast<int>(spec.shape[0]), static_cast<int>(spec.shape[1]), *view, nullptr};
}

}  // namespace

std::vector<WeightSpec> weight_specs(const ModelConfig& config) {
  const std::int64_t v = config.vocab_size, c = config.hidden_size, d = config.head_dim;
  const std::int64_t q = config.num_attention_heads * d, kv = config.num_key_value_heads * d;
  const std::int64_t f = config.intermediate_size;
  std::vector<WeightSpec> specs;
  const auto add = [&](const std::string& name, std::vector<std::int64_t> shape) {
    specs.push_back({name, std::move(shape)});
  };

  add("model.embed_tokens.weight", {v, c});
  for (int layer = 0; layer < config.num_hidden_layers; ++layer) {
    const std::string prefix = "model.layers." + std::to_string(layer) + ".";
    add(prefix + "input_layernorm.weight", {c});
    add(prefix + "self_attn.q_proj.weight", {q, c});
    add(prefix + "self_attn.k_proj.weight", {kv, c});
    add(prefix + "self_attn.v_proj.weight", {kv, c});
    if (config.qkv_bias) {
      add(prefix + "self_attn.q_proj.bias", {q});
      add(prefix + "self_attn.k_proj.bias", {kv});
      add(prefix + "self_attn.v_proj.bias", {kv});
    }
    if (config.qk_norm) {
      add(prefix + "self_attn.q_norm.weight", {d});
      add(prefix + "self_attn.k_norm.weight", {d});
    }
    add(prefix + "self_attn.o_proj.weight", {c, q});
    add(prefix + "post_attention_layernorm.weight", {c});
    add(prefix + "mlp.gate_proj.weight", {f, c});
    add(prefix + "mlp.up_proj.weight", {f, c});
    add(prefix + "mlp.down_proj.weight", {c, f});
  }
  add("model.norm.weight", {c});
  if (!config.tie_word_embeddings) add("lm_head.weight", {v, c});
  return specs;
}

kernels::Int8Matrix WeightMatrix::int8() const {
  SEEDLING_ASSERT(is_int8());
  return {outputs, inputs, reinterpret_cast<const std::uint8_t*>(view.data), scales};
}

void WeightMatrix::read_row(int output, std::span<float> out) const {
  SEEDLING_ASSERT(output >= 0 && output < outputs && out.size() == static_cast<std::size_t>(inputs));
  if (is_int8()) {
    kernels::unpack_int8_row(int8(), output, out.data());
  } else {
    read_f32(view, static_cast<std::size_t>(output) * out.size(), out);
  }
}

Result<WeightMatrices> check_weights(const SafetensorsFile& file, const ModelConfig& config) {
  WeightMatrices matrices;
  for (const WeightSpec& spec : weight_specs(config)) {
    if (spec.is_matrix()) {
      matrices.emplace(spec.name, TRY(check_matrix(file, config, spec)));
    } else {
      const TensorView* view = TRY(file.require(spec.name, spec.shape));
      TRY(check_floating(file, *view, spec.name));
    }
  }
  return matrices;
}

std::vector<float> read_vector(const SafetensorsFile& file, std::string_view name) {
  const TensorView* view = file.find(name);
  SEEDLING_ASSERT(view != nullptr);
  std::vector<float> values(view->byte_count / dtype_bytes(view->dtype));
  read_f32(*view, 0, values);
  return values;
}

std::vector<std::int64_t> panel_shape(std::int64_t outputs, std::int64_t inputs) {
  return {(outputs + kPanelOutputs - 1) / kPanelOutputs, (inputs + kPanelInputs - 1) / kPanelInputs,
          kPanelOutputs, kPanelInputs};
}

}  // namespace seedling
