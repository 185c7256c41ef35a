#include "harness/stats/choice.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using namespace assay::stats;

TEST_CASE("the confidence above a bound is that of the interval which ends there") {
  const std::vector<double> top = {0.1, 0.4, -0.3, 0.5, 0.2, 0.9, -0.1}, bottom(7, 1);
  for (const double bound : {-0.2, 0.1, 0.5}) {
    const double p = confidence_above(ratio_estimate(top, bottom, {-1, 1}, 0.95), bound, {-1, 1});
    const Interval ends = *ratio_estimate(top, bottom, {-1, 1}, std::abs(2 * p - 1)).interval;
    CHECK((p < 0.5 ? ends.hi : ends.lo) == doctest::Approx(bound));
  }
  const Estimate all_agree = ratio_estimate(bottom, bottom, {0, 2}, 0.95);
  CHECK(confidence_above(all_agree, 1, {0, 2}) == 1);
  CHECK(confidence_above(all_agree, 1.1, {0, 2}) == 0);
}
