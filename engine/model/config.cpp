#include "engine/model/config.h"

#include <charconv>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

namespace seedling {
namespace {

using nlohmann::json;

// What a model_type implies where the file does not say otherwise.
struct Family {
  const char* model_type;
  const char* architecture;
  bool qk_norm;
  bool qkv_bias;
};
constexpr Family kFamilies[] = {
    {"qwen3", "Qwen3ForCausalLM", true, false},
    {"qwen2", "Qwen2ForCausalLM", false, true},
    {"llama", "LlamaForCausalLM", false, false},
};

constexpr const char* kBlockAttention = "block_over_causal_context";

// Reads fields of one JSON object and remembers the first complaint, so that the reading itself stays a plain
// list.
class Fields {
 public:
  Fields(const json& object, std::string origin, std::string prefix = "")
      : object_(object), origin_(std::move(origin)), prefix_(std::move(prefix)) {}

  // The value, or `fallback` where the field is absent or null; without a fallback the field is required.
  int integer(const char* name, long min, long max, std::optional<int> fallback = std::nullopt) {
    const json* value = find(name);
    if (!value) return fallback ? *fallback : complain(name, range_text(min, max), "nothing");
    if (!value->is_number_integer()) return complain(name, range_text(min, max), value->dump());
    if (value->is_number_unsigned() && value->get<std::uint64_t>() > static_cast<std::uint64_t>(max)) {
      return complain(name, range_text(min, max), value->dump());
    }
    const std::int64_t number = value->get<std::int64_t>();
    if (number < min || number > max) return complain(name, range_text(min, max), value->dump());
    return static_cast<int>(number);
  }

  float positive(const char* name, float fallback) {
    const json* value = find(name);
    if (!value) return fallback;
    const float number = value->is_number() ? value->get<float>() : -1.0f;
    if (std::isfinite(number) && number > 0) return number;
    complain(name, "a positive number", value->dump());
    return fallback;
  }

  bool boolean(const char* name, bool fallback) {
    const json* value = find(name);
    if (!value) return fallback;
    if (value->is_boolean()) return value->get<bool>();
    complain(name, "true or false", value->dump());
    return fallback;
  }

  std::string text(const char* name, const std::string& fallback) {
    const json* value = find(name);
    if (!value) return fallback;
    if (value->is_string()) return value->get<std::string>();
    complain(name, "a string", value->dump());
    return fallback;
  }

  // nullptr where the field is absent or null.
  const json* find(const char* name) const {
    const auto it = object_.find(name);
    return it == object_.end() || it->is_null() ? nullptr : &*it;
  }

  int complain(const std::string& name, const std::string& expected, const std::string& found) {
    if (!problem_) {
      problem_ =
          invalid_input(origin_ + ": " + prefix_ + name + ": expected " + expected + ", found " + found);
    }
    return 0;
  }

  const std::optional<Error>& problem() const { return problem_; }

 private:
  static std::string range_text(long min, long max) {
    return "an integer from " + std::to_string(min) + " to " + std::to_string(max);
  }

