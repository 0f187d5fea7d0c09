#include "engine/model/config.h"

#include <doctest/doctest.h>

#include "tests/support/tiny_model.h"

namespace seedling {
namespace {

constexpr const char* kQwen3 =
    R"({"model_type":"qwen3","vocab_size":320,"hidden_size":16,"num_hidden_layers":2,
  "num_attention_heads":2,"num_key_value_heads":1,"head_dim":8,"intermediate_size":40,"max_position_embeddings":512)";

Result<ModelConfig> parse_with(const std::string& more) {
  return ModelConfig::parse(std::string(kQwen3) + more + "}", "config.json");
}

void check_refused(const Result<ModelConfig>& parsed, std::initializer_list<const char*> words) {
  REQUIRE(!parsed.ok());
  for (const char* word : words) {
    INFO(parsed.error().message);
    CHECK(parsed.error().message.find(word) != std::string::npos);
  }
  CHECK(parsed.error().message.find('\n') == std::string::npos);
}

TEST_CASE("a Qwen3 file as Hugging Face writes it") {
  const auto config = ModelConfig::parse(R"({"architectures":["Qwen3ForCausalLM"],"attention_bias":false,
    "attention_dropout":0.0,"bos_token_id":151643,"head_dim":128,"hidden_act":"silu","hidden_size":1024,
    "intermediate_size":3072,"max_position_embeddings":40960,"max_window_layers":28,"model_type":"qwen3",
    "num_attention_heads":16,"num_hidden_layers":28,"num_key_value_heads":8,"rms_norm_eps":1e-06,"rope_scaling":null,
    "rope_theta":1000000,"sliding_window":null,"tie_word_embeddings":true,"torch_dtype":"bfloat16",
    "use_sliding_window":false,"vocab_size":151936})",
                                         "config.json");
  REQUIRE(config.ok());
  CHECK(config->head_dim == 128);
  CHECK(config->rope_theta == 1e6f);
  CHECK(config->qk_norm);
  CHECK_FALSE(config->qkv_bias);
  CHECK(config->diffusion.mask == -1);
  CHECK(config->parameter_count() == 596'049'920);  // what the model card of Qwen3-0.6B says
}

TEST_CASE("Qwen2 and Llama defaults") {
  const auto qwen2 = ModelConfig::parse(R"({"model_type":"qwen2","vocab_size":100,"hidden_size":64,
    "num_hidden_layers":1,"num_attention_heads":4,"num_key_value_heads":2,"intermediate_size":8,
    "max_position_embeddings":64})",
                                        "x");
  REQUIRE(qwen2.ok());
  CHECK(qwen2->qkv_bias);
  CHECK_FALSE(qwen2->qk_norm);
  CHECK(qwen2->head_dim == 16);
  CHECK_FALSE(qwen2->tie_word_embeddings);
  const auto llama = ModelConfig::parse(R"({"model_type":"llama","vocab_size":100,"hidden_size":64,
    "num_hidden_layers":1,"num_attention_heads":4,"intermediate_size":8,"max_position_embeddings":64,
    "rope_parameters":{"rope_type":"default","rope_theta":500000.0}})",
                                        "x");
  REQUIRE(llama.ok());
  CHECK(llama->num_key_value_heads == 4);
  CHECK(llama->rope_theta == 500000.0f);
  CHECK_FALSE(llama->qk_norm);
  CHECK_FALSE(llama->qkv_bias);
}

