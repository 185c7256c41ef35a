#include "harness/train/losses.h"

#include <cmath>

namespace assay::train {

double penalty(double residual, double huber) {
  const double size = std::abs(residual);
  return huber > 0 && size > huber ? huber * (2 * size - huber) : residual * residual;
}

double penalty_slope(double residual, double huber) {
  if (huber > 0 && std::abs(residual) > huber) return std::copysign(2 * huber, residual);
  return 2 * residual;
}

static Loss zero(const Spread& g) {
  Loss loss;
  for (const auto& states : g) loss.gradient.emplace_back(states.size());
  return loss;
}

Loss sub_trajectory_balance(const Spread& g, double huber) {
  Loss loss = zero(g);
  double pairs = 0;
  for (const auto& states : g)
    pairs += static_cast<double>(states.size() * (states.size() - 1)) / 2;
  for (std::size_t row = 0; row < g.size(); ++row) {
    for (std::size_t j = 1; j < g[row].size(); ++j) {
      for (std::size_t i = 0; i < j; ++i) {
        const double residual = g[row][j] - g[row][i];
        const double slope = penalty_slope(residual, huber) / pairs;
        loss.value += penalty(residual, huber) / pairs;
        loss.gradient[row][j] += slope;
        loss.gradient[row][i] -= slope;
      }
    }
  }
  return loss;
}

Loss var_grad(const Spread& g, double huber) {
  Loss loss = zero(g);
  const auto count = static_cast<double>(g.size());
  double mean = 0, pull = 0;
  for (const auto& states : g) mean += states.back() / count;
  for (std::size_t row = 0; row < g.size(); ++row) {
    const double residual = g[row].back() - mean;
    const double slope = penalty_slope(residual, huber) / count;
    loss.value += penalty(residual, huber) / count;
    loss.gradient[row].back() = slope;
    pull += slope / count;  // by the mean
  }
  for (auto& states : loss.gradient) states.back() -= pull;
  return loss;
}

Loss sum(Loss a, const Loss& b, double weight) {
  a.value += weight * b.value;
  for (std::size_t row = 0; row < a.gradient.size(); ++row)
    for (std::size_t i = 0; i < a.gradient[row].size(); ++i)
      a.gradient[row][i] += weight * b.gradient[row][i];
  return a;
}

}  // namespace assay::train
