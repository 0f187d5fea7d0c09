// The cpu backend: int8 weights and activations between the attentions, kernels/int8.h. What it computes is
// written down readably in plain_backend.cpp.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <mutex>

#include "engine/assert.h"
#include "engine/model/backend.h"
#include "engine/model/backend_call.h"
#include "engine/model/int8_model.h"
#include "kernels/int8.h"
#include "kernels/ops.h"

namespace seedling {
namespace {

using kernels::AlignedArray;
using kernels::Int8Activations;
using kernels::Int8Linear;
using kernels::KeyValues;
using kernels::Workers;

constexpr int kMostInputs = 65536;  // of a linear: its sums fit 32 bits

// What the sessions of one model on as many threads share: one of them runs at a time.
struct SharedModel {
  SharedModel(std::shared_ptr<const Model> model, int threads)
      : weights(pack_int8_model(std::move(model))), workers(threads) {}

  const Int8Model weights;
  Workers workers;
};

struct CpuSession : BackendSession {
  explicit CpuSession(std::shared_ptr<SharedModel> model) : shared(std::move(model)) {}

  std::shared_ptr<SharedModel> shared;
  int length = 0;
  int keepable = 0;              // tokens of the last pass that may become cache
  std::vector<KeyValues> cache;  // [L]
  std::vector<float> cos, sin;   // [cache capacity, D/2]

