#include "harness/simulator/mixture.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace assay;
using namespace assay::simulator;

static const MixtureParameters kTwo{0.2, {{0.5, 2, 3, 1.5, 0.5}, {0.3, 0.4, 8, 0.3, 0.7}}};

TEST_CASE("probabilities of all counts add up to one") {
  double sum = 0;
  const int n = 7;
  for (int tp = 0; tp <= n; ++tp)
    for (int fp = 0; tp + fp <= n; ++fp) {
      const double coefficient = std::lgamma(n + 1) - std::lgamma(tp + 1) - std::lgamma(fp + 1) -
                                 std::lgamma(n - tp - fp + 1);
      sum += std::exp(coefficient + log_marginal(kTwo, {tp, fp, 0, n - tp - fp}));
    }
  CHECK(sum == doctest::Approx(1).epsilon(1e-12));
}

TEST_CASE("one Dirichlet has the same precision at every K; a mixture has not") {
  const MixtureParameters one{0, {{1, 1.5, 4, 1.2, 0.3}}};
  for (double k : {1.0, 10.0, 1000.0})
    CHECK(expected(one, k).tp / expected(one, k).accepted == doctest::Approx(0.8));
  CHECK(expected(kTwo, 1).tp / expected(kTwo, 1).accepted >
        expected(kTwo, 100).tp / expected(kTwo, 100).accepted + 0.05);
}

TEST_CASE("posterior draws have the moments of the posterior") {
  RandomStream random(1, "draws");
  const stats::Counts none{0, 0, 0, 20};
  int zero = 0;
  double p = 0;
  const int draws = 40000;
  for (int i = 0; i < draws; ++i) {
    const ProblemDraw d = draw_problem(kTwo, none, random);
    zero += d.log_reject == 0;
    p += -std::expm1(d.log_reject);
  }
  const double total = log_marginal(kTwo, none);
  CHECK(zero / double(draws) == doctest::Approx(std::exp(std::log(0.2) - total)).epsilon(0.02));
  const double mean = std::exp(log_marginal(kTwo, {1, 0, 0, 20}) - total) +
                      std::exp(log_marginal(kTwo, {0, 1, 0, 20}) - total);
  CHECK(p / draws == doctest::Approx(mean).epsilon(0.04));
}

TEST_CASE("beta draws keep their digits at both ends") {
  RandomStream random(2, "beta");
  double sum = 0;
  for (int i = 0; i < 20000; ++i) {
    const BetaDraw d = draw_beta(0.001, 3, random);
    CHECK(d.log_q <= 0);
    CHECK(std::isfinite(d.log_q));
    sum += std::exp(draw_beta(2, 6, random).log_p);
  }
  CHECK(sum / 20000 == doctest::Approx(0.25).epsilon(0.02));
}
