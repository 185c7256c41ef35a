#include "harness/simulator/trajectories.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>

#include "harness/base/error.h"
#include "harness/base/random.h"
#include "harness/simulator/hierarchical_fit.h"
#include "harness/simulator/mixture.h"
#include "harness/stats/curves.h"

using namespace assay;
using namespace assay::simulator;

static Posterior known(const std::vector<std::pair<double, double>>& problems) {
  Posterior out{"d", "m", "known"};
  out.draws = 1;
  for (const auto& [p, theta] : problems) {
    out.task_ids.push_back(fmt::format("p{:03}", out.task_ids.size()));
    out.log_reject.push_back(std::log1p(-p));
    out.precision.push_back(theta);
    out.rejected_correct.push_back(0);
  }
  return out;
}

/// tp, fp, rejected samples; accepted ones of one kind (correct: 0, wrong: 1).
static Urn urn(const std::string& id, int tp, int fp, int rejected) {
  Urn out{id, {}};
  for (int i = 0; i < tp; ++i) out.samples.push_back({true, true, 1, 0});
  for (int i = 0; i < fp; ++i) out.samples.push_back({true, false, 1, 1});
  for (int i = 0; i < rejected; ++i)
    out.samples.push_back({false, i == 0, static_cast<float>(i) / static_cast<float>(rejected), 7});
  return out;
}

static const int kMany = 20000;
/// Four standard errors of a share at `kMany` trajectories.
static bool near(double got, double truth) {
  return std::abs(got - truth) <= 4 * std::sqrt(std::max(truth * (1 - truth), 1e-4) / kMany);
}

TEST_CASE("first acceptance from a posterior agrees with the closed form") {
  const Posterior p = known({{0.3, 0.8}, {0.02, 0.5}, {0, 0}, {1, 1}});
  const SimulationResult r =
      simulate(p, *first_acceptance_rule(25), {.trajectories = kMany, .k_max = 25});
  const std::vector<double> one{1, 0, 0, 0, 0};
  for (std::size_t i = 0; i < 4; ++i) {
    const double q = std::exp(p.log_reject[i]), hit = i == 2 ? 0 : 1 - std::pow(q, 25);
    CHECK(near(r.tp[i], hit * p.precision[i]));
    CHECK(near(r.fp[i], hit * (1 - p.precision[i])));
    CHECK(r.draws[i] == doctest::Approx(i == 2 ? 25 : hit / (1 - q)).epsilon(0.03));
  }
}

TEST_CASE("first acceptance from raw verdicts agrees with the exact estimators") {
  const std::vector<Urn> urns{urn("a", 4, 2, 14), urn("b", 0, 0, 20), urn("c", 1, 5, 24)};
  const SimulationResult r =
      simulate(urns, *first_acceptance_rule(10), {.trajectories = kMany, .k_max = 10});
  const stats::Counts counts[3] = {{4, 2, 1, 13}, {0, 0, 1, 19}, {1, 5, 1, 23}};
  for (std::size_t i = 0; i < 3; ++i) {
    const stats::Curve exact = stats::problem_curve(counts[i], 10);
    CHECK(near(r.tp[i], exact.tp[10]));
    CHECK(near(r.fp[i], exact.fp[10]));
    CHECK(r.draws[i] == doctest::Approx(exact.draws[10]).epsilon(0.03));
  }
}

TEST_CASE("best of K and majority agree with counting") {
  const std::vector<Urn> urns{urn("a", 3, 2, 3)};
  const SimulationOptions options{.trajectories = kMany, .k_max = 3};
  // Best of 3 submits the first accepted one: TP_3 at the price of 3 draws.
  const SimulationResult best = simulate(urns, *best_of_rule(3), options);
  CHECK(near(best.tp[0], stats::problem_curve({3, 2, 0, 3}, 3).tp[3]));
  CHECK(best.draws[0] == 3);
  // With rejected ones allowed, all three rejected (1 of 56) submits the one with most tests
  // passed: the last rejected, which is wrong.
  const SimulationResult any = simulate(urns, *best_of_rule(3, true), options);
  CHECK(any.tp[0] + any.fp[0] == doctest::Approx(1));
  // Majority: by hand over the 56 subsets of 8; ties go to the kind drawn first.
  double tp = 0;
  for (int t = 0; t <= 3; ++t)
    for (int f = 0; f <= 2 && t + f <= 3; ++f) {
      const auto choose = [](int n, int k) {
        return std::round(std::tgamma(n + 1) / std::tgamma(k + 1) / std::tgamma(n - k + 1));
      };
      const double weight = choose(3, t) * choose(2, f) * choose(3, 3 - t - f) / 56;
      tp += weight * (t > f ? 1 : t == f && t > 0 ? 0.5 : 0);
    }
  CHECK(near(simulate(urns, *majority_rule(3), options).tp[0], tp));
}

TEST_CASE("the same seed gives the same trajectories") {
  const Posterior p = known({{0.3, 0.8}, {0.1, 0.5}});
  const SimulationOptions options{.trajectories = 500, .k_max = 10, .seed = 9};
  CHECK(simulate(p, *majority_rule(10), options).tp == simulate(p, *majority_rule(10), options).tp);
  SimulationOptions other = options;
  other.seed = 10;
  CHECK(simulate(p, *majority_rule(10), options).tp != simulate(p, *majority_rule(10), other).tp);
}

