// The plain backend: one readable forward pass over kernels/ops.h, f32 activations, weights as wide as in the
// file, int8 ones dequantised. What the fast cpu backend is checked against.
#include <algorithm>
#include <cmath>
#include <mutex>

#include "engine/assert.h"
#include "engine/model/backend.h"
#include "engine/model/backend_call.h"
#include "engine/model/row_answer.h"
#include "kernels/ops.h"

namespace seedling {
namespace {

using kernels::AlignedArray;
using kernels::KeyValues;
using kernels::PackedMatrix;
using kernels::WeightType;

constexpr int kHeadRows = 16;  // rows of logits that exist at once

struct LayerWeights {
  std::vector<float> input_norm;           // [C]
  PackedMatrix qkv;                        // [(H+2K)·D, C]
  std::vector<float> qkv_bias;             // [(H+2K)·D] or empty
  std::vector<float> q_norm, k_norm;       // [D] or empty
  PackedMatrix output;                     // [C, H·D]
  std::vector<float> post_attention_norm;  // [C]
  PackedMatrix gate_up;                    // [2F, C]
  PackedMatrix down;                       // [C, F]
};

// Immutable; shared by the sessions of one model.
struct PackedModel {
  std::shared_ptr<const Model> model;
  std::vector<LayerWeights> layers;
  std::vector<float> final_norm;  // [C]
  PackedMatrix head;              // [V, C]
};

struct PlainSession : BackendSession {
  PlainSession(std::shared_ptr<const PackedModel> packed, int threads)
      : weights(std::move(packed)), workers(threads) {}

  std::shared_ptr<const PackedModel> weights;
  kernels::Workers workers;
  int length = 0;
  int keepable = 0;              // tokens of the last pass that may become cache
  std::vector<KeyValues> cache;  // [L]
  std::vector<float> cos, sin;   // [cache capacity, D/2]

