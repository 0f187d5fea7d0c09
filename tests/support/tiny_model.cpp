#include "tests/support/tiny_model.h"

#include <stdlib.h>

#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

#include "engine/model/quantise.h"
#include "engine/tokenizer/byte_spelling.h"
#include "engine/tokenizer/special_tokens.h"
#include "engine/tokenizer/splitter.h"

namespace seedling::test {
namespace {

[[noreturn]] void fail(const std::string& message) {
  std::fprintf(stderr, "tiny model: %s\n", message.c_str());
  std::abort();
}

void write_text(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (!file) fail("cannot write " + path);
}

// Pairs to merge, by rank; every half is a byte or an earlier merge.
constexpr const char* kMerges[][2] = {
    {" ", " "},   {"  ", "  "}, {"r", "e"},     {"t", "u"}, {"r", "n"},  {"re", "tu"}, {"retu", "rn"},
    {"d", "e"},   {"de", "f"},  {" ", "="},     {"i", "n"}, {"in", "t"}, {"s", "e"},   {"l", "f"},
    {"se", "lf"}, {"o", "n"},   {"a", "t"},     {"(", ")"}, {"i", "f"},  {"f", "o"},   {"fo", "r"},
    {"e", "r"},   {"a", "n"},   {"\n", "    "}, {" ", "a"}, {" ", "in"}, {" ", "re"},  {"i", "s"},
    {"n", "a"},   {"m", "e"},   {"na", "me"},   {"t", "h"},
};

std::string tokenizer_json() {
  using nlohmann::ordered_json;
  ordered_json vocab = ordered_json::object(), merges = ordered_json::array(), added = ordered_json::array();
  int id = 0;
  for (const std::string_view name : kSpecialTokens) {
    added.push_back({{"id", id},
                     {"content", name},
                     {"single_word", false},
                     {"lstrip", false},
                     {"rstrip", false},
                     {"normalized", false},
                     {"special", true}});
    vocab[std::string(name)] = id++;
  }
  for (int byte = 0; byte < 256; ++byte) vocab[spell_bytes(std::string(1, static_cast<char>(byte)))] = id++;
  for (const auto& [left, right] : kMerges) {
    // A merge that lacks a half, or repeats an earlier result, would be a mistake in the table above.
    const std::string whole = spell_bytes(std::string(left) + right);
    if (!vocab.contains(spell_bytes(left)) || !vocab.contains(spell_bytes(right)) || vocab.contains(whole)) {
      fail("bad merge " + whole);
    }
    merges.push_back({spell_bytes(left), spell_bytes(right)});
    vocab[whole] = id++;
  }
  const ordered_json split = {
      {"type", "Split"}, {"pattern", {{"Regex", kCodePattern}}}, {"behavior", "Isolated"}, {"invert", false}};
  const ordered_json byte_level = {
      {"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}, {"use_regex", false}};
  const ordered_json root = {
      {"version", "1.0"},
      {"truncation", nullptr},
      {"padding", nullptr},
      {"added_tokens", added},
      {"normalizer", nullptr},
      {"pre_tokenizer", {{"type", "Sequence"}, {"pretokenizers", ordered_json::array({split, byte_level})}}},
      {"post_processor", nullptr},
      {"decoder", byte_level},
      {"model",
       {{"type", "BPE"},
        {"dropout", nullptr},
        {"unk_token", nullptr},
        {"continuing_subword_prefix", nullptr},
        {"end_of_word_suffix", nullptr},
        {"fuse_unk", false},
        {"byte_fallback", false},
        {"vocab", vocab},
        {"merges", merges}}}};
  return root.dump(1) + "\n";
}

// Owns the values that the views of a safetensors file point to.
struct RandomTensors {
  std::mt19937_64 random;
  Dtype dtype;
  std::vector<NamedTensor> tensors;
  std::vector<std::vector<std::byte>> storage;

  // Values around `centre`: uniform with standard deviation `spread`. Not std::normal_distribution, whose
  // values differ between libraries.
  void add(const std::string& name, std::vector<std::int64_t> shape, float centre, float spread) {
    std::size_t count = 1;
    for (const std::int64_t extent : shape) count *= static_cast<std::size_t>(extent);
    std::vector<std::byte> bytes(count * (dtype == Dtype::f32 ? 4 : 2));
    for (std::size_t i = 0; i < count; ++i) {
      const float unit = static_cast<float>(static_cast<double>(random() >> 11) * 0x1p-53 * 2.0 - 1.0);
      const float value = centre + spread * 1.7320508f * unit;
      std::uint32_t bits;
      std::memcpy(&bits, &value, 4);
      if (dtype == Dtype::f32) {
        std::memcpy(&bytes[4 * i], &bits, 4);
      } else {
        const std::uint16_t high = static_cast<std::uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
        std::memcpy(&bytes[2 * i], &high, 2);
      }
    }
    storage.push_back(std::move(bytes));
    tensors.push_back({name, {dtype, std::move(shape), storage.back().data(), storage.back().size()}});
  }
};

void add_layer(RandomTensors& out, const ModelConfig& config, const std::string& prefix) {
  const std::int64_t c = config.hidden_size, d = config.head_dim, f = config.intermediate_size;
  const std::int64_t q = config.num_attention_heads * d, kv = config.num_key_value_heads * d;
  const float spread = 1.0f / std::sqrt(static_cast<float>(c));
  out.add(prefix + "input_layernorm.weight", {c}, 1.0f, 0.2f);
  for (const auto& [name, rows] : {std::pair{"q", q}, std::pair{"k", kv}, std::pair{"v", kv}}) {
    out.add(prefix + "self_attn." + name + "_proj.weight", {rows, c}, 0.0f, spread);
    if (config.qkv_bias) out.add(prefix + "self_attn." + name + "_proj.bias", {rows}, 0.0f, 0.2f);
  }
  if (config.qk_norm) {
    out.add(prefix + "self_attn.q_norm.weight", {d}, 1.0f, 0.2f);
    out.add(prefix + "self_attn.k_norm.weight", {d}, 1.0f, 0.2f);
  }
  out.add(prefix + "self_attn.o_proj.weight", {c, q}, 0.0f, spread);
  out.add(prefix + "post_attention_layernorm.weight", {c}, 1.0f, 0.2f);
  out.add(prefix + "mlp.gate_proj.weight", {f, c}, 0.0f, spread);
  out.add(prefix + "mlp.up_proj.weight", {f, c}, 0.0f, spread);
  out.add(prefix + "mlp.down_proj.weight", {c, f}, 0.0f, spread);
}

void write_weights(const std::string& path, const TinyModelOptions& options) {
  const ModelConfig& config = options.config;
  const std::int64_t v = config.vocab_size, c = config.hidden_size;
  RandomTensors out{std::mt19937_64(options.seed), options.dtype, {}, {}};
  out.add("model.embed_tokens.weight", {v, c}, 0.0f, 1.0f);
  for (int layer = 0; layer < config.num_hidden_layers; ++layer) {
    add_layer(out, config, "model.layers." + std::to_string(layer) + ".");
  }
  out.add("model.norm.weight", {c}, 1.0f, 0.2f);
  if (!config.tie_word_embeddings) out.add("lm_head.weight", {v, c}, 0.0f, 1.0f);
  const Status written = write_safetensors(path, out.tensors);
  if (!written) fail(written.error().message);
}

}  // namespace

ModelConfig TinyModelOptions::default_config() {
  ModelConfig config;
  config.vocab_size = 320;
  config.hidden_size = 16;
  config.num_hidden_layers = 2;
  config.num_attention_heads = 2;
  config.num_key_value_heads = 1;
  config.head_dim = 8;
  config.intermediate_size = 40;
  config.max_position_embeddings = 4096;
  config.diffusion = {
      special::kMask, special::kPad, special::kEnd, special::kDelete, special::kInsert, false, 16};
  return config;
}

void write_tiny_model(const std::string& directory, const TinyModelOptions& options) {
  if (options.dtype == Dtype::u8) {
    const TemporaryFolder floats;
    TinyModelOptions wide = options;
    wide.dtype = Dtype::f32;
    write_tiny_model(floats.path(), wide);
    const auto model = Model::load(floats.path());
    if (!model) fail(model.error().message);
    const auto quantised = quantise_model(**model, directory);
    if (!quantised) fail(quantised.error().message);
    return;
  }
  std::error_code problem;
  std::filesystem::create_directories(directory, problem);
  if (problem) fail("cannot make " + directory + ": " + problem.message());
  write_text(directory + "/config.json", options.config.to_json());
  write_text(directory + "/tokenizer.json", tokenizer_json());
  write_weights(directory + "/model.safetensors", options);
}

TemporaryFolder::TemporaryFolder() {
  std::string path = (std::filesystem::temp_directory_path() / "seedling-test-XXXXXX").string();
  if (!mkdtemp(path.data())) fail("cannot make a temporary folder " + path);
  path_ = path;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::shared_ptr<const Model> load_tiny_model(const TinyModelOptions& options) {
  const TemporaryFolder folder;
  write_tiny_model(folder.path(), options);
  auto model = Model::load(folder.path());
  if (!model) fail(model.error().message);
  return *model;  // the mapping outlives the file's name
}

}  // namespace seedling::test
