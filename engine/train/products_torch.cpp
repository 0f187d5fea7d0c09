#include "engine/train/products_torch.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include "engine/assert.h"

#ifdef SEEDLING_WITH_DNNL
#include <oneapi/dnnl/dnnl.h>
#endif

namespace seedling {
namespace {

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

#ifdef SEEDLING_WITH_DNNL

bool multiplies_bf16() {
#if defined(__x86_64__)
  static const bool does = __builtin_cpu_supports("avx512bf16") != 0;
  return does;
#else
  return true;
#endif
}

// Room that stays: pages that are new to the process cost more than what is written to them.
class Scratch {
 public:
  // Contiguous f32 of this shape, with anything in it; what was lent before is lost.
  Tensor lend(at::IntArrayRef shape) {
    const std::int64_t size = c10::multiply_integers(shape);
    if (!room_.defined() || room_.numel() < size) room_ = at::empty({size}, at::kFloat);
    return room_.narrow(0, 0, size).view(shape);
  }

 private:
  Tensor room_;
};

// Matrices [X, rows, columns] in f32, as they lie in memory or turned.
struct Wide {
  Tensor values;
  bool is_turned = false;
};

Wide widened(const Tensor& x, Scratch& room) {
  const Tensor turned = x.transpose(1, 2);
  Wide wide;
  wide.is_turned = !x.is_contiguous() && turned.is_contiguous();
  const Tensor& as_it_lies = wide.is_turned ? turned : x;
  wide.values = room.lend(as_it_lies.sizes());
  wide.values.copy_(as_it_lies);
  return wide;
}

// a [X, N, M] times b [X, M, P]: sums [X, N, P].
void multiply(const Wide& a, const Wide& b, const Tensor& sums) {
  const std::int64_t X = sums.size(0), N = sums.size(1), P = sums.size(2), M = a.values.numel() / (X * N);
  const auto one = [&](std::int64_t x) {
    const dnnl_status_t status = dnnl_sgemm(a.is_turned ? 'T' : 'N', b.is_turned ? 'T' : 'N', N, P, M, 1.0f,
                                            a.values.data_ptr<float>() + x * N * M, a.is_turned ? N : M,
                                            b.values.data_ptr<float>() + x * M * P, b.is_turned ? M : P, 0.0f,
                                            sums.data_ptr<float>() + x * N * P, P);
    SEEDLING_ASSERT(status == dnnl_success);
  };
  if (X == 1) return one(0);  // spread over the cores by oneDNN itself
  at::parallel_for(0, X, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t x = begin; x < end; ++x) one(x);
  });
}

Tensor widened_product(const Tensor& a, const Tensor& b) {
  static thread_local Scratch a_room, b_room, out_room;
  const bool is_batch = a.dim() == 3;
  const Tensor from = is_batch ? a : a.unsqueeze(0), by = is_batch ? b : b.unsqueeze(0);
  const Tensor sums = out_room.lend({from.size(0), from.size(1), by.size(2)});
  multiply(widened(from, a_room), widened(by, b_room), sums);
  const Tensor out = sums.to(at::kBFloat16);
  return is_batch ? out : out.squeeze(0);
}

#endif  // SEEDLING_WITH_DNNL

struct Projection : torch::autograd::Function<Projection> {
  static Tensor forward(AutogradContext* ctx, const Tensor& x, const Tensor& w) {
    const Tensor narrow = w.to(at::kBFloat16);
    ctx->save_for_backward({x, narrow});
    return product(x, narrow.t());
  }
  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const variable_list saved = ctx->get_saved_variables();
    const Tensor &x = saved[0], &w = saved[1];
    const Tensor dy = grads[0].contiguous();
    return {product(dy, w), product(dy.t(), x).to(at::kFloat)};
  }
};

}  // namespace

Tensor product(const Tensor& a, const Tensor& b) {
#ifdef SEEDLING_WITH_DNNL
  if (a.scalar_type() == at::kBFloat16 && a.is_cpu() && !multiplies_bf16()) return widened_product(a, b);
#endif
  return at::matmul(a, b);
}

Tensor projection(const Tensor& x, const Tensor& w) {
  return Projection::apply(x, w);
}

}  // namespace seedling
