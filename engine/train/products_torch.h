// engine/train/products_torch.h
//
// Matrix products of bf16 tensors, on any processor.
//   oneDNN emulates bf16 where the processor cannot multiply it, five times slower than f32: there the
//   factors are widened, which loses nothing, and the result is rounded once, as it is where bf16 is native.
//   Loop thread only.
#pragma once

#include <ATen/ATen.h>

namespace seedling {

// a [.., N, M] times b [.., M, P], both bf16 (or both f32, then as they are): [.., N, P] in their dtype,
// summed up in f32.
at::Tensor product(const at::Tensor& a, const at::Tensor& b);

// x [N, C] bf16 times the transpose of w [O, C] f32, rounded to bf16: [N, O] bf16, with gradients.
at::Tensor projection(const at::Tensor& x, const at::Tensor& w);

}  // namespace seedling
