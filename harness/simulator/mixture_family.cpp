#include "harness/simulator/mixture_family.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>

namespace assay::simulator {
namespace {

double log_gamma(double x) {
  int sign = 0;
  return lgamma_r(x, &sign);
}

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
    const double size = std::exp(x[i]);
    const double alpha = size * sigmoid(x[c + i]), theta = x[2 * c + i];
    const double precision_size = kind.tied ? alpha : std::exp(x[4 * c + i]);
    out.components.push_back({std::exp(x[3 * c + i] - top) / sum, alpha, size * sigmoid(-x[c + i]),
                              precision_size * sigmoid(theta), precision_size * sigmoid(-theta)});
  }
  return out;
}

MixtureTarget::Values MixtureTarget::values_of(const std::vector<double>& column) {
  Values out;
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
  std::map<std::array<std::int64_t, 3>, double> distinct;
  for (const stats::Counts& c : problems) ++distinct[{c.tp, c.fp, c.n() - c.accepted()}];
  std::vector<double> accepted, rejected, all, tp, fp;
  for (const auto& [cells, count] : distinct) {
    tp.push_back(static_cast<double>(cells[0]));
    fp.push_back(static_cast<double>(cells[1]));
    accepted.push_back(tp.back() + fp.back());
    rejected.push_back(static_cast<double>(cells[2]));
    all.push_back(accepted.back() + rejected.back());
    times_.push_back(count);
    never_.push_back(accepted.back() == 0);
  }
  accepted_ = values_of(accepted), rejected_ = values_of(rejected), all_ = values_of(all);
  tp_ = values_of(tp), fp_ = values_of(fp);
}

double MixtureTarget::operator()(std::span<const double> x) const {
  const MixtureParameters parameters = mixture_parameters(x, kind_);
  const std::size_t c = parameters.components.size(), problems = times_.size();
  // A shape below the smallest normal number, or beyond the largest, is no density.
  for (const MixtureComponent& part : parameters.components)
    for (double shape : {part.alpha, part.beta, part.gamma, part.delta})
      if (!std::isnormal(shape)) return -std::numeric_limits<double>::infinity();
  std::vector<double> terms(problems * c);
  std::vector<double> table;
  for (std::size_t i = 0; i < c; ++i) {
    const MixtureComponent& part = parameters.components[i];
    double* row = terms.data() + i * problems;
    std::fill_n(row, problems, std::log(part.weight));
    const auto add = [&](const Values& values, double shape, double sign) {
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
  double out = 0;
  for (std::size_t p = 0; p < problems; ++p) {
    double top = never_[p] && parameters.atom > 0 ? std::log(parameters.atom)
                                                  : -std::numeric_limits<double>::infinity();
    const double atom = top;
    for (std::size_t i = 0; i < c; ++i) top = std::max(top, terms[i * problems + p]);
    double sum = std::exp(atom - top);
    for (std::size_t i = 0; i < c; ++i) sum += std::exp(terms[i * problems + p] - top);
    out += times_[p] * (top + std::log(sum));
  }
  for (std::size_t i = 0; i < c; ++i) {
    out -= normal_penalty(x[i], kLogSize, kLogSizeDeviation);
    for (std::size_t row : {1u, 2u, 3u}) out -= normal_penalty(x[row * c + i], 0, kLogitDeviation);
    if (!kind_.tied) out -= normal_penalty(x[4 * c + i], kLogSize, kLogSizeDeviation);
  }
  return out;
}

}  // namespace assay::simulator
