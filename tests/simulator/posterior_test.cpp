#include "harness/simulator/posterior.h"

#include <doctest/doctest.h>

#include <cmath>

#include "harness/base/error.h"
#include "harness/stats/curves.h"

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

TEST_CASE("a problem that is never accepted takes no worth from going on without end") {
  // Its draws are without end, and 0 times infinity made the worth of the limit undefined: the best K
  // was "at least 1000000" where utility keeps rising.
  const simulator::FittedLimits f =
      fitted_limits(known("m", {{0.6, 0.95}, {0.05, 0.3}, {0, 0}}), these({{0.2, 0}}));
  CHECK(f.utility[0].infinite);
  CHECK(f.utility[0].utility_opt == doctest::Approx((0.94 + 0.3 - 0.14) / 3));
}

TEST_CASE("within the samples the curves are the exact ones; beyond, the draws only add to them") {
  Posterior p = known("m", {{0.5, 0.9}, {0.01, 0.5}, {0, 0}});
  p.seen = {{4, 1, 0, 5}, {0, 0, 0, 10}, {0, 0, 0, 12}};
  const simulator::FittedLimits f = fitted_limits(p, these({{1, 0.01}}));
  const stats::ModelCounts seen{"d", "m", "b", "g", p.task_ids, p.seen};
  const stats::Curve exact = stats::mean_curve(seen, 10);
  for (std::size_t k = 0; k <= 10; ++k) {
    CHECK(f.mean.tp[k] == doctest::Approx(exact.tp[k]));
    CHECK(f.mean.draws[k] == doctest::Approx(exact.draws[k]));
    CHECK(f.utility[0].value[k] == doctest::Approx(stats::utility(exact, {1, 0.01})[k]));
  }
  const auto fresh = [](double rate, double k) { return 1 - std::pow(1 - rate, k); };
  const auto more = [&](double rate, double k) { return fresh(rate, k) - fresh(rate, 10); };
  double draws = exact.draws[10];
  for (int k = 11; k <= 25; ++k) {
    const double right = (0.9 * more(0.5, k) + 0.5 * more(0.01, k)) / 3;
    CHECK(f.mean.tp[static_cast<std::size_t>(k)] == doctest::Approx(exact.tp[10] + right));
    CHECK(f.mean.draws[static_cast<std::size_t>(k)] ==
          doctest::Approx(draws += 1 - f.mean.accepted[static_cast<std::size_t>(k) - 1]));
  }
  // No more is accepted than there is, however much the draws would add.
  p.seen = {{4, 1, 0, 5}, {1, 0, 0, 9}, {1, 0, 0, 9}};
  const simulator::FittedLimits full = fitted_limits(p, these({}));
  CHECK(full.mean.accepted.back() == doctest::Approx(1));
  CHECK(full.mean.tp.back() == doctest::Approx(exact.tp[10] + 2.0 / 3));
  CHECK_FALSE(full.identified);
}

// A newcomer read TP .889 at K = n and .887 at n + 1, since random weights of finitely many draws have a mean
// of their own.
TEST_CASE(
    "the values of a population are those of equal weights within the samples, and go on from there") {
  Posterior p = known("m", {{0.5, 0.9}, {0.1, 0.5}, {0.02, 0.7}, {0.9, 1}}, 20);
  p.seen = {{5, 1, 0, 4}, {1, 0, 0, 9}, {0, 0, 0, 10}, {9, 0, 0, 1}};
  PosteriorOptions options;
  options.costs = {{1, 0}};
  options.k_max = 40;
  const simulator::FittedLimits f = fitted_limits(p, options);
  for (std::size_t k = 1; k <= 10; ++k) {
    double tp = 0;
    for (const stats::Counts& c : p.seen) tp += stats::problem_curve(c, 10).tp[k] / 4;
    CHECK(f.mean.tp[k] == doctest::Approx(tp));
  }
  for (std::size_t i = 1; i < f.k.size(); ++i) CHECK(f.mean.tp[i] >= f.mean.tp[i - 1] - 1e-12);
}

TEST_CASE("beyond twice n the bands are what the samples leave open") {
  // Of 164 problems with 10 samples each the bands of FP at K = 1000 held 0 to 33% of weak models:
  // what a rate below 1/n does far out no sample tells, and the form of the fit filled it in.
  Posterior p = known("m", {{0.5, 0.9}, {0.01, 0.5}, {0.2, 0.6}, {0, 0}});
  p.seen = {{4, 1, 0, 5}, {0, 0, 0, 10}, {1, 1, 0, 8}, {0, 0, 0, 12}};
  const simulator::FittedLimits f = fitted_limits(p, these({{2, 0.001}}));
  REQUIRE(f.identified == 20);
  for (std::size_t i = 0; i < f.k.size(); ++i) {
    if (f.k[i] <= 20) {
      CHECK(*f.tp.hi[i] - *f.tp.lo[i] < 1e-9);
      continue;
    }
    // Every problem that was not accepted by then, taken as right, as wrong and as never.
    const double left = 1 - *f.accepted.lo[i];
    CHECK(left > 0.25);
    CHECK(*f.tp.hi[i] - *f.tp.lo[i] == doctest::Approx(left));
    CHECK(*f.fp.hi[i] - *f.fp.lo[i] == doctest::Approx(left));
    CHECK(*f.accepted.hi[i] == doctest::Approx(1));
    CHECK(*f.tp.lo[i] + *f.fp.lo[i] == doctest::Approx(*f.accepted.lo[i]));
    CHECK(*f.draws.hi[i] - *f.draws.lo[i] == doctest::Approx((f.k[i] - 20) * left));
    const stats::Band& worth = f.utility[0].band;
    CHECK(*worth.hi[i] - *worth.lo[i] == doctest::Approx(3 * left + 0.001 * (f.k[i] - 20) * left));
    CHECK(f.mean.tp[i] > *f.tp.lo[i]);
    CHECK(f.mean.tp[i] < *f.tp.hi[i]);
  }
  CHECK(f.ceiling.interval->hi - f.ceiling.interval->lo ==
        doctest::Approx(1 - *f.accepted.lo.back()));
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
