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

// With this many rows for each thread a pass may be split by its rows: a thread takes its rows from one
// layer's keys and values to the next one's and no activation changes hands. With fewer, each linear is split
// by its outputs.
constexpr int kLeastRowsOfPart = 4;
// Threads that split rows read all weights each. That pays while there are many rows for what the threads'
// common cache does not hold.
constexpr std::size_t kWeightBytesPerRow = std::size_t{2} << 20;
// From so many cached tokens on, attention is split by its heads, so that no two threads read the same of the
// cache.
constexpr int kLongContext = 512;
// More rows of a part at once would no longer stay in the first-level cache.
constexpr int kMostRowsOfPart = 16;

// What one thread needs to compute rows alone.
struct RowWorkspace {
  Workers alone{1};
  AlignedArray<float> x;         // [rows,C]: of the last layer, for the rows asked for
  AlignedArray<float> attended;  // [rows,H·D]
  AlignedArray<float> gated;     // [rows,F]
  AlignedArray<float> scratch;   // of attention
  Int8Activations quantized_x, quantized_attended, quantized_gated;
};

// What the sessions of one model on as many threads share: one of them runs at a time.
struct SharedModel {
  SharedModel(std::shared_ptr<const Model> model, int threads)
      : weights(pack_int8_model(std::move(model))),
        workers(threads),
        row_workspaces(static_cast<std::size_t>(threads)),
        rotary(weights.model->config.head_dim, weights.model->config.rope_theta) {}

  const Int8Model weights;
  Workers workers;
  std::vector<RowWorkspace> row_workspaces;  // [thread]
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
  AlignedArray<float> answered;  // the same: where the last layer puts the rows asked for
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
  session.answered = AlignedArray<float>(size(m) * row_stride(config.hidden_size));
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

// Rows of a layer's computation: their activations, and who computes them.
struct LayerRows {
  Workers& workers;
  int count;
  float* x;               // [count,C], rows row_stride(C) apart
  const float* attended;  // [count,H·D]
  float* gated;           // [count,F]
  Int8Activations& quantized_x;
  Int8Activations& quantized_attended;
  Int8Activations& quantized_gated;
};

LayerRows all_rows(CpuSession& session, int count) {
  return {session.shared->workers,    count,
          session.x.data(),           session.attended.data(),
          session.gated.data(),       session.quantized_x,
          session.quantized_attended, session.quantized_gated};
}

// qkv [count,(H+2K)·D] = the queries, keys and values of the rows, before they are normed and rotated.
void project(const ModelConfig& config, const Int8Layer& layer, const LayerRows& rows, float* qkv) {
  const int q_width = config.num_attention_heads * config.head_dim;
  const int kv_width = config.num_key_value_heads * config.head_dim;
  const std::size_t stride = row_stride(q_width + 2 * kv_width);
  int8_rmsnorm(rows.workers, rows.x, row_stride(config.hidden_size), layer.input_norm.data(),
               config.rms_norm_eps, rows.count, rows.quantized_x);
  const Int8Linear projections[] = {{layer.q, data_or_null(layer.q_bias), qkv, stride},
                                    {layer.k, data_or_null(layer.k_bias), qkv + q_width, stride},
                                    {layer.v, data_or_null(layer.v_bias), qkv + q_width + kv_width, stride}};
  int8_linears(rows.workers, rows.quantized_x, rows.count, projections);
}

// x += what the layer makes of what attention gave the rows.
void finish_layer(const ModelConfig& config, const Int8Layer& layer, const LayerRows& rows) {
  const std::size_t stride = row_stride(config.hidden_size), f = size(config.intermediate_size);
  int8_quantize(rows.workers, rows.attended, size(config.num_attention_heads * config.head_dim), rows.count,
                rows.quantized_attended);
  const Int8Linear output = {layer.output, nullptr, rows.x, stride, /*is_residual=*/true};
  int8_linears(rows.workers, rows.quantized_attended, rows.count, {&output, 1});
  int8_rmsnorm(rows.workers, rows.x, stride, layer.post_attention_norm.data(), config.rms_norm_eps,
               rows.count, rows.quantized_x);
  int8_swiglu(rows.workers, rows.quantized_x, rows.count, layer.gate, layer.up, rows.gated, f);
  int8_quantize(rows.workers, rows.gated, f, rows.count, rows.quantized_gated);
  const Int8Linear down = {layer.down, nullptr, rows.x, stride, /*is_residual=*/true};
  int8_linears(rows.workers, rows.quantized_gated, rows.count, {&down, 1});
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
        {query.allowed, query.target, query.logits.empty() ? nullptr : query.logits.data(), query.preferred});
  }
  session.head_answers.resize(queries.size());
  int8_head(session.shared->workers, session.quantized_x, weights.head, session.head_queries,
            session.head_answers);
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const kernels::HeadAnswer& answer = session.head_answers[i];
    answers[i] = {answer.token,     answer.confidence,          answer.entropy, answer.target_log_probability,
                  answer.preferred, answer.preferred_confidence};
  }
}

