#include "engine/train/attention_torch.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cmath>
#include <vector>

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

// Sizes of one call, and where things lie.
struct Shape {
  std::int64_t B, T, N, S, H, K, G, D, chunks, clean_chunks, width;
  float eps, scale;
  // Row of chunk-major q-like buffers [chunks][B·K][G·kChunk][D] for head h at token s of row b.
  std::int64_t chunk_row(std::int64_t b, std::int64_t s, std::int64_t h) const {
    const std::int64_t c = s / kChunk, r = s % kChunk, k = h / G, g = h % G;
    return ((c * B * K + b * K + k) * G + g) * kChunk + r;
  }
};

Shape shape_of(const Batch& batch, const ModelConfig& config) {
  Shape s{};
  s.B = batch.rows;
  s.T = batch.clean;
  s.N = batch.noisy;
  s.S = batch.stride();
  s.H = config.num_attention_heads;
  s.K = config.num_key_value_heads;
  s.G = s.H / s.K;
  s.D = config.head_dim;
  s.chunks = s.S / kChunk;
  s.clean_chunks = s.T / kChunk;
  s.width = (s.H + 2 * s.K) * s.D;
  s.eps = config.rms_norm_eps;
  s.scale = 1.0f / std::sqrt(static_cast<float>(s.D));
  return s;
}

struct Angles {
  std::vector<float> cosine, sine;  // [positions, D/2]
};

Angles angles_for(const Batch& batch, const ModelConfig& config) {
  std::int32_t last = 0;
  for (const std::int32_t p : batch.positions) last = std::max(last, p);
  const int half = config.head_dim / 2;
  Angles a;
  a.cosine.resize(static_cast<std::size_t>(last + 1) * half);
  a.sine.resize(a.cosine.size());
  for (int p = 0; p <= last; ++p)
    for (int d = 0; d < half; ++d) {
      const double angle = p * std::pow(static_cast<double>(config.rope_theta), -2.0 * d / config.head_dim);
      a.cosine[static_cast<std::size_t>(p) * half + d] = static_cast<float>(std::cos(angle));
      a.sine[static_cast<std::size_t>(p) * half + d] = static_cast<float>(std::sin(angle));
    }
  return a;
}

// Keys and values of the clean stream [B·K, T, D] and of each noisy chunk [B·K, kChunk, D], each also
// transposed.
struct Keys {
  Tensor clean, clean_t;
  std::vector<Tensor> noisy, noisy_t;
};

Tensor transposed(const Tensor& x) {  // [X, R, C] -> [X, C, R], contiguous
  Tensor out = at::empty({x.size(0), x.size(2), x.size(1)}, x.options());
  const std::int64_t size = x.size(1) * x.size(2);
  at::parallel_for(0, x.size(0), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i)
      fused::transpose(bf16(x) + i * size, bf16(out) + i * size, x.size(1), x.size(2));
  });
  return out;
}

Keys split_keys(const Tensor& all, const Shape& s) {  // all [B·K, S, D]
  Keys keys;
  keys.clean = s.N == 0 ? all : all.narrow(1, 0, s.T).contiguous();
  keys.clean_t = transposed(keys.clean);
  for (std::int64_t c = s.clean_chunks; c < s.chunks; ++c) {
    keys.noisy.push_back(all.narrow(1, c * kChunk, kChunk).contiguous());
    keys.noisy_t.push_back(transposed(keys.noisy.back()));
  }
  return keys;
}

struct Saved {
  Shape s;
  const Batch* batch;
  Angles angles;
  Tensor qkv, q_norm, k_norm, inverse;  // inverse [B·S, H+K]: 1/rms of each head row
  Tensor q;                             // [chunks, B·K, G·kChunk, D]
  Keys k, v;
  std::vector<Tensor> p_clean, p_noisy;  // attention weights of each chunk
};

