#include "harness/simulator/libtorch_room.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "harness/base/error.h"
#include "tests/support/source_dir.h"

using namespace assay;
using namespace assay::simulator;

static std::string scratch(const std::string& name) {
  return (std::filesystem::temp_directory_path() / fmt::format("assay-{}-{}", getpid(), name))
      .string();
}

static stats::ModelCounts model(const std::string& name, double shift, int n, std::uint64_t seed) {
  RandomStream problems(seed, "problems"), random(seed, name);
  stats::ModelCounts m{"d", name, "base", "base,plus"};
  for (int i = 0; i < 80; ++i) {
    const double z = problems.normal(), p = 1 / (1 + std::exp(1 + 1.5 * z - shift));
    const double theta = 1 / (1 + std::exp(-2 + z));
    stats::Counts c;
    for (int s = 0; s < n; ++s)
      ++(random.uniform() >= p ? c.tn : random.uniform() < theta ? c.tp : c.fp);
    m.task_ids.push_back(fmt::format("t{:03}", i));
    m.problems.push_back(c);
  }
  return m;
}

static const std::vector<stats::ModelCounts> kModels{model("strong", 1.5, 20, 1),
                                                     model("weak", -0.5, 20, 1)};
static const LibtorchRoom kRoom;
static const FitOptions kQuick{.draws = 100, .starts = 1, .components_max = 2};

TEST_CASE("fit, save, load, extrapolate: the same to the last bit") {
  const Fit made = kRoom.fit(kModels, kQuick);
  REQUIRE(made.datasets.size() == 1);
  REQUIRE(made.datasets[0].comparison.size() == 2);
  // The models share their problems' effects, so borrowing predicts held-out cells better.
  CHECK(made.datasets[0].chosen == Method::hierarchical);
  const std::string path = scratch("fit.safetensors");
  save(made, path);
  const Fit read = load(path, kModels);
  CHECK(read.seed == made.seed);
  CHECK(read.datasets[0].comparison[1].held_out == made.datasets[0].comparison[1].held_out);
  const auto a = posteriors(made, kModels), b = posteriors(read, kModels);
  CHECK(a[1].log_reject == b[1].log_reject);
  CHECK(a[1].precision == b[1].precision);

  const stats::LimitsResult limits =
      stats::limits(kModels, {.lambdas = {0, 4}, .bootstrap = {.replicates = 200}});
  const auto all_fitted = fitted_rows(b, limits.rows, 2000, 0.95, 1);
  const stats::LimitsRow& weak = limits.rows[1];
  REQUIRE(all_fitted[1]);
  const FittedLimits& fitted = *all_fitted[1];
  CHECK(fitted.k.back() == 2000);
  CHECK(fitted.mean.tp.back() > weak.mean.tp.back());
  CHECK(fitted.mean.tp[10] == doctest::Approx(weak.mean.tp[10]).epsilon(0.05));
  CHECK(*fitted.tp.lo[10] < weak.mean.tp[10]);
  CHECK(*fitted.tp.hi[10] > weak.mean.tp[10]);
  REQUIRE(fitted.k_match.size() == 1);
  CHECK(fitted.k_match[0].probability);
  std::filesystem::remove(path);
}

TEST_CASE("an archive of other data, or no archive, is refused in one sentence") {
  const std::string path = scratch("other.safetensors");
  save(kRoom.fit({kModels[0]}, kQuick), path);
  auto changed = kModels[0];
  --changed.problems[7].tn, ++changed.problems[7].fp;
  CHECK_THROWS_WITH_AS(load(path, {changed}),
                       (path + " was fitted to other counts than these; run `assay fit` again with "
                               "the same --dataset, --model, --proxy and --gold")
                           .c_str(),
                       Error);
  CHECK_THROWS_AS(load(path, {kModels[1]}), Error);
  CHECK(load(path, kModels).datasets[0].models.size() == 1);  // other models beside are no matter
  std::ofstream(path) << "not an archive";
  CHECK_THROWS_AS(load(path, kModels), Error);
  CHECK_THROWS_AS(load(scratch("absent.pt"), kModels), Error);
  CHECK_THROWS_AS(save(Fit{}, "/nonexistent/folder/fit.pt"), Error);
  std::filesystem::remove(path);
}

