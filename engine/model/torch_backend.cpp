// The torch backend: the same forward pass as plain_backend.cpp in plain tensor operations, on CPU (f32) or
// CUDA (bf16).
//   The numerical reference, and the way to run on any device torch knows. No autograd. Exceptions of torch
//   end here.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>

#include <cmath>
#include <limits>
#include <mutex>
#include <optional>

#include "engine/model/backend.h"
#include "engine/model/backend_call.h"
#include "engine/model/row_answer.h"
#include "kernels/cpu/parallel.h"

namespace seedling {
namespace {

constexpr int kCacheChunk = 512;  // tokens by which a cache grows

struct LayerWeights {
  at::Tensor input_norm;              // [C]
  at::Tensor q, k, v;                 // [H·D,C] [K·D,C] [K·D,C]
  at::Tensor q_bias, k_bias, v_bias;  // [H·D] [K·D] [K·D] or undefined
  at::Tensor q_norm, k_norm;          // [D] or undefined
  at::Tensor output;                  // [C,H·D]
  at::Tensor post_attention_norm;     // [C]
  at::Tensor gate, up, down;          // [F,C] [F,C] [C,F]
};

// Immutable; shared by the sessions of one model on one device.
struct DeviceModel {
  std::shared_ptr<const Model> model;
  at::TensorOptions options;  // device and dtype of weights and activations
  at::Tensor embedding;       // [V,C]
  std::vector<LayerWeights> layers;
  at::Tensor final_norm;  // [C]
  at::Tensor head;        // [V,C]
};

struct TorchSession : BackendSession {
  std::shared_ptr<const DeviceModel> weights;
  int length = 0;
  int keepable = 0;                      // tokens of the last pass that may become cache
  std::vector<at::Tensor> keys, values;  // [L] of [K,capacity,D]
  at::Tensor cos, sin;                   // [capacity,D] f32: the halves hold the same angles
};

at::ScalarType scalar_type(Dtype dtype) {
  switch (dtype) {
    case Dtype::f32:
      return at::kFloat;
    case Dtype::bf16:
      return at::kBFloat16;
    case Dtype::f16:
      return at::kHalf;
    case Dtype::i8:
    case Dtype::u8:
      break;
  }
  SEEDLING_ASSERT(!"weights of integers are read row by row");
  return at::kFloat;
}

at::Tensor dequantised(const WeightMatrix& matrix) {
  at::Tensor values = at::empty({matrix.outputs, matrix.inputs}, at::kFloat);
  const auto width = static_cast<std::size_t>(matrix.inputs);
  for (int row = 0; row < matrix.outputs; ++row) {
    matrix.read_row(row, {values.data_ptr<float>() + static_cast<std::size_t>(row) * width, width});
  }
  return values;
}

// A copy on the device, so that nothing depends on the mapping's alignment.
at::Tensor device_copy(const Model& model, const std::string& name, const at::TensorOptions& options) {
  const auto matrix = model.matrices.find(name);
  if (matrix != model.matrices.end() && matrix->second.is_int8())
    return dequantised(matrix->second).to(options);
  const TensorView* view = model.weights->find(name);
  SEEDLING_ASSERT(view);  // Model::load checked that it is there
  void* data = const_cast<std::byte*>(view->data);
  const at::Tensor mapped =
      at::from_blob(data, view->shape, at::TensorOptions().dtype(scalar_type(view->dtype)));
  return mapped.to(options, /*non_blocking=*/false, /*copy=*/true);
}

std::shared_ptr<const DeviceModel> copy_model(std::shared_ptr<const Model> shared,
                                              const at::TensorOptions& options) {
  auto weights = std::make_shared<DeviceModel>();
  weights->options = options;
  const Model& model = *shared;
  const auto copy = [&](const std::string& name) { return device_copy(model, name, options); };
  weights->embedding = copy("model.embed_tokens.weight");
  for (int n = 0; n < model.config.num_hidden_layers; ++n) {
    const std::string prefix = "model.layers." + std::to_string(n) + ".", attention = prefix + "self_attn.";
    LayerWeights layer;
    layer.input_norm = copy(prefix + "input_layernorm.weight");
    layer.q = copy(attention + "q_proj.weight");
    layer.k = copy(attention + "k_proj.weight");
    layer.v = copy(attention + "v_proj.weight");
    if (model.config.qkv_bias) {
      layer.q_bias = copy(attention + "q_proj.bias");
      layer.k_bias = copy(attention + "k_proj.bias");
      layer.v_bias = copy(attention + "v_proj.bias");
    }
    if (model.config.qk_norm) {
      layer.q_norm = copy(attention + "q_norm.weight");
      layer.k_norm = copy(attention + "k_norm.weight");
    }
    layer.output = copy(attention + "o_proj.weight");
    layer.post_attention_norm = copy(prefix + "post_attention_layernorm.weight");
    layer.gate = copy(prefix + "mlp.gate_proj.weight");
    layer.up = copy(prefix + "mlp.up_proj.weight");
    layer.down = copy(prefix + "mlp.down_proj.weight");
    weights->layers.push_back(std::move(layer));
  }
  weights->final_norm = copy("model.norm.weight");
  weights->head = model.config.tie_word_embeddings ? weights->embedding : copy("lm_head.weight");
  weights->model = std::move(shared);
  return weights;
}

// Sessions of one model on one device share its weights.
std::shared_ptr<const DeviceModel> shared_copy(std::shared_ptr<const Model> model,
                                               const at::TensorOptions& options) {
  static std::mutex mutex;
  static std::vector<std::weak_ptr<const DeviceModel>> known;  // guarded by mutex
  const std::lock_guard lock(mutex);
  std::erase_if(known, [](const auto& entry) { return entry.expired(); });
  for (const auto& entry : known) {
    const std::shared_ptr<const DeviceModel> weights = entry.lock();
    if (weights && weights->model == model && weights->options.device() == options.device()) return weights;
  }
  std::shared_ptr<const DeviceModel> weights = copy_model(std::move(model), options);
  known.push_back(weights);
  return weights;
}

void reserve_tokens(TorchSession& session, int tokens) {
  const ModelConfig& config = session.weights->model->config;
  const std::int64_t d = config.head_dim, kv_heads = config.num_key_value_heads;
  const std::int64_t capacity = session.keys.empty() ? 0 : session.keys[0].size(1);
  if (tokens <= capacity) return;
  const std::int64_t grown = (tokens + kCacheChunk - 1) / kCacheChunk * kCacheChunk;
  const at::TensorOptions& options = session.weights->options;
  for (std::vector<at::Tensor>* cache : {&session.keys, &session.values}) {
    cache->resize(static_cast<std::size_t>(config.num_hidden_layers));
    for (at::Tensor& layer : *cache) {
      at::Tensor larger = at::zeros({kv_heads, grown, d}, options);
      if (capacity > 0) larger.narrow(1, 0, capacity).copy_(layer);
      layer = larger;
    }
  }
  const at::TensorOptions f32 = options.dtype(at::kFloat);
  const at::Tensor exponents = at::arange(0, d, 2, f32) / static_cast<double>(d);
  const at::Tensor frequencies =
      at::pow(at::full({}, config.rope_theta, f32), exponents).reciprocal();  // [D/2]
  const at::Tensor half = at::arange(grown, f32).unsqueeze(1) * frequencies;
  const at::Tensor angles = at::cat({half, half}, 1);
  session.cos = angles.cos();
  session.sin = angles.sin();
}

// Over the last dimension, in f32 whatever the activations are.
at::Tensor rmsnorm(const at::Tensor& x, const at::Tensor& gain, float eps) {
  const at::Tensor wide = x.to(at::kFloat);
  const at::Tensor scale = (wide * wide).mean(-1, /*keepdim=*/true).add(eps).rsqrt();
  return (wide * scale).to(x.scalar_type()) * gain;
}

// x [heads,M,D] · cos, sin [M,D]
at::Tensor rope(const at::Tensor& x, const at::Tensor& cos, const at::Tensor& sin) {
  const std::vector<at::Tensor> halves = x.chunk(2, -1);
  const at::Tensor rotated = at::cat({-halves[1], halves[0]}, -1);
  return (x.to(at::kFloat) * cos + rotated.to(at::kFloat) * sin).to(x.scalar_type());
}

at::Tensor project(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias = {}) {
  const at::Tensor y = at::matmul(x, weight.t());
  return bias.defined() ? y + bias : y;
}

// What the rows may not see, [M,T] f32 of 0 and -inf.
at::Tensor sight_mask(const Pass& pass, int p, const at::TensorOptions& options) {
  const int m = static_cast<int>(pass.tokens.size());
  at::Tensor mask = at::zeros({m, p + m}, at::kFloat);
  float* values = mask.data_ptr<float>();
  for (int i = 0; i < m; ++i) {
    for (int j = 0; j < m; ++j) {
      if (!sees(pass, i, j)) values[i * (p + m) + p + j] = -std::numeric_limits<float>::infinity();
    }
  }
  return mask.to(options.device());
}

// The pass behind the cached tokens; see plain_backend.cpp, whose order of stages this repeats.
void forward(TorchSession& session, const Pass& pass, std::span<const RowQuery> queries,
             std::span<RowAnswer> answers) {
  const c10::InferenceMode no_autograd;
  const DeviceModel& weights = *session.weights;
  const ModelConfig& config = weights.model->config;
  const int m = static_cast<int>(pass.tokens.size()), p = session.length;
  const std::int64_t h = config.num_attention_heads, k = config.num_key_value_heads, d = config.head_dim;
  const float eps = config.rms_norm_eps;
  const double scale = 1.0 / std::sqrt(static_cast<double>(d));
  reserve_tokens(session, p + std::max(m, reach_of(pass)));
  std::vector<std::int64_t> offsets(static_cast<std::size_t>(m));
  for (int i = 0; i < m; ++i) offsets[static_cast<std::size_t>(i)] = p + offset_of(pass, i);
  const at::Tensor positions = at::tensor(offsets, at::kLong).to(weights.options.device());
  const at::Tensor cos = session.cos.index_select(0, positions), sin = session.sin.index_select(0, positions);
  at::Tensor mask;
  if (pass.sight != Sight::block) mask = sight_mask(pass, p, weights.options);

  // embedding
  const at::Tensor ids = at::tensor(at::ArrayRef<TokenId>(pass.tokens.data(), pass.tokens.size()), at::kLong);
  at::Tensor x = weights.embedding.index_select(0, ids.to(weights.options.device()));  // [M,C]

  for (std::size_t n = 0; n < weights.layers.size(); ++n) {
    const LayerWeights& layer = weights.layers[n];
    // queries, keys and values
    at::Tensor normed = rmsnorm(x, layer.input_norm, eps);
    at::Tensor query = project(normed, layer.q, layer.q_bias).view({m, h, d}).transpose(0, 1);  // [H,M,D]
    at::Tensor key = project(normed, layer.k, layer.k_bias).view({m, k, d}).transpose(0, 1);    // [K,M,D]
    const at::Tensor value = project(normed, layer.v, layer.v_bias).view({m, k, d}).transpose(0, 1);
    if (config.qk_norm) {
      query = rmsnorm(query, layer.q_norm, eps);
      key = rmsnorm(key, layer.k_norm, eps);
    }
    query = rope(query, cos, sin);
    session.keys[n].narrow(1, p, m).copy_(rope(key, cos, sin));
    session.values[n].narrow(1, p, m).copy_(value);
    if (queries.empty() && n + 1 == weights.layers.size())
      return;  // nobody asks for what follows the last cache

    // attention: the H/K query heads of a kv head are rows of one product
    const at::Tensor keys = session.keys[n].narrow(1, 0, p + m),
                     values = session.values[n].narrow(1, 0, p + m);
    at::Tensor scores =
        at::matmul(query.reshape({k, h / k * m, d}), keys.transpose(1, 2)).to(at::kFloat) * scale;
    if (mask.defined()) scores = (scores.view({h, m, p + m}) + mask).view({k, h / k * m, p + m});
    const at::Tensor shares = scores.softmax(-1).to(values.scalar_type());
    const at::Tensor attended =
        at::matmul(shares, values).view({h, m, d}).transpose(0, 1).reshape({m, h * d});
    x = x + project(attended, layer.output);

    // feed-forward
    normed = rmsnorm(x, layer.post_attention_norm, eps);
    x = x + project(at::silu(project(normed, layer.gate)) * project(normed, layer.up), layer.down);
  }
  // head, for the rows asked for
  std::vector<std::int64_t> rows;
  for (const RowQuery& query : queries) rows.push_back(query.row);
  const at::Tensor wanted = at::tensor(rows, at::kLong).to(weights.options.device());
  const at::Tensor last = rmsnorm(x.index_select(0, wanted), weights.final_norm, eps);
  const at::Tensor logits = project(last, weights.head).to(at::kCPU, at::kFloat).contiguous();
  const std::size_t vocab = static_cast<std::size_t>(config.vocab_size);
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const std::span<const float> row(logits.data_ptr<float>() + i * vocab, vocab);
    answers[i] = answer_row(row, queries[i]);
    std::copy(row.begin(), row.begin() + queries[i].logits.size(), queries[i].logits.begin());
  }
}

// Runs `body`; what torch throws becomes one line.
template <class Body>
std::optional<Error> guarded(const Body& body) {
  try {
    body();
    return std::nullopt;
  } catch (const std::exception& problem) {
    const std::string what = problem.what();
    return Error{ErrorCode::internal, "torch: " + what.substr(0, what.find('\n'))};
  }
}

TorchSession& torch(BackendSession* session) {
  return *static_cast<TorchSession*>(session);
}

Result<BackendSession*> torch_prepare(std::shared_ptr<const Model> model, const BackendOptions& options) {
  const bool on_cuda = options.device == "cuda";
  if (!on_cuda && options.device != "cpu") {
    return unsupported("the torch backend runs on \"cpu\" or \"cuda\", not on \"" + options.device + "\"");
  }
  if (on_cuda && !at::hasCUDA()) {
    return unsupported(
        "this libtorch finds no CUDA device: use the device \"cpu\", or build with a CUDA libtorch");
  }
  auto session = std::make_unique<TorchSession>();
  const std::optional<Error> problem = guarded([&] {
    const c10::InferenceMode no_autograd;
    at::set_num_threads(options.threads > 0 ? options.threads : kernels::available_threads());
    const at::TensorOptions target = on_cuda ? at::TensorOptions().device(at::kCUDA, 0).dtype(at::kBFloat16)
                                             : at::TensorOptions().device(at::kCPU).dtype(at::kFloat);
    session->weights = shared_copy(std::move(model), target);
  });
  if (problem) return *problem;
  return session.release();
}

void torch_release(BackendSession* session) {
  delete &torch(session);
}

int torch_length(const BackendSession* session) {
  return static_cast<const TorchSession*>(session)->length;
}

void torch_truncate(BackendSession* session, int length) {
  SEEDLING_ASSERT(length >= 0 && length <= torch(session).length);
  torch(session).length = length;
  torch(session).keepable = 0;
}

std::size_t torch_cache_bytes(const BackendSession* handle) {
  std::size_t bytes = 0;
  const auto& session = *static_cast<const TorchSession*>(handle);
  for (const at::Tensor& keys : session.keys) bytes += 2 * keys.nbytes();
  return bytes;
}

Status torch_forward(BackendSession* handle, const Pass& pass, std::span<const RowQuery> queries,
                     std::span<RowAnswer> answers) {
  TorchSession& session = torch(handle);
  assert_forward(session.weights->model->config, session.length, pass, queries, answers);
  session.keepable = keepable(pass);
  if (pass.tokens.empty()) return Done{};
  const auto problem = guarded([&] { forward(session, pass, queries, answers); });
  if (problem) return *problem;
  return Done{};
}

void torch_keep(BackendSession* handle, int count) {
  TorchSession& session = torch(handle);
  SEEDLING_ASSERT(count >= 0 && count <= session.keepable);
  session.length += count;
  session.keepable = 0;
}

}  // namespace
}  // namespace seedling

extern "C" const seedling::Backend* seedling_torch_backend() {
  using namespace seedling;
  static constexpr Backend backend = {"torch",           torch_prepare,  torch_release, torch_length,
                                      torch_cache_bytes, torch_truncate, torch_forward, torch_keep};
  return &backend;
}
