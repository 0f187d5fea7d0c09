// engine/model/config.h
//
// Hyper-parameters of one transformer decoder, read from a Hugging Face config.json (Qwen2, Qwen3 and Llama shapes).
//   Parsed and validated once; immutable afterwards.
//   Errors: invalid_input naming the file, the field, what was expected and what was found.
//   Source: DESIGN.md section 5.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/result.h"
#include "engine/types.h"

namespace seedling {

// quantization_config.quant_method of our int8 files.
inline constexpr const char* kInt8Panels = "int8_panels";

// The `diffusion` object of config.json.
struct DiffusionConfig {
  TokenId mask = -1;
  TokenId pad = -1;
  TokenId end = -1;      // ends a hole
  TokenId delete_ = -1;  // -1 where the model has none
  TokenId insert = -1;
  bool shift = false;           // true: logits of position i-1 predict position i inside a block
  int default_block = 16;       // tokens denoised together when no latency profile says otherwise
  bool edits = false;           // trained to judge drafts, as sampler/revise.h asks it to
};

struct ModelConfig {
  int vocab_size = 0;             // V
  int hidden_size = 0;            // C
  int num_hidden_layers = 0;      // L
  int num_attention_heads = 0;    // H
  int num_key_value_heads = 0;    // K; H % K == 0
  int head_dim = 0;               // D
  int intermediate_size = 0;      // F
  int max_position_embeddings = 0;
  float rope_theta = 10000.0f;
  float rms_norm_eps = 1e-6f;
  bool tie_word_embeddings = true;
  bool qk_norm = true;            // Qwen3: RMSNorm over D on q and k
  bool qkv_bias = false;          // Qwen2
  bool has_int8_panels = false;   // matrices may lie in the file as int8 (engine/model/weights.h)
  DiffusionConfig diffusion;

  static Result<ModelConfig> load(const std::string& path);
  static Result<ModelConfig> parse(std::string_view json, const std::string& origin);
  std::string to_json() const;        // what parse() reads back to the same values
  std::int64_t parameter_count() const;  // tied weights counted once
};

}  // namespace seedling
