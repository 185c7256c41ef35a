#include "harness/stats/optimum.h"

#include <doctest/doctest.h>

#include <cmath>

#include "harness/base/error.h"
#include "harness/base/random.h"
#include "harness/stats/type_mixture.h"

using namespace assay;
using namespace assay::stats;

/// Exact curve of known types: share, acceptance p, precision theta.
struct Known {
  double share, p, theta;
};
static Curve known_curve(const std::vector<Known>& types, int k_max) {
  Curve c;
  for (int k = 0; k <= k_max; ++k) {
    double accepted = 0, tp = 0, draws = 0;
    for (const Known& t : types) {
      const double hit = 1 - std::pow(1 - t.p, k);
      accepted += t.share * hit;
      tp += t.share * t.theta * hit;
      draws += t.share * hit / t.p;
    }
    c.accepted.push_back(accepted);
    c.tp.push_back(tp);
    c.fp.push_back(accepted - tp);
    c.draws.push_back(draws);
  }
  return c;
}

TEST_CASE("utility can have two humps, and the better one wins") {
  const Curve c = known_curve({{0.4, 0.6, 0.95}, {0.3, 0.08, 0.2}, {0.3, 0.01, 0.95}}, 399);
  const std::vector<double> u = utility(c, {1, 0});
  CHECK(u[4] == doctest::Approx(0.310).epsilon(0.002));
  CHECK(u[23] == doctest::Approx(0.262).epsilon(0.002));
  CHECK(u[399] == doctest::Approx(0.445).epsilon(0.002));
  const Optimum best = best_k(u);
  CHECK(best.k == 399);
  CHECK(best.censored);
  const Optimum near = best_k(std::span(u).first(41));
  CHECK(near.k == 4);
  CHECK_FALSE(near.censored);
  CHECK(near.band_lo <= 4);
  CHECK(near.band_hi >= 4);
  CHECK(near.band_hi < 23);
}

TEST_CASE("ties take the smallest K; no gain means no sampling") {
  CHECK(best_k(std::vector<double>{0, 0.5, 0.5, 0.5}).k == 1);
  // The curve ends flat: no later K does worse, and what comes after the last is not known.
  CHECK(best_k(std::vector<double>{0, 0.5, 0.5, 0.5}).censored);
  CHECK(best_k(std::vector<double>{0, -0.5, -0.6}).k == 0);
  CHECK(best_k(std::vector<double>{0}).k == 0);
  CHECK_FALSE(best_k(std::vector<double>{0}).censored);
  const Optimum band = best_k(std::vector<double>{0, 0.495, 0.5, 0.492, 0.4, 0.499});
  CHECK(band.band_lo == 1);
  CHECK(band.band_hi == 3);
}

TEST_CASE("the hull's path agrees with the argmax at every cost ratio and never rises") {
  RandomStream random(11, "hull");
  for (int round = 0; round < 40; ++round) {
    ModelCounts m;
    for (int i = 0; i < 12; ++i) {
      Counts c;
      for (int s = 0; s < 30; ++s)
        ++(std::array{&c.tp, &c.fp, &c.tn, &c.tn, &c.tn, &c.tn,
                      &c.tn})[random.below(1 + random.below(7))][0];
      m.problems.push_back(c);
    }
    const Curve curve = mean_curve(m, 30);
    const double kappa = round % 2 ? 0.002 * random.uniform() : 0;
    const std::vector<PathStep> path = optimal_path(curve, kappa);
    REQUIRE(!path.empty());
    CHECK(path.front().lambda_from == 0);
    CHECK_FALSE(path.back().lambda_to);
    for (std::size_t i = 0; i < path.size(); ++i) {
      if (i > 0) CHECK(path[i].k < path[i - 1].k);
      if (i > 0) CHECK(path[i].lambda_from >= path[i - 1].lambda_from);
      const double to = path[i].lambda_to.value_or(path[i].lambda_from + 1);
      if (to - path[i].lambda_from < 1e-9) continue;
      const double lambda = (path[i].lambda_from + to) / 2;
      const std::vector<double> u = utility(curve, {lambda, kappa});
      const Optimum direct = best_k(u);
      if (direct.k != path[i].k)  // only where the curve is flat to rounding
        CHECK(std::abs(u[static_cast<std::size_t>(path[i].k)] - direct.utility) < 1e-11);
    }
  }
}

