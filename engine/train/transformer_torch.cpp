#include "engine/train/transformer_torch.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cmath>
#include <numeric>

#include "engine/train/attention_torch.h"
#include "engine/train/fused_cpu.h"
#include "engine/train/products_torch.h"

namespace seedling {
namespace {

using at::Tensor;
using fused::Bf16;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

Bf16* bf16(const Tensor& t) {
  return reinterpret_cast<Bf16*>(t.data_ptr<at::BFloat16>());
}

// (x, delta) -> (x + delta, norm(x + delta)). The residual stream stays f32; norms and matrices are bf16.
struct AddNorm : torch::autograd::Function<AddNorm> {
  static variable_list forward(AutogradContext* ctx, const Tensor& x, const Tensor& delta,
                               const Tensor& weight, double eps) {
    const std::int64_t N = x.size(0), C = x.size(1);
    Tensor sum = at::empty_like(x), y = at::empty({N, C}, x.options().dtype(at::kBFloat16)),
           inverse = at::empty({N}, x.options());
    at::parallel_for(0, N, 64, [&](std::int64_t begin, std::int64_t end) {
      fused::add_norm_forward(x.data_ptr<float>(), delta.numel() > 0 ? bf16(delta) : nullptr,
                              weight.data_ptr<float>(), sum.data_ptr<float>(), bf16(y),
                              inverse.data_ptr<float>(), begin, end, C, static_cast<float>(eps));
    });
    ctx->save_for_backward({sum, weight, inverse});
    ctx->saved_data["delta"] = delta.numel() > 0;
    return {sum, y};
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const variable_list saved = ctx->get_saved_variables();
    const Tensor &sum = saved[0], &weight = saved[1], &inverse = saved[2];
    const std::int64_t N = sum.size(0), C = sum.size(1);
    // The incoming gradient of the sum is ours alone: AddNorm is its only consumer's consumer.
    Tensor grad = grads[0].defined() ? grads[0].contiguous() : at::zeros_like(sum);
    const Tensor dy =
        grads[1].defined() ? grads[1].contiguous() : at::zeros({N, C}, sum.options().dtype(at::kBFloat16));
    Tensor narrow = at::empty({N, C}, sum.options().dtype(at::kBFloat16));
    Tensor dw = at::zeros({at::get_num_threads(), C}, sum.options());
    at::parallel_for(0, N, 64, [&](std::int64_t begin, std::int64_t end) {
      fused::add_norm_backward(sum.data_ptr<float>(), weight.data_ptr<float>(), inverse.data_ptr<float>(),
                               bf16(dy), grad.data_ptr<float>(), bf16(narrow),
                               dw.data_ptr<float>() + at::get_thread_num() * C, begin, end, C);
    });
    return {grad, ctx->saved_data["delta"].toBool() ? narrow : Tensor(), dw.sum(0), Tensor()};
  }
};

struct SwiGlu : torch::autograd::Function<SwiGlu> {
  static Tensor forward(AutogradContext* ctx, const Tensor& gate_up) {
    const std::int64_t N = gate_up.size(0), F = gate_up.size(1) / 2;
    Tensor out = at::empty({N, F}, gate_up.options());
    at::parallel_for(0, N, 16, [&](std::int64_t begin, std::int64_t end) {
      fused::swiglu_forward(bf16(gate_up), bf16(out), begin, end, F);
    });
    ctx->save_for_backward({gate_up});
    return out;
  }
  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const Tensor gate_up = ctx->get_saved_variables()[0];
    const Tensor dout = grads[0].contiguous();
    Tensor din = at::empty_like(gate_up);
    at::parallel_for(0, gate_up.size(0), 16, [&](std::int64_t begin, std::int64_t end) {
      fused::swiglu_backward(bf16(gate_up), bf16(dout), bf16(din), begin, end, gate_up.size(1) / 2);
    });
    return {din};
  }
};

// What the head needs of the batch: the rows that have a weight.
struct HeadRows {
  Tensor index;  // [R] long, rows of [B·S]
  std::vector<std::int64_t> target;
  std::vector<float> weight;  // already divided by the total weight
  std::vector<PositionKind> kind;
};

// Cross-entropy of the tied head, a slice of rows at a time, so that [R, V] logits never exist at once.
// Gradients are computed on the way forward: the loss is the end of the graph.
struct HeadLoss : torch::autograd::Function<HeadLoss> {
  static Tensor forward(AutogradContext* ctx, const Tensor& y, const Tensor& weight, const HeadRows* rows,
                        std::vector<float>* losses, std::vector<char>* right, bool backward) {
    constexpr std::int64_t kSlice = 2048;
    const std::int64_t R = y.size(0), V = weight.size(0);
    const Tensor weight_t = weight.t().contiguous();
    Tensor dy = backward ? at::empty_like(y) : Tensor();
    Tensor dweight = backward ? at::zeros({V, y.size(1)}, y.options().dtype(at::kFloat)) : Tensor();
    losses->assign(static_cast<std::size_t>(R), 0.0f);
    right->assign(static_cast<std::size_t>(R), 0);
    double loss = 0;
    for (std::int64_t at = 0; at < R; at += kSlice) {
      const std::int64_t n = std::min(kSlice, R - at);
      const Tensor slice = y.narrow(0, at, n);
      Tensor logits = product(slice, weight_t);
      at::parallel_for(0, n, 8, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
          const std::size_t r = static_cast<std::size_t>(at + i);
          bool best = false;
          (*losses)[r] =
              fused::cross_entropy_row(bf16(logits) + i * V, V, rows->target[r], rows->weight[r], &best);
          (*right)[r] = best;
        }
      });
      if (!backward) continue;
      dy.narrow(0, at, n).copy_(product(logits, weight));
      dweight.add_(product(logits.t(), slice));
    }
    for (std::size_t r = 0; r < losses->size(); ++r)
      loss += static_cast<double>((*losses)[r]) * rows->weight[r];
    if (backward) ctx->save_for_backward({dy, dweight.to(at::kBFloat16)});
    return at::scalar_tensor(loss, y.options().dtype(at::kFloat));
  }
  static variable_list backward(AutogradContext* ctx, variable_list) {
    const variable_list saved = ctx->get_saved_variables();
    return {saved[0], saved[1], Tensor(), Tensor(), Tensor(), Tensor()};
  }
};

