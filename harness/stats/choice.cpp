#include "harness/stats/choice.h"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <vector>

namespace assay::stats {

bool as_good(std::span<const double> here, std::span<const double> best,
             std::span<const double> own, double reach, double level) {
  std::vector<double> difference(own.size());
  for (std::size_t p = 0; p < own.size(); ++p) difference[p] = here[p] - best[p];
  const Estimate found = ratio_estimate(difference, own, {-reach, reach}, level);
  return !found.interval || found.interval->hi >= 0;
}

double worth_reach(const Costs& costs, double k) { return 1 + costs.lambda + costs.kappa * k; }

double confidence_above(const Estimate& estimate, double bound, Interval range) {
  const double value = *estimate.value;
  if (!estimate.basis) return value >= bound ? 1 : 0;
  constexpr double kEdge = 1e-300;  // a value at the edge of its range by rounding alone
  const auto odds = [&](double x) {
    return std::max(x - range.lo, kEdge) / std::max(range.hi - x, kEdge);
  };
  const double error_of_logit = estimate.basis->error * (range.hi - range.lo) /
                                std::max((value - range.lo) * (range.hi - value), kEdge);
  return boost::math::cdf(boost::math::students_t(estimate.basis->effective - 1),
                          std::log(odds(value) / odds(bound)) / error_of_logit);
}

}  // namespace assay::stats