// Normalises and rotates q and k, lays q, k, v out for the matrix products.
void prepare_heads(Saved& t, Tensor& k_all, Tensor& v_all) {
  const Shape& s = t.s;
  const auto options = t.qkv.options();
  t.q = at::empty({s.chunks, s.B * s.K, s.G * kChunk, s.D}, options);
  k_all = at::empty({s.B * s.K, s.S, s.D}, options);
  v_all = at::empty({s.B * s.K, s.S, s.D}, options);
  t.inverse = at::empty({s.B * s.S, s.H + s.K}, options.dtype(at::kFloat));
  const Bf16* in = bf16(t.qkv);
  Bf16 *q = bf16(t.q), *k = bf16(k_all), *v = bf16(v_all);
  float* inverse = t.inverse.data_ptr<float>();
  const float *qw = t.q_norm.data_ptr<float>(), *kw = t.k_norm.data_ptr<float>();
  at::parallel_for(0, s.B * s.S, 64, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t n = begin; n < end; ++n) {
      const std::int64_t b = n / s.S, i = n % s.S;
      const std::int64_t at_angle = std::int64_t{t.batch->positions[static_cast<std::size_t>(n)]} * (s.D / 2);
      const float *cosine = &t.angles.cosine[static_cast<std::size_t>(at_angle)],
                  *sine = &t.angles.sine[static_cast<std::size_t>(at_angle)];
      const Bf16* row = in + n * s.width;
      float* inv = inverse + n * (s.H + s.K);
      for (std::int64_t h = 0; h < s.H; ++h)
        fused::norm_rope_forward(row + h * s.D, qw, cosine, sine, s.scale, q + s.chunk_row(b, i, h) * s.D,
                                 inv + h, s.D, s.eps);
      for (std::int64_t h = 0; h < s.K; ++h) {
        const std::int64_t to = ((b * s.K + h) * s.S + i) * s.D;
        fused::norm_rope_forward(row + (s.H + h) * s.D, kw, cosine, sine, 1.0f, k + to, inv + s.H + h, s.D,
                                 s.eps);
        std::copy_n(row + (s.H + s.K + h) * s.D, s.D, v + to);
      }
    }
  });
}

// Runs `row(scores of clean keys, of noisy keys or null, index of the token in the batch)` over a chunk's
// score rows.
template <class Row>
void for_score_rows(const Shape& s, std::int64_t chunk, const Row& row) {
  const std::int64_t rows = s.B * s.K * s.G * kChunk;
  at::parallel_for(0, rows, 32, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t b = i / (s.K * s.G * kChunk), r = i % kChunk;
      row(i, static_cast<std::size_t>(b * s.S + chunk * kChunk + r));
    }
  });
}

void softmax_chunk(const Saved& t, std::int64_t chunk, const Tensor& clean, const Tensor& noisy) {
  const std::int64_t clean_keys = clean.size(2);
  const std::int64_t noisy_start = chunk * kChunk - t.s.T;  // of this chunk's noisy keys
  for_score_rows(t.s, chunk, [&](std::int64_t i, std::size_t n) {
    const Batch& batch = *t.batch;
    Bf16* a = bf16(clean) + i * clean_keys;
    if (!noisy.defined()) {
      fused::softmax_row(a, clean_keys, batch.first_clean[n], batch.last_clean[n], nullptr, 0, 0, 0);
    } else {
      fused::softmax_row(a, clean_keys, batch.first_clean[n], batch.last_clean[n], bf16(noisy) + i * kChunk,
                         kChunk, batch.first_noisy[n] - noisy_start, batch.last_noisy[n] - noisy_start);
    }
  });
}

// [B·K, G·kChunk, D] of one chunk <-> rows of [B·S, H·D].
template <bool kGather>
void exchange(const Shape& s, std::int64_t chunk, const Tensor& heads, const Tensor& tokens) {
  Bf16 *inner = bf16(heads), *outer = bf16(tokens);
  at::parallel_for(0, s.B * kChunk, 32, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t j = begin; j < end; ++j) {
      const std::int64_t b = j / kChunk, r = j % kChunk, n = b * s.S + chunk * kChunk + r;
      for (std::int64_t h = 0; h < s.H; ++h) {
        Bf16* head = inner + (((b * s.K + h / s.G) * s.G + h % s.G) * kChunk + r) * s.D;
        Bf16* token = outer + n * s.H * s.D + h * s.D;
        if (kGather)
          std::copy_n(token, s.D, head);
        else
          std::copy_n(head, s.D, token);
      }
    }
  });
}