HeadRows head_rows(const Batch& batch, double total, at::Device device) {
  HeadRows rows;
  std::vector<std::int64_t> index;
  for (std::size_t n = 0; n < batch.weights.size(); ++n) {
    if (batch.weights[n] <= 0) continue;
    index.push_back(static_cast<std::int64_t>(n));
    rows.target.push_back(batch.targets[n]);
    rows.weight.push_back(static_cast<float>(batch.weights[n] / total));
    rows.kind.push_back(batch.kinds[n]);
  }
  rows.index = at::tensor(index, at::kLong).to(device);
  return rows;
}

LossSums sums_of(const HeadRows& rows, const std::vector<float>& losses, const std::vector<char>& right) {
  LossSums sums;
  for (std::size_t r = 0; r < losses.size(); ++r) {
    LossSums::Tally& tally = sums[rows.kind[r]];
    tally.nats += static_cast<double>(losses[r]);
    tally.count += 1;
    tally.right += right[r];
  }
  return sums;
}

}  // namespace

TrainedTransformer::TrainedTransformer(const ModelConfig& config, at::Device device, std::uint64_t seed)
    : config_(config), device_(device) {
  at::Generator generator = at::detail::createCPUGenerator(seed);
  const std::int64_t C = config.hidden_size, D = config.head_dim, F = config.intermediate_size;
  const std::int64_t H = config.num_attention_heads, K = config.num_key_value_heads;
  const auto add = [&](std::string name, std::vector<std::int64_t> shape, double deviation, bool is_matrix,
                       std::vector<int> split_rows = {}) {
    Tensor value = shape.size() == 1 ? at::ones(shape) : at::zeros(shape);
    if (shape.size() == 2 && deviation > 0) value.normal_(0.0, deviation, generator);
    parameters_.push_back(
        {std::move(name), value.to(device_).set_requires_grad(true), is_matrix, std::move(split_rows)});
  };
  const double spread = 0.5 / std::sqrt(static_cast<double>(C));
  add("model.embed_tokens.weight", {config.vocab_size, C}, 0.02, false);
  for (int l = 0; l < config.num_hidden_layers; ++l) {
    const std::string layer = "model.layers." + std::to_string(l) + ".";
    add(layer + "input_layernorm.weight", {C}, 0, false);
    add(layer + "self_attn.qkv", {(H + 2 * K) * D, C}, spread, true,
        {static_cast<int>(H * D), static_cast<int>(K * D), static_cast<int>(K * D)});
    add(layer + "self_attn.q_norm.weight", {D}, 0, false);
    add(layer + "self_attn.k_norm.weight", {D}, 0, false);
    add(layer + "self_attn.o_proj.weight", {C, H * D}, 0, true);  // zero: every layer starts as the identity
    add(layer + "post_attention_layernorm.weight", {C}, 0, false);
    add(layer + "mlp.gate_up", {2 * F, C}, spread, true, {static_cast<int>(F), static_cast<int>(F)});
    add(layer + "mlp.down_proj.weight", {C, F}, 0, true);
  }
  add("model.norm.weight", {C}, 0, false);
}