TEST_CASE("rational stops: known problems are tried for ever, once or never") {
  const Posterior p = known({{0.3, 0.9}, {0.3, 0.2}, {0.001, 1}});
  const StoppingTable t = rational_stops(p, {1, 0.01}, 50);
  CHECK(t.k == std::vector<int>{50, 0, 0});  // worth it; a trap; too rare for its price
  CHECK(t.bound == std::vector<std::uint8_t>{1, 0, 0});
}

TEST_CASE("rational stops: rejections make a mixed belief give up") {
  Posterior belief{"d", "m", "two"};  // half the time easy and sound, half hard and unsound
  belief.draws = 2, belief.task_ids = {"a"};
  belief.log_reject = {std::log(0.4), std::log(0.98)};
  belief.precision = {0.95, 0.1};
  belief.rejected_correct = {0, 0};
  const int k = rational_stops(belief, {1, 0.001}, 100).k[0];
  // After j rejections: weights .4^j and .98^j; gains .6 * .9 - .001 and .02 * -.8 - .001.
  int by_hand = 0;
  while (std::pow(0.4, by_hand) * (0.6 * 0.9 - 0.001) +
             std::pow(0.98, by_hand) * (0.02 * -0.8 - 0.001) >
         0)
    ++by_hand;
  CHECK(k == by_hand);
}

TEST_CASE("on held-out problems the rational rule beats the best fixed K") {
  // Problems share difficulty and weak suites between models; one model is hidden on half of them.
  RandomStream random(12, "rational");
  Table t;
  t.dataset = "d", t.models = {"a", "b", "c", "d"}, t.cells.resize(4);
  std::vector<std::pair<double, double>> truth;
  for (int i = 0; i < 400; ++i) {
    t.task_ids.push_back(fmt::format("p{:03}", i));
    const double z = random.normal(), v = 0.4 * z + 0.9 * random.normal();
    for (int j = 0; j < 4; ++j) {
      const double mu = 1 / (1 + std::exp(1.5 + 2 * z)), nu = 1 / (1 + std::exp(-1.5 + 2 * v));
      const double p = std::exp(draw_beta(6 * mu, 6 * (1 - mu), random).log_p);
      const double theta = std::exp(draw_beta(10 * nu, 10 * (1 - nu), random).log_p);
      if (j == 0) truth.emplace_back(p, theta);
      stats::Counts c;
      for (int s = 0; s < 20; ++s)
        ++(random.uniform() >= p ? c.tn : random.uniform() < theta ? c.tp : c.fp);
      t.cells[static_cast<std::size_t>(j)].push_back(j == 0 && i % 2 ? stats::Counts{} : c);
    }
  }
  const HierarchicalFit fit = fit_hierarchical(t, {.starts = 1, .draws = 200});
  Posterior belief = draw_posteriors(fit.draws, t, 1)[0], real = known(truth);
  const auto keep_hidden = [](const Posterior& all) {
    Posterior out{all.dataset, all.model, all.method, {}, all.draws};
    for (std::size_t i = 1; i < all.problems(); i += 2) out.task_ids.push_back(all.task_ids[i]);
    for (std::size_t s = 0; s < all.draws; ++s)
      for (std::size_t i = 1; i < all.problems(); i += 2) {
        out.log_reject.push_back(all.log_reject[s * all.problems() + i]);
        out.precision.push_back(all.precision[s * all.problems() + i]);
        out.rejected_correct.push_back(0);
      }
    return out;
  };
  belief = keep_hidden(belief), real = keep_hidden(real);
  const stats::Costs costs{1, 0.01};
  const SimulationOptions options{.trajectories = 300, .k_max = 60};
  const SimulationResult rational =
      simulate(real, *rational_rule(rational_stops(belief, costs, 60)), options);
  // The best fixed K in hindsight, from the truth of exactly these problems.
  int best_k = 0;
  double best_utility = 0;
  for (int k = 1; k <= 60; ++k) {
    double u = 0;
    for (std::size_t i = 0; i < real.problems(); ++i) {
      const double hit = -std::expm1(k * real.log_reject[i]), theta = real.precision[i];
      u += hit * (2 * theta - 1) - costs.kappa * hit / -std::expm1(real.log_reject[i]);
    }
    if (u > best_utility) best_utility = u, best_k = k;
  }
  const SimulationResult best = simulate(real, *first_acceptance_rule(best_k), options);
  const stats::Estimate gain = utility_difference(rational, best, costs, {.replicates = 2000});
  MESSAGE("gain over ", best.rule, ": ", *gain.value, " [", gain.interval->lo, ", ",
          gain.interval->hi, "]");
  CHECK(gain.interval->lo > 0);
}

TEST_CASE("simulations that make no sense are refused") {
  const Posterior p = known({{0.5, 1}});
  CHECK_THROWS_AS(simulate(p, *first_acceptance_rule(3), {.trajectories = 0}), Error);
  CHECK_THROWS_AS(first_acceptance_rule(-1), Error);
  CHECK_THROWS_AS(simulate(std::vector<Urn>{urn("a", 1, 1, 1)}, *first_acceptance_rule(4),
                           {.trajectories = 10, .k_max = 4}),
                  Error);
  CHECK_THROWS_AS(simulate(Posterior{}, *first_acceptance_rule(3), {}), Error);
}
