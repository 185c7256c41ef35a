#include "harness/simulator/mixture.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace assay::simulator {
namespace {

constexpr double kNever = -std::numeric_limits<double>::infinity();

double log_sum(double a, double b) {
  const double top = std::max(a, b);
  return top == kNever ? kNever : top + std::log1p(std::exp(std::min(a, b) - top));
}

/// Logarithm of a Gamma(shape, 1) draw (Marsaglia and Tsang 2000). For shapes below 1 the draw is
/// Gamma(shape + 1) U^(1/shape), which would underflow outside logarithms.
double draw_log_gamma(double shape, RandomStream& random) {
  if (shape < 1) {
    const double boost = std::log(random.uniform()) / shape;
    return draw_log_gamma(shape + 1, random) + boost;
  }
  const double d = shape - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  for (;;) {
    const double z = random.normal(), v = 1 + c * z;
    if (v <= 0) continue;
    const double cube = v * v * v;
    if (std::log(random.uniform()) < 0.5 * z * z + d - d * cube + d * std::log(cube))
      return std::log(d * cube);
  }
}

double log_component(const MixtureComponent& c, const stats::Counts& counts) {
  const double tp = static_cast<double>(counts.tp), fp = static_cast<double>(counts.fp);
  const double rejected = static_cast<double>(counts.n() - counts.accepted());
  return std::log(c.weight) + log_beta_binomial(c.alpha, c.beta, tp + fp, rejected) +
         log_beta_binomial(c.gamma, c.delta, tp, fp);
}

}  // namespace

double log_gamma(double x) {
  int sign = 0;
  return lgamma_r(x, &sign);
}

double log_beta_binomial(double a, double b, double x, double y) {
  return log_gamma(a + x) - log_gamma(a) + log_gamma(b + y) - log_gamma(b) -
         log_gamma(a + b + x + y) + log_gamma(a + b);
}

BetaDraw draw_beta(double a, double b, RandomStream& random) {
  const double x = draw_log_gamma(a, random), y = draw_log_gamma(b, random);
  const double sum = log_sum(x, y);
  // The larger share is 1 minus the smaller one: its own difference would lose the last digits.
  if (x < y) return {x - sum, std::log1p(-std::exp(x - sum))};
  return {std::log1p(-std::exp(y - sum)), y - sum};
}

double log_marginal(const MixtureParameters& parameters, const stats::Counts& counts) {
  double sum = counts.accepted() == 0 && parameters.atom > 0 ? std::log(parameters.atom) : kNever;
  for (const MixtureComponent& c : parameters.components)
    sum = log_sum(sum, log_component(c, counts));
  return sum;
}

std::vector<double> problem_shares(const MixtureParameters& parameters,
                                   const stats::Counts& counts) {
  const bool never = counts.accepted() == 0 && parameters.atom > 0;
  std::vector<double> out = {never ? std::log(parameters.atom) : kNever};
  double total = out[0];
  for (const MixtureComponent& c : parameters.components) {
    out.push_back(log_component(c, counts));
    total = log_sum(total, out.back());
  }
  for (double& share : out) share = std::exp(share - total);
  return out;
}

ProblemDraw draw_problem(const MixtureParameters& parameters, const stats::Counts& counts,
                         RandomStream& random) {
  return draw_problem(parameters, counts, problem_shares(parameters, counts), random);
}

ProblemDraw draw_problem(const MixtureParameters& parameters, const stats::Counts& counts,
                         std::span<const double> shares, RandomStream& random) {
  double left = random.uniform() - shares[0];
  if (shares[0] > 0 && left < 0) return {0, 0};
  const MixtureComponent* chosen = &parameters.components.back();
  for (std::size_t i = 0; i < parameters.components.size(); ++i) {
    left -= shares[i + 1];
    if (left >= 0) continue;
    chosen = &parameters.components[i];
    break;
  }
  const double tp = static_cast<double>(counts.tp), fp = static_cast<double>(counts.fp);
  const double rejected = static_cast<double>(counts.n() - counts.accepted());
  const BetaDraw p = draw_beta(chosen->alpha + tp + fp, chosen->beta + rejected, random);
  const BetaDraw theta = draw_beta(chosen->gamma + tp, chosen->delta + fp, random);
  return {p.log_q, std::exp(theta.log_p)};
}

Expected expected(const MixtureParameters& parameters, double k) {
  Expected out;
  for (const MixtureComponent& c : parameters.components) {
    const double accepted = c.weight * -std::expm1(log_beta_binomial(c.alpha, c.beta, 0, k));
    out.accepted += accepted;
    out.tp += accepted * c.gamma / (c.gamma + c.delta);
  }
  return out;
}

}  // namespace assay::simulator
