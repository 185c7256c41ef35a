#include "harness/simulator/stopping.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/base/error.h"
#include "harness/stats/parallel.h"

namespace assay::simulator {
namespace {

constexpr std::size_t kProblemsPerDraw = 20;  // that stand for "a problem like these"

/// The mixture knows no problem from another: one stands for all.
Posterior prior_belief(const std::vector<MixtureParameters>& draws,
                       const stats::ModelCounts& counts, std::uint64_t seed) {
  Posterior out{counts.dataset, counts.model, "mixture", {"any"}, draws.size() * kProblemsPerDraw};
  RandomStream random(seed, "prior of " + counts.model);
  for (std::size_t s = 0; s < out.draws; ++s) {
    const ProblemDraw d = draw_problem(draws[s % draws.size()], {}, random);
    out.log_reject.push_back(d.log_reject);
    out.precision.push_back(d.precision);
    out.rejected_correct.push_back(0);
  }
  return out;
}

}  // namespace

StoppingTable rational_stops(const Posterior& belief, const stats::Costs& costs, int k_max) {
  stats::check(costs);
  if (k_max < 0) throw Error(fmt::format("K = {} has no meaning: it must be at least 0", k_max));
  const std::size_t problems = belief.problems();
  StoppingTable out{std::vector<int>(problems), std::vector<std::uint8_t>(problems)};
  stats::parallel_for(problems, 0, [&](std::size_t i) {
    std::vector<double> going(belief.draws, 1.0 / static_cast<double>(belief.draws)), hit, worth;
    for (std::size_t s = 0; s < belief.draws; ++s) {
      const double theta = belief.precision[s * problems + i];
      hit.push_back(-std::expm1(belief.log_reject[s * problems + i]));
      worth.push_back(hit.back() * (theta - costs.lambda * (1 - theta)) - costs.kappa);
    }
    double value = 0, best = 0;
    for (int k = 1; k <= k_max; ++k) {
      // Gain of draw k over the belief after k-1 rejections, weighted by the chance to get there.
      for (std::size_t s = 0; s < belief.draws; ++s) {
        value += going[s] * worth[s];
        going[s] *= 1 - hit[s];
      }
      if (value > best + stats::kTieWidth) best = value, out.k[i] = k;
    }
    out.bound[i] = k_max > 0 && out.k[i] == k_max;
  });
  return out;
}

Posterior belief_before(const Fit& fit, const std::vector<stats::ModelCounts>& models,
                        std::size_t index) {
  const stats::ModelCounts& own = models[index];
  const auto dataset = std::find_if(fit.datasets.begin(), fit.datasets.end(),
                                    [&](const DatasetFit& d) { return d.dataset == own.dataset; });
  if (dataset == fit.datasets.end() || dataset->chosen == Method::module) return {};
  const auto name = std::find(dataset->models.begin(), dataset->models.end(), own.model);
  if (name == dataset->models.end()) return {};
  const auto number = static_cast<std::size_t>(name - dataset->models.begin());
  if (dataset->chosen == Method::mixture)
    return prior_belief(dataset->mixtures[number].draws, own, fit.seed);
  Table table = fitted_table(*dataset, models);
  std::fill(table.cells[number].begin(), table.cells[number].end(), stats::Counts{});
  return covered(draw_posteriors(dataset->hierarchical.front().draws, table, fit.seed)[number],
                 own.task_ids);
}

}  // namespace assay::simulator
