#include "harness/simulator/simulate.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>

#include "harness/base/error.h"
#include "harness/simulator/stopping.h"
#include "harness/stats/limits.h"
#include "harness/stats/rates.h"

using namespace assay;
using namespace assay::simulator;

/// A model on problems whose rate and precision vary together.
static stats::ModelCounts model(const std::string& name, int problems, int n, std::uint64_t seed) {
  RandomStream random(seed, name);
  stats::ModelCounts m{"d", name, "base", "base,plus"};
  for (int i = 0; i < problems; ++i) {
    const double z = random.normal(), p = 1 / (1 + std::exp(1 + 1.5 * z));
    const double theta = 1 / (1 + std::exp(-1 + 1.5 * z));
    stats::Counts c;
    for (int s = 0; s < n; ++s)
      ++(random.uniform() >= p ? c.tn : random.uniform() < theta ? c.tp : c.fp);
    m.task_ids.push_back(fmt::format("t{:03}", i));
    m.problems.push_back(c);
  }
  return m;
}

static Subject subject(const stats::ModelCounts& m) {
  Subject out{m.dataset, m.model, m.proxy, m.gold};
  out.task_ids = m.task_ids;
  for (std::size_t i = 0; i < m.problems.size(); ++i)
    out.urns.push_back(urn_of(m.task_ids[i], m.problems[i], 1));
  return out;
}

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

static const stats::BootstrapOptions kFew{.replicates = 1000};
static const std::vector<stats::Costs> kCosts{{0, 0}, {1, 0}, {2, 0.002}, {8, 0.01}};

TEST_CASE(
    "the best fixed K is that of limits, and its interval, though models cover other problems") {
  std::vector<stats::ModelCounts> models{model("a", 60, 20, 1), model("b", 60, 20, 2)};
  models[1].task_ids.erase(models[1].task_ids.begin());  // b lacks a problem
  models[1].problems.erase(models[1].problems.begin());
  const stats::LimitsResult limits = stats::limits(
      models, {.lambdas = {0, 1, 2, 8}, .kappas = {0, 0.002, 0.01}, .bootstrap = kFew});
  const stats::Universe universe = stats::universe({&models[0], &models[1]});
  const stats::Resamples resamples = stats::resample_problems(60, kFew, "d");
  for (std::size_t j = 0; j < 2; ++j) {
    const Simulation s = simulate_verdicts(
        subject(models[j]), resamples, universe.index[j],
        {.rules = {Rule::first}, .costs = kCosts, .k_max = 20, .bootstrap = kFew});
    CHECK(s.curves[0].curve.tp[7] == doctest::Approx(limits.rows[j].mean.tp[7]).epsilon(1e-12));
    for (const CostsWorth& w : s.worth)
      for (const stats::UtilityCurve& u : limits.rows[j].utility) {
        if (u.costs.lambda != w.costs.lambda || u.costs.kappa != w.costs.kappa) continue;
        CHECK(w.best_fixed.k == u.k_opt);
        CHECK(w.best_fixed.at_least == u.censored);
        CHECK(*w.best_fixed.worth.value == doctest::Approx(u.utility_opt).epsilon(1e-12));
        CHECK(w.best_fixed.k_interval->lo == u.k_interval->lo);
        CHECK(w.best_fixed.k_interval->hi == u.k_interval->hi);
        CHECK(*w.rules[0].gain.value == 0);
      }
  }
}

TEST_CASE("on a fit, first acceptance is worth what the fitted limits say") {
  Posterior p = known({{0.3, 0.8}, {0.02, 0.5}, {0.6, 0.95}});
  p.draws = 40;
  for (auto* part : {&p.log_reject, &p.precision, &p.rejected_correct})
    for (std::size_t i = 3; i < 120; ++i) part->push_back((*part)[i - 3] * 0.99);
  Subject s{"d", "m", "base", "base,plus"};
  s.posterior = p, s.task_ids = p.task_ids;
  const Simulation got = simulate_fit(
      s, {.rules = {Rule::first}, .costs = {{1, 0.001}}, .k_max = 30, .bootstrap = kFew});
  const FittedLimits limits = fitted_limits(p, {.costs = {{1, 0.001}}, .k_max = 30});
  CHECK(got.k == limits.k);
  for (std::size_t i = 0; i < got.k.size(); ++i) {
    CHECK(got.curves[0].curve.tp[i] == doctest::Approx(limits.mean.tp[i]).epsilon(1e-9));
    CHECK(got.curves[0].curve.draws[i] == doctest::Approx(limits.mean.draws[i]).epsilon(1e-9));
  }
  const RuleWorth& w = got.worth[0].best_fixed;
  const double there = limits.utility[0].value[static_cast<std::size_t>(*w.k)];
  CHECK(*w.worth.value == doctest::Approx(there));
}

