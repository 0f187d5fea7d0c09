// `seedling model info` and `seedling model verify`: what a model folder holds, and whether it works.
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <numeric>

#include "cli/command.h"
#include "cli/json_object.h"
#include "engine/cache/cached_sequence.h"
#include "engine/engine.h"
#include "engine/tokenizer/special_tokens.h"

namespace seedling::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::array kFiles = {"config.json", "tokenizer.json", "model.safetensors"};

constexpr std::string_view name_of(Dtype dtype) {
  switch (dtype) {
    case Dtype::f32:
      return "f32";
    case Dtype::bf16:
      return "bf16";
    case Dtype::f16:
      return "f16";
    case Dtype::i8:
      return "i8";
  }
  return "?";
}

std::string folder_of(const ModelOptions& options, const GlobalOptions& global) {
  return options.folder.empty() ? engine_options(global).model_directory : options.folder;
}

// "bf16", or each with its share of the bytes where there are several.
std::string dtypes_of(const SafetensorsFile& weights) {
  std::map<std::string_view, std::size_t> bytes;
  for (const std::string& name : weights.names()) {
    const TensorView* view = weights.find(name);
    bytes[name_of(view->dtype)] += view->byte_count;
  }
  std::string text;
  for (const auto& [name, count] : bytes) {
    if (!text.empty()) text += ", ";
    text += name;
    if (bytes.size() > 1) text += " " + std::to_string(count) + " bytes";
  }
  return text;
}

// Names and ids of the markers that the tokenizer knows, without those kept for later.
std::vector<std::pair<std::string, TokenId>> special_tokens_of(const Tokenizer& tokenizer) {
  std::vector<std::pair<std::string, TokenId>> tokens;
  for (const std::string_view name : kSpecialTokens) {
    const TokenId id = tokenizer.special(name);
    if (id >= 0 && name.find("reserved") == std::string_view::npos) tokens.emplace_back(name, id);
  }
  return tokens;
}

std::string json_of(const Model& model) {
  const ModelConfig& config = model.config;
  JsonObject shape, special, files, object;
  shape.add("hidden_size", config.hidden_size).add("num_hidden_layers", config.num_hidden_layers);
  shape.add("num_attention_heads", config.num_attention_heads);
  shape.add("num_key_value_heads", config.num_key_value_heads).add("head_dim", config.head_dim);
  shape.add("intermediate_size", config.intermediate_size);
  shape.add("max_position_embeddings", config.max_position_embeddings);
  shape.add("tie_word_embeddings", config.tie_word_embeddings).add("qk_norm", config.qk_norm);
  shape.add("qkv_bias", config.qkv_bias).add("default_block", config.diffusion.default_block);
  for (const auto& [name, id] : special_tokens_of(*model.tokenizer)) special.add(name, id);
  for (const char* name : kFiles) {
    files.add(name, std::filesystem::file_size(std::filesystem::path(model.directory) / name));
  }
  object.add("directory", model.directory).add("parameters", config.parameter_count());
  object.add("vocabulary", config.vocab_size).add("tokenizer_tokens", model.tokenizer->vocab_size());
  object.add("dtype", dtypes_of(*model.weights)).add("tensors", model.weights->names().size());
  object.add_json("shape", shape.text()).add_json("special_tokens", special.text());
  return object.add_json("file_bytes", files.text()).text();
}

std::string with_points(std::uintmax_t value) {
  std::string digits = std::to_string(value);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
  return digits;
}

void print_info(const Model& model) {
  const ModelConfig& c = model.config;
  std::cout << "model       " << model.directory << "\n"
            << "parameters  " << with_points(static_cast<std::uintmax_t>(c.parameter_count())) << "\n"
            << "shape       " << c.num_hidden_layers << " layers, hidden " << c.hidden_size << ", "
            << c.num_attention_heads << " heads of " << c.head_dim << " (" << c.num_key_value_heads
            << " for keys and values), feed-forward " << c.intermediate_size << "\n"
            << "context     " << c.max_position_embeddings << " tokens, blocks of "
            << c.diffusion.default_block << "\n"
            << "weights     " << model.weights->names().size() << " tensors, " << dtypes_of(*model.weights)
            << (c.tie_word_embeddings ? ", tied head" : "") << (c.qk_norm ? ", query and key norms" : "")
            << (c.qkv_bias ? ", query, key and value biases" : "") << "\n"
            << "tokenizer   byte-level BPE, "
            << with_points(static_cast<std::uintmax_t>(model.tokenizer->vocab_size())) << " tokens ("
            << with_points(static_cast<std::uintmax_t>(c.vocab_size)) << " rows in the model)\n"
            << "special     ";
  for (const auto& [name, id] : special_tokens_of(*model.tokenizer)) std::cout << name << "=" << id << " ";
  std::cout << "\n";
  for (const char* name : kFiles) {
    const auto bytes = std::filesystem::file_size(std::filesystem::path(model.directory) / name);
    std::cout << "file        " << name << ", " << with_points(bytes) << " bytes\n";
  }
}

bool all_finite(std::span<const float> values) {
  return std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); });
}

}  // namespace

Result<int> run_model_info(const ModelOptions& options, const GlobalOptions& global) {
  const std::shared_ptr<const Model> model = TRY(Model::load(folder_of(options, global)));
  if (options.is_json)
    std::cout << json_of(*model) << "\n";
  else
    print_info(*model);
  return 0;
}

Result<int> run_model_verify(const ModelOptions& options, const GlobalOptions& global) {
  const std::shared_ptr<const Model> model = TRY(Model::load(folder_of(options, global)));
  const Backend& backend = *TRY(find_backend("auto"));
  const std::unique_ptr<CachedSequence> sequence =
      TRY(CachedSequence::open(backend, model, {"cpu", global.threads}));
  // A little context, then one step over a block of masks.
  const ModelConfig& config = model->config;
  const int room = config.max_position_embeddings;
  std::vector<TokenId> context = model->tokenizer->encode("def add(a, b):\n    return ");
  context.resize(std::min<std::size_t>(context.size(), std::max(1, room / 2)));
  const std::vector<TokenId> block(
      std::min(config.diffusion.default_block, room - static_cast<int>(context.size())),
      config.diffusion.mask);
  const std::size_t vocab = static_cast<std::size_t>(config.vocab_size);
  std::vector<float> next(vocab), logits(block.size() * vocab);
  RowQuery last;
  last.row = static_cast<int>(context.size()) - 1;
  last.logits = next;
  std::vector<RowQuery> queries(block.size());
  for (std::size_t i = 0; i < block.size(); ++i) {
    queries[i].row = static_cast<int>(i);
    queries[i].logits = std::span(logits).subspan(i * vocab, vocab);
  }
  RowAnswer ignored;
  std::vector<RowAnswer> answers(block.size());
  const Clock::time_point start = Clock::now();
  TRY(sequence->extend(context, std::span(&last, 1), std::span(&ignored, 1)));
  TRY(sequence->step(block, queries, answers));
  const double ms = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
  if (!all_finite(next) || !all_finite(logits)) {
    return invalid_input(model->directory + " gives numbers that are not finite: its weights are damaged");
  }
  std::cout << "ok: " << model->weights->names().size() << " tensors, "
            << with_points(static_cast<std::uintmax_t>(config.parameter_count())) << " parameters; "
            << context.size() << " tokens of context and a block of " << block.size() << " in "
            << json_number(ms) << " ms on the " << backend.name << " backend\n";
  return 0;
}

}  // namespace seedling::cli
