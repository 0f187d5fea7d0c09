// engine/train/attention_torch.h
//
// Attention over the two streams of a Batch: q/k normalisation, rotation, masked softmax, mixing of the
// values.
//   fused_attention: CPU, bf16, with gradients; matrix products by libtorch, the rest by fused_cpu.h.
//   plain_attention: ordinary tensor operations on any device and dtype; the reference.
//   qkv [B·S, (H+2K)·D]; q_norm, k_norm [D] f32; returns [B·S, H·D] in qkv's dtype.
//   Loop thread only. REQUIRES: T and N are multiples of kChunk for the fused path.
#pragma once

#include <ATen/ATen.h>

#include "engine/model/config.h"
#include "engine/train/batch.h"

namespace seedling {

at::Tensor fused_attention(const at::Tensor& qkv, const at::Tensor& q_norm, const at::Tensor& k_norm,
                           const Batch&, const ModelConfig&);

// cosine, sine [B,S,D/2]; allowed [B,1,S,S] bool.
struct PlainAttentionInputs {
  at::Tensor cosine, sine, allowed;
};
PlainAttentionInputs plain_attention_inputs(const Batch&, const ModelConfig&, at::Device);
at::Tensor plain_attention(const at::Tensor& qkv, const at::Tensor& q_norm, const at::Tensor& k_norm,
                           const Batch&, const ModelConfig&, const PlainAttentionInputs&);

at::Tensor plain_norm(const at::Tensor& x, const at::Tensor& weight, float eps);

}  // namespace seedling
