// Speed of the simulator: fits and trajectories. Run: build/release/simulator_bench
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cmath>

#include "harness/simulator/fit.h"
#include "harness/simulator/trajectories.h"

using namespace assay;
using namespace assay::simulator;

static std::vector<stats::ModelCounts> models(int count, int n) {
  std::vector<stats::ModelCounts> out;
  for (int j = 0; j < count; ++j) {
    RandomStream problems(1, "problems"), random(1, fmt::format("model {}", j));
    stats::ModelCounts m{"d", fmt::format("m{:02}", j), "base", "base,plus"};
    for (int i = 0; i < 164; ++i) {
      const double z = problems.normal(), v = problems.normal();
      const double p = 1 / (1 + std::exp(1.5 - 3.0 * j / count + 2 * z + random.normal()));
      const double theta = 1 / (1 + std::exp(-2 + v + random.normal()));
      stats::Counts c;
      for (int s = 0; s < n; ++s)
        ++(random.uniform() >= p ? c.tn : random.uniform() < theta ? c.tp : c.fp);
      m.task_ids.push_back(fmt::format("p{:03}", i));
      m.problems.push_back(c);
    }
    out.push_back(std::move(m));
  }
  return out;
}

static void fit_hierarchical_20(benchmark::State& state) {
  const auto m = models(20, 50);
  FitOptions options;
  options.method = Method::hierarchical;
  for (auto _ : state) benchmark::DoNotOptimize(fit(m, options).datasets.data());
  state.SetLabel("20 models x 164 problems, n = 50, one hierarchical model, 3 starts, 200 draws");
}
BENCHMARK(fit_hierarchical_20)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(1);

static void fit_mixtures_20(benchmark::State& state) {
  const auto m = models(20, 50);
  FitOptions options;
  options.method = Method::mixture;
  for (auto _ : state) benchmark::DoNotOptimize(fit(m, options).datasets.data());
  state.SetLabel(
      "20 models x 164 problems, n = 50, a mixture each, size and kind chosen by 5 folds");
}
BENCHMARK(fit_mixtures_20)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(1);

static void trajectories(benchmark::State& state) {
  const auto m = models(1, 50);
  const Fit made = fit(m, {.method = Method::mixture});
  const Posterior posterior = posteriors(made, m)[0];
  const auto rule = first_acceptance_rule(100);
  for (auto _ : state)
    benchmark::DoNotOptimize(
        simulate(posterior, *rule, {.trajectories = 200, .k_max = 100}).tp.data());
  state.SetItemsProcessed(state.iterations() * 164 * 200);
  state.SetLabel("one item = one trajectory, first acceptance within 100");
}
BENCHMARK(trajectories)->Unit(benchmark::kMillisecond)->UseRealTime();

/// The rival: one trajectory after the other, draw by draw, in a plain loop.
static void trajectories_one_by_one(benchmark::State& state) {
  const auto m = models(1, 50);
  const Fit made = fit(m, {.method = Method::mixture});
  const Posterior posterior = posteriors(made, m)[0];
  RandomStream random(1, "naive");
  for (auto _ : state) {
    double tp = 0;
    for (std::size_t i = 0; i < 164; ++i)
      for (std::size_t r = 0; r < 200; ++r) {
        const std::size_t at = r % posterior.draws * 164 + i;
        const double reject = std::exp(posterior.log_reject[at]);
        for (int k = 0; k < 100; ++k)
          if (random.uniform() >= reject) {
            tp += random.uniform() < posterior.precision[at];
            break;
          }
      }
    benchmark::DoNotOptimize(tp);
  }
  state.SetItemsProcessed(state.iterations() * 164 * 200);
  state.SetLabel("one item = one trajectory, first acceptance within 100");
}
BENCHMARK(trajectories_one_by_one)->Unit(benchmark::kMillisecond)->UseRealTime();

BENCHMARK_MAIN();