Tensor attend(Saved& t) {
  const Shape& s = t.s;
  Tensor out = at::empty({s.B * s.S, s.H * s.D}, t.qkv.options());
  for (std::int64_t c = 0; c < s.chunks; ++c) {
    const bool noisy = c >= s.clean_chunks;
    const std::int64_t keys = noisy ? s.T : (c + 1) * kChunk;
    const Tensor q = t.q[c];
    const Tensor clean = product(q, t.k.clean_t.narrow(2, 0, keys));
    const Tensor beside =
        noisy ? product(q, t.k.noisy_t[static_cast<std::size_t>(c - s.clean_chunks)]) : Tensor();
    softmax_chunk(t, c, clean, beside);
    Tensor mixed = product(clean, t.v.clean.narrow(1, 0, keys));
    if (noisy) mixed.add_(product(beside, t.v.noisy[static_cast<std::size_t>(c - s.clean_chunks)]));
    exchange<false>(s, c, mixed, out);
    t.p_clean.push_back(clean);
    t.p_noisy.push_back(beside);
  }
  return out;
}

struct HeadGradients {
  Tensor q;         // [chunks, B·K, G·kChunk, D] bf16
  Tensor k_t, v_t;  // [B·K, D, S] f32
};

HeadGradients attend_backward(const Saved& t, const Tensor& dout) {
  const Shape& s = t.s;
  HeadGradients g;
  g.q = at::empty_like(t.q);
  g.k_t = at::zeros({s.B * s.K, s.D, s.S}, t.qkv.options().dtype(at::kFloat));
  g.v_t = at::zeros_like(g.k_t);
  Tensor dheads = at::empty({s.B * s.K, s.G * kChunk, s.D}, t.qkv.options());
  for (std::int64_t c = 0; c < s.chunks; ++c) {
    const std::size_t beside = static_cast<std::size_t>(c - s.clean_chunks);
    const bool noisy = c >= s.clean_chunks;
    const std::int64_t keys = noisy ? s.T : (c + 1) * kChunk;
    const Tensor &pc = t.p_clean[static_cast<std::size_t>(c)], &pn = t.p_noisy[static_cast<std::size_t>(c)];
    exchange<true>(s, c, dheads, dout);
    const Tensor dheads_t = transposed(dheads), q_t = transposed(t.q[c]);
    const Tensor v_t = t.v.clean_t.narrow(2, 0, keys);
    Tensor dpc = product(dheads, v_t), dpn = noisy ? product(dheads, t.v.noisy_t[beside]) : Tensor();
    for_score_rows(s, c, [&](std::int64_t i, std::size_t) {
      fused::softmax_row_backward(bf16(pc) + i * keys, bf16(dpc) + i * keys, keys,
                                  noisy ? bf16(pn) + i * kChunk : nullptr,
                                  noisy ? bf16(dpn) + i * kChunk : nullptr, noisy ? kChunk : 0);
    });
    Tensor dq = g.q[c];
    dq.copy_(product(dpc, t.k.clean.narrow(1, 0, keys)));
    g.k_t.narrow(2, 0, keys).add_(product(q_t, dpc));
    g.v_t.narrow(2, 0, keys).add_(product(dheads_t, pc));
    if (noisy) {
      dq.add_(product(dpn, t.k.noisy[beside]));
      g.k_t.narrow(2, c * kChunk, kChunk).add_(product(q_t, dpn));
      g.v_t.narrow(2, c * kChunk, kChunk).add_(product(dheads_t, pn));
    }
  }
  return g;
}

