#include "harness/simulator/mixture_family.h"

#include <algorithm>
#include <array>
#include <boost/math/special_functions/digamma.hpp>
#include <cmath>
#include <limits>
#include <map>

namespace assay::simulator {
namespace {

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

double normal_penalty(double x, double mean, double deviation) {
  const double z = (x - mean) / deviation;
  return z * z / 2;
}

}  // namespace

MixtureParameters mixture_parameters(std::span<const double> x, const MixtureKind& kind) {
  const std::size_t c = static_cast<std::size_t>(kind.components);
  MixtureParameters out;
  double top = kind.atom ? 0 : x[3 * c];
  for (std::size_t i = 0; i < c; ++i) top = std::max(top, x[3 * c + i]);
  double sum = kind.atom ? std::exp(-top) : 0;
  for (std::size_t i = 0; i < c; ++i) sum += std::exp(x[3 * c + i] - top);
  out.atom = kind.atom ? std::exp(-top) / sum : 0;
  for (std::size_t i = 0; i < c; ++i) {
    const auto size_at = [&](std::size_t at) {
      return std::exp(std::clamp(x[at], -kLogSizeMax, kLogSizeMax));
    };
    const auto logit_at = [&](std::size_t at) { return std::clamp(x[at], -kLogitMax, kLogitMax); };
    const double size = size_at(i), mean = logit_at(c + i), theta = logit_at(2 * c + i);
    const double alpha = size * sigmoid(mean);
    const double precision_size = kind.tied ? alpha : size_at(4 * c + i);
    out.components.push_back({std::exp(x[3 * c + i] - top) / sum, alpha, size * sigmoid(-mean),
                              precision_size * sigmoid(theta), precision_size * sigmoid(-theta)});
  }
  return out;
}

DistinctCounts distinct_counts(const std::vector<stats::Counts>& problems) {
  std::map<std::array<std::int64_t, 3>, double> distinct;
  for (const stats::Counts& c : problems) ++distinct[{c.tp, c.fp, c.n() - c.accepted()}];
  DistinctCounts out;
  for (const auto& [cells, count] : distinct) {
    out.tp.push_back(static_cast<double>(cells[0]));
    out.fp.push_back(static_cast<double>(cells[1]));
    out.rejected.push_back(static_cast<double>(cells[2]));
    out.times.push_back(count);
  }
  return out;
}

DistinctValues distinct_values(const std::vector<double>& column) {
  DistinctValues out;
  out.distinct = column;
  std::sort(out.distinct.begin(), out.distinct.end());
  out.distinct.erase(std::unique(out.distinct.begin(), out.distinct.end()), out.distinct.end());
  for (double v : column)
    out.at.push_back(static_cast<std::uint32_t>(
        std::lower_bound(out.distinct.begin(), out.distinct.end(), v) - out.distinct.begin()));
  return out;
}

MixtureTarget::MixtureTarget(const std::vector<stats::Counts>& problems, const MixtureKind& kind)
    : kind_(kind) {
  const DistinctCounts d = distinct_counts(problems);
  std::vector<double> accepted, all;
  for (std::size_t p = 0; p < d.times.size(); ++p) {
    accepted.push_back(d.tp[p] + d.fp[p]);
    all.push_back(accepted.back() + d.rejected[p]);
    never_.push_back(accepted.back() == 0);
  }
  times_ = d.times;
  accepted_ = distinct_values(accepted), rejected_ = distinct_values(d.rejected),
  all_ = distinct_values(all);
  tp_ = distinct_values(d.tp), fp_ = distinct_values(d.fp);
}

void MixtureTarget::add_slopes(const MixtureComponent& part, const std::vector<double>& share,
                               std::array<double, 4>& slopes) const {
  const auto slope = [&](const DistinctValues& values, double shape) {
    const double base = boost::math::digamma(shape);
    std::vector<double> table;
    for (double v : values.distinct) table.push_back(boost::math::digamma(shape + v) - base);
    double sum = 0;
    for (std::size_t p = 0; p < share.size(); ++p) sum += share[p] * table[values.at[p]];
    return sum;
  };
  const double all = slope(all_, part.alpha + part.beta);
  const double accepted = slope(accepted_, part.gamma + part.delta);
  slopes = {slope(accepted_, part.alpha) - all, slope(rejected_, part.beta) - all,
            slope(tp_, part.gamma) - accepted, slope(fp_, part.delta) - accepted};
}

double MixtureTarget::operator()(std::span<const double> x, std::span<double> gradient) const {
  const MixtureParameters parameters = mixture_parameters(x, kind_);
  const std::size_t c = parameters.components.size(), problems = times_.size();
  constexpr double kNever = -std::numeric_limits<double>::infinity();
  std::vector<double> terms(problems * c), table;
  for (std::size_t i = 0; i < c; ++i) {
    const MixtureComponent& part = parameters.components[i];
    double* row = terms.data() + i * problems;
    std::fill_n(row, problems, std::log(part.weight));
    const auto add = [&](const DistinctValues& values, double shape, double sign) {
      const double base = log_gamma(shape);
      table.clear();
      for (double v : values.distinct) table.push_back(sign * (log_gamma(shape + v) - base));
      for (std::size_t p = 0; p < problems; ++p) row[p] += table[values.at[p]];
    };
    add(accepted_, part.alpha, 1), add(rejected_, part.beta, 1);
    add(all_, part.alpha + part.beta, -1);
    add(tp_, part.gamma, 1), add(fp_, part.delta, 1);
    add(accepted_, part.gamma + part.delta, -1);
  }
  double out = 0, counted = 0;
  for (std::size_t p = 0; p < problems; ++p) {
    const double atom = never_[p] && parameters.atom > 0 ? std::log(parameters.atom) : kNever;
    double top = atom;
    for (std::size_t i = 0; i < c; ++i) top = std::max(top, terms[i * problems + p]);
    double sum = std::exp(atom - top);
    for (std::size_t i = 0; i < c; ++i) sum += std::exp(terms[i * problems + p] - top);
    out += times_[p] * (top + std::log(sum));
    counted += times_[p];
    // What was a log likelihood becomes the component's share of the problem.
    for (std::size_t i = 0; i < c; ++i) {
      double& term = terms[i * problems + p];
      term = times_[p] * std::exp(term - top) / sum;
    }
  }
  const auto prior = [&](std::size_t at, double mean, double deviation) {
    out -= normal_penalty(x[at], mean, deviation);
    if (!gradient.empty()) gradient[at] -= (x[at] - mean) / (deviation * deviation);
  };
  if (!gradient.empty()) std::fill(gradient.begin(), gradient.end(), 0.0);
  for (std::size_t i = 0; i < c; ++i) {
    if (!gradient.empty()) {
      const MixtureComponent& part = parameters.components[i];
      const std::vector<double> share(
          terms.begin() + static_cast<std::ptrdiff_t>(i * problems),
          terms.begin() + static_cast<std::ptrdiff_t>((i + 1) * problems));
      std::array<double, 4> d;
      add_slopes(part, share, d);
      const double size = part.alpha + part.beta, precision_size = part.gamma + part.delta;
      const double by_size = d[2] * part.gamma + d[3] * part.delta;  // of log precision_size
      const double mean = part.alpha / size, rest = part.beta / size;
      gradient[i] = d[0] * part.alpha + d[1] * part.beta + (kind_.tied ? by_size : 0);
      gradient[c + i] = (d[0] - d[1]) * size * mean * rest + (kind_.tied ? by_size * rest : 0);
      gradient[2 * c + i] = (d[2] - d[3]) * part.gamma * part.delta / precision_size;
      double mine = 0;
      for (double s : share) mine += s;
      gradient[3 * c + i] = mine - counted * part.weight;
      if (!kind_.tied) gradient[4 * c + i] = by_size;
    }
    const auto flat = [&](std::size_t at, double edge) {
      if (!gradient.empty() && std::abs(x[at]) > edge) gradient[at] = 0;
    };
    flat(i, kLogSizeMax), flat(c + i, kLogitMax), flat(2 * c + i, kLogitMax);
    if (!kind_.tied) flat(4 * c + i, kLogSizeMax);
    prior(i, kLogSize, kLogSizeDeviation);
    for (std::size_t row : {1u, 2u, 3u}) prior(row * c + i, 0, kLogitDeviation);
    if (!kind_.tied) prior(4 * c + i, kLogSize, kLogSizeDeviation);
  }
  return out;
}

}  // namespace assay::simulator