TEST_CASE("the fingerprint follows the counts, not the order of models") {
  CHECK(fingerprint({kModels[0], kModels[1]}) == fingerprint({kModels[1], kModels[0]}));
  auto changed = kModels[0];
  changed.proxy = "plus";
  CHECK(fingerprint({changed}) != fingerprint({kModels[0]}));
}

TEST_CASE("each method on its own, and options out of range") {
  FitOptions options = kQuick;
  options.method = Method::mixture;
  const Fit mixtures = kRoom.fit(kModels, options);
  CHECK(mixtures.datasets[0].hierarchical.empty());
  CHECK(mixtures.device == "cpu");  // also where there is a GPU
  options.method = Method::hierarchical;
  const Fit h = kRoom.fit(kModels, options);
  CHECK(h.datasets[0].mixtures.empty());
  CHECK(posteriors(h, kModels)[0].draws == 100);
  CHECK_THROWS_AS(kRoom.fit({}, kQuick), Error);
  CHECK_THROWS_AS(kRoom.fit(kModels, {.draws = 1}), Error);
  CHECK_THROWS_AS(kRoom.fit(kModels, {.device = "abacus"}), Error);
  stats::ModelCounts empty{"d", "empty", "base", "plus"};
  CHECK(kRoom.fit({kModels[0], empty}, kQuick).notes.size() == 1);
  CHECK(posteriors(kRoom.fit({kModels[0], empty}, kQuick), {kModels[0], empty})[1].draws == 0);
}

TEST_CASE("a TorchScript module exported from Python takes our fit's place") {
  const std::string path = scratch("module.pt");
  std::string python;  // whichever has torch: the first in the path may be another than Debian's
  for (const char* name : {"python3", "/usr/bin/python3"})
    if (python.empty() &&
        std::system(fmt::format("{} -c 'import torch' 2>/dev/null", name).c_str()) == 0)
      python = name;
  if (python.empty()) {
    MESSAGE("skipped: no python3-torch");
    return;
  }
  const std::string command =
      fmt::format("{} {}/tests/simulator/export_module.py {}", python, source_dir(), path);
  REQUIRE(std::system(command.c_str()) == 0);
  PosteriorOptions options;
  options.costs = {{1, 0}};
  options.k_max = 50;
  const FittedLimits f = module_limits(kRoom.run_module(path, kModels[1], 50, "cpu"), kModels[1],
                                       options, {.replicates = 200});
  double accepted = 0, tp = 0, draws = 0;
  for (const stats::Counts& c : kModels[1].problems) {  // the same Dirichlet in closed form
    const double a = c.tp + 1.0, b = c.fp + 1.0, r = c.n() - c.accepted() + 2.0;
    double tail = 1;
    for (int j = 0; j < 50; ++j) draws += tail / 80, tail *= (r + j) / (a + b + r + j);
    accepted += (1 - tail) / 80, tp += a / (a + b) * (1 - tail) / 80;
  }
  CHECK(f.mean.accepted[50] == doctest::Approx(accepted).epsilon(1e-9));
  CHECK(f.mean.tp[50] == doctest::Approx(tp).epsilon(1e-9));
  CHECK(f.mean.draws[50] == doctest::Approx(draws).epsilon(1e-9));
  CHECK(*f.tp.lo[50] < tp);
  CHECK(f.utility[0].k_opt);
  CHECK_THROWS_AS(kRoom.run_module(scratch("none.pt"), kModels[1], 50, "cpu"), Error);
  CHECK_THROWS_WITH_AS(kRoom.run_module(path, kModels[1], 50, "abacus"),
                       "there is no device 'abacus'; use cpu, cuda or auto", Error);
  // Wherever auto runs it, it says the same.
  const ModuleCurves cpu = kRoom.run_module(path, kModels[1], 50, "cpu"),
                     any = kRoom.run_module(path, kModels[1], 50, "auto");
  for (std::size_t i = 0; i < cpu.tp.size(); ++i)
    CHECK(any.tp[i] == doctest::Approx(cpu.tp[i]).epsilon(1e-12));
  std::filesystem::remove(path);
}
