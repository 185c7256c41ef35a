#include "harness/simulator/posterior.h"

#include <doctest/doctest.h>

#include <cmath>

#include "harness/base/error.h"

using namespace assay;
using namespace assay::simulator;

/// Problems known exactly: the same p and theta in each draw.
static Posterior known(const char* model, const std::vector<std::pair<double, double>>& problems,
                       std::size_t draws = 40) {
  Posterior out{"d", model, "known"};
  out.draws = draws;
  for (std::size_t i = 0; i < problems.size(); ++i) out.task_ids.push_back(std::string(1, 'a' + i));
  for (std::size_t s = 0; s < draws; ++s)
    for (const auto& [p, theta] : problems) {
      out.log_reject.push_back(std::log1p(-p));
      out.precision.push_back(theta);
      out.rejected_correct.push_back(0);
    }
  return out;
}

static PosteriorOptions these(std::vector<stats::Costs> costs) {
  PosteriorOptions options;
  options.costs = std::move(costs);
  options.estimand = Estimand::these;
  return options;
}

TEST_CASE("curves of known problems are the closed forms, at any K") {
  const Posterior known_problems = known("m", {{0.5, 0.9}, {0.01, 0.5}, {0, 0}});
  const simulator::FittedLimits f = fitted_limits(known_problems, these({}));
  CHECK(f.k.back() == 1000);
  for (std::size_t i = 0; i < f.k.size(); ++i) {
    const double k = f.k[i], easy = 1 - std::pow(0.5, k), hard = 1 - std::pow(0.99, k);
    CHECK(f.mean.tp[i] == doctest::Approx((0.9 * easy + 0.5 * hard) / 3).epsilon(1e-12));
    CHECK(f.mean.fp[i] == doctest::Approx((0.1 * easy + 0.5 * hard) / 3).epsilon(1e-9));
    CHECK(f.mean.draws[i] == doctest::Approx((easy / 0.5 + hard / 0.01 + k) / 3).epsilon(1e-9));
    CHECK(*f.tp.lo[i] == doctest::Approx(*f.tp.hi[i]));
  }
  CHECK(*f.ceiling.value == doctest::Approx(1.4 / 3));
}

TEST_CASE("the best K of known problems, infinity included") {
  const Posterior p = known("m", {{0.6, 0.95}, {0.05, 0.3}});
  const simulator::FittedLimits f =
      fitted_limits(p, these({{0.2, 0}, {1, 0}, {1, 0.001}, {9, 0.5}}));
  CHECK(f.utility[0].infinite);  // the hard problem is worth .3 - .2 * .7 > 0
  CHECK_FALSE(f.utility[0].k_opt);
  CHECK(f.utility[0].probability_infinite == 1);
  for (std::size_t u : {1u, 2u, 3u}) {
    double best = 0;
    int best_k = 0;
    for (int k = 1; k < 500; ++k) {
      double value = 0;
      for (const auto& [rate, theta] : {std::pair{0.6, 0.95}, {0.05, 0.3}}) {
        const double hit = 1 - std::pow(1 - rate, k);
        const stats::Costs c = f.utility[u].costs;
        value += 0.5 * (hit * (theta - c.lambda * (1 - theta)) - c.kappa * hit / rate);
      }
      if (value > best + 1e-12) best = value, best_k = k;
    }
    CHECK(f.utility[u].k_opt == best_k);
    CHECK(f.utility[u].utility_opt == doctest::Approx(best));
  }
}

TEST_CASE("random weights widen the population's band; pairing removes what models share") {
  PosteriorOptions options;
  options.costs = {};
  const Posterior weak = known("weak", {{0.5, 1}, {0.1, 1}, {0.3, 1}, {0.2, 1}}, 400);
  const simulator::FittedLimits f = fitted_limits(weak, options);
  CHECK(*f.tp.hi[1] - *f.tp.lo[1] > 0.05);
  const auto w = problem_weights(weak, options);
  CHECK(w == problem_weights(weak, options));
  // A strong model that is on every problem what the weak one is after exactly three draws.
  std::vector<std::pair<double, double>> strong;
  for (double p : {0.5, 0.1, 0.3, 0.2}) strong.emplace_back(1 - std::pow(1 - p, 3), 1);
  const stats::Match m = match(weak, known("strong", strong, 400), options);
  CHECK(m.k == 3);
  CHECK(*m.probability == 1);
  CHECK_FALSE(m.infinite);
}

TEST_CASE("a match that cannot be, and one beyond every search") {
  const PosteriorOptions options = these({});
  const stats::Match never = match(known("w", {{0.5, 0.6}}), known("s", {{0.7, 1}}), options);
  CHECK(never.infinite);
  CHECK_FALSE(never.k);
  CHECK(*never.probability == 0);
  const stats::Match far = match(known("w", {{1e-12, 1}}), known("s", {{0.7, 1}}), options);
  CHECK_FALSE(far.infinite);
  CHECK_FALSE(far.k);
  CHECK(*far.probability == 1);
  CHECK_FALSE(match(Posterior{"d", "w", "", {}, 40}, known("s", {{0.7, 1}}), options).k);
}

TEST_CASE("K out of range is refused") {
  PosteriorOptions options = these({});
  options.k_max = kSearchMax + 1;
  CHECK_THROWS_AS(fitted_limits(known("m", {{0.5, 1}}), options), Error);
  options.k_max = 37;  // not on the grid: still the last K
  CHECK(fitted_limits(known("m", {{0.5, 1}}), options).k.back() == 37);
}
