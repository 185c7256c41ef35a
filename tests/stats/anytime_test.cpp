#include "harness/stats/anytime.h"

#include <doctest/doctest.h>

#include <cmath>

#include "harness/base/random.h"

using namespace assay;
using namespace assay::stats;

TEST_CASE("anytime interval: closed form where nothing, or everything, succeeds") {
  for (const std::int64_t n : {1, 5, 20, 200, 5000}) {
    const double trials = static_cast<double>(n);
    // (1-p)^n (n+1) = 1 - level
    const double hi = 1 - std::pow(.05 / (trials + 1), 1 / trials);
    CHECK(anytime_interval(0, n, .95).lo == 0);
    CHECK(anytime_interval(0, n, .95).hi == doctest::Approx(hi).epsilon(1e-9));
    CHECK(anytime_interval(n, n, .95).lo == doctest::Approx(1 - hi).epsilon(1e-9));
    CHECK(anytime_interval(n, n, .95).hi == 1);
  }
  CHECK(anytime_interval(0, 0, .95).lo == 0);
  CHECK(anytime_interval(0, 0, .95).hi == 1);
}

TEST_CASE("anytime interval: against a grid, by a beta function that is summed up") {
  for (const std::int64_t n : {1, 7, 40}) {
    for (std::int64_t k = 0; k <= n; k += 3) {
      constexpr int kGrid = 20000;
      const auto likelihood = [&](double p) {
        return std::pow(p, static_cast<double>(k)) * std::pow(1 - p, static_cast<double>(n - k));
      };
      double mean = 0, lo = 1, hi = 0;
      for (int i = 0; i < kGrid; ++i) mean += likelihood((i + .5) / kGrid) / kGrid;
      for (int i = 0; i <= kGrid; ++i) {
        const double p = static_cast<double>(i) / kGrid;
        if (likelihood(p) / mean <= .1) continue;
        lo = std::min(lo, p), hi = std::max(hi, p);
      }
      const Interval found = anytime_interval(k, n, .9);
      CHECK(found.lo == doctest::Approx(lo).epsilon(1e-3));
      CHECK(found.hi == doctest::Approx(hi).epsilon(1e-3));
    }
  }
}

// Drawing until an interval is narrow looks after every draw: one for a fixed number of draws would hold less
// often than it says.
TEST_CASE("anytime interval: simulated, it holds at every number of draws at once") {
  RandomStream random(7, "anytime");
  constexpr int kRuns = 400, kDraws = 200;
  for (const double p : {.01, .1, .5, .9}) {
    int always = 0;
    for (int run = 0; run < kRuns; ++run) {
      std::int64_t successes = 0;
      bool holds = true;
      for (std::int64_t n = 1; n <= kDraws && holds; ++n) {
        successes += random.uniform() < p;
        const Interval interval = anytime_interval(successes, n, .95);
        holds = interval.lo <= p && p <= interval.hi;
      }
      always += holds;
    }
    CAPTURE(p);
    // Three standard errors below .95.
    CHECK(always >= kRuns * (.95 - 3 * std::sqrt(.95 * .05 / kRuns)));
  }
}