  const json& object_;
  std::string origin_;
  std::string prefix_;
  std::optional<Error> problem_;
};

const Family* find_family(const std::string& model_type) {
  for (const Family& family : kFamilies) {
    if (model_type == family.model_type) return &family;
  }
  return nullptr;
}

// The family whose defaults say what `config` says; else qwen3, and to_json() writes the differences out.
const Family& family_of(const ModelConfig& config) {
  for (const Family& family : kFamilies) {
    if (config.qk_norm == family.qk_norm && config.qkv_bias == family.qkv_bias) return family;
  }
  return kFamilies[0];
}

// The double whose text is the shortest that reads back as `value`: 1e-06 rather than 9.999999974752427e-07.
double shortest(float value) {
  char text[32];
  const std::to_chars_result end = std::to_chars(text, text + sizeof text, value);
  double result = value;
  std::from_chars(text, end.ptr, result);
  return result;
}

// Properties of other models that would silently give wrong logits here.
std::optional<Error> refuse_unsupported(const json& root, const std::string& origin) {
  const auto differs = [&](const char* name, const json& wanted) {
    const auto it = root.find(name);
    return it != root.end() && !it->is_null() && *it != wanted;
  };
  const auto error = [&](const std::string& what) {
    return unsupported(origin + ": " + what +
                       " is not supported; use a Qwen2, Qwen3 or Llama model without it");
  };
  if (differs("hidden_act", "silu")) return error("hidden_act other than \"silu\"");
  if (differs("attention_bias", false)) return error("attention_bias (a bias on the output projection)");
  if (differs("mlp_bias", false)) return error("mlp_bias");
  if (differs("use_sliding_window", false)) return error("use_sliding_window");
  for (const char* name : {"rope_scaling", "rope_parameters"}) {
    const auto it = root.find(name);
    if (it == root.end() || it->is_null()) continue;
    if (!it->is_object())
      return invalid_input(origin + ": " + name + ": expected an object, found " + it->dump());
    for (const char* key : {"rope_type", "type"}) {
      if (it->contains(key) && (*it)[key] != "default")
        return error(std::string(name) + " " + (*it)[key].dump());
    }
  }
  return std::nullopt;
}

// Whether the matrices are int8 panels; other ways of quantising are refused.
Result<bool> parse_quantization(const json& root, const std::string& origin) {
  const auto it = root.find("quantization_config");
  if (it == root.end() || it->is_null()) return false;
  if (!it->is_object()) {
    return invalid_input(origin + ": quantization_config: expected an object, found " + it->dump());
  }
  const auto method = it->find("quant_method");
  if (method != it->end() && *method == kInt8Panels) return true;
  return unsupported(origin + ": quantization_config.quant_method " +
                     (method == it->end() ? std::string("that is missing") : method->dump()) +
                     " is not supported; use \"" + kInt8Panels +
                     "\" (seedling model quantise) or plain weights");
}

Result<DiffusionConfig> parse_diffusion(const json& root, const std::string& origin, int vocab_size) {
  DiffusionConfig diffusion;
  const auto it = root.find("diffusion");
  if (it == root.end() || it->is_null()) return diffusion;
  if (!it->is_object()) return invalid_input(origin + ": diffusion: expected an object, found " + it->dump());
  Fields fields(*it, origin, "diffusion.");
  diffusion.mask = fields.integer("mask_token_id", -1, vocab_size - 1, -1);
  diffusion.pad = fields.integer("pad_token_id", -1, vocab_size - 1, -1);
  diffusion.end = fields.integer("end_token_id", -1, vocab_size - 1, -1);
  diffusion.delete_ = fields.integer("delete_token_id", -1, vocab_size - 1, -1);
  diffusion.insert = fields.integer("insert_token_id", -1, vocab_size - 1, -1);
  diffusion.edits = fields.boolean("edits", false);
  diffusion.shift = fields.boolean("shift", false);
  diffusion.default_block = fields.integer("default_block", 1, 1024, 16);
  const std::string attention = fields.text("attention", kBlockAttention);
  if (attention != kBlockAttention) {
    fields.complain("attention", std::string("\"") + kBlockAttention + "\"", "\"" + attention + "\"");
  }
  if (fields.problem()) return *fields.problem();
  return diffusion;
}

Result<ModelConfig> parse_fields(const json& root, const std::string& origin) {
  Fields fields(root, origin);
  const std::string model_type = fields.text("model_type", "");
  const Family* family = find_family(model_type);
  if (!family) {
    return invalid_input(origin + ": model_type: expected \"qwen3\", \"qwen2\" or \"llama\", found \"" +
                         model_type + "\"");
  }
  ModelConfig config;
  config.vocab_size = fields.integer("vocab_size", 1, 1 << 22);
  config.hidden_size = fields.integer("hidden_size", 1, 1 << 16);
  config.num_hidden_layers = fields.integer("num_hidden_layers", 1, 1024);
  config.num_attention_heads = fields.integer("num_attention_heads", 1, 1024);
  config.num_key_value_heads = fields.integer("num_key_value_heads", 1, 1024, config.num_attention_heads);
  const int heads = std::max(1, config.num_attention_heads);
  config.head_dim = fields.integer("head_dim", 2, 1024, config.hidden_size / heads);
  config.intermediate_size = fields.integer("intermediate_size", 1, 1 << 20);
  config.max_position_embeddings = fields.integer("max_position_embeddings", 1, 1 << 24);
  config.rope_theta = fields.positive("rope_theta", 10000.0f);
  if (const json* rope = fields.find("rope_parameters")) {  // where newer files keep it
    Fields rope_fields(*rope, origin, "rope_parameters.");
    config.rope_theta = rope_fields.positive("rope_theta", config.rope_theta);
    if (rope_fields.problem()) return *rope_fields.problem();
  }
  config.rms_norm_eps = fields.positive("rms_norm_eps", 1e-6f);
  config.tie_word_embeddings = fields.boolean("tie_word_embeddings", false);
  config.qk_norm = fields.boolean("qk_norm", family->qk_norm);
  config.qkv_bias = fields.boolean("qkv_bias", family->qkv_bias);
  if (fields.problem()) return *fields.problem();

  if (config.num_attention_heads % config.num_key_value_heads != 0) {
    fields.complain("num_key_value_heads",
                    "a divisor of num_attention_heads (" + std::to_string(config.num_attention_heads) + ")",
                    std::to_string(config.num_key_value_heads));
  }
  if (config.head_dim < 2 || config.head_dim % 2 != 0) {
    fields.complain("head_dim", "an even number", std::to_string(config.head_dim));
  }
  if (fields.problem()) return *fields.problem();
  config.has_int8_panels = TRY(parse_quantization(root, origin));
  config.diffusion = TRY(parse_diffusion(root, origin, config.vocab_size));
  return config;
}

}  // namespace

Result<ModelConfig> ModelConfig::load(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return not_found(path + ": cannot be opened; a model folder needs a config.json");
  std::ostringstream text;
  text << file.rdbuf();
  return parse(text.str(), path);
}

Result<ModelConfig> ModelConfig::parse(std::string_view text, const std::string& origin) {
  const json root = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (root.is_discarded())
    return invalid_input(origin + ": not valid JSON; expected a Hugging Face config.json");
  if (!root.is_object()) return invalid_input(origin + ": expected a JSON object, found " + root.type_name());
  if (auto problem = refuse_unsupported(root, origin)) return *problem;
  return parse_fields(root, origin);
}

std::string ModelConfig::to_json() const {
  const Family& family = family_of(*this);
  nlohmann::ordered_json root = {
      {"architectures", {family.architecture}},
      {"model_type", family.model_type},
      {"torch_dtype", "bfloat16"},
      {"vocab_size", vocab_size},
      {"hidden_size", hidden_size},
      {"num_hidden_layers", num_hidden_layers},
      {"num_attention_heads", num_attention_heads},
      {"num_key_value_heads", num_key_value_heads},
      {"head_dim", head_dim},
      {"intermediate_size", intermediate_size},
      {"hidden_act", "silu"},
      {"max_position_embeddings", max_position_embeddings},
      {"rope_theta", shortest(rope_theta)},
      {"rms_norm_eps", shortest(rms_norm_eps)},
      {"tie_word_embeddings", tie_word_embeddings},
  };
  if (qk_norm != family.qk_norm) root["qk_norm"] = qk_norm;
  if (qkv_bias != family.qkv_bias) root["qkv_bias"] = qkv_bias;
  if (has_int8_panels) root["quantization_config"] = {{"quant_method", kInt8Panels}, {"bits", 8}};
  root["diffusion"] = {
      {"mask_token_id", diffusion.mask},
      {"pad_token_id", diffusion.pad},
      {"end_token_id", diffusion.end},
      {"delete_token_id", diffusion.delete_},
      {"insert_token_id", diffusion.insert},
      {"shift", diffusion.shift},
      {"default_block", diffusion.default_block},
      {"attention", kBlockAttention},
  };
  if (diffusion.edits) root["diffusion"]["edits"] = true;
  return root.dump(2) + "\n";
}

std::int64_t ModelConfig::parameter_count() const {
  const std::int64_t c = hidden_size, h = num_attention_heads, k = num_key_value_heads, d = head_dim;
  const std::int64_t f = intermediate_size;
  std::int64_t layer = (h + 2 * k) * d * c + c * h * d + 3 * f * c + 2 * c;
  if (qk_norm) layer += 2 * d;
  if (qkv_bias) layer += (h + 2 * k) * d;
  const std::int64_t embeddings = static_cast<std::int64_t>(vocab_size) * c * (tie_word_embeddings ? 1 : 2);
  return embeddings + num_hidden_layers * layer + c;
}

}  // namespace seedling