TEST_CASE("costs must be finite and not negative") {
  const Curve c = known_curve({{1, 0.5, 0.5}}, 3);
  CHECK_THROWS_WITH_AS(utility(c, {-1, 0}),
                       "lambda = -1: a cost must be a finite number, at least 0", Error);
  CHECK_THROWS_AS(utility(c, {0, -0.1}), Error);
  CHECK_THROWS_AS(utility(c, {NAN, 0}), Error);
  CHECK_THROWS_AS(optimal_path(c, INFINITY), Error);
}

TEST_CASE("the paper's two-type model, with its prior: published optima and a true infinity") {
  const TypeMixture llama{{{0.56, 0.8738}, {0.44, 0.1382}}, 0.7516, 1};
  CHECK(optimal_k(llama, 0.7) == 3);
  CHECK(optimal_k(llama, 1) == 2);
  CHECK(optimal_k(llama, 2) == 1);
  // Infinite exactly up to c r2 / ((1-r2)(1-s)).
  const double edge = 0.1382 / ((1 - 0.1382) * (1 - 0.7516));
  CHECK_FALSE(optimal_k(llama, edge * 0.999));
  CHECK(optimal_k(llama, edge * 1.001));
  CHECK_FALSE(optimal_k(llama, 0));
  CHECK(optimal_k(llama, 1000) == 0);
  // The prior and the acceptances add up to one; with the posterior twice it was 1.34.
  CHECK(expected_value({llama.types, 0, 1}, 0, 1) ==
        doctest::Approx(0.56 * 0.8738 + 0.44 * 0.1382));
}

TEST_CASE("issue: optima of 45 to 637 in the paper's map were doubles running out") {
  // An easy type that is exhausted at once and a hard one worth a little at every draw: from draw
  // 21 on each gain is lost in rounding beside the sum, and yet every further draw pays.
  const TypeMixture mixture{{{0.999999, 0.999}, {0.000001, 1e-9}}, 1, 1};
  CHECK_FALSE(optimal_k(mixture, 5));
  // Just above the edge the optimum is finite, far out, and decided by sign.
  const TypeMixture finite{{{0.9, 0.9}, {0.1, 0.0999}}, 0.9, 1};
  const double edge = 0.0999 / (0.9001 * 0.1);
  const auto far = optimal_k(finite, edge * (1 + 1e-12));
  REQUIRE(far);
  CHECK(*far > 10);
}

TEST_CASE("no draws are worth nothing, also where a first draw is always accepted") {
  // 0 draws of a type whose samples are never rejected were worth 0 x log 0, not a number.
  CHECK(expected_value({{{1, 1}}, 1, 1}, 3, 0) == 0);
  CHECK(expected_value({{{1, 1}}, 1, 1}, 3, 5) == 1);
  CHECK(expected_value({{{0.5, 0.5}}, 1, 1}, 3, INFINITY) == doctest::Approx(0.5));
}

TEST_CASE("optimal K agrees with a direct search over the expected value") {
  RandomStream random(5, "types");
  for (int round = 0; round < 300; ++round) {
    TypeMixture m{{}, 0.5 + random.uniform() / 2, 0.5 + random.uniform() / 2};
    for (int i = 0; i < 3; ++i) m.types.push_back({1.0 / 3, random.uniform()});
    const double lambda = 4 * random.uniform();
    std::vector<double> value{0};
    for (int k = 1; k <= 3000; ++k) value.push_back(expected_value(m, lambda, k));
    const auto got = optimal_k(m, lambda);
    const Optimum direct = best_k(value);
    if (got && *got <= 3000) CHECK(value[static_cast<std::size_t>(*got)] >= direct.utility - 1e-12);
    if (!got) CHECK(value[3000] >= direct.utility - 1e-12);
  }
}
