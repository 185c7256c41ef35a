// Speed of the simulator: fits, on a GPU too where there is one, and orders of samples.
// Run: build/release/simulator_bench
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cmath>
#include <map>

#include "harness/base/error.h"
#include "harness/simulator/device.h"
#include "harness/simulator/libtorch_room.h"
#include "harness/simulator/simulate.h"

using namespace assay;
using namespace assay::simulator;

static const LibtorchRoom kRoom;

static std::vector<stats::ModelCounts> models(int count, int n, int problems_each = 164) {
  std::vector<stats::ModelCounts> out;
  for (int j = 0; j < count; ++j) {
    RandomStream problems(1, "problems"), random(1, fmt::format("model {}", j));
    stats::ModelCounts m{"d", fmt::format("m{:02}", j), "base", "base,plus"};
    for (int i = 0; i < problems_each; ++i) {
      const double z = problems.normal(), v = problems.normal();
      const double p = 1 / (1 + std::exp(1.5 - 3.0 * j / count + 2 * z + random.normal()));
      const double theta = 1 / (1 + std::exp(-2 + v + random.normal()));
      stats::Counts c;
      for (int s = 0; s < n; ++s)
        ++(random.uniform() >= p ? c.tn : random.uniform() < theta ? c.tp : c.fp);
      m.task_ids.push_back(fmt::format("p{:05}", i));
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
  for (auto _ : state) benchmark::DoNotOptimize(kRoom.fit(m, options).datasets.data());
  state.SetLabel("20 models x 164 problems, n = 50, one hierarchical model, 3 starts, 200 draws");
}
BENCHMARK(fit_hierarchical_20)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(1);

static void fit_mixtures_20(benchmark::State& state) {
  const auto m = models(20, 50);
  FitOptions options;
  options.method = Method::mixture;
  for (auto _ : state) benchmark::DoNotOptimize(kRoom.fit(m, options).datasets.data());
  state.SetLabel(
      "20 models x 164 problems, n = 50, a mixture each, size and kind chosen by 5 folds");
}
BENCHMARK(fit_mixtures_20)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(1);

/// The hierarchical model over so many models and problems, on a device: one optimum, or all of the fit.
static void on_device(benchmark::State& state, const char* device, bool whole) {
  try {
    chosen_device(device);
  } catch (const Error& error) {
    return state.SkipWithError(error.what());
  }
  const auto m = models(static_cast<int>(state.range(0)), 50, static_cast<int>(state.range(1)));
  std::vector<const stats::ModelCounts*> group;
  for (const stats::ModelCounts& one : m) group.push_back(&one);
  FitOptions options;
  options.method = Method::hierarchical, options.device = device;
  int evaluations = 0;
  double log_posterior = 0;
  for (auto _ : state) {
    const HierarchicalFit fit =
        whole ? kRoom.fit(m, options).datasets[0].hierarchical[0]
              : fit_hierarchical(make_table(group), {.starts = 1, .draws = 0, .device = device});
    evaluations = fit.evaluations, log_posterior = fit.log_posterior;
  }
  state.SetLabel(fmt::format("log posterior {:.6f}, {} evaluations to the optimum", log_posterior,
                             evaluations));
}
static void sizes(benchmark::internal::Benchmark* one) {
  for (const int problems : {164, 500, 1000}) one->Args({20, problems});
  for (const int count : {40, 100}) one->Args({count, 1000});
  one->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(1);
}
BENCHMARK_CAPTURE(on_device, optimum_cpu, "cpu", false)->Apply(sizes);
BENCHMARK_CAPTURE(on_device, optimum_cuda, "cuda", false)->Apply(sizes);
BENCHMARK_CAPTURE(on_device, fit_cpu, "cpu", true)->Apply(sizes);
BENCHMARK_CAPTURE(on_device, fit_cuda, "cuda", true)->Apply(sizes);

/// Majority of up to 50 accepted samples, all K at once.
static void orders(benchmark::State& state) {
  const auto m = models(1, 50);
  std::vector<int> k(51);
  for (int i = 0; i <= 50; ++i) k[static_cast<std::size_t>(i)] = i;
  RandomStream random(1, "orders");
  for (auto _ : state)
    for (std::size_t i = 0; i < 164; ++i)
      benchmark::DoNotOptimize(
          majority_curve(urn_of(m[0].task_ids[i], m[0].problems[i], 4), k, 200, random).tp.data());
  state.SetItemsProcessed(state.iterations() * 164 * 200);
  state.SetLabel("one item = one order of 50 samples, majority at every K");
}
BENCHMARK(orders)->Unit(benchmark::kMillisecond)->UseRealTime();

/// The rival: every K on its own, votes counted from the start.
static void orders_one_k_at_a_time(benchmark::State& state) {
  const auto m = models(1, 50);
  RandomStream random(1, "naive");
  for (auto _ : state) {
    double tp = 0;
    for (std::size_t i = 0; i < 164; ++i) {
      std::vector<Trial> samples = urn_of(m[0].task_ids[i], m[0].problems[i], 4).samples;
      for (int order = 0; order < 200; ++order) {
        for (std::size_t j = samples.size(); j > 1; --j)
          std::swap(samples[j - 1], samples[random.below(static_cast<std::uint32_t>(j))]);
        for (std::size_t drawn = 1; drawn <= samples.size(); ++drawn) {
          std::map<std::int64_t, int> votes;
          int most = 0;
          bool right = false;
          for (std::size_t j = 0; j < drawn; ++j)
            if (samples[j].accepted) ++votes[samples[j].behaviour];
          for (std::size_t j = 0; j < drawn; ++j)
            if (samples[j].accepted && votes[samples[j].behaviour] > most)
              most = votes[samples[j].behaviour], right = samples[j].correct;
          tp += right;
        }
      }
    }
    benchmark::DoNotOptimize(tp);
  }
  state.SetItemsProcessed(state.iterations() * 164 * 200);
  state.SetLabel("one item = one order of 50 samples, majority at every K");
}
BENCHMARK(orders_one_k_at_a_time)->Unit(benchmark::kMillisecond)->UseRealTime();

BENCHMARK_MAIN();
