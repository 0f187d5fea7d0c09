#include "engine/model/model.h"

#include <filesystem>

namespace seedling {
namespace {

Status check_floating(const TensorView& view, const std::string& name) {
  if (view.dtype != Dtype::i8) return Done{};
  return unsupported("tensor \"" + name + "\" is int8; this build reads F32, BF16 and F16 weights");
}

// Every tensor that `config` asks for, by its Hugging Face name, with its shape.
Status check_weights(const SafetensorsFile& weights, const ModelConfig& config) {
  const std::int64_t v = config.vocab_size, c = config.hidden_size, d = config.head_dim;
  const std::int64_t q = config.num_attention_heads * d, kv = config.num_key_value_heads * d;
  const std::int64_t f = config.intermediate_size;
  const auto check = [&](const std::string& name, std::initializer_list<std::int64_t> shape) -> Status {
    const TensorView* view = TRY(weights.require(name, std::span(shape.begin(), shape.size())));
    return check_floating(*view, name);
  };

  TRY(check("model.embed_tokens.weight", {v, c}));
  for (int layer = 0; layer < config.num_hidden_layers; ++layer) {
    const std::string prefix = "model.layers." + std::to_string(layer) + ".";
    TRY(check(prefix + "input_layernorm.weight", {c}));
    TRY(check(prefix + "self_attn.q_proj.weight", {q, c}));
    TRY(check(prefix + "self_attn.k_proj.weight", {kv, c}));
    TRY(check(prefix + "self_attn.v_proj.weight", {kv, c}));
    if (config.qkv_bias) {
      TRY(check(prefix + "self_attn.q_proj.bias", {q}));
      TRY(check(prefix + "self_attn.k_proj.bias", {kv}));
      TRY(check(prefix + "self_attn.v_proj.bias", {kv}));
    }
    if (config.qk_norm) {
      TRY(check(prefix + "self_attn.q_norm.weight", {d}));
      TRY(check(prefix + "self_attn.k_norm.weight", {d}));
    }
    TRY(check(prefix + "self_attn.o_proj.weight", {c, q}));
    TRY(check(prefix + "post_attention_layernorm.weight", {c}));
    TRY(check(prefix + "mlp.gate_proj.weight", {f, c}));
    TRY(check(prefix + "mlp.up_proj.weight", {f, c}));
    TRY(check(prefix + "mlp.down_proj.weight", {c, f}));
  }
  TRY(check("model.norm.weight", {c}));
  if (!config.tie_word_embeddings) TRY(check("lm_head.weight", {v, c}));
  return Done{};
}

}  // namespace

Result<std::shared_ptr<const Model>> Model::load(const std::string& directory) {
  const std::filesystem::path folder(directory);
  std::error_code ignored;
  if (!std::filesystem::is_directory(folder, ignored)) {
    return not_found("no model folder at \"" + directory + "\": point to one with --model DIR");
  }
  for (const char* name : {"config.json", "tokenizer.json", "model.safetensors"}) {
    if (!std::filesystem::exists(folder / name, ignored)) {
      return not_found("the model folder \"" + directory + "\" has no " + name +
                       ": point to a complete one with --model DIR");
    }
  }
  auto model = std::make_shared<Model>();
  model->directory = directory;
  model->config = TRY(ModelConfig::load((folder / "config.json").string()));
  // Mapped first: the weights come from the disk while the tokenizer is read.
  model->weights = TRY(SafetensorsFile::map((folder / "model.safetensors").string()));
  model->tokenizer = TRY(Tokenizer::load((folder / "tokenizer.json").string()));
  if (model->tokenizer->vocab_size() > model->config.vocab_size) {
    return invalid_input(directory + ": tokenizer.json has " +
                         std::to_string(model->tokenizer->vocab_size()) +
                         " tokens, but config.json's vocab_size is " +
                         std::to_string(model->config.vocab_size) + "; do the files belong together?");
  }
  TRY(check_weights(*model->weights, model->config));
  return std::shared_ptr<const Model>(std::move(model));
}

}  // namespace seedling
