#include "harness/stats/interval.h"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>

namespace assay::stats {
namespace {

/// The sums over problems that decide an interval.
struct Spread {
  std::size_t clusters = 0;
  double numerator = 0, denominator = 0, denominator_squares = 0;
  double largest = 0;                         // denominator
  double least = INFINITY, most = -INFINITY;  // value of a problem
};

Spread spread_of(std::span<const double> numerator, std::span<const double> denominator) {
  Spread out;
  for (std::size_t p = 0; p < denominator.size(); ++p) {
    const double d = denominator[p];
    if (d <= 0) continue;
    ++out.clusters;
    out.numerator += numerator[p], out.denominator += d, out.denominator_squares += d * d;
    out.largest = std::max(out.largest, d);
    out.least = std::min(out.least, numerator[p] / d);
    out.most = std::max(out.most, numerator[p] / d);
  }
  return out;
}

/// REQUIRES: at least two problems that count, and not all the same.
Basis basis_of(std::span<const double> numerator, std::span<const double> denominator,
               const Spread& spread) {
  const double all = spread.denominator, ratio = spread.numerator / all;
  std::vector<double> pulls(denominator.size()), without(denominator.size());
  for (std::size_t p = 0; p < denominator.size(); ++p) {
    if (denominator[p] <= 0) continue;
    pulls[p] = (numerator[p] - ratio * denominator[p]) / all;
    without[p] = pulls[p] / (1 - denominator[p] / all);
  }
  return basis_of_pulls(pulls, without, denominator, all * all / spread.denominator_squares);
}

}  // namespace

Basis basis_of_pulls(std::span<const double> pulls, std::span<const double> without,
                     std::span<const double> counts, double kish) {
  double count = 0, squares = 0, fourths = 0, left_out = 0, largest = 0;
  Basis out;
  for (std::size_t p = 0; p < pulls.size(); ++p) {
    if (counts[p] <= 0) continue;
    const double square = pulls[p] * pulls[p];
    ++count, squares += square, fourths += square * square, left_out += without[p] * without[p];
    if (square > largest) largest = square, out.heaviest = p;
  }
  out.error = std::sqrt(left_out * (count - 1) / count);
  // The sample variance of G numbers has squared coefficient of variation (kurtosis - 1) / G.
  const double kurtosis = count * fourths / (squares * squares);
  const double known = kurtosis > 1 ? 2 * count / (kurtosis - 1) : INFINITY;
  out.effective = 1 + std::max(1.0, std::min({count - 1, known, kish - 1}));
  out.share = largest / squares;
  return out;
}

double kish(std::span<const double> weights) {
  double all = 0, squares = 0;
  for (const double weight : weights) all += weight, squares += weight * weight;
  return squares > 0 ? all * all / squares : 0;
}

double t_quantile(double level, double degrees) {
  // In double: by default it is computed in long double, which takes five times as long.
  using Double = boost::math::policies::policy<boost::math::policies::promote_double<false>>;
  return boost::math::quantile(boost::math::students_t_distribution<double, Double>(degrees),
                               (1 + level) / 2);
}

Interval t_interval(double value, const Basis& basis, Interval range, double level) {
  const double reach = t_quantile(level, basis.effective - 1) * basis.error;
  const double below = value - range.lo, above = range.hi - value;
  if (std::isinf(below)) return {value - reach, value + reach};
  constexpr double kEdge = 1e-300;  // a value at the edge of its range by rounding alone
  if (std::isinf(above)) {
    const double factor = std::exp(reach / std::max(below, kEdge));
    return {range.lo + below / factor, range.lo + below * factor};
  }
  const double width = range.hi - range.lo;
  const double logit = std::log(std::max(below, kEdge) / std::max(above, kEdge));
  const double far = reach * width / std::max(below * above, kEdge);
  const auto back = [&](double x) { return range.lo + width / (1 + std::exp(-x)); };
  return {back(logit - far), back(logit + far)};
}

double zero_event_bound(std::size_t clusters, double level) {
  return clusters == 0 ? 1 : 1 - std::pow(1 - level, 1.0 / static_cast<double>(clusters));
}

Interval agreed_interval(double value, Interval range, std::size_t clusters, double level,
                         double weight) {
  const double others = std::min(1.0, zero_event_bound(clusters, level) * weight);
  return {value - others * (value - range.lo), value + others * (range.hi - value)};
}

Estimate ratio_estimate(std::span<const double> numerator, std::span<const double> denominator,
                        Interval range, double level, double largest) {
  const Spread spread = spread_of(numerator, denominator);
  Estimate out;
  if (spread.clusters == 0) return out;
  out.value = spread.numerator / spread.denominator;
  if (spread.clusters < 2) return out;
  if (spread.most - spread.least <= kAgreementWidth) {
    if (std::isfinite(range.hi - range.lo))
      out.interval = agreed_interval(spread.least, range, spread.clusters, level,
                                     std::max(spread.largest, largest) *
                                         static_cast<double>(spread.clusters) / spread.denominator);
    return out;
  }
  out.basis = basis_of(numerator, denominator, spread);
  out.interval = t_interval(*out.value, *out.basis, range, level);
  return out;
}

std::vector<Estimate> ratio_estimates(const std::vector<Ratio>& ratios, double level) {
  std::vector<Estimate> out;
  for (const Ratio& ratio : ratios)
    out.push_back(ratio_estimate(ratio.numerator, ratio.denominator, ratio.range, level));
  return out;
}

}  // namespace assay::stats
