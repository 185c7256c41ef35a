// Minimisation with libtorch's L-BFGS and the normal approximation at the minimum. The border is
// plain numbers, so that no header names torch; objectives compute their gradient with autograd.
// Throws assay::Error where the objective is not finite at the start. Thread-safe for separate
// objectives.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "harness/base/random.h"

namespace assay::simulator {

/// Returns the value at x and fills in the gradient.
using Objective = std::function<double(std::span<const double> x, std::span<double> gradient)>;

struct Minimum {
  std::vector<double> x;
  double value = 0;
  double gradient_norm = 0;  ///< largest absolute entry
  int evaluations = 0;
};

inline constexpr double kConverged = 1e-6;  ///< largest entry of the gradient at a minimum
/// ... where the value is wanted to about a thousandth: held-out scores, the race between starts.
inline constexpr double kRoughly = 1e-2;

Minimum minimise(const Objective& objective, const std::vector<double>& start,
                 int iterations_max = 300, double gradient_max = kConverged);

/// Draws from the normal with the inverse Hessian as covariance, by differences of gradients.
/// Directions in which the objective is not convex, or flatter than a deviation of `widest`, get
/// that deviation. Also gives each draw's log density up to a constant, for reweighting.
struct NormalDraws {
  std::vector<std::vector<double>> x;
  std::vector<double> log_density;
};
NormalDraws normal_draws(const Objective& objective, const std::vector<double>& at, int count,
                         double widest, RandomStream& random);

}  // namespace assay::simulator
