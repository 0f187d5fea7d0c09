// tests/engine/model/reference_forward.h
//
// The transformer once more, naive and in double precision, written from the definition of a Qwen3 layer and
// sharing nothing with the backends: whole sequence at once, no cache, no packing. What the backends are held
// to.
//   The last `block` tokens see each other; every earlier token sees itself and what stands before it.
#pragma once

#include <cmath>
#include <span>
#include <string>
#include <vector>

#include "engine/model/model.h"

namespace seedling::test {

using Matrix = std::vector<std::vector<double>>;

inline std::vector<double> weight(const Model& model, const std::string& name) {
  const auto found = model.matrices.find(name);
  if (found == model.matrices.end()) {
    const std::vector<float> values = read_vector(*model.weights, name);
    return {values.begin(), values.end()};
  }
  const WeightMatrix& matrix = found->second;
  std::vector<double> values;
  std::vector<float> row(static_cast<std::size_t>(matrix.inputs));
  for (int n = 0; n < matrix.outputs; ++n) {
    matrix.read_row(n, row);
    values.insert(values.end(), row.begin(), row.end());
  }
  return values;
}

inline std::vector<double> reference_linear(const std::vector<double>& x, const std::vector<double>& w,
                                            const std::vector<double>& bias = {}) {
  std::vector<double> y(w.size() / x.size());
  for (std::size_t n = 0; n < y.size(); ++n) {
    if (!bias.empty()) y[n] = bias[n];
    for (std::size_t i = 0; i < x.size(); ++i) y[n] += w[n * x.size() + i] * x[i];
  }
  return y;
}

inline std::vector<double> reference_norm(std::span<const double> x, const std::vector<double>& gain,
                                          double eps) {
  double squares = 0;
  for (const double value : x) squares += value * value;
  std::vector<double> y(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) y[i] = x[i] / std::sqrt(squares / x.size() + eps) * gain[i];
  return y;
}

// One head at one position: pairs (i, i + D/2) turn by position · theta^(-2i/D).
inline void reference_rope(std::span<double> head, int position, double theta) {
  const std::size_t half = head.size() / 2;
  for (std::size_t i = 0; i < half; ++i) {
    const double angle =
        position * std::pow(theta, -2.0 * static_cast<double>(i) / static_cast<double>(head.size()));
    const double a = head[i], b = head[i + half];
    head[i] = a * std::cos(angle) - b * std::sin(angle);
    head[i + half] = a * std::sin(angle) + b * std::cos(angle);
  }
}

// Heads of a projection at one position, normed where the model does that, and turned.
inline void finish_heads(std::vector<double>& heads, const ModelConfig& config,
                         const std::vector<double>& gain, int position) {
  const std::size_t d = static_cast<std::size_t>(config.head_dim);
  for (std::size_t at = 0; at < heads.size(); at += d) {
    const std::span<double> head(heads.data() + at, d);
    if (config.qk_norm) {
      const std::vector<double> normed = reference_norm(head, gain, config.rms_norm_eps);
      std::copy(normed.begin(), normed.end(), head.begin());
    }
    reference_rope(head, position, config.rope_theta);
  }
}

inline std::vector<double> reference_attention(const ModelConfig& config, const std::vector<double>& q,
                                               const Matrix& k, const Matrix& v, std::size_t seen) {
  const int d = config.head_dim, group = config.num_attention_heads / config.num_key_value_heads;
  std::vector<double> out(q.size());
  for (int head = 0; head < config.num_attention_heads; ++head) {
    const int from = head * d, kv = head / group * d;
    std::vector<double> shares(seen);
    double total = 0;
    for (std::size_t token = 0; token < seen; ++token) {
      double score = 0;
      for (int i = 0; i < d; ++i) score += q[from + i] * k[token][kv + i];
      total += shares[token] = std::exp(score / std::sqrt(static_cast<double>(d)));
    }
    for (std::size_t token = 0; token < seen; ++token) {
      for (int i = 0; i < d; ++i) out[from + i] += shares[token] / total * v[token][kv + i];
    }
  }
  return out;
}

// Logits of every position, [T][V].
inline Matrix reference_forward(const Model& model, std::span<const TokenId> tokens, std::size_t block) {
  const ModelConfig& config = model.config;
  const double eps = config.rms_norm_eps;
  const std::size_t c = static_cast<std::size_t>(config.hidden_size), count = tokens.size();
  const std::vector<double> embedding = weight(model, "model.embed_tokens.weight");
  Matrix x(count);
  for (std::size_t t = 0; t < count; ++t) {
    const auto row = embedding.begin() + static_cast<std::ptrdiff_t>(tokens[t] * c);
    x[t].assign(row, row + static_cast<std::ptrdiff_t>(c));
  }
  for (int n = 0; n < config.num_hidden_layers; ++n) {
    const std::string prefix = "model.layers." + std::to_string(n) + ".";
    const auto w = [&](const char* name) { return weight(model, prefix + name); };
    const auto bias = [&](const char* name) { return config.qkv_bias ? w(name) : std::vector<double>(); };
    const auto gain = [&](const char* name) { return config.qk_norm ? w(name) : std::vector<double>(); };
    Matrix q(count), k(count), v(count);
    for (std::size_t t = 0; t < count; ++t) {
      const auto normed = reference_norm(x[t], w("input_layernorm.weight"), eps);
      q[t] = reference_linear(normed, w("self_attn.q_proj.weight"), bias("self_attn.q_proj.bias"));
      k[t] = reference_linear(normed, w("self_attn.k_proj.weight"), bias("self_attn.k_proj.bias"));
      v[t] = reference_linear(normed, w("self_attn.v_proj.weight"), bias("self_attn.v_proj.bias"));
      finish_heads(q[t], config, gain("self_attn.q_norm.weight"), static_cast<int>(t));
      finish_heads(k[t], config, gain("self_attn.k_norm.weight"), static_cast<int>(t));
    }
    for (std::size_t t = 0; t < count; ++t) {
      const std::size_t seen = t >= count - block ? count : t + 1;
      const auto attended = reference_attention(config, q[t], k, v, seen);
      const auto mixed = reference_linear(attended, w("self_attn.o_proj.weight"));
      for (std::size_t i = 0; i < c; ++i) x[t][i] += mixed[i];
      const auto normed = reference_norm(x[t], w("post_attention_layernorm.weight"), eps);
      auto gate = reference_linear(normed, w("mlp.gate_proj.weight"));
      const auto up = reference_linear(normed, w("mlp.up_proj.weight"));
      for (std::size_t i = 0; i < gate.size(); ++i) gate[i] = gate[i] / (1 + std::exp(-gate[i])) * up[i];
      const auto down = reference_linear(gate, w("mlp.down_proj.weight"));
      for (std::size_t i = 0; i < c; ++i) x[t][i] += down[i];
    }
  }
  const auto head = config.tie_word_embeddings ? embedding : weight(model, "lm_head.weight");
  Matrix logits;
  for (const auto& row : x) {
    logits.push_back(reference_linear(reference_norm(row, weight(model, "model.norm.weight"), eps), head));
  }
  return logits;
}

}  // namespace seedling::test