TEST_CASE("best-of and majority by first acceptance where they must agree with it") {
  // Without costs of samples or of wrong programs: best-of by acceptance alone submits as first does
  // wherever something was accepted, and where all accepted ones are right so does majority.
  stats::ModelCounts m = model("a", 40, 12, 3);
  for (stats::Counts& c : m.problems) c.tp += c.fp, c.fp = 0;
  std::vector<std::size_t> place(40);
  for (std::size_t i = 0; i < 40; ++i) place[i] = i;
  const Simulation s = simulate_verdicts(subject(m), stats::resample_problems(40, kFew, "d"), place,
                                         {.rules = {Rule::first, Rule::best_of, Rule::majority},
                                          .costs = {{0, 0}, {0, 0.01}},
                                          .k_max = 12,
                                          .bootstrap = kFew});
  const CostsWorth& free = s.worth[0];
  for (const RuleWorth& w : free.rules) {
    CHECK(*w.worth.value == doctest::Approx(*free.best_fixed.worth.value).epsilon(1e-12));
    CHECK(w.simulation_error == 0);
  }
  // Where a sample has its price, stopping early is worth it.
  CHECK(*s.worth[1].rules[1].gain.value < 0);
  CHECK(s.worth[1].rules[1].gain.interval->hi < 0);
}

TEST_CASE("the same seed gives the same worth; another seed moves only what is simulated") {
  const stats::ModelCounts m = model("a", 40, 12, 4);
  std::vector<std::size_t> place(40);
  for (std::size_t i = 0; i < 40; ++i) place[i] = i;
  const auto run = [&](std::uint64_t seed, int threads) {
    return simulate_verdicts(subject(m), stats::resample_problems(40, kFew, "d"), place,
                             {.rules = {Rule::best_of, Rule::majority},
                              .costs = {{1, 0}},
                              .k_max = 12,
                              .trajectories = 50,
                              .seed = seed,
                              .bootstrap = {.replicates = 1000, .threads = threads}});
  };
  const Simulation a = run(9, 1), b = run(9, 3), c = run(10, 1);
  CHECK(a.curves[2].curve.tp == b.curves[2].curve.tp);
  CHECK(a.worth[0].rules[1].worth.interval->lo == b.worth[0].rules[1].worth.interval->lo);
  CHECK(a.curves[2].curve.tp != c.curves[2].curve.tp);
  CHECK(a.curves[1].curve.tp == c.curves[1].curve.tp);
  CHECK(a.worth[0].rules[1].simulation_error > 0);
  CHECK(std::abs(*a.worth[0].rules[1].worth.value - *c.worth[0].rules[1].worth.value) <
        5 * std::sqrt(2.0) * a.worth[0].rules[1].simulation_error + 1e-9);
}

