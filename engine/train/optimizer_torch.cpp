#include "engine/train/optimizer_torch.h"

#include <algorithm>
#include <cmath>

#include "engine/train/products_torch.h"

namespace seedling {
namespace {

using at::Tensor;

// The nearest semi-orthogonal matrix to `gradient`, roughly: five quintic Newton-Schulz iterations in bf16.
Tensor orthogonalised(const Tensor& gradient) {
  constexpr double a = 3.4445, b = -4.7750, c = 2.0315;
  const bool tall = gradient.size(0) > gradient.size(1);
  Tensor x = (tall ? gradient.t() : gradient).to(at::kBFloat16);
  x = (x / (x.to(at::kFloat).norm() + 1e-7).to(at::kBFloat16)).contiguous();
  for (int i = 0; i < 5; ++i) {
    const Tensor gram = product(x, x.t());
    const Tensor polynomial = gram.mul(b).add_(product(gram, gram), c);
    x = x.mul(a).add_(product(polynomial, x));
  }
  return (tall ? x.t() : x).to(at::kFloat);
}

}  // namespace

Optimizer::Optimizer(std::vector<Parameter>& parameters, const OptimizerOptions& options)
    : parameters_(parameters), options_(options) {
  const at::NoGradGuard no_gradients;
  for (const Parameter& p : parameters_) {
    first_.push_back(at::zeros_like(p.value));
    second_.push_back(p.is_matrix ? Tensor() : at::zeros_like(p.value));
    averages_.push_back(p.value.detach().clone());
  }
}

void Optimizer::matrix_step(std::size_t i, double rate) {
  const Parameter& p = parameters_[i];
  const Tensor gradient = p.value.grad();
  first_[i].mul_(options_.momentum).add_(gradient);
  const Tensor ahead = gradient.add(first_[i], options_.momentum);
  Tensor value = p.value.detach();
  value.mul_(1.0 - rate * options_.weight_decay);
  std::int64_t row = 0;
  const std::vector<int> whole = {static_cast<int>(value.size(0))};
  for (const int rows : p.split_rows.empty() ? whole : p.split_rows) {  // q, k, v are matrices of their own
    const double shape =
        std::sqrt(std::max(1.0, static_cast<double>(rows) / static_cast<double>(value.size(1))));
    value.narrow(0, row, rows).add_(orthogonalised(ahead.narrow(0, row, rows)), -rate * shape);
    row += rows;
  }
}

void Optimizer::adam_step(std::size_t i, double rate, std::int64_t step, double gradient_scale) {
  const Tensor gradient = parameters_[i].value.grad() * gradient_scale;
  first_[i].mul_(options_.beta1).add_(gradient, 1.0 - options_.beta1);
  second_[i].mul_(options_.beta2).addcmul_(gradient, gradient, 1.0 - options_.beta2);
  const double correction1 = 1.0 - std::pow(options_.beta1, static_cast<double>(step + 1));
  const double correction2 = 1.0 - std::pow(options_.beta2, static_cast<double>(step + 1));
  const Tensor denominator = second_[i].sqrt().div_(std::sqrt(correction2)).add_(1e-10);
  parameters_[i].value.detach().addcdiv_(first_[i], denominator, -rate / correction1);
}

void Optimizer::step(std::int64_t step, double rate_scale, Workers& workers) {
  double squares = 0;
  {
    const at::NoGradGuard no_gradients;
    for (const Parameter& p : parameters_)
      if (!p.is_matrix && p.value.grad().defined()) squares += p.value.grad().square().sum().item<double>();
  }
  const double gradient_scale = std::min(1.0, options_.clip / (std::sqrt(squares) + 1e-6));
  // A short memory at first, so that the average does not remember the start.
  const double decay = std::min(options_.average_decay,
                                (1.0 + static_cast<double>(step)) / (10.0 + static_cast<double>(step)));
  workers.run([&](int worker) {
    const at::NoGradGuard no_gradients;
    for (std::size_t i = static_cast<std::size_t>(worker); i < parameters_.size();
         i += static_cast<std::size_t>(workers.count())) {
      if (!parameters_[i].value.grad().defined()) continue;
      if (parameters_[i].is_matrix)
        matrix_step(i, options_.matrix_rate * rate_scale);
      else
        adam_step(i, options_.adam_rate * rate_scale, step, gradient_scale);
      parameters_[i].value.mutable_grad() = Tensor();
      averages_[i].lerp_(parameters_[i].value.detach(), 1.0 - decay);
    }
  });
}

std::vector<std::pair<std::string, Tensor>> Optimizer::state() {
  std::vector<std::pair<std::string, Tensor>> all;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    all.emplace_back("value." + parameters_[i].name, parameters_[i].value.detach());
    all.emplace_back("first." + parameters_[i].name, first_[i]);
    if (second_[i].defined()) all.emplace_back("second." + parameters_[i].name, second_[i]);
    all.emplace_back("average." + parameters_[i].name, averages_[i]);
  }
  return all;
}

void Optimizer::restart_averages() {
  const at::NoGradGuard no_gradients;
  for (std::size_t i = 0; i < parameters_.size(); ++i) averages_[i].copy_(parameters_[i].value.detach());
}

}  // namespace seedling