kernels::QueryKeyNorm norm_of(const ModelConfig& config, const Int8Layer& layer) {
  return {data_or_null(layer.q_norm), data_or_null(layer.k_norm), config.rms_norm_eps};
}

void embed(CpuSession& session, const Pass& pass, int first, int end) {
  const std::size_t c = size(session.config().hidden_size), stride = row_stride(session.config().hidden_size);
  for (int row = first; row < end; ++row) {
    read_embedding(*session.shared->weights.model, pass.tokens[size(row)],
                   {session.x.data() + size(row) * stride, c});
  }
}

// All layers, every linear split by its outputs. x becomes the rows asked for.
void run_layers_by_outputs(CpuSession& session, const Pass& pass) {
  const Int8Model& weights = session.shared->weights;
  const ModelConfig& config = session.config();
  const std::size_t qkv_stride =
      row_stride((config.num_attention_heads + 2 * config.num_key_value_heads) * config.head_dim);
  int m = static_cast<int>(pass.tokens.size());
  embed(session, pass, 0, m);
  for (std::size_t n = 0; n < weights.layers.size(); ++n) {
    const Int8Layer& layer = weights.layers[n];
    project(config, layer, all_rows(session, m), session.qkv.data());
    if (n + 1 < weights.layers.size()) {
      session.attention.run(session.shared->workers, session.cache[n], norm_of(config, layer),
                            session.qkv.data(), qkv_stride, session.attended.data());
    } else {
      session.attention.run(session.shared->workers, session.cache[n], norm_of(config, layer),
                            session.qkv.data(), qkv_stride, session.queried_rows, session.attended.data());
      keep_rows(session, session.queried_rows);
      m = static_cast<int>(session.queried_rows.size());
      if (m == 0) return;
    }
    finish_layer(config, layer, all_rows(session, m));
  }
}

// The rows of a thread of a pass that is split by rows.
class RowPart {
 public:
  RowPart(CpuSession& session, const Pass& pass, int thread, int first, int end)
      : session_(session),
        pass_(pass),
        config_(session.config()),
        workspace_(session.shared->row_workspaces[size(thread)]),
        first_(first),
        end_(end) {
    const std::size_t count = size(end - first);
    const auto reserve = [](AlignedArray<float>& array, std::size_t n) {
      if (array.size() < n) array = AlignedArray<float>(n);
    };
    reserve(workspace_.x, count * row_stride(config_.hidden_size));
    reserve(workspace_.attended, count * size(q_width()));
    reserve(workspace_.gated, count * size(config_.intermediate_size));
    reserve(workspace_.scratch, session.attention.scratch_floats());
    if (workspace_.quantized_x.rows() < end - first ||
        workspace_.quantized_x.inputs() != config_.hidden_size) {
      workspace_.quantized_x.reserve(end - first, config_.hidden_size);
      workspace_.quantized_attended.reserve(end - first, q_width());
      workspace_.quantized_gated.reserve(end - first, config_.intermediate_size);
    }
  }

  void embed_rows() { embed(session_, pass_, first_, end_); }

  // Keys and values of layer n.
  void project_rows(std::size_t n) {
    const Int8Layer& layer = session_.shared->weights.layers[n];
    project(config_, layer, rows(x(first_), end_ - first_),
            session_.qkv.data() + size(first_) * qkv_stride());
    session_.attention.take_in(session_.cache[n], norm_of(config_, layer), session_.qkv.data(), qkv_stride(),
                               first_, end_, workspace_.scratch.data());
  }

  // What follows the keys and values of layer n, when those of all rows are there. attended [M,H·D]: what
  // attention gave all rows; null: it is still to be done.
  void finish_rows(std::size_t n, const float* attended) {
    const Int8Layer& layer = session_.shared->weights.layers[n];
    if (attended) {
      finish_layer(config_, layer, rows(x(first_), end_ - first_, attended + size(first_) * size(q_width())));
      return;
    }
    session_.attention.attend(session_.cache[n], first_, end_, workspace_.scratch.data(),
                              workspace_.attended.data());
    finish_layer(config_, layer, rows(x(first_), end_ - first_, workspace_.attended.data()));
  }

