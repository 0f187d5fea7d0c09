// `seedling model`: what a folder holds, whether it works, which one is used, and the same with int8 weights.
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <optional>

#include "cli/command.h"
#include "cli/json_object.h"
#include "engine/cache/cached_sequence.h"
#include "engine/engine.h"
#include "engine/model/quantise.h"
#include "engine/model_directory.h"
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
    case Dtype::u8:
      return "int8";  // as panels; Model::load takes no other bytes
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

// What a model is tried on: real text as context, then a block of masks.
struct Trial {
  std::vector<TokenId> context, block;

  std::size_t rows() const { return context.size() + block.size(); }
};

constexpr std::string_view kTrialText =
    "def mean(values):\n    total = 0\n    for value in values:\n        total += value\n"
    "    return total / len(values)\n\n\ndef largest(values):\n    best = values[0]\n    ";

Trial trial_of(const Model& model) {
  const std::size_t room = static_cast<std::size_t>(model.config.max_position_embeddings);
  Trial trial;
  trial.context = model.tokenizer->encode(kTrialText);
  trial.context.resize(std::min(trial.context.size(), std::max<std::size_t>(1, room / 2)));
  const std::size_t block = static_cast<std::size_t>(model.config.diffusion.default_block);
  trial.block.assign(std::min(block, room - trial.context.size()), model.config.diffusion.mask);
  return trial;
}

// Logits [rows, V] of the context, then of the block, and how long they took.
struct TrialLogits {
  std::vector<float> values;
  double ms = 0;
};

Result<TrialLogits> logits_of(const Backend& backend, const std::shared_ptr<const Model>& model,
                              const BackendOptions& options, const Trial& trial) {
  const std::size_t vocab = static_cast<std::size_t>(model->config.vocab_size);
  TrialLogits logits;
  logits.values.resize(trial.rows() * vocab);
  std::vector<RowQuery> queries(trial.rows());
  for (std::size_t i = 0; i < queries.size(); ++i) {
    queries[i].row = static_cast<int>(i < trial.context.size() ? i : i - trial.context.size());
    queries[i].logits = std::span(logits.values).subspan(i * vocab, vocab);
  }
  const std::span<RowQuery> all(queries);
  std::vector<RowAnswer> answers(trial.rows());
  const std::size_t n = trial.context.size();
  const std::unique_ptr<CachedSequence> sequence = TRY(CachedSequence::open(backend, model, options));
  const Clock::time_point start = Clock::now();
  TRY(sequence->extend(trial.context, all.first(n), std::span(answers).first(n)));
  TRY(sequence->step(trial.block, all.subspan(n), std::span(answers).subspan(n)));
  logits.ms = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
  return logits;
}

struct Agreement {
  double relative_rms = 0;    // of the difference, against the reference
  std::size_t same_best = 0;  // rows whose likeliest token is the same
};

Agreement agreement_of(std::span<const float> logits, std::span<const float> reference, std::size_t vocab) {
  Agreement agreement;
  double difference = 0, size = 0;
  for (std::size_t row = 0; row < logits.size(); row += vocab) {
    const std::span<const float> a = logits.subspan(row, vocab), b = reference.subspan(row, vocab);
    for (std::size_t i = 0; i < vocab; ++i) {
      difference += (static_cast<double>(a[i]) - b[i]) * (static_cast<double>(a[i]) - b[i]);
      size += static_cast<double>(b[i]) * b[i];
    }
    const bool is_same =
        std::max_element(a.begin(), a.end()) - a.begin() == std::max_element(b.begin(), b.end()) - b.begin();
    agreement.same_best += is_same ? 1 : 0;
  }
  agreement.relative_rms = size > 0 ? std::sqrt(difference / size) : 0;
  return agreement;
}

// Int8 weights and activations differ by a few per cent from the plain backend; what computes something else
// differs by a hundred.
constexpr double kMostRelativeRms = 0.3;

// Runs the model and prints how it did.
Status verify(const std::shared_ptr<const Model>& model, const GlobalOptions& global) {
  const Backend& backend = *TRY(find_backend(global.backend));
  const Trial trial = trial_of(*model);
  const TrialLogits logits = TRY(logits_of(backend, model, {global.device, global.threads}, trial));
  if (!all_finite(logits.values)) {
    return invalid_input(model->directory + " gives numbers that are not finite: its weights are damaged");
  }
  std::cout << "ok: " << model->weights->names().size() << " tensors, "
            << with_points(static_cast<std::uintmax_t>(model->config.parameter_count())) << " parameters; "
            << trial.context.size() << " tokens of context and a block of " << trial.block.size() << " in "
            << json_number(logits.ms) << " ms on the " << backend.name << " backend\n";
  if (&backend == &plain_backend()) return Done{};
  const TrialLogits reference = TRY(logits_of(plain_backend(), model, {"cpu", global.threads}, trial));
  const std::size_t vocab = static_cast<std::size_t>(model->config.vocab_size);
  const Agreement agreement = agreement_of(logits.values, reference.values, vocab);
  const std::string difference = "the logits differ from the plain backend's by " +
                                 json_number(100 * agreement.relative_rms) + " % (relative RMS), " +
                                 std::to_string(agreement.same_best) + " of " + std::to_string(trial.rows()) +
                                 " rows have the same likeliest token";
  if (agreement.relative_rms > kMostRelativeRms) {
    return invalid_input(model->directory + " on the " + backend.name + " backend: " + difference +
                         ": try --backend plain");
  }
  std::cout << difference << "\n";
  return Done{};
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
  TRY(verify(model, global));
  return 0;
}

Result<int> run_model_use(const ModelOptions& options, const GlobalOptions& global) {
  if (options.is_default) {
    TRY(choose_model_directory(std::nullopt));
    std::cout << "seedling uses the model that ships, " << default_model_directory() << "\n";
    return 0;
  }
  if (options.folder.empty()) return invalid_input("name a model folder, or say --default");
  const std::shared_ptr<const Model> model = TRY(Model::load(options.folder));
  TRY(verify(model, global));
  std::error_code problem;
  const std::filesystem::path folder = std::filesystem::canonical(options.folder, problem);
  if (problem) return invalid_input(options.folder + ": " + problem.message());
  TRY(choose_model_directory(folder.string()));
  std::cout << "seedling uses " << folder.string() << " from now on (" << user_config_path()
            << "); a running editor, when it starts again\n";
  return 0;
}

Result<int> run_model_quantise(const ModelOptions& options) {
  const std::shared_ptr<const Model> model = TRY(Model::load(options.folder));
  const std::vector<QuantisedMatrix> report = TRY(quantise_model(*model, options.out));
  std::size_t width = 0;
  for (const QuantisedMatrix& matrix : report) width = std::max(width, matrix.name.size());
  const auto percent = [](const QuantisationError& error) { return json_number(100 * error.relative_rms()); };
  QuantisationError all;
  for (const QuantisedMatrix& matrix : report) {
    std::cout << matrix.name << std::string(width + 2 - matrix.name.size(), ' ') << percent(matrix.error)
              << " %\n";
    all += matrix.error;
  }
  const auto size = [](const std::string& folder) {
    return with_points(std::filesystem::file_size(std::filesystem::path(folder) / "model.safetensors"));
  };
  std::cout << "all matrices: relative RMS error " << percent(all) << " %\n"
            << size(model->directory) << " bytes became " << size(options.out) << " in " << options.out
            << "\n";
  return 0;
}

}  // namespace seedling::cli