  // Activations of one chunk of M rows.
  int rows = 0;
  AlignedArray<float> x, normed, branch;  // [M,C]
  AlignedArray<float> qkv;                // [M,(H+2K)·D]
  AlignedArray<float> attended;           // [M,H·D]
  AlignedArray<float> gate_up;            // [M,2F]
  AlignedArray<float> gated;              // [M,F]
  AlignedArray<float> logits;             // [kHeadRows,V]
};

std::vector<float> values(const Model& model, const std::string& name) {
  return read_vector(*model.weights, name);
}

// The matrices stacked: their outputs one after the other. Int8 is dequantised.
PackedMatrix pack(const Model& model, std::initializer_list<std::string> names) {
  int outputs = 0, inputs = 0;
  bool is_bf16 = true;
  for (const std::string& name : names) {
    const WeightMatrix& matrix = model.matrix(name);
    outputs += matrix.outputs;
    inputs = matrix.inputs;
    is_bf16 = is_bf16 && matrix.view.dtype == Dtype::bf16;
  }
  PackedMatrix packed(outputs, inputs, is_bf16 ? WeightType::bf16 : WeightType::f32);
  std::vector<float> row(static_cast<std::size_t>(inputs));
  int output = 0;
  for (const std::string& name : names) {
    const WeightMatrix& matrix = model.matrix(name);
    for (int i = 0; i < matrix.outputs; ++i) {
      matrix.read_row(i, row);
      packed.pack(output++, row.data(), 1);
    }
  }
  return packed;
}

std::shared_ptr<const PackedModel> pack_model(std::shared_ptr<const Model> shared) {
  const Model& model = *shared;
  auto packed = std::make_shared<PackedModel>();
  for (int n = 0; n < model.config.num_hidden_layers; ++n) {
    const std::string prefix = "model.layers." + std::to_string(n) + ".", attention = prefix + "self_attn.";
    LayerWeights layer;
    layer.input_norm = values(model, prefix + "input_layernorm.weight");
    layer.qkv =
        pack(model, {attention + "q_proj.weight", attention + "k_proj.weight", attention + "v_proj.weight"});
    if (model.config.qkv_bias) {
      for (const char* name : {"q_proj.bias", "k_proj.bias", "v_proj.bias"}) {
        const std::vector<float> bias = values(model, attention + name);
        layer.qkv_bias.insert(layer.qkv_bias.end(), bias.begin(), bias.end());
      }
    }
    if (model.config.qk_norm) {
      layer.q_norm = values(model, attention + "q_norm.weight");
      layer.k_norm = values(model, attention + "k_norm.weight");
    }
    layer.output = pack(model, {attention + "o_proj.weight"});
    layer.post_attention_norm = values(model, prefix + "post_attention_layernorm.weight");
    layer.gate_up = pack(model, {prefix + "mlp.gate_proj.weight", prefix + "mlp.up_proj.weight"});
    layer.down = pack(model, {prefix + "mlp.down_proj.weight"});
    packed->layers.push_back(std::move(layer));
  }
  packed->final_norm = values(model, "model.norm.weight");
  packed->head =
      pack(model, {model.config.tie_word_embeddings ? "model.embed_tokens.weight" : "lm_head.weight"});
  packed->model = std::move(shared);
  return packed;
}

// Sessions of one model share its packed weights: a second one starts at once and takes only its cache's
// memory.
std::shared_ptr<const PackedModel> shared_pack(std::shared_ptr<const Model> model) {
  static std::mutex mutex;
  static std::vector<std::weak_ptr<const PackedModel>> known;  // guarded by mutex
  const std::lock_guard lock(mutex);
  std::erase_if(known, [](const auto& entry) { return entry.expired(); });
  for (const auto& entry : known) {
    const std::shared_ptr<const PackedModel> packed = entry.lock();
    if (packed && packed->model == model) return packed;
  }
  std::shared_ptr<const PackedModel> packed = pack_model(std::move(model));
  known.push_back(packed);
  return packed;
}

// Room for `tokens` in the cache and the tables of their positions.
void reserve_tokens(PlainSession& session, int tokens) {
  const ModelConfig& config = session.weights->model->config;
  for (KeyValues& layer : session.cache) layer.reserve(tokens, session.length);
  const int half = config.head_dim / 2, capacity = session.cache[0].capacity;
  for (int position = static_cast<int>(session.cos.size()) / half; position < capacity; ++position) {
    for (int i = 0; i < half; ++i) {
      const float exponent = static_cast<float>(2 * i) / static_cast<float>(config.head_dim);
      const float angle = static_cast<float>(position) / std::pow(config.rope_theta, exponent);
      session.cos.push_back(std::cos(angle));
      session.sin.push_back(std::sin(angle));
    }
  }
}

void reserve_rows(PlainSession& session, int m) {
  if (m <= session.rows) return;
  const ModelConfig& config = session.weights->model->config;
  const std::size_t rows = static_cast<std::size_t>(m), d = static_cast<std::size_t>(config.head_dim);
  const std::size_t c = static_cast<std::size_t>(config.hidden_size);
  const std::size_t f = static_cast<std::size_t>(config.intermediate_size);
  const std::size_t h = static_cast<std::size_t>(config.num_attention_heads);
  const std::size_t k = static_cast<std::size_t>(config.num_key_value_heads);
  session.x = AlignedArray<float>(rows * c);
  session.normed = AlignedArray<float>(rows * c);
  session.branch = AlignedArray<float>(rows * c);
  session.qkv = AlignedArray<float>(rows * (h + 2 * k) * d);
  session.attended = AlignedArray<float>(rows * h * d);
  session.gate_up = AlignedArray<float>(rows * 2 * f);
  session.gated = AlignedArray<float>(rows * f);
  session.logits = AlignedArray<float>(kHeadRows * static_cast<std::size_t>(config.vocab_size));
  session.rows = m;
}

// Rotates the rows of x [M,heads,D] to the positions of their tokens.
void rotate(const PlainSession& session, const Pass& pass, float* x, std::size_t stride, int heads, int d) {
  const int m = static_cast<int>(pass.tokens.size());
  const std::size_t half = static_cast<std::size_t>(d / 2);
  for (int row = 0; row < m; ++row) {
    const std::size_t at = static_cast<std::size_t>(session.length + offset_of(pass, row)) * half;
    kernels::rope(x + row * stride, stride, session.cos.data() + at, session.sin.data() + at, 1, heads, d);
  }
}

// The tokens of the pass behind the cached ones. Their keys and values are written behind the cache but not
// counted: keep() does that.
void forward(PlainSession& session, const Pass& pass, std::span<const RowQuery> queries,
             std::span<RowAnswer> answers) {
  using namespace kernels;
  const PackedModel& weights = *session.weights;
  const ModelConfig& config = weights.model->config;
  const int m = static_cast<int>(pass.tokens.size()), p = session.length;
  const int h = config.num_attention_heads, k = config.num_key_value_heads, d = config.head_dim;
  const int f = config.intermediate_size;
  const std::size_t c = static_cast<std::size_t>(config.hidden_size);
  const std::size_t v = static_cast<std::size_t>(config.vocab_size);
  const std::size_t q_width = static_cast<std::size_t>(h * d), kv_width = static_cast<std::size_t>(k * d);
  const std::size_t qkv_width = q_width + 2 * kv_width;
  const float eps = config.rms_norm_eps;
  reserve_tokens(session, p + std::max(m, reach_of(pass)));
  reserve_rows(session, m);
  Workers& workers = session.workers;
  float *x = session.x.data(), *normed = session.normed.data(), *branch = session.branch.data();
  float *q = session.qkv.data(), *key = q + q_width, *value = key + kv_width;
  const auto is_seen = [&](int row, int token) { return sees(pass, row, token); };

  // embedding
  const WeightMatrix& embedding = weights.model->matrix("model.embed_tokens.weight");
  for (int row = 0; row < m; ++row) {
    embedding.read_row(pass.tokens[row], {x + row * c, c});
  }

  for (std::size_t n = 0; n < weights.layers.size(); ++n) {
    const LayerWeights& layer = weights.layers[n];
    // queries, keys and values
    rmsnorm(x, c, layer.input_norm.data(), eps, normed, c, m, config.hidden_size);
    linear(workers, layer.qkv, layer.qkv_bias.empty() ? nullptr : layer.qkv_bias.data(), normed, c, q,
           qkv_width, m);
    if (config.qk_norm) {
      for (int row = 0; row < m; ++row) {
        float *q_row = q + row * qkv_width, *k_row = key + row * qkv_width;
        rmsnorm(q_row, d, layer.q_norm.data(), eps, q_row, d, h, d);
        rmsnorm(k_row, d, layer.k_norm.data(), eps, k_row, d, k, d);
      }
    }
    rotate(session, pass, q, qkv_width, h, d);
    rotate(session, pass, key, qkv_width, k, d);
    session.cache[n].write(p, key, value, qkv_width, m);
    if (queries.empty() && n + 1 == weights.layers.size()) return;  // nobody asks for what follows the cache

    // attention
    float* attended = session.attended.data();
    attention(workers, session.cache[n], q, qkv_width, attended, m, p, h, is_seen);
    linear(workers, layer.output, nullptr, attended, q_width, branch, c, m);
    add(branch, x, m * c);

    // feed-forward
    rmsnorm(x, c, layer.post_attention_norm.data(), eps, normed, c, m, config.hidden_size);
    linear(workers, layer.gate_up, nullptr, normed, c, session.gate_up.data(),
           static_cast<std::size_t>(2 * f), m);
    silu_mul(workers, session.gate_up.data(), session.gated.data(), m, f);
    linear(workers, layer.down, nullptr, session.gated.data(), static_cast<std::size_t>(f), branch, c, m);
    add(branch, x, m * c);
  }

  // head, for the rows asked for, a few at a time
  for (std::size_t first = 0; first < queries.size(); first += kHeadRows) {
    const std::size_t count = std::min<std::size_t>(kHeadRows, queries.size() - first);
    for (std::size_t i = 0; i < count; ++i) {
      rmsnorm(x + static_cast<std::size_t>(queries[first + i].row) * c, c, weights.final_norm.data(), eps,
              normed + i * c, c, 1, config.hidden_size);
    }
    linear(workers, weights.head, nullptr, normed, c, session.logits.data(), v, static_cast<int>(count));
    workers.run(static_cast<int>(count), [&](int i, int) {
      const RowQuery& query = queries[first + i];
      const std::span<const float> row(session.logits.data() + i * v, v);
      answers[first + i] = answer_row(row, query);
      std::copy(row.begin(), row.begin() + query.logits.size(), query.logits.begin());
    });
  }
}

PlainSession& plain(BackendSession* session) {
  return *static_cast<PlainSession*>(session);
}

Result<BackendSession*> plain_prepare(std::shared_ptr<const Model> model, const BackendOptions& options) {
  if (options.device != "cpu") {
    return unsupported("the plain backend runs on \"cpu\", not on \"" + options.device +
                       "\": use --backend torch");
  }
  const int threads = options.threads > 0 ? options.threads : kernels::available_threads();
  const ModelConfig config = model->config;
  auto session = std::make_unique<PlainSession>(shared_pack(std::move(model)), threads);
  session->cache.resize(static_cast<std::size_t>(config.num_hidden_layers));
  for (KeyValues& layer : session->cache) {
    layer.heads = config.num_key_value_heads;
    layer.dim = config.head_dim;
  }
  return session.release();
}

void plain_release(BackendSession* session) {
  delete &plain(session);
}

int plain_length(const BackendSession* session) {
  return static_cast<const PlainSession*>(session)->length;
}

std::size_t plain_cache_bytes(const BackendSession* session) {
  std::size_t bytes = 0;
  for (const KeyValues& layer : static_cast<const PlainSession*>(session)->cache) bytes += layer.bytes();
  return bytes;
}

void plain_truncate(BackendSession* session, int length) {
  SEEDLING_ASSERT(length >= 0 && length <= plain(session).length);
  plain(session).length = length;
  plain(session).keepable = 0;
}

Status plain_forward(BackendSession* handle, const Pass& pass, std::span<const RowQuery> queries,
                     std::span<RowAnswer> answers) {
  PlainSession& session = plain(handle);
  assert_forward(session.weights->model->config, session.length, pass, queries, answers);
  session.keepable = keepable(pass);
  if (!pass.tokens.empty()) forward(session, pass, queries, answers);
  return Done{};
}

void plain_keep(BackendSession* handle, int count) {
  PlainSession& session = plain(handle);
  SEEDLING_ASSERT(count >= 0 && count <= session.keepable);
  session.length += count;
  session.keepable = 0;
}

}  // namespace

const Backend& plain_backend() {
  static constexpr Backend backend = {"plain",           plain_prepare,  plain_release, plain_length,
                                      plain_cache_bytes, plain_truncate, plain_forward, plain_keep};
  return backend;
}

}  // namespace seedling