  // The same of the last layer, for the rows asked for alone: queries [first, end) of a pass. They end up
  // side by side in `answered` [queries,C].
  void finish_queried(int first, int end, AlignedArray<float>& answered) {
    const std::size_t last = session_.shared->weights.layers.size() - 1,
                      stride = row_stride(config_.hidden_size);
    const std::vector<int>& wanted = session_.queried_rows;
    for (int i = first; i < end;) {  // neighbours share what they read of the cache
      int next = i + 1;
      while (next < end && wanted[size(next)] == wanted[size(next - 1)] + 1) ++next;
      session_.attention.attend(session_.cache[last], wanted[size(i)], wanted[size(next - 1)] + 1,
                                workspace_.scratch.data(),
                                workspace_.attended.data() + size(i - first) * size(q_width()));
      i = next;
    }
    float* to = answered.data() + size(first) * stride;
    for (int i = first; i < end; ++i) {
      std::memcpy(to + size(i - first) * stride, x(wanted[size(i)]), stride * sizeof(float));
    }
    finish_layer(config_, session_.shared->weights.layers[last],
                 rows(to, end - first, workspace_.attended.data()));
  }

 private:
  int q_width() const { return config_.num_attention_heads * config_.head_dim; }
  std::size_t qkv_stride() const {
    return row_stride(q_width() + 2 * config_.num_key_value_heads * config_.head_dim);
  }
  float* x(int row) const { return session_.x.data() + size(row) * row_stride(config_.hidden_size); }
  LayerRows rows(float* from, int count, const float* attended = nullptr) {
    return {workspace_.alone,
            count,
            from,
            attended,
            workspace_.gated.data(),
            workspace_.quantized_x,
            workspace_.quantized_attended,
            workspace_.quantized_gated};
  }

  CpuSession& session_;
  const Pass& pass_;
  const ModelConfig& config_;
  RowWorkspace& workspace_;
  int first_, end_;
};

// All layers, each thread with rows of its own: they meet when a layer's keys and values are written. x
// becomes the rows asked for.
void run_layers_by_rows(CpuSession& session, const Pass& pass) {
  const std::size_t layers = session.shared->weights.layers.size();
  const int m = static_cast<int>(pass.tokens.size());
  const bool is_long = session.length >= kLongContext;
  Workers& workers = session.shared->workers;
  const auto each_part = [&](int count, const auto& body) {
    const int threads = workers.thread_count();
    const int part_rows = std::clamp((count + threads - 1) / threads, 1, kMostRowsOfPart);
    const int parts = (count + part_rows - 1) / part_rows;
    workers.run(parts, [&](int part, int thread) {
      const int first = count * part / parts, end = count * (part + 1) / parts;
      body(thread, first, end);
    });
  };
  for (std::size_t n = 0; n < layers; ++n) {
    if (n > 0 && is_long) session.attention.attend(workers, session.cache[n - 1], session.attended.data());
    session.attention.open(session.cache[n]);
    each_part(m, [&](int thread, int first, int end) {
      RowPart part(session, pass, thread, first, end);
      if (n == 0) {
        part.embed_rows();
      } else {
        part.finish_rows(n - 1, is_long ? session.attended.data() : nullptr);
      }
      part.project_rows(n);
    });
  }
  if (session.queried_rows.empty()) return;
  each_part(static_cast<int>(session.queried_rows.size()), [&](int thread, int first, int end) {
    RowPart(session, pass, thread, first, end).finish_queried(first, end, session.answered);
  });
  std::swap(session.x, session.answered);
}

bool is_split_by_rows(const CpuSession& session, int m) {
  const std::size_t bytes = session.shared->weights.bytes();
  return m >= kLeastRowsOfPart * session.shared->workers.thread_count() &&
         bytes <= size(m) * kWeightBytesPerRow;
}

// The tokens of the pass behind the cached ones. Their keys and values are written behind the cache but not
// counted: keep() does that.
void forward(CpuSession& session, const Pass& pass, std::span<const RowQuery> queries,
             std::span<RowAnswer> answers) {
  const int m = static_cast<int>(pass.tokens.size());
  reserve_rows(session, m);
  begin_attention(session, pass);
  session.queried_rows.clear();
  for (const RowQuery& query : queries) session.queried_rows.push_back(query.row);
  if (is_split_by_rows(session, m)) {
    run_layers_by_rows(session, pass);
  } else {
    run_layers_by_outputs(session, pass);
  }
  if (!queries.empty()) answer_queries(session, queries, answers);
}

