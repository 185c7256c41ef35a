// The rational rule under a fitted belief, on problems that the belief has not seen this model try.
#include "harness/simulator/stopping.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>
#include <numeric>

#include "harness/simulator/hierarchical_fit.h"
#include "harness/simulator/mixture.h"
#include "harness/simulator/simulate.h"

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

/// 2,000 samples of a known problem, in the shares of its truth.
static stats::Counts sampled(const Posterior& truth, std::size_t i) {
  constexpr std::int64_t kSamples = 2000;
  stats::Counts out;
  const auto accepted =
      std::llround(-std::expm1(truth.log_reject[i]) * static_cast<double>(kSamples));
  out.tp = std::llround(static_cast<double>(accepted) * truth.precision[i]);
  out.fp = accepted - out.tp, out.tn = kSamples - accepted;
  return out;
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
  Subject subject{"d", "a", "base", "base,plus"};
  subject.task_ids = real.task_ids, subject.belief = belief;
  for (std::size_t i = 0; i < real.problems(); ++i)  // the truth, as many samples of it
    subject.urns.push_back(urn_of(real.task_ids[i], sampled(real, i), 1));
  std::vector<std::size_t> place(real.problems());
  std::iota(place.begin(), place.end(), std::size_t{0});
  const stats::BootstrapOptions bootstrap{.replicates = 2000};
  const Simulation s = simulate_verdicts(
      subject, stats::resample_problems(place.size(), bootstrap, "d"), place,
      {.rules = {Rule::rational}, .costs = {costs}, .k_max = 60, .bootstrap = bootstrap});
  const RuleWorth& rational = s.worth[0].rules[0];
  MESSAGE("gain over K = ", *s.worth[0].best_fixed.k, ": ", *rational.gain.value, " [",
          rational.gain.interval->lo, ", ", rational.gain.interval->hi, "]");
  CHECK(rational.gain.interval->lo > 0);
}
