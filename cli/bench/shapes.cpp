#include "cli/bench/shapes.h"

#include <stdlib.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>

#include "engine/assert.h"
#include "engine/engine.h"
#include "engine/model/safetensors.h"
#include "engine/model/weights.h"
#include "engine/tokenizer/special_tokens.h"

namespace seedling::cli {
namespace {

namespace fs = std::filesystem;

ModelConfig config_of(int hidden, int layers, int heads, int kv_heads, int intermediate, int vocab) {
  ModelConfig config;
  config.vocab_size = vocab;
  config.hidden_size = hidden;
  config.num_hidden_layers = layers;
  config.num_attention_heads = heads;
  config.num_key_value_heads = kv_heads;
  config.head_dim = 64;
  config.intermediate_size = intermediate;
  config.max_position_embeddings = kBenchPositions;
  config.diffusion = {
      special::kMask, special::kPad, special::kEnd, special::kDelete, special::kInsert, false, 16};
  return config;
}

// Values of one bf16 tensor: uniform, and so spread that activations stay of the order of one.
class RandomWeights {
 public:
  void add(const std::string& name, std::vector<std::int64_t> shape, float spread) {
    std::int64_t count = 1;
    for (const std::int64_t extent : shape) count *= extent;
    std::vector<std::uint16_t> values(static_cast<std::size_t>(count));
    for (std::uint16_t& value : values) value = upper_half(spread * unit());
    keep(name, std::move(shape), std::move(values));
  }
  void add_ones(const std::string& name, std::int64_t count) {
    keep(name, {count}, std::vector<std::uint16_t>(static_cast<std::size_t>(count), upper_half(1.0f)));
  }
  Status write(const std::string& path) const { return write_safetensors(path, tensors_); }

 private:
  static std::uint16_t upper_half(float value) {
    std::uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    return static_cast<std::uint16_t>(bits >> 16);
  }
  float unit() {  // xorshift, in [-1, 1)
    state_ ^= state_ << 13;
    state_ ^= state_ >> 17;
    state_ ^= state_ << 5;
    return static_cast<float>(state_) * 0x1p-31f - 1.0f;
  }
  void keep(const std::string& name, std::vector<std::int64_t> shape, std::vector<std::uint16_t> values) {
    storage_.push_back(std::move(values));
    const std::vector<std::uint16_t>& kept = storage_.back();
    tensors_.push_back({name,
                        {Dtype::bf16, std::move(shape), reinterpret_cast<const std::byte*>(kept.data()),
                         kept.size() * sizeof(std::uint16_t)}});
  }

  std::uint32_t state_ = 2463534242;
  std::vector<std::vector<std::uint16_t>> storage_;
  std::vector<NamedTensor> tensors_;
};

Status write_weights(const ModelConfig& config, const std::string& path) {
  const std::int64_t c = config.hidden_size, d = config.head_dim, f = config.intermediate_size;
  const std::int64_t q = config.num_attention_heads * d, kv = config.num_key_value_heads * d;
  const float spread = std::sqrt(3.0f / static_cast<float>(c));
  RandomWeights weights;
  weights.add("model.embed_tokens.weight", {config.vocab_size, c}, spread);
  for (int layer = 0; layer < config.num_hidden_layers; ++layer) {
    const std::string prefix = "model.layers." + std::to_string(layer) + ".";
    weights.add_ones(prefix + "input_layernorm.weight", c);
    weights.add(prefix + "self_attn.q_proj.weight", {q, c}, spread);
    weights.add(prefix + "self_attn.k_proj.weight", {kv, c}, spread);
    weights.add(prefix + "self_attn.v_proj.weight", {kv, c}, spread);
    weights.add_ones(prefix + "self_attn.q_norm.weight", d);
    weights.add_ones(prefix + "self_attn.k_norm.weight", d);
    weights.add(prefix + "self_attn.o_proj.weight", {c, q}, spread);
    weights.add_ones(prefix + "post_attention_layernorm.weight", c);
    weights.add(prefix + "mlp.gate_proj.weight", {f, c}, spread);
    weights.add(prefix + "mlp.up_proj.weight", {f, c}, spread);
    weights.add(prefix + "mlp.down_proj.weight", {c, f}, spread);
  }
  weights.add_ones("model.norm.weight", c);
  return weights.write(path);
}

struct RemoveFolder {
  std::string path;
  ~RemoveFolder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
};

Result<std::shared_ptr<const Model>> random_model(const ModelConfig& config) {
  std::string path = (fs::temp_directory_path() / "seedling-bench-XXXXXX").string();
  if (::mkdtemp(path.data()) == nullptr) return invalid_input("cannot make a temporary folder " + path);
  const RemoveFolder folder{path};
  const std::string file = path + "/model.safetensors";
  TRY(write_weights(config, file));
  auto model = std::make_shared<Model>();
  model->directory = "random weights";
  model->config = config;
  model->weights = TRY(SafetensorsFile::map(file));
  model->matrices = TRY(check_weights(*model->weights, config));
  return std::shared_ptr<const Model>(std::move(model));
}

}  // namespace

Result<std::shared_ptr<const Model>> load_shape(std::string_view shape, const GlobalOptions& global) {
  if (shape == "30m") return random_model(config_of(512, 8, 8, 2, 1408, 16384));
  if (shape == "100m") return random_model(config_of(768, 12, 12, 4, 2048, 32768));
  SEEDLING_ASSERT(shape == "shipped");
  const std::shared_ptr<const Model> model = TRY(Model::load(engine_options(global).model_directory));
  auto longer = std::make_shared<Model>(*model);
  longer->config.max_position_embeddings = std::max(kBenchPositions, longer->config.max_position_embeddings);
  return std::shared_ptr<const Model>(std::move(longer));
}

}  // namespace seedling::cli