// Passes of several sessions, whose rows lie one pass after the other in the activations of the first one:
// only attention tells them apart.
class Together {
 public:
  explicit Together(std::span<const SessionPass> passes) : passes_(passes), all_(session(0)) {
    all_.queried_rows.clear();
    for (std::size_t i = 0; i < passes.size(); ++i) {
      begin_attention(session(i), *passes[i].pass);
      if (i > 0) session(i).queried_rows.clear();
      for (const RowQuery& query : passes[i].queries) {
        if (i > 0) session(i).queried_rows.push_back(query.row);
        all_.queried_rows.push_back(rows_ + query.row);
        queries_.push_back(query);
      }
      rows_ += static_cast<int>(passes[i].pass->tokens.size());
    }
    reserve_rows(all_, rows_);
  }

  void run() {
    const Int8Model& weights = all_.shared->weights;
    const ModelConfig& config = all_.config();
    embed_rows();
    for (std::size_t n = 0; n < weights.layers.size(); ++n) {
      project(config, weights.layers[n], all_rows(all_, rows_), all_.qkv.data());
      attend(n, /*queried_only=*/n + 1 == weights.layers.size());
      if (rows_ == 0) return;
      finish_layer(config, weights.layers[n], all_rows(all_, rows_));
    }
    std::vector<RowAnswer> answers(queries_.size());
    answer_queries(all_, queries_, answers);
    auto next = answers.begin();
    for (const SessionPass& one : passes_) {
      std::copy_n(next, one.answers.size(), one.answers.begin());
      next += static_cast<std::ptrdiff_t>(one.answers.size());
    }
  }

 private:
  CpuSession& session(std::size_t i) { return *static_cast<CpuSession*>(passes_[i].session); }

  void embed_rows() {
    float* x = all_.x.data();
    for (const SessionPass& one : passes_) {
      for (const TokenId token : one.pass->tokens) {
        read_embedding(*all_.shared->weights.model, token, {x, size(all_.config().hidden_size)});
        x += row_stride(all_.config().hidden_size);
      }
    }
  }

  void attend(std::size_t n, bool queried_only) {
    const ModelConfig& config = all_.config();
    const int q_width = config.num_attention_heads * config.head_dim;
    const std::size_t stride = row_stride(q_width + 2 * config.num_key_value_heads * config.head_dim);
    const kernels::QueryKeyNorm norm = norm_of(config, all_.shared->weights.layers[n]);
    const float* qkv = all_.qkv.data();
    float* attended = all_.attended.data();
    for (std::size_t i = 0; i < passes_.size(); ++i) {
      std::size_t count = passes_[i].pass->tokens.size();
      const float* of_pass = qkv;
      qkv += count * stride;
      kernels::Attention& attention = session(i).attention;
      if (queried_only) {
        count = passes_[i].queries.size();
        attention.run(all_.shared->workers, session(i).cache[n], norm, of_pass, stride,
                      std::span<const int>(session(i).queried_rows).first(count), attended);
      } else {
        attention.run(all_.shared->workers, session(i).cache[n], norm, of_pass, stride, attended);
      }
      attended += count * size(q_width);
    }
    if (!queried_only) return;
    keep_rows(all_, all_.queried_rows);
    rows_ = static_cast<int>(all_.queried_rows.size());
  }

  std::span<const SessionPass> passes_;
  CpuSession& all_;  // the first one; its queried_rows are those of all, of which its own come first
  int rows_ = 0;
  std::vector<RowQuery> queries_;  // of all
};

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

Result<BackendSession*> cpu_fork(const BackendSession* handle) {
  const auto& session = *static_cast<const CpuSession*>(handle);
  auto other = std::make_unique<CpuSession>(session.shared);
  other->cache = session.cache;
  other->length = session.length;
  return other.release();
}

Status cpu_forward_together(std::span<const SessionPass> passes) {
  for (const SessionPass& one : passes) {
    CpuSession& session = cpu(one.session);
    assert_forward(session.config(), session.length, *one.pass, one.queries, one.answers);
    session.keepable = keepable(*one.pass);
  }
  if (!passes.empty()) Together(passes).run();
  return Done{};
}

}  // namespace

const Backend& cpu_backend() {
  static constexpr Backend backend = {"cpu",           cpu_prepare,         cpu_release, cpu_length,
                                      cpu_cache_bytes, cpu_truncate,        cpu_forward, cpu_keep,
                                      cpu_fork,        cpu_forward_together};
  return backend;
}

}  // namespace seedling