  // Activations of a pass of M rows; [M,·] each.
  int rows = 0;
  AlignedArray<float> x;         // C
  AlignedArray<float> qkv;       // (H+2K)·D
  AlignedArray<float> attended;  // H·D
  AlignedArray<float> gated;     // F
  Int8Activations quantized_x, quantized_attended, quantized_gated;
  std::vector<kernels::HeadQuery> head_queries;
  std::vector<kernels::HeadAnswer> head_answers;
};

std::size_t size(int n) {
  return static_cast<std::size_t>(n);
}

// A second session of a model starts at once and takes only its cache's memory.
std::shared_ptr<SharedModel> shared_model(std::shared_ptr<const Model> model, int threads) {
  static std::mutex mutex;
  static std::vector<std::weak_ptr<SharedModel>> known;  // guarded by mutex
  const std::lock_guard lock(mutex);
  std::erase_if(known, [](const auto& entry) { return entry.expired(); });
  for (const auto& entry : known) {
    const std::shared_ptr<SharedModel> shared = entry.lock();
    if (shared && shared->weights.model == model && shared->workers.thread_count() == threads) return shared;
  }
  auto shared = std::make_shared<SharedModel>(std::move(model), threads);
  known.push_back(shared);
  return shared;
}

// Room for `tokens` in the cache and the tables of their positions.
void reserve_tokens(CpuSession& session, int tokens) {
  const ModelConfig& config = session.shared->weights.model->config;
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
  const ModelConfig& config = session.shared->weights.model->config;
  const int q_width = config.num_attention_heads * config.head_dim;
  const int kv_width = config.num_key_value_heads * config.head_dim;
  session.x = AlignedArray<float>(size(m) * size(config.hidden_size));
  session.qkv = AlignedArray<float>(size(m) * size(q_width + 2 * kv_width));
  session.attended = AlignedArray<float>(size(m) * size(q_width));
  session.gated = AlignedArray<float>(size(m) * size(config.intermediate_size));
  session.quantized_x.reserve(m, config.hidden_size);
  session.quantized_attended.reserve(m, q_width);
  session.quantized_gated.reserve(m, config.intermediate_size);
  session.rows = m;
}

const float* data_or_null(const std::vector<float>& values) {
  return values.empty() ? nullptr : values.data();
}

// Queries and keys of a pass: normed where the model does that, and turned to the positions of their tokens.
void place_heads(CpuSession& session, const Int8Layer& layer, const Pass& pass) {
  const ModelConfig& config = session.shared->weights.model->config;
  const int h = config.num_attention_heads, k = config.num_key_value_heads, d = config.head_dim;
  const std::size_t width = size((h + 2 * k) * d);
  session.shared->workers.run(static_cast<int>(pass.tokens.size()), [&](int row, int) {
    float *q = session.qkv.data() + size(row) * width, *key = q + size(h * d);
    if (config.qk_norm) {
      kernels::rmsnorm(q, size(d), layer.q_norm.data(), config.rms_norm_eps, q, size(d), h, d);
      kernels::rmsnorm(key, size(d), layer.k_norm.data(), config.rms_norm_eps, key, size(d), k, d);
    }
    const std::size_t at = size(session.length + offset_of(pass, row)) * size(d / 2);
    kernels::rope(q, width, session.cos.data() + at, session.sin.data() + at, 1, h, d);
    kernels::rope(key, width, session.cos.data() + at, session.sin.data() + at, 1, k, d);
  });
}

// The rows that are asked for move to the front of x and attended: after the last attention no other row
// matters. Returns their number.
int keep_queried_rows(CpuSession& session, std::span<const RowQuery> queries, std::size_t x_width,
                      std::size_t attended_width) {
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const std::size_t row = size(queries[i].row);  // >= i
    if (row == i) continue;
    float *x = session.x.data(), *attended = session.attended.data();
    std::memcpy(x + i * x_width, x + row * x_width, x_width * sizeof(float));
    std::memcpy(attended + i * attended_width, attended + row * attended_width,
                attended_width * sizeof(float));
  }
  return static_cast<int>(queries.size());
}

// x += what the layer's feed-forward network makes of it, for the first m rows.
void feed_forward(CpuSession& session, const Int8Layer& layer, int m) {
  const ModelConfig& config = session.shared->weights.model->config;
  const std::size_t c = size(config.hidden_size), f = size(config.intermediate_size);
  Workers& workers = session.shared->workers;
  int8_rmsnorm(workers, session.x.data(), c, layer.post_attention_norm.data(), config.rms_norm_eps, m,
               session.quantized_x);
  int8_swiglu(workers, session.quantized_x, m, layer.gate, layer.up, session.gated.data(), f);
  int8_quantize(workers, session.gated.data(), f, m, session.quantized_gated);
  const Int8Linear down = {layer.down, nullptr, session.x.data(), c, /*is_residual=*/true};
  int8_linears(workers, session.quantized_gated, m, {&down, 1});
}

// x holds the rows asked for.
void answer_queries(CpuSession& session, std::span<const RowQuery> queries, std::span<RowAnswer> answers) {
  const Int8Model& weights = session.shared->weights;
  const ModelConfig& config = weights.model->config;
  int8_rmsnorm(session.shared->workers, session.x.data(), size(config.hidden_size), weights.final_norm.data(),
               config.rms_norm_eps, static_cast<int>(queries.size()), session.quantized_x);
  session.head_queries.clear();
  for (const RowQuery& query : queries) {
    session.head_queries.push_back(
        {query.allowed, query.target, query.logits.empty() ? nullptr : query.logits.data()});
  }
  session.head_answers.resize(queries.size());
  int8_head(session.shared->workers, session.quantized_x, weights.head, session.head_queries,
            session.head_answers);
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const kernels::HeadAnswer& answer = session.head_answers[i];
    answers[i] = {answer.token, answer.confidence, answer.entropy, answer.target_log_probability};
  }
}

