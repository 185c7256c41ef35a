#include "harness/stats/optimum.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/base/error.h"

namespace assay::stats {

void check(const Costs& costs) {
  const auto refuse = [](const char* name, double value) {
    if (!(value >= 0 && std::isfinite(value)))
      throw Error(fmt::format("{} = {}: a cost must be a finite number, at least 0", name, value));
  };
  refuse("lambda", costs.lambda);
  refuse("kappa", costs.kappa);
}

std::vector<double> utility(const Curve& mean, const Costs& costs) {
  check(costs);
  std::vector<double> out(mean.tp.size());
  for (std::size_t k = 0; k < out.size(); ++k)
    out[k] = costs.worth(mean.tp[k], mean.fp[k], mean.draws[k]);
  return out;
}

Optimum best_k(std::span<const double> utility, double regret) {
  ASSAY_INVARIANT(!utility.empty());
  std::size_t best = 0;
  for (std::size_t k = 1; k < utility.size(); ++k)
    if (utility[k] > utility[best] + kTieWidth) best = k;
  std::size_t lo = best, hi = best;
  while (lo > 0 && utility[lo - 1] >= utility[best] - regret) --lo;
  while (hi + 1 < utility.size() && utility[hi + 1] >= utility[best] - regret) ++hi;
  return {static_cast<int>(best), utility[best],
          best > 0 && unsurpassed(utility.back(), utility[best]), static_cast<int>(lo),
          static_cast<int>(hi)};
}

std::vector<PathStep> optimal_path(const Curve& mean, double kappa) {
  check(Costs{0, kappa});
  struct Point {
    double fp, value;
    int k;
  };
  // FP_K never falls with K, so the points already stand in order from left to right.
  const auto slope = [](const Point& from, const Point& to) {
    return (to.value - from.value) / (to.fp - from.fp);
  };
  std::vector<Point> hull;
  for (std::size_t k = 0; k < mean.tp.size(); ++k) {
    const Point point{mean.fp[k], mean.tp[k] - kappa * mean.draws[k], static_cast<int>(k)};
    if (!hull.empty() && point.value <= hull.back().value + kTieWidth) continue;
    while (!hull.empty() && point.fp <= hull.back().fp) hull.pop_back();  // same cost, worth more
    while (hull.size() >= 2 &&
           slope(hull.back(), point) >= slope(hull[hull.size() - 2], hull.back()))
      hull.pop_back();
    hull.push_back(point);
  }
  std::vector<PathStep> path;
  for (std::size_t i = hull.size(); i-- > 0;) {
    PathStep step{hull[i].k, path.empty() ? 0 : *path.back().lambda_to, std::nullopt};
    if (i > 0) step.lambda_to = slope(hull[i - 1], hull[i]);
    path.push_back(step);
  }
  return path;
}

}  // namespace assay::stats