TEST_CASE("to_json reads back to the same values, whatever the combination of flags") {
  for (const bool qk_norm : {false, true}) {
    for (const bool qkv_bias : {false, true}) {
      ModelConfig config = test::TinyModelOptions::default_config();
      config.qk_norm = qk_norm;
      config.qkv_bias = qkv_bias;
      config.rope_theta = 1234.5678f;
      config.rms_norm_eps = 3e-5f;
      config.diffusion.shift = true;
      config.diffusion.delete_ = -1;
      const auto again = ModelConfig::parse(config.to_json(), "config.json");
      REQUIRE_MESSAGE(again.ok(), (again.ok() ? "" : again.error().message));
      CHECK(again->to_json() == config.to_json());
      CHECK(again->qk_norm == qk_norm);
      CHECK(again->qkv_bias == qkv_bias);
      CHECK(again->rope_theta == config.rope_theta);
      CHECK(again->rms_norm_eps == config.rms_norm_eps);
      CHECK(again->diffusion.shift);
      CHECK(again->diffusion.delete_ == -1);
      CHECK(again->diffusion.mask == config.diffusion.mask);
    }
  }
}

TEST_CASE("bad files name the file, the field, what was expected and what was found") {
  check_refused(ModelConfig::parse("{", "config.json"), {"config.json", "JSON"});
  check_refused(ModelConfig::parse("[]", "config.json"), {"object", "array"});
  check_refused(ModelConfig::parse(R"({"model_type":"mamba"})", "config.json"),
                {"model_type", "qwen3", "mamba"});
  check_refused(ModelConfig::parse(R"({"model_type":"qwen3"})", "config.json"), {"vocab_size", "nothing"});
  check_refused(parse_with(R"(,"rope_theta":"big")"), {"rope_theta", "positive", "big"});
  check_refused(parse_with(R"(,"rms_norm_eps":-1)"), {"rms_norm_eps", "-1"});
  check_refused(parse_with(R"(,"tie_word_embeddings":1)"), {"tie_word_embeddings", "true or false"});
  check_refused(parse_with(R"(,"hidden_size":99999999999999999999)"), {"hidden_size"});
  check_refused(parse_with(R"(,"num_attention_heads":3,"num_key_value_heads":2)"),
                {"num_key_value_heads", "divisor"});
  check_refused(parse_with(R"(,"head_dim":7)"), {"head_dim", "even", "7"});
  check_refused(parse_with(R"(,"diffusion":{"mask_token_id":320})"),
                {"diffusion.mask_token_id", "319", "320"});
  check_refused(parse_with(R"(,"diffusion":{"attention":"full"})"), {"diffusion.attention", "full"});
  check_refused(parse_with(R"(,"diffusion":7)"), {"diffusion", "object", "7"});
}

TEST_CASE("what would silently compute something else is refused") {
  for (const char* more :
       {R"(,"hidden_act":"gelu")", R"(,"attention_bias":true)", R"(,"use_sliding_window":true)",
        R"(,"rope_scaling":{"rope_type":"yarn","factor":4.0})"}) {
    const auto parsed = parse_with(more);
    CAPTURE(more);
    REQUIRE(!parsed.ok());
    CHECK(parsed.error().code == ErrorCode::unsupported);
  }
}

TEST_CASE("int8 panels are announced, and no other way of quantising is known") {
  const auto parsed = parse_with(R"(,"quantization_config":{"quant_method":"int8_panels","bits":8})");
  REQUIRE(parsed.ok());
  CHECK(parsed->has_int8_panels);
  const auto again = ModelConfig::parse(parsed->to_json(), "again");
  REQUIRE(again.ok());
  CHECK(again->has_int8_panels);
  CHECK_FALSE(parse_with(R"(,"quantization_config":null)")->has_int8_panels);
  check_refused(parse_with(R"(,"quantization_config":8)"), {"quantization_config", "object", "8"});
  for (const char* more :
       {R"(,"quantization_config":{"quant_method":"gptq"})", R"(,"quantization_config":{"bits":8})"}) {
    const auto other = parse_with(more);
    REQUIRE(!other.ok());
    CHECK(other.error().code == ErrorCode::unsupported);
    CHECK(other.error().message.find("quant_method") != std::string::npos);
  }
}

TEST_CASE("a missing file says so") {
  const auto loaded = ModelConfig::load("/nonexistent/config.json");
  REQUIRE(!loaded.ok());
  CHECK(loaded.error().code == ErrorCode::not_found);
}

}  // namespace
}  // namespace seedling