// The tokens of the pass behind the cached ones. Their keys and values are written behind the cache but not
// counted: keep() does that.
void forward(CpuSession& session, const Pass& pass, std::span<const RowQuery> queries,
             std::span<RowAnswer> answers) {
  using namespace kernels;
  const Int8Model& weights = session.shared->weights;
  const ModelConfig& config = weights.model->config;
  Workers& workers = session.shared->workers;
  const int h = config.num_attention_heads, k = config.num_key_value_heads, d = config.head_dim;
  const std::size_t c = size(config.hidden_size), q_width = size(h * d), kv_width = size(k * d);
  const std::size_t qkv_width = q_width + 2 * kv_width;
  int m = static_cast<int>(pass.tokens.size());
  reserve_tokens(session, session.length + std::max(m, reach_of(pass)));
  reserve_rows(session, m);
  float* x = session.x.data();
  float *q = session.qkv.data(), *key = q + q_width, *value = key + kv_width;

  for (int row = 0; row < m; ++row)
    read_embedding(*weights.model, pass.tokens[size(row)], {x + size(row) * c, c});

  for (std::size_t n = 0; n < weights.layers.size(); ++n) {
    const Int8Layer& layer = weights.layers[n];
    const bool is_last = n + 1 == weights.layers.size();
    int8_rmsnorm(workers, x, c, layer.input_norm.data(), config.rms_norm_eps, m, session.quantized_x);
    const Int8Linear projections[] = {{layer.q, data_or_null(layer.q_bias), q, qkv_width},
                                      {layer.k, data_or_null(layer.k_bias), key, qkv_width},
                                      {layer.v, data_or_null(layer.v_bias), value, qkv_width}};
    int8_linears(workers, session.quantized_x, m, projections);
    place_heads(session, layer, pass);
    session.cache[n].write(session.length, key, value, qkv_width, m);
    if (is_last && queries.empty()) return;  // nobody asks for what follows the cache

    attention(workers, session.cache[n], q, qkv_width, session.attended.data(), m, session.length, h,
              [&](int row, int token) { return sees(pass, row, token); });
    if (is_last) m = keep_queried_rows(session, queries, c, q_width);
    int8_quantize(workers, session.attended.data(), q_width, m, session.quantized_attended);
    const Int8Linear output = {layer.output, nullptr, x, c, /*is_residual=*/true};
    int8_linears(workers, session.quantized_attended, m, {&output, 1});
    feed_forward(session, layer, m);
  }
  answer_queries(session, queries, answers);
}

CpuSession& cpu(BackendSession* session) {
  return *static_cast<CpuSession*>(session);
}

Result<BackendSession*> cpu_prepare(std::shared_ptr<const Model> model, const BackendOptions& options) {
  if (options.device != "cpu") {
    return unsupported("the cpu backend runs on \"cpu\", not on \"" + options.device +
                       "\": use --backend torch");
  }
  const ModelConfig config = model->config;
  const int most =
      std::max({config.hidden_size, config.intermediate_size, config.num_attention_heads * config.head_dim});
  if (most > kMostInputs) {
    return unsupported(model->directory + ": a layer has " + std::to_string(most) +
                       " inputs, the cpu backend takes up to " + std::to_string(kMostInputs) +
                       ": use --backend plain");
  }
  const int threads = options.threads > 0 ? options.threads : kernels::available_threads();
  auto session = std::make_unique<CpuSession>(shared_model(std::move(model), threads));
  session->cache.resize(size(config.num_hidden_layers));
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

std::size_t cpu_cache_bytes(const BackendSession* session) {
  std::size_t bytes = 0;
  for (const KeyValues& layer : static_cast<const CpuSession*>(session)->cache) bytes += layer.bytes();
  return bytes;
}

void cpu_truncate(BackendSession* session, int length) {
  SEEDLING_ASSERT(length >= 0 && length <= cpu(session).length);
  cpu(session).length = length;
  cpu(session).keepable = 0;
}

Status cpu_forward(BackendSession* handle, const Pass& pass, std::span<const RowQuery> queries,
                   std::span<RowAnswer> answers) {
  CpuSession& session = cpu(handle);
  assert_forward(session.shared->weights.model->config, session.length, pass, queries, answers);
  session.keepable = keepable(pass);
  if (!pass.tokens.empty()) forward(session, pass, queries, answers);
  return Done{};
}

void cpu_keep(BackendSession* handle, int count) {
  CpuSession& session = cpu(handle);
  SEEDLING_ASSERT(count >= 0 && count <= session.keepable);
  session.length += count;
  session.keepable = 0;
}

}  // namespace

const Backend& cpu_backend() {
  static constexpr Backend backend = {"cpu",           cpu_prepare,  cpu_release, cpu_length,
                                      cpu_cache_bytes, cpu_truncate, cpu_forward, cpu_keep};
  return backend;
}

}  // namespace seedling