struct FusedAttention : torch::autograd::Function<FusedAttention> {
  static Tensor forward(AutogradContext* ctx, const Tensor& qkv, const Tensor& q_norm, const Tensor& k_norm,
                        const Batch* batch, const ModelConfig* config) {
    auto t = std::make_shared<Saved>();
    t->s = shape_of(*batch, *config);
    t->batch = batch;
    t->angles = angles_for(*batch, *config);
    t->qkv = qkv;
    t->q_norm = q_norm.detach();
    t->k_norm = k_norm.detach();
    Tensor k_all, v_all;
    prepare_heads(*t, k_all, v_all);
    t->k = split_keys(k_all, t->s);
    t->v = split_keys(v_all, t->s);
    Tensor out = attend(*t);
    ctx->saved_data["saved"] = c10::IValue(reinterpret_cast<std::int64_t>(new std::shared_ptr<Saved>(t)));
    return out;
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    auto* holder = reinterpret_cast<std::shared_ptr<Saved>*>(ctx->saved_data["saved"].toInt());
    const std::shared_ptr<Saved> t = *holder;
    delete holder;
    const Shape& s = t->s;
    const HeadGradients g = attend_backward(*t, grads[0].contiguous());
    const Tensor dk = g.k_t.transpose(1, 2).contiguous(), dv = g.v_t.transpose(1, 2).contiguous();
    Tensor dqkv = at::empty_like(t->qkv);
    const std::int64_t threads = at::get_num_threads();
    Tensor dqw = at::zeros({threads, s.D}, dk.options()), dkw = at::zeros({threads, s.D}, dk.options());
    const float *inverse = t->inverse.data_ptr<float>(), *qw = t->q_norm.data_ptr<float>(),
                *kw = t->k_norm.data_ptr<float>();
    at::parallel_for(0, s.B * s.S, 64, [&](std::int64_t begin, std::int64_t end) {
      float* dqw_here = dqw.data_ptr<float>() + at::get_thread_num() * s.D;
      float* dkw_here = dkw.data_ptr<float>() + at::get_thread_num() * s.D;
      std::vector<float> wide(static_cast<std::size_t>(s.D));
      for (std::int64_t n = begin; n < end; ++n) {
        const std::int64_t b = n / s.S, i = n % s.S;
        const std::int64_t at_angle =
            std::int64_t{t->batch->positions[static_cast<std::size_t>(n)]} * (s.D / 2);
        const float *cosine = &t->angles.cosine[static_cast<std::size_t>(at_angle)],
                    *sine = &t->angles.sine[static_cast<std::size_t>(at_angle)];
        const Bf16* in = bf16(t->qkv) + n * s.width;
        Bf16* din = bf16(dqkv) + n * s.width;
        const float* inv = inverse + n * (s.H + s.K);
        for (std::int64_t h = 0; h < s.H; ++h) {
          const at::BFloat16* dq = g.q.data_ptr<at::BFloat16>() + s.chunk_row(b, i, h) * s.D;
          for (std::int64_t d = 0; d < s.D; ++d)
            wide[static_cast<std::size_t>(d)] = static_cast<float>(dq[d]);
          fused::norm_rope_backward(in + h * s.D, qw, cosine, sine, s.scale, inv[h], wide.data(),
                                    din + h * s.D, dqw_here, s.D);
        }
        for (std::int64_t h = 0; h < s.K; ++h) {
          const std::int64_t from = ((b * s.K + h) * s.S + i) * s.D;
          fused::norm_rope_backward(in + (s.H + h) * s.D, kw, cosine, sine, 1.0f, inv[s.H + h],
                                    dk.data_ptr<float>() + from, din + (s.H + h) * s.D, dkw_here, s.D);
          at::BFloat16* dv_out = reinterpret_cast<at::BFloat16*>(din + (s.H + s.K + h) * s.D);
          const float* dv_in = dv.data_ptr<float>() + from;
          for (std::int64_t d = 0; d < s.D; ++d) dv_out[d] = static_cast<at::BFloat16>(dv_in[d]);
        }
      }
    });
    return {dqkv, dqw.sum(0), dkw.sum(0), Tensor(), Tensor()};
  }
};

}  // namespace

