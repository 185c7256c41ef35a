// Speed of the statistics, each beside a naive rival in the same run. One unit of work is said in
// the label. Run: build/release/stats_bench
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/base/random.h"
#include "harness/stats/bootstrap.h"
#include "harness/stats/curves.h"
#include "harness/stats/limits.h"
#include "harness/stats/limits_bands.h"
#include "harness/stats/rates.h"

using namespace assay;
using namespace assay::stats;

static ModelCounts synthetic(const std::string& name, int problems, int n) {
  RandomStream random(1, name);
  ModelCounts m{"d", name, "base", "base,plus"};
  for (int i = 0; i < problems; ++i) {
    const double p = random.uniform() * random.uniform(), theta = 0.5 + random.uniform() / 2;
    Counts c;
    for (int s = 0; s < n; ++s)
      ++(random.uniform() >= p ? c.tn : random.uniform() < theta ? c.tp : c.fp);
    m.task_ids.push_back(fmt::format("p{:05}", i));
    m.problems.push_back(c);
  }
  return m;
}

static std::vector<ModelCounts> synthetic_models(int models, int problems, int n) {
  std::vector<ModelCounts> out;
  for (int j = 0; j < models; ++j) out.push_back(synthetic(fmt::format("m{:03}", j), problems, n));
  return out;
}

/// 100 models x 1,000 problems x K to 1,000.
static void exact_curves(benchmark::State& state) {
  const auto models = synthetic_models(100, 1000, 1000);
  for (auto _ : state)
    for (const ModelCounts& m : models) benchmark::DoNotOptimize(mean_curve(m, 1000).tp.back());
  state.SetLabel("100 models x 1,000 problems x K to 1,000");
}
BENCHMARK(exact_curves)->Unit(benchmark::kMillisecond)->UseRealTime();

/// The rival: each K on its own by lgamma, for one of the 100 models.
static void exact_curves_by_lgamma(benchmark::State& state) {
  const auto models = synthetic_models(1, 1000, 1000);
  const auto choose = [](double n, double k) {
    return std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1);
  };
  for (auto _ : state) {
    double sum = 0;
    for (const Counts& c : models[0].problems)
      for (int k = 0; k <= 1000; ++k) {
        const double n = static_cast<double>(c.n()), m = static_cast<double>(c.accepted());
        const double hit = n - m >= k ? 1 - std::exp(choose(n - m, k) - choose(n, k)) : 1;
        const double draws =
            (n + 1) / (m + 1) *
            (1 -
             (n - k + 1 >= m + 1 ? std::exp(choose(n - k + 1, m + 1) - choose(n + 1, m + 1)) : 0));
        sum += hit * (m > 0 ? static_cast<double>(c.tp) / m : 0) + draws;
      }
    benchmark::DoNotOptimize(sum);
  }
  state.SetLabel("ONE model x 1,000 problems x K to 1,000");
}
BENCHMARK(exact_curves_by_lgamma)->Unit(benchmark::kMillisecond)->UseRealTime();

