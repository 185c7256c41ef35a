#include "harness/stats/anytime.h"

#include <cmath>

namespace assay::stats {

/// Between `inside`, where the ratio is above its bound, and `outside`, where it may not be.
template <class Above>
static double boundary(double inside, double outside, const Above& above) {
  if (above(outside)) return outside;
  for (int halving = 0; halving < 60; ++halving) {
    const double middle = (inside + outside) / 2;
    (above(middle) ? inside : outside) = middle;
  }
  return outside;
}

Interval anytime_interval(std::int64_t successes, std::int64_t trials, double level) {
  if (trials == 0) return {0, 1};
  const auto k = static_cast<double>(successes), rest = static_cast<double>(trials - successes);
  const double bound =
      std::log1p(-level) + std::lgamma(k + 1) + std::lgamma(rest + 1) - std::lgamma(k + rest + 2);
  const auto above = [&](double p) {
    const double log_likelihood =
        (k > 0 ? k * std::log(p) : 0) + (rest > 0 ? rest * std::log1p(-p) : 0);
    return log_likelihood > bound;
  };
  const double top = k / (k + rest);  // the likelihood's, which is above its mean over the prior
  return {boundary(top, 0, above), boundary(top, 1, above)};
}

}  // namespace assay::stats