TEST_CASE("the path over lambda names the K that is best at each of them") {
  const stats::ModelCounts m = model("a", 40, 12, 5);
  std::vector<std::size_t> place(40);
  for (std::size_t i = 0; i < 40; ++i) place[i] = i;
  SimulateOptions options{.rules = {Rule::first}, .costs = {}, .k_max = 12, .bootstrap = kFew};
  for (const double lambda : {0.0, 0.5, 1.0, 3.0, 20.0}) options.costs.push_back({lambda, 0.001});
  const Simulation s =
      simulate_verdicts(subject(m), stats::resample_problems(40, kFew, "d"), place, options);
  REQUIRE(s.path.size() == 1);
  for (const CostsWorth& w : s.worth)
    for (const stats::PathStep& step : s.path[0].steps)
      if (w.costs.lambda >= step.lambda_from &&
          (!step.lambda_to || w.costs.lambda < *step.lambda_to))
        CHECK(step.k == *w.best_fixed.k);
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

TEST_CASE(
    "a belief that knows the problems is worth more than any fixed K; one for all is a fixed K") {
  // Easy sound problems beside hard unsound ones: the rational rule leaves the latter alone.
  stats::ModelCounts m{"d", "m", "base", "base,plus"};
  Posterior belief{"d", "m", "known"};
  belief.draws = 1;
  for (int i = 0; i < 30; ++i) {
    const bool easy = i % 2;
    m.task_ids.push_back(fmt::format("t{:03}", i));
    m.problems.push_back(easy ? stats::Counts{6, 0, 0, 14} : stats::Counts{0, 2, 0, 18});
    belief.task_ids.push_back(m.task_ids.back());
    belief.log_reject.push_back(std::log(easy ? 0.7 : 0.9));
    belief.precision.push_back(easy ? 0.99 : 0.05), belief.rejected_correct.push_back(0);
  }
  std::vector<std::size_t> place(30);
  for (std::size_t i = 0; i < 30; ++i) place[i] = i;
  Subject s = subject(m);
  s.belief = belief;
  const SimulateOptions options{
      .rules = {Rule::rational}, .costs = {{2, 0.001}}, .k_max = 20, .bootstrap = kFew};
  const stats::Resamples resamples = stats::resample_problems(30, kFew, "d");
  const RuleWorth w = simulate_verdicts(s, resamples, place, options).worth[0].rules[0];
  const stats::Curve easy = stats::problem_curve({6, 0, 0, 14}, 20);
  CHECK(*w.worth.value == doctest::Approx((easy.tp[20] - 0.001 * easy.draws[20]) / 2));
  CHECK(w.gain.interval->lo > 0);
  CHECK(*w.stopped_by_k_max == 0.5);
  CHECK_FALSE(w.k);

  s.belief = known({{0.3, 0.9}});  // worth going on for ever, for all problems alike
  const Simulation same = simulate_verdicts(s, resamples, place, options);
  const RuleCurve& fixed = same.curves[0].curve;
  CHECK(*same.worth[0].rules[0].worth.value ==
        doctest::Approx(fixed.tp[20] - 2 * fixed.fp[20] - 0.001 * fixed.draws[20]));
  CHECK(*same.worth[0].rules[0].gain.value <= 0);

  s.belief = {}, s.belief_missing = "no fit";
  const RuleWorth none = simulate_verdicts(s, resamples, place, options).worth[0].rules[0];
  CHECK_FALSE(none.worth.value);
  CHECK(none.reason == "no fit");
}

TEST_CASE("the belief before a model has tried a problem holds nothing of its samples there") {
  std::vector<stats::ModelCounts> models{model("a", 5, 10, 1), model("b", 5, 10, 2)};
  Fit fit;
  DatasetFit& d = fit.datasets.emplace_back();
  d.dataset = "d", d.models = {"a", "b"}, d.chosen = Method::hierarchical;
  HierarchicalFit h;
  h.draws.assign(30, {{{0, 1, 5, 6}, {1, 2, 5, 6}}, 2, 1.5, 0.25});
  d.hierarchical = {h};
  const Posterior before = belief_before(fit, models, 0);
  auto other = models;
  other[0].problems.assign(5, {10, 0, 0, 0});
  CHECK(belief_before(fit, other, 0).log_reject == before.log_reject);
  other[1].problems[2] = {0, 0, 0, 10};
  CHECK(belief_before(fit, other, 0).log_reject != before.log_reject);

  d.chosen = Method::mixture;
  d.mixtures.resize(2);
  for (MixtureFit& m : d.mixtures) m.draws.assign(10, {0.1, {{0.9, 2, 3, 4, 5}}});
  CHECK(belief_before(fit, models, 0).problems() == 1);
  CHECK(belief_before(fit, models, 0).draws == 200);
  d.chosen = Method::module;
  CHECK(belief_before(fit, models, 0).draws == 0);
}

TEST_CASE("simulations that make no sense are refused") {
  CHECK_THROWS_AS(check(SimulateOptions{.trajectories = 0}), Error);
  CHECK_THROWS_AS(check(SimulateOptions{.wrong_ways = 0}), Error);
  CHECK_THROWS_AS(check(SimulateOptions{.costs = {{-1, 0}}}), Error);
  CHECK_THROWS_AS(check(SimulateOptions{.k_max = -1}), Error);
  CHECK_THROWS_AS(rational_stops(known({{0.5, 1}}), {0, NAN}, 3), Error);
}
