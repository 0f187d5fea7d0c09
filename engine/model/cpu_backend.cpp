// The cpu backend: kernels/int8.h between the attentions of kernels/attention.h. What it computes is written
// down readably in plain_backend.cpp.
#include <algorithm>
#include <cstring>
#include <mutex>

#include "engine/assert.h"
#include "engine/model/backend.h"
#include "engine/model/backend_call.h"
#include "engine/model/int8_model.h"
#include "kernels/attention.h"
#include "kernels/int8.h"

namespace seedling {
namespace {

using kernels::AlignedArray;
using kernels::Int8Activations;
using kernels::Int8Linear;
using kernels::KeyValueCache;
using kernels::Workers;

constexpr int kMostInputs = 65536;  // of a linear: its sums fit 32 bits

// What the sessions of one model on as many threads share: one of them runs at a time.
struct SharedModel {
  SharedModel(std::shared_ptr<const Model> model, int threads)
      : weights(pack_int8_model(std::move(model))),
        workers(threads),
        rotary(weights.model->config.head_dim, weights.model->config.rope_theta) {}

  const Int8Model weights;
  Workers workers;
  kernels::RotaryTable rotary;
};

kernels::AttentionShape shape_of(const ModelConfig& config) {
  return {config.num_attention_heads, config.num_key_value_heads, config.head_dim};
}

struct CpuSession : BackendSession {
  explicit CpuSession(std::shared_ptr<SharedModel> model)
      : shared(std::move(model)),
        cache(shared->weights.layers.size(), KeyValueCache(config().num_key_value_heads, config().head_dim)),
        attention(shape_of(config())) {}

  const ModelConfig& config() const { return shared->weights.model->config; }

  std::shared_ptr<SharedModel> shared;
  int length = 0;
  int keepable = 0;                  // tokens of the last pass that may become cache
  std::vector<KeyValueCache> cache;  // [L]
  kernels::Attention attention;

  // Activations of a pass of M rows; [M,·] each.
  int rows = 0;
  AlignedArray<float> x;         // C, and what keeps its rows apart
  AlignedArray<float> qkv;       // (H+2K)·D, and the same
  AlignedArray<float> attended;  // H·D
  AlignedArray<float> gated;     // F
  Int8Activations quantized_x, quantized_attended, quantized_gated;
  std::vector<int> queried_rows;
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

// Rows that are a power of two apart would compete for the same few lines of a cache.
std::size_t row_stride(int width) {
  return size(width) + 16;
}

void reserve_rows(CpuSession& session, int m) {
  if (m <= session.rows) return;
  const ModelConfig& config = session.config();
  const int q_width = config.num_attention_heads * config.head_dim;
  const int kv_width = config.num_key_value_heads * config.head_dim;
  session.x = AlignedArray<float>(size(m) * row_stride(config.hidden_size));
  session.qkv = AlignedArray<float>(size(m) * row_stride(q_width + 2 * kv_width));
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

void begin_attention(CpuSession& session, const Pass& pass) {
  const int m = static_cast<int>(pass.tokens.size());
  session.shared->rotary.reserve(session.length + reach_of(pass));
  kernels::AttentionPass attention;
  attention.m = m;
  attention.p = session.length;
  static_assert(static_cast<int>(kernels::Sight::listed) == static_cast<int>(Sight::listed));
  attention.sight = static_cast<kernels::Sight>(pass.sight);  // the same three
  attention.sees = pass.sees;
  attention.offsets = pass.offsets;
  session.attention.begin(attention, session.shared->rotary);
}

// The rows of x become those of `rows` alone: after the last attention no other row matters.
void keep_rows(CpuSession& session, std::span<const int> rows) {
  const std::size_t stride = row_stride(session.config().hidden_size), bytes = stride * sizeof(float);
  float* x = session.x.data();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (size(rows[i]) != i) std::memcpy(x + i * stride, x + size(rows[i]) * stride, bytes);  // rows[i] > i
  }
}

// x += what the layer's feed-forward network makes of it, for the first m rows.
void feed_forward(CpuSession& session, const Int8Layer& layer, int m) {
  const ModelConfig& config = session.config();
  const std::size_t stride = row_stride(config.hidden_size), f = size(config.intermediate_size);
  Workers& workers = session.shared->workers;
  int8_rmsnorm(workers, session.x.data(), stride, layer.post_attention_norm.data(), config.rms_norm_eps, m,
               session.quantized_x);
  int8_swiglu(workers, session.quantized_x, m, layer.gate, layer.up, session.gated.data(), f);
  int8_quantize(workers, session.gated.data(), f, m, session.quantized_gated);
  const Int8Linear down = {layer.down, nullptr, session.x.data(), stride, /*is_residual=*/true};
  int8_linears(workers, session.quantized_gated, m, {&down, 1});
}

// x holds the rows asked for.
void answer_queries(CpuSession& session, std::span<const RowQuery> queries, std::span<RowAnswer> answers) {
  const Int8Model& weights = session.shared->weights;
  const ModelConfig& config = weights.model->config;
  int8_rmsnorm(session.shared->workers, session.x.data(), row_stride(config.hidden_size),
               weights.final_norm.data(), config.rms_norm_eps, static_cast<int>(queries.size()),
               session.quantized_x);
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
  const ModelConfig& config = session.config();
  Workers& workers = session.shared->workers;
  const int q_width = config.num_attention_heads * config.head_dim;
  const int kv_width = config.num_key_value_heads * config.head_dim;
  const std::size_t x_stride = row_stride(config.hidden_size);
  const std::size_t qkv_stride = row_stride(q_width + 2 * kv_width);
  int m = static_cast<int>(pass.tokens.size());
  reserve_rows(session, m);
  begin_attention(session, pass);
  float *x = session.x.data(), *qkv = session.qkv.data(), *attended = session.attended.data();
  session.queried_rows.clear();
  for (const RowQuery& query : queries) session.queried_rows.push_back(query.row);

  for (int row = 0; row < m; ++row) {
    read_embedding(*weights.model, pass.tokens[size(row)],
                   {x + size(row) * x_stride, size(config.hidden_size)});
  }
  for (std::size_t n = 0; n < weights.layers.size(); ++n) {
    const Int8Layer& layer = weights.layers[n];
    const QueryKeyNorm norm = {data_or_null(layer.q_norm), data_or_null(layer.k_norm), config.rms_norm_eps};
    int8_rmsnorm(workers, x, x_stride, layer.input_norm.data(), config.rms_norm_eps, m, session.quantized_x);
    const Int8Linear projections[] = {
        {layer.q, data_or_null(layer.q_bias), qkv, qkv_stride},
        {layer.k, data_or_null(layer.k_bias), qkv + q_width, qkv_stride},
        {layer.v, data_or_null(layer.v_bias), qkv + q_width + kv_width, qkv_stride}};
    int8_linears(workers, session.quantized_x, m, projections);
    if (n + 1 < weights.layers.size()) {
      session.attention.run(workers, session.cache[n], norm, qkv, qkv_stride, attended);
    } else {
      session.attention.run(workers, session.cache[n], norm, qkv, qkv_stride, session.queried_rows, attended);
      keep_rows(session, session.queried_rows);
      m = static_cast<int>(queries.size());
      if (m == 0) return;
    }
    int8_quantize(workers, attended, size(q_width), m, session.quantized_attended);
    const Int8Linear output = {layer.output, nullptr, x, x_stride, /*is_residual=*/true};
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
  for (const KeyValueCache& layer : static_cast<const CpuSession*>(session)->cache) bytes += layer.bytes();
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
  assert_forward(session.config(), session.length, pass, queries, answers);
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
