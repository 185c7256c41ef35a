#include "harness/simulator/minimise.h"

#include <torch/torch.h>

#include <cmath>

#include "harness/base/error.h"

namespace assay::simulator {
namespace {

std::span<const double> values(const torch::Tensor& x) {
  return {x.data_ptr<double>(), static_cast<std::size_t>(x.numel())};
}

double largest(std::span<const double> values) {
  double out = 0;
  for (double v : values) out = std::max(out, std::abs(v));
  return out;
}

}  // namespace

Minimum minimise(const Objective& objective, const std::vector<double>& start, int iterations_max,
                 double gradient_max) {
  torch::Tensor x = torch::tensor(start, torch::kFloat64).requires_grad_(true);
  x.mutable_grad() = torch::zeros_like(x);
  Minimum out;
  out.x = start;
  out.value = INFINITY;
  std::vector<double> gradient(start.size());
  const auto closure = [&] {
    const double value = objective(values(x.detach()), gradient);
    ++out.evaluations;
    const double norm = largest(gradient);
    if (std::isfinite(value) && std::isfinite(norm) && value <= out.value) {
      const auto at = values(x.detach());
      out.x.assign(at.begin(), at.end());
      out.value = value;
      out.gradient_norm = norm;
    }
    torch::NoGradGuard guard;
    x.grad().copy_(torch::tensor(gradient, torch::kFloat64));
    return torch::tensor(value, torch::kFloat64);
  };
  torch::optim::LBFGS optimizer(std::vector<torch::Tensor>{x}, torch::optim::LBFGSOptions(1)
                                                                   .max_iter(iterations_max)
                                                                   .max_eval(iterations_max * 2)
                                                                   .tolerance_grad(gradient_max)
                                                                   .tolerance_change(1e-13)
                                                                   .history_size(20)
                                                                   .line_search_fn("strong_wolfe"));
  optimizer.step(closure);
  if (!std::isfinite(out.value))
    throw Error("the fit could not start: the likelihood of the counts is not finite");
  return out;
}

NormalDraws normal_draws(const Objective& objective, const std::vector<double>& at, int count,
                         double widest, RandomStream& random) {
  const std::size_t size = at.size();
  constexpr double kStep = 1e-4;  // central differences of gradients: error about 1e-8
  torch::Tensor hessian =
      torch::zeros({static_cast<long>(size), static_cast<long>(size)}, torch::kFloat64);
  std::vector<double> x = at, up(size), down(size);
  for (std::size_t i = 0; i < size; ++i) {
    x[i] = at[i] + kStep;
    objective(x, up);
    x[i] = at[i] - kStep;
    objective(x, down);
    x[i] = at[i];
    for (std::size_t j = 0; j < size; ++j)
      hessian.data_ptr<double>()[i * size + j] = (up[j] - down[j]) / (2 * kStep);
  }
  const auto [curvature, axes] = at::linalg_eigh((hessian + hessian.t()) / 2, "L");
  const torch::Tensor basis = axes.contiguous();
  NormalDraws out;
  for (int draw = 0; draw < count; ++draw) {
    std::vector<double> y = at;
    double log_density = 0;
    for (std::size_t i = 0; i < size; ++i) {
      const double c = std::max(curvature.data_ptr<double>()[i], 1 / (widest * widest));
      const double z = random.normal();
      log_density -= 0.5 * z * z;
      for (std::size_t j = 0; j < size; ++j)
        y[j] += z / std::sqrt(c) * basis.data_ptr<double>()[j * size + i];
    }
    out.x.push_back(std::move(y));
    out.log_density.push_back(log_density);
  }
  return out;
}

}  // namespace assay::simulator