/// The paper's way: 1,000 random orders of 200 draws per problem, one model of 164 problems.
static void permutation_simulation(benchmark::State& state) {
  const ModelCounts m = synthetic("m", 164, 200);
  RandomStream random(1, "orders");
  for (auto _ : state) {
    std::vector<double> tp(201);
    std::vector<char> order(200);
    for (const Counts& c : m.problems)
      for (int round = 0; round < 1000; ++round) {
        std::fill(order.begin(), order.end(), 'r');
        std::fill_n(order.begin(), c.tp, 'T');
        std::fill_n(order.begin() + c.tp, c.fp, 'F');
        for (std::uint32_t i = 200; i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
        const auto found =
            std::find_if(order.begin(), order.end(), [](char x) { return x != 'r'; });
        if (found != order.end() && *found == 'T')
          ++tp[static_cast<std::size_t>(found - order.begin()) + 1];
      }
    benchmark::DoNotOptimize(tp.data());
  }
  state.SetLabel("1 model x 164 problems x 1,000 orders of 200");
}
BENCHMARK(permutation_simulation)->Unit(benchmark::kMillisecond)->UseRealTime();

static void exact_instead_of_permutations(benchmark::State& state) {
  const ModelCounts m = synthetic("m", 164, 200);
  for (auto _ : state) benchmark::DoNotOptimize(mean_curve(m, 200).tp.back());
  state.SetLabel("1 model x 164 problems x K to 200, exact");
}
BENCHMARK(exact_instead_of_permutations)->Unit(benchmark::kMicrosecond)->UseRealTime();

/// 10,000 replicates, 20 models x 164 problems x K to 200, with percentiles of TP, FP and draws
/// (and of accepted, precision and FDR by attempt, which the same pass gives).
static void bootstrap_bands(benchmark::State& state) {
  const auto models = synthetic_models(20, 164, 200);
  std::vector<std::size_t> place(164);
  for (std::size_t i = 0; i < 164; ++i) place[i] = i;
  for (auto _ : state) {
    const BootstrapOptions options;
    const Resamples resamples = resample_problems(164, options, "d");
    for (const ModelCounts& m : models) {
      LimitsRow row;
      for (int k = 0; k <= 200; ++k) row.k.push_back(k);
      add_bands(m, place, resamples, options, row);
      benchmark::DoNotOptimize(row.tp.hi.back());
    }
  }
  state.SetLabel("20 models x 164 problems x K to 200, 10,000 replicates, six bands");
}
BENCHMARK(bootstrap_bands)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(1);

/// Only what issue 4 asks to be timed: TP, FP and draws with their percentiles.
static void bootstrap_three_bands(benchmark::State& state) {
  const auto models = synthetic_models(20, 164, 200);
  for (auto _ : state) {
    const Resamples resamples = resample_problems(164, {}, "d");
    for (const ModelCounts& m : models) {
      std::vector<Curve> curves;
      for (const Counts& c : m.problems) curves.push_back(problem_curve(c, 200));
      constexpr std::size_t kBlock =
          40;  // values of K at once: the replicates stay in the cache's reach
      for (std::size_t k = 1; k <= 200; k += kBlock) {
        std::vector<double> x;
        for (const Curve& c : curves)
          for (std::size_t j = k; j < k + kBlock; ++j)
            x.insert(x.end(), {c.tp[j], c.fp[j], c.draws[j]});
        std::vector<double> sums = weighted_sums(resamples, x, 3 * kBlock);
        benchmark::DoNotOptimize(percentile_intervals(sums, resamples.replicates, 0.95).data());
      }
    }
  }
  state.SetLabel("20 models x 164 problems x K to 200, 10,000 replicates, TP FP draws");
}
BENCHMARK(bootstrap_three_bands)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(1);

/// The rival: draws each replicate's problems one by one and sorts; 1 model and 100 replicates.
static void bootstrap_naively(benchmark::State& state) {
  const ModelCounts m = synthetic("m", 164, 200);
  std::vector<Curve> curves;
  for (const Counts& c : m.problems) curves.push_back(problem_curve(c, 200));
  RandomStream random(1, "naive");
  for (auto _ : state) {
    std::vector<std::vector<double>> replicates(603, std::vector<double>(100));
    for (std::size_t r = 0; r < 100; ++r)
      for (int i = 0; i < 164; ++i) {
        const Curve& c = curves[random.below(164)];
        for (std::size_t k = 0; k <= 200; ++k) {
          replicates[k][r] += c.tp[k] / 164;
          replicates[201 + k][r] += c.fp[k] / 164;
          replicates[402 + k][r] += c.draws[k] / 164;
        }
      }
    for (auto& column : replicates) std::sort(column.begin(), column.end());
    benchmark::DoNotOptimize(replicates[0].data());
  }
  state.SetLabel("ONE model x 164 problems x K to 200, 100 replicates (1/2000 of the above)");
}
BENCHMARK(bootstrap_naively)->Unit(benchmark::kMillisecond)->UseRealTime();

static void rates_of_20_models(benchmark::State& state) {
  const auto models = synthetic_models(20, 164, 200);
  for (auto _ : state) benchmark::DoNotOptimize(rates(models).rows.data());
  state.SetLabel("20 models x 164 problems, 10,000 replicates, all pairs");
}
BENCHMARK(rates_of_20_models)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(1);

BENCHMARK_MAIN();
