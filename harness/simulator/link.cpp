#include "harness/simulator/link.h"

#include <algorithm>
#include <boost/math/special_functions/digamma.hpp>
#include <cmath>

namespace assay::simulator {
namespace {

constexpr std::size_t kIntercept = 3 * kLinkBetas, kSlope = kIntercept + 1, kProcess = kSlope + 1,
                      kPrecisionSize = kProcess + kLinkKnots;
constexpr double kLinkMax = 12;  // beyond it the link stays as it is at the edge

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

struct Node {
  double logit, log_p, log_q, alpha, beta;
  std::size_t knot;  ///< the process is interpolated between this knot and the next
  double share;      ///< ... with this share of the next
};

std::array<Node, kLinkNodes> make_nodes() {
  std::array<Node, kLinkNodes> out;
  for (std::size_t g = 0; g < kLinkNodes; ++g) {
    const double t = kLinkNodeFirst + kLinkNodeStep * static_cast<double>(g);
    // The variance of logit p for p ~ Beta(alpha, beta) is about 1/alpha + 1/beta.
    const double scale = 1 / (kLinkNodeDeviation * kLinkNodeDeviation);
    const double at =
        std::clamp((t - kLinkKnotFirst) / kLinkKnotStep, 0.0, static_cast<double>(kLinkKnots - 1));
    const auto knot = std::min(static_cast<std::size_t>(at), kLinkKnots - 2);
    out[g] = {t,
              -std::log1p(std::exp(-t)),
              -std::log1p(std::exp(t)),
              scale / sigmoid(-t),
              scale / sigmoid(t),
              knot,
              at - static_cast<double>(knot)};
  }
  return out;
}
const std::array<Node, kLinkNodes>& nodes() {
  static const auto all = make_nodes();
  return all;
}

using Factor = std::array<std::array<double, kLinkKnots>, kLinkKnots>;

/// The lower Cholesky factor of the process's covariance at the knots.
Factor make_factor() {
  Factor out{};
  for (std::size_t i = 0; i < kLinkKnots; ++i)
    for (std::size_t j = 0; j <= i; ++j) {
      const double apart = kLinkKnotStep * static_cast<double>(i - j) / kLinkLength;
      double sum = std::exp(-apart * apart / 2) + (i == j ? 1e-8 : 0);
      for (std::size_t k = 0; k < j; ++k) sum -= out[i][k] * out[j][k];
      out[i][j] = i == j ? std::sqrt(sum) : sum / out[j][j];
    }
  return out;
}
const Factor& factor() {
  static const Factor all = make_factor();
  return all;
}

/// A density of one Beta over the nodes.
struct NodeBeta {
  double weight, alpha, beta;
  std::array<double, kLinkNodes> density;
};

struct State {
  std::array<NodeBeta, kLinkBetas> betas;
  std::array<double, kLinkNodes> weight{}, right{},
      wrong{};                          ///< right, wrong: the precision's shapes
  std::array<bool, kLinkNodes> flat{};  ///< the link is at its edge
  double precision_size = 1;
};

State state_of(std::span<const double> x) {
  State out;
  double top = x[2 * kLinkBetas], sum = 0;
  for (std::size_t b = 0; b < kLinkBetas; ++b) top = std::max(top, x[2 * kLinkBetas + b]);
  for (std::size_t b = 0; b < kLinkBetas; ++b) sum += std::exp(x[2 * kLinkBetas + b] - top);
  for (std::size_t b = 0; b < kLinkBetas; ++b) {
    const double size = std::exp(std::clamp(x[b], -kLogSizeMax, kLogSizeMax));
    const double mean = std::clamp(x[kLinkBetas + b], -kLogitMax, kLogitMax);
    NodeBeta& beta = out.betas[b];
    beta = {std::exp(x[2 * kLinkBetas + b] - top) / sum,
            size * sigmoid(mean),
            size * sigmoid(-mean),
            {}};
    double highest = -INFINITY, all = 0;
    for (std::size_t g = 0; g < kLinkNodes; ++g) {
      beta.density[g] = beta.alpha * nodes()[g].log_p + beta.beta * nodes()[g].log_q;
      highest = std::max(highest, beta.density[g]);
    }
    for (double& d : beta.density) all += d = std::exp(d - highest);
    for (std::size_t g = 0; g < kLinkNodes; ++g)
      out.weight[g] += beta.weight * (beta.density[g] /= all);
  }
  std::array<double, kLinkKnots> process{};
  for (std::size_t i = 0; i < kLinkKnots; ++i)
    for (std::size_t j = 0; j <= i; ++j) process[i] += factor()[i][j] * x[kProcess + j];
  out.precision_size = std::exp(std::clamp(x[kPrecisionSize], -kLogSizeMax, kLogSizeMax));
  for (std::size_t g = 0; g < kLinkNodes; ++g) {
    const Node& node = nodes()[g];
    const double link = x[kIntercept] + x[kSlope] * node.logit +
                        process[node.knot] * (1 - node.share) + process[node.knot + 1] * node.share;
    out.flat[g] = std::abs(link) > kLinkMax;
    const double mean = sigmoid(std::clamp(link, -kLinkMax, kLinkMax));
    out.right[g] = out.precision_size * mean;
    out.wrong[g] = out.precision_size - out.right[g];
  }
  return out;
}

}  // namespace

MixtureParameters link_parameters(std::span<const double> x) {
  const State state = state_of(x);
  MixtureParameters out;
  for (std::size_t g = 0; g < kLinkNodes; ++g)
    out.components.push_back(
        {state.weight[g], nodes()[g].alpha, nodes()[g].beta, state.right[g], state.wrong[g]});
  return out;
}

std::vector<double> link_start() {
  std::vector<double> out(kLinkSize);
  for (std::size_t b = 0; b < kLinkBetas; ++b)
    out[b] = kLogSize, out[kLinkBetas + b] = 2.0 * static_cast<double>(b) - (kLinkBetas - 1);
  out[kIntercept] = 1.5, out[kSlope] = 0.25, out[kPrecisionSize] = std::log(3.0);
  return out;
}

LinkTarget::LinkTarget(const std::vector<stats::Counts>& problems) {
  const DistinctCounts counts = distinct_counts(problems);
  std::vector<double> accepted;
  for (std::size_t p = 0; p < counts.times.size(); ++p) {
    accepted.push_back(counts.tp[p] + counts.fp[p]);
    for (const Node& node : nodes())
      acceptance_.push_back(
          log_beta_binomial(node.alpha, node.beta, accepted.back(), counts.rejected[p]));
  }
  times_ = counts.times;
  tp_ = distinct_values(counts.tp), fp_ = distinct_values(counts.fp);
  accepted_ = distinct_values(accepted);
}

double LinkTarget::operator()(std::span<const double> x, std::span<double> gradient) const {
  const State state = state_of(x);
  const bool sloping = !gradient.empty();
  // Gamma(shape + v) / Gamma(shape) as a logarithm, and its slope in shape, for all values v.
  using Table = std::vector<double>;
  const auto rising = [](const DistinctValues& values, double shape) {
    Table out;
    const double base = log_gamma(shape);
    for (double v : values.distinct) out.push_back(log_gamma(shape + v) - base);
    return out;
  };
  const auto slopes = [](const DistinctValues& values, double shape) {
    Table out;
    const double base = boost::math::digamma(shape);
    for (double v : values.distinct) out.push_back(boost::math::digamma(shape + v) - base);
    return out;
  };
  const std::size_t problems = times_.size();
  std::vector<double> terms(problems * kLinkNodes);
  for (std::size_t g = 0; g < kLinkNodes; ++g) {
    const Table right = rising(tp_, state.right[g]), wrong = rising(fp_, state.wrong[g]);
    const double log_weight = std::log(state.weight[g]);
    for (std::size_t p = 0; p < problems; ++p)
      terms[p * kLinkNodes + g] =
          log_weight + acceptance_[p * kLinkNodes + g] + right[tp_.at[p]] + wrong[fp_.at[p]];
  }
  const Table size = rising(accepted_, state.precision_size);
  double out = 0, counted = 0;
  std::array<double, kLinkNodes> near{};  // problems that lie near each node
  for (std::size_t p = 0; p < problems; ++p) {
    double* term = terms.data() + p * kLinkNodes;
    const double top = *std::max_element(term, term + kLinkNodes);
    double sum = 0;
    for (std::size_t g = 0; g < kLinkNodes; ++g) sum += term[g] = std::exp(term[g] - top);
    out += times_[p] * (top + std::log(sum) - size[accepted_.at[p]]);
    counted += times_[p];
    for (std::size_t g = 0; g < kLinkNodes; ++g) near[g] += term[g] *= times_[p] / sum;
  }
  if (sloping) {
    std::fill(gradient.begin(), gradient.end(), 0.0);
    for (std::size_t b = 0; b < kLinkBetas; ++b) {
      const NodeBeta& beta = state.betas[b];
      double mine = 0, p_mean = 0, q_mean = 0, by_alpha = 0, by_beta = 0;
      for (std::size_t g = 0; g < kLinkNodes; ++g) {
        p_mean += beta.density[g] * nodes()[g].log_p;
        q_mean += beta.density[g] * nodes()[g].log_q;
      }
      for (std::size_t g = 0; g < kLinkNodes; ++g) {
        if (state.weight[g] == 0) continue;
        const double share = near[g] * beta.weight * beta.density[g] / state.weight[g];
        mine += share;
        by_alpha += share * (nodes()[g].log_p - p_mean);
        by_beta += share * (nodes()[g].log_q - q_mean);
      }
      const double both = beta.alpha + beta.beta;
      if (std::abs(x[b]) <= kLogSizeMax) gradient[b] = by_alpha * beta.alpha + by_beta * beta.beta;
      if (std::abs(x[kLinkBetas + b]) <= kLogitMax)
        gradient[kLinkBetas + b] = (by_alpha - by_beta) * beta.alpha * beta.beta / both;
      gradient[2 * kLinkBetas + b] = mine - counted * beta.weight;
    }
    const Table by_accepted = slopes(accepted_, state.precision_size);
    double by_size = 0;
    for (std::size_t p = 0; p < problems; ++p) by_size -= times_[p] * by_accepted[accepted_.at[p]];
    std::array<double, kLinkKnots> by_knot{};
    for (std::size_t g = 0; g < kLinkNodes; ++g) {
      const Node& node = nodes()[g];
      const Table right = slopes(tp_, state.right[g]), wrong = slopes(fp_, state.wrong[g]);
      double by_right = 0, by_wrong = 0;
      for (std::size_t p = 0; p < problems; ++p) {
        const double share = terms[p * kLinkNodes + g];
        by_right += share * right[tp_.at[p]], by_wrong += share * wrong[fp_.at[p]];
      }
      by_size += (by_right * state.right[g] + by_wrong * state.wrong[g]) / state.precision_size;
      if (state.flat[g]) continue;
      const double by_link =
          (by_right - by_wrong) * state.right[g] * state.wrong[g] / state.precision_size;
      gradient[kIntercept] += by_link, gradient[kSlope] += by_link * node.logit;
      by_knot[node.knot] += by_link * (1 - node.share);
      by_knot[node.knot + 1] += by_link * node.share;
    }
    for (std::size_t i = 0; i < kLinkKnots; ++i)
      for (std::size_t j = 0; j <= i; ++j) gradient[kProcess + j] += factor()[i][j] * by_knot[i];
    if (std::abs(x[kPrecisionSize]) <= kLogSizeMax)
      gradient[kPrecisionSize] = by_size * state.precision_size;
  }
  const auto prior = [&](std::size_t at, double mean, double deviation) {
    const double z = (x[at] - mean) / deviation;
    out -= z * z / 2;
    if (sloping) gradient[at] -= z / deviation;
  };
  for (std::size_t b = 0; b < kLinkBetas; ++b) {
    prior(b, kLogSize, kLogSizeDeviation);
    prior(kLinkBetas + b, 0, kLogitDeviation), prior(2 * kLinkBetas + b, 0, kLogitDeviation);
  }
  prior(kIntercept, 1.5, 1.5), prior(kSlope, 0.25, 0.5);
  for (std::size_t i = 0; i < kLinkKnots; ++i) prior(kProcess + i, 0, 1);
  prior(kPrecisionSize, std::log(3.0), 1.2);
  return out;
}

}  // namespace assay::simulator
