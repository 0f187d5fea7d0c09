// The cpu backend: one readable forward pass over kernels/ops.h, f32 activations, weights as wide as in the
// file.
#include <algorithm>
#include <cmath>
#include <mutex>

#include "engine/assert.h"
#include "engine/model/backend.h"
#include "engine/model/backend_call.h"
#include "engine/model/safetensors.h"
#include "kernels/ops.h"

namespace seedling {
namespace {

using kernels::AlignedArray;
using kernels::KeyValues;
using kernels::PackedMatrix;
using kernels::WeightType;

constexpr int kPrefillChunk = 256;  // tokens of extend() computed at once: bounds the activations

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

struct CpuSession : BackendSession {
  CpuSession(std::shared_ptr<const PackedModel> packed, int threads)
      : weights(std::move(packed)), workers(threads) {}

  std::shared_ptr<const PackedModel> weights;
  kernels::Workers workers;
  int length = 0;
  std::vector<KeyValues> cache;  // [L]
  std::vector<float> cos, sin;   // [cache capacity, D/2]

  // Activations of one chunk of M rows.
  int rows = 0;
  AlignedArray<float> x, normed, branch;  // [M,C]
  AlignedArray<float> qkv;                // [M,(H+2K)·D]
  AlignedArray<float> attended;           // [M,H·D]
  AlignedArray<float> gate_up;            // [M,2F]
  AlignedArray<float> gated;              // [M,F]
};

// REQUIRES: the tensor exists; Model::load checked that.
const TensorView& tensor(const Model& model, const std::string& name) {
  const TensorView* view = model.weights->find(name);
  SEEDLING_ASSERT(view);
  return *view;
}

std::vector<float> values(const Model& model, const std::string& name) {
  const TensorView& view = tensor(model, name);
  std::vector<float> out(view.byte_count / dtype_bytes(view.dtype));
  read_f32(view, 0, out);
  return out;
}

// The tensors stacked: their outputs one after the other.
PackedMatrix pack(const Model& model, std::initializer_list<std::string> names) {
  int outputs = 0, inputs = 0;
  bool is_bf16 = true;
  for (const std::string& name : names) {
    const TensorView& view = tensor(model, name);
    outputs += static_cast<int>(view.shape[0]);
    inputs = static_cast<int>(view.shape[1]);
    is_bf16 = is_bf16 && view.dtype == Dtype::bf16;
  }
  PackedMatrix packed(outputs, inputs, is_bf16 ? WeightType::bf16 : WeightType::f32);
  std::vector<float> row(static_cast<std::size_t>(inputs));
  int output = 0;
  for (const std::string& name : names) {
    const TensorView& view = tensor(model, name);
    for (std::int64_t i = 0; i < view.shape[0]; ++i) {
      read_f32(view, static_cast<std::size_t>(i) * row.size(), row);
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
void reserve_tokens(CpuSession& session, int tokens) {
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

void reserve_rows(CpuSession& session, int m) {
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
  session.rows = m;
}

// `tokens` behind the cached ones. Their keys and values are written behind the cache but not counted, so the
// caller decides whether they stay. rows: which tokens get logits [rows,V]; causal: row m sees the block up
// to m, else all.
void forward(CpuSession& session, std::span<const TokenId> tokens, std::span<const int> rows, float* logits,
             bool causal) {
  using namespace kernels;
  const PackedModel& weights = *session.weights;
  const ModelConfig& config = weights.model->config;
  const int m = static_cast<int>(tokens.size()), p = session.length;
  const int h = config.num_attention_heads, k = config.num_key_value_heads, d = config.head_dim;
  const int f = config.intermediate_size;
  const std::size_t c = static_cast<std::size_t>(config.hidden_size);
  const std::size_t q_width = static_cast<std::size_t>(h * d), kv_width = static_cast<std::size_t>(k * d);
  const std::size_t qkv_width = q_width + 2 * kv_width;
  const float eps = config.rms_norm_eps;
  reserve_tokens(session, p + m);
  reserve_rows(session, m);
  Workers& workers = session.workers;
  float *x = session.x.data(), *normed = session.normed.data(), *branch = session.branch.data();
  float *q = session.qkv.data(), *key = q + q_width, *value = key + kv_width;
  const float* cos = session.cos.data() + static_cast<std::size_t>(p) * (d / 2);
  const float* sin = session.sin.data() + static_cast<std::size_t>(p) * (d / 2);

  // embedding
  const TensorView& embedding = tensor(*weights.model, "model.embed_tokens.weight");
  for (int row = 0; row < m; ++row) {
    read_f32(embedding, static_cast<std::size_t>(tokens[row]) * c, {x + row * c, c});
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
    rope(q, qkv_width, cos, sin, m, h, d);
    rope(key, qkv_width, cos, sin, m, k, d);
    session.cache[n].write(p, key, value, qkv_width, m);
    if (rows.empty() && n + 1 == weights.layers.size()) break;  // nobody asks for what follows the last cache

    // attention
    float* attended = session.attended.data();
    attention(workers, session.cache[n], q, qkv_width, attended, m, p, h, causal);
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

  // head, for the rows asked for
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rmsnorm(x + static_cast<std::size_t>(rows[i]) * c, c, weights.final_norm.data(), eps, normed + i * c, c,
            1, config.hidden_size);
  }
  linear(workers, weights.head, nullptr, normed, c, logits, static_cast<std::size_t>(config.vocab_size),
         static_cast<int>(rows.size()));
}

CpuSession& cpu(BackendSession* session) {
  return *static_cast<CpuSession*>(session);
}

Result<BackendSession*> cpu_prepare(std::shared_ptr<const Model> model, const BackendOptions& options) {
  if (options.device != "cpu") {
    return unsupported("the cpu backend runs on \"cpu\", not on \"" + options.device +
                       "\": use --backend torch");
  }
  const int threads = options.threads > 0 ? options.threads : kernels::available_threads();
  const ModelConfig config = model->config;
  auto session = std::make_unique<CpuSession>(shared_pack(std::move(model)), threads);
  session->cache.resize(static_cast<std::size_t>(config.num_hidden_layers));
  for (KeyValues& layer : session->cache) {
    layer.heads = config.num_key_value_heads;
    layer.dim = config.head_dim;
  }
  return session.release();
}

void cpu_release(BackendSession* session) {
  delete &cpu(session);
}

int cpu_length(const BackendSession* session) {
  return static_cast<const CpuSession*>(session)->length;
}

void cpu_truncate(BackendSession* session, int length) {
  SEEDLING_ASSERT(length >= 0 && length <= cpu(session).length);
  cpu(session).length = length;
}

Status cpu_extend(BackendSession* handle, std::span<const TokenId> tokens, std::span<const int> rows,
                  std::span<float> logits) {
  CpuSession& session = cpu(handle);
  assert_backend_call(session.weights->model->config, session.length, tokens, rows, logits);
  std::vector<int> chunk_rows;
  float* out = logits.data();
  for (int begin = 0; begin < static_cast<int>(tokens.size()); begin += kPrefillChunk) {
    const int count = std::min(kPrefillChunk, static_cast<int>(tokens.size()) - begin);
    chunk_rows.clear();
    for (const int row : rows) {
      if (row >= begin && row < begin + count) chunk_rows.push_back(row - begin);
    }
    forward(session, tokens.subspan(begin, count), chunk_rows, out, /*causal=*/true);
    session.length += count;
    out += chunk_rows.size() * static_cast<std::size_t>(session.weights->model->config.vocab_size);
  }
  return Done{};
}

Status cpu_step(BackendSession* handle, std::span<const TokenId> block, std::span<const int> rows,
                std::span<float> logits) {
  CpuSession& session = cpu(handle);
  assert_backend_call(session.weights->model->config, session.length, block, rows, logits);
  if (!rows.empty()) forward(session, block, rows, logits.data(), /*causal=*/false);
  return Done{};
}

}  // namespace

const Backend& cpu_backend() {
  static constexpr Backend backend = {"cpu",        cpu_prepare, cpu_release, cpu_length,
                                      cpu_truncate, cpu_extend,  cpu_step};
  return backend;
}

}  // namespace seedling