Tensor fused_attention(const Tensor& qkv, const Tensor& q_norm, const Tensor& k_norm, const Batch& batch,
                       const ModelConfig& config) {
  return FusedAttention::apply(qkv, q_norm, k_norm, &batch, &config);
}

Tensor plain_norm(const Tensor& x, const Tensor& weight, float eps) {
  const Tensor wide = x.to(at::kFloat);
  return wide * at::rsqrt(wide.pow(2).mean(-1, true) + eps) * weight;
}

PlainAttentionInputs plain_attention_inputs(const Batch& batch, const ModelConfig& config,
                                            at::Device device) {
  const std::int64_t B = batch.rows, S = batch.stride(), T = batch.clean, half = config.head_dim / 2;
  const auto ints = [&](const std::vector<std::int32_t>& v) {
    return at::from_blob(const_cast<std::int32_t*>(v.data()), {B, S}, at::kInt).to(device).to(at::kLong);
  };
  PlainAttentionInputs in;
  const Tensor exponents = at::arange(half, at::TensorOptions().dtype(at::kDouble).device(device)) *
                           (-2.0 * std::log(static_cast<double>(config.rope_theta)) / config.head_dim);
  const Tensor angle = ints(batch.positions).to(at::kDouble).unsqueeze(-1) * at::exp(exponents);
  in.cosine = at::cos(angle).to(at::kFloat);
  in.sine = at::sin(angle).to(at::kFloat);
  const Tensor key = at::arange(S, at::TensorOptions().dtype(at::kLong).device(device));
  const auto between = [&](const Tensor& index, const std::vector<std::int32_t>& first,
                           const std::vector<std::int32_t>& last) {
    return index.ge(ints(first).unsqueeze(-1)).logical_and(index.lt(ints(last).unsqueeze(-1)));
  };
  in.allowed = at::where(key.lt(T), between(key, batch.first_clean, batch.last_clean),
                         between(key - T, batch.first_noisy, batch.last_noisy))
                   .unsqueeze(1);
  return in;
}

Tensor plain_attention(const Tensor& qkv, const Tensor& q_norm, const Tensor& k_norm, const Batch& batch,
                       const ModelConfig& config, const PlainAttentionInputs& in) {
  const Shape s = shape_of(batch, config);
  const auto rotate = [&](const Tensor& x) {  // [B,S,heads,D]
    const Tensor a = x.narrow(3, 0, s.D / 2), b = x.narrow(3, s.D / 2, s.D / 2);
    const Tensor cosine = in.cosine.unsqueeze(2), sine = in.sine.unsqueeze(2);
    return at::cat({a * cosine - b * sine, b * cosine + a * sine}, 3).to(qkv.scalar_type());
  };
  const Tensor heads = qkv.view({s.B, s.S, s.H + 2 * s.K, s.D});
  const Tensor q = rotate(plain_norm(heads.narrow(2, 0, s.H), q_norm, s.eps)).transpose(1, 2);
  const Tensor k = rotate(plain_norm(heads.narrow(2, s.H, s.K), k_norm, s.eps)).transpose(1, 2);
  const Tensor v = heads.narrow(2, s.H + s.K, s.K).transpose(1, 2);
  const auto repeat = [&](const Tensor& x) {
    return x.unsqueeze(2).expand({s.B, s.K, s.G, s.S, s.D}).reshape({s.B, s.H, s.S, s.D});
  };
  Tensor scores = at::matmul(q, repeat(k).transpose(2, 3)).to(at::kFloat) * s.scale;
  scores = scores.masked_fill(in.allowed.logical_not(), -1e30f);
  const Tensor p = at::softmax(scores, -1).to(qkv.scalar_type());
  return at::matmul(p, repeat(v)).transpose(1, 2).reshape({s.B * s.S, s.H * s.D});
}

}  // namespace seedling