TrainedTransformer TrainedTransformer::replica() const {
  TrainedTransformer copy(config_, device_);
  copy.parameters_ = parameters_;
  for (Parameter& p : copy.parameters_) p.value = p.value.detach().set_requires_grad(true);
  return copy;
}

LossSums TrainedTransformer::loss(const Batch& batch, const ForwardOptions& options) {
  const bool fused = device_.is_cpu() && !options.plain;
  const at::ScalarType arithmetic = options.f32 && !fused ? at::kFloat : at::kBFloat16;
  const at::AutoGradMode with_gradients(options.backward);
  std::size_t next = 0;
  const auto parameter = [&]() -> const Tensor& { return parameters_[next++].value; };
  const auto project = [&](const Tensor& x, const Tensor& w) {
    return fused ? projection(x, w) : at::mm(x, w.to(arithmetic).t());
  };
  const auto add_norm = [&](const Tensor& x, const Tensor& delta,
                            const Tensor& w) -> std::pair<Tensor, Tensor> {
    if (fused) {
      variable_list out = AddNorm::apply(x, delta, w, config_.rms_norm_eps);
      return {out[0], out[1]};
    }
    const Tensor sum = delta.numel() > 0 ? x + delta : x;
    return {sum, plain_norm(sum, w, config_.rms_norm_eps).to(arithmetic)};
  };
  at::Generator generator = at::detail::createCPUGenerator(options.dropout_seed);
  const auto drop = [&](const Tensor& x) {
    if (!(options.dropout > 0) || !options.backward) return x;
    const double kept = 1.0 - options.dropout;
    return x * at::empty(x.sizes(), at::kFloat).bernoulli_(kept, generator).div_(kept).to(x.options());
  };
  PlainAttentionInputs plain;
  if (!fused) plain = plain_attention_inputs(batch, config_, device_);

  const Tensor ids = at::from_blob(const_cast<TokenId*>(batch.tokens.data()),
                                   {static_cast<std::int64_t>(batch.tokens.size())}, at::kInt)
                         .to(device_)
                         .to(at::kLong);
  const Tensor& embedding = parameter();
  Tensor x = at::embedding(embedding, ids);  // [B·S, C] f32, the residual stream
  Tensor delta =
      at::empty({0}, x.options().dtype(at::kBFloat16));  // what the last part adds to it; nothing yet
  for (int l = 0; l < config_.num_hidden_layers; ++l) {
    // attention
    auto [before, h] = add_norm(x, delta, parameter());
    const Tensor qkv = project(h, parameter());
    const Tensor &q_norm = parameter(), &k_norm = parameter();
    const Tensor mixed = fused ? fused_attention(qkv, q_norm, k_norm, batch, config_)
                               : plain_attention(qkv, q_norm, k_norm, batch, config_, plain);
    const Tensor attended = drop(project(mixed, parameter()));
    // feed-forward
    auto [between, g] = add_norm(before, attended, parameter());
    const Tensor gate_up = project(g, parameter());
    const std::int64_t F = config_.intermediate_size;
    const Tensor activated =
        fused ? SwiGlu::apply(gate_up) : at::silu(gate_up.narrow(1, 0, F)) * gate_up.narrow(1, F, F);
    delta = drop(project(activated, parameter()));
    x = between;
  }
  const Tensor y = add_norm(x, delta, parameter()).second;

  // head and loss, only for the rows that count
  const double own = std::accumulate(batch.weights.begin(), batch.weights.end(), 0.0);
  const HeadRows rows = head_rows(batch, options.total_weight > 0 ? options.total_weight : own, device_);
  const Tensor counted = y.index_select(0, rows.index);
  std::vector<float> losses;
  std::vector<char> right;
  if (fused) {
    const Tensor loss =
        HeadLoss::apply(counted, embedding.to(at::kBFloat16), &rows, &losses, &right, options.backward);
    if (options.backward) loss.backward();
  } else {
    const Tensor logits = at::mm(counted, embedding.to(arithmetic).t()).to(at::kFloat);
    const Tensor targets = at::tensor(rows.target, at::kLong).to(device_);
    const Tensor each = at::log_softmax(logits, 1).gather(1, targets.unsqueeze(1)).squeeze(1).neg();
    const Tensor weights = at::tensor(rows.weight, at::kFloat).to(device_);
    if (options.backward) (each * weights).sum().backward();
    const Tensor losses_cpu = each.detach().to(at::kCPU).contiguous();
    losses.assign(losses_cpu.data_ptr<float>(), losses_cpu.data_ptr<float>() + losses_cpu.numel());
    const Tensor hits = logits.argmax(1).eq(targets).to(at::kCPU).to(at::kChar).contiguous();
    right.assign(hits.data_ptr<std::int8_t>(), hits.data_ptr<std::int8_t>() + hits.numel());
  }
  return sums_of(rows, losses, right);
}

std::vector<std::string> Parameter::exported_names() const {
  static const std::vector<std::vector<std::string>> kParts = {
      {"q_proj.weight", "k_proj.weight", "v_proj.weight"}, {"gate_proj.weight", "up_proj.weight"}};
  if (split_rows.empty()) return {name};
  std::vector<std::string> names = kParts[split_rows.size() == 3 ? 0 : 1];
  for (std::string& part : names) part.insert(0, name, 0, name.rfind('.') + 1);
  return names;
}

std::vector<TrainedTransformer::Exported> TrainedTransformer::exported(
    const std::vector<Tensor>& values) const {
  std::vector<Exported> out;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const Parameter& p = parameters_[i];
    const Tensor value = values[i].detach().to(at::kCPU, at::kFloat).contiguous();
    const std::vector<std::string> names = p.exported_names();
    std::int64_t row = 0;
    for (std::size_t k = 0; k < names.size(); ++k) {
      const std::int64_t rows = p.split_rows.empty() ? value.size(0) : p.split_rows[k];
      out.push_back({names[k], value.narrow(0, row, rows).contiguous()});
      row += rows;
    }
  }
  return out;
}

}  // namespace seedling
