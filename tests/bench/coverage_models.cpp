// Coverage of the bands of `assay fit` far beyond the samples, by simulation with known truth: six models
// of rising strength on the same 164 problems, n of each. Prints one Markdown table, a row a quantity as a
// truth is done: per model, weakest first, the share of sets whose printed band holds the truth.
//   OMP_NUM_THREADS=1 coverage_models --help     needs libtorch
// Truths, none of them of a fitted family, with logit p = ability + 2 difficulty + noise:
//   linear  precision rises with the logit of p, and problems and models have noise of their own
//   bend    precision dips where difficulty is in the middle
//   suites  a third of the suites are bad, and difficulty has heavy tails
// Quantities, of problems drawn afresh: TP and FP at 2 n, which the bands still call identified, and at
// --far; the ceiling E[theta]. Where a band is open (not identified) in a set, * stands behind the share.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cmath>

#include "harness/base/random.h"
#include "harness/simulator/libtorch_room.h"
#include "harness/stats/parallel.h"
#include "tests/bench/truths.h"

using namespace assay;

namespace {

constexpr std::size_t kModels = 6, kQuantities = 5;
constexpr const char* kNames[] = {"linear", "bend", "suites"};
constexpr std::array<double, kModels> kAbilities = {-4, -3, -2, -1, 0, 1};

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

/// One problem, as each model meets it.
std::array<bench::Truth, kModels> draw_problem(int which, RandomStream& random) {
  double difficulty = random.normal();
  const double suite = random.normal(), bad = random.uniform();
  if (which == 2) {  // Student's t with three degrees of freedom
    double squares = 0;
    for (int i = 0; i < 3; ++i) squares += std::pow(random.normal(), 2);
    difficulty /= std::sqrt(squares / 3);
  }
  std::array<bench::Truth, kModels> out;
  for (std::size_t j = 0; j < kModels; ++j) {
    const double logit = kAbilities[j] + 2 * difficulty + 0.5 * random.normal();
    const double noise = 0.3 * random.normal();
    double right = 1.5 + 0.5 * logit + 0.7 * suite + noise;
    if (which == 1) right = 2.5 - 3 * std::exp(-2 * difficulty * difficulty) + 0.5 * suite + noise;
    if (which == 2) right = (bad < 1.0 / 3 ? -1 : 3.5) + 0.5 * suite + noise;
    out[j] = {sigmoid(logit), sigmoid(right)};
  }
  return out;
}

using Values = std::array<double, kQuantities>;  // TP and FP at 2 n, TP and FP far beyond, ceiling

/// Over fresh problems, with an error below .002.
std::array<Values, kModels> expectations(int which, int n, int far) {
  constexpr int kDraws = 200'000;
  RandomStream random(99, "truth");
  std::array<Values, kModels> out{};
  for (int i = 0; i < kDraws; ++i) {
    const auto problem = draw_problem(which, random);
    for (std::size_t j = 0; j < kModels; ++j) {
      const auto [p, theta] = problem[j];
      const double near = 1 - std::pow(1 - p, simulator::kReach * n),
                   late = 1 - std::pow(1 - p, far);
      const Values here = {theta * near, (1 - theta) * near, theta * late, (1 - theta) * late,
                           theta};
      for (std::size_t q = 0; q < kQuantities; ++q) out[j][q] += here[q] / kDraws;
    }
  }
  return out;
}

std::vector<stats::ModelCounts> draw_models(int which, int n, std::uint64_t number) {
  RandomStream random(number, "data");
  std::vector<stats::ModelCounts> out;
  for (std::size_t j = 0; j < kModels; ++j)
    out.push_back({"d", fmt::format("m{}", j), "base", "base,plus"});
  for (int i = 0; i < bench::kProblems; ++i) {
    const auto problem = draw_problem(which, random);
    for (std::size_t j = 0; j < kModels; ++j) {
      stats::Counts c;
      for (int s = 0; s < n; ++s)
        ++(random.uniform() >= problem[j].p      ? c.tn
           : random.uniform() < problem[j].theta ? c.tp
                                                 : c.fp);
      out[j].task_ids.push_back(fmt::format("p{:03}", i));
      out[j].problems.push_back(c);
    }
  }
  return out;
}

struct Result {
  bool hierarchical = false;
  std::array<Values, kModels> held{}, width{}, open{};
};

Result judge(int which, int n, int far, const std::array<Values, kModels>& truth,
             const simulator::FitOptions& options) {
  const std::vector<stats::ModelCounts> models = draw_models(which, n, options.seed);
  const simulator::Fit fit = simulator::LibtorchRoom().fit(models, options);
  const std::vector<simulator::Posterior> all = simulator::posteriors(fit, models);
  Result out;
  out.hierarchical = fit.datasets[0].chosen == simulator::Method::hierarchical;
  simulator::PosteriorOptions wanted;
  wanted.k_max = far, wanted.seed = options.seed;
  for (std::size_t j = 0; j < kModels; ++j) {
    const simulator::FittedLimits f = simulator::fitted_limits(all[j], wanted);
    const auto near = static_cast<std::size_t>(
        std::find(f.k.begin(), f.k.end(), simulator::kReach * n) - f.k.begin());
    const stats::Interval bands[] = {*f.tp.at(near), *f.fp.at(near), *f.tp.at(f.k.size() - 1),
                                     *f.fp.at(f.k.size() - 1), *f.ceiling.interval};
    for (std::size_t q = 0; q < kQuantities; ++q) {
      out.held[j][q] = bench::covers(bands[q], truth[j][q]);
      out.width[j][q] = bands[q].hi - bands[q].lo;
      out.open[j][q] = q > 1 && f.identified.has_value();
    }
  }
  return out;
}

void study(int which, int n, int far, const bench::Slice& slice,
           const simulator::FitOptions& options, const std::string& method) {
  const std::array<Values, kModels> truth = expectations(which, n, far);
  std::vector<Result> got(static_cast<std::size_t>(slice.sets));
  stats::parallel_for(got.size(), slice.threads, [&](std::size_t i) {
    simulator::FitOptions seeded = options;
    seeded.seed = slice.first + i;
    got[i] = judge(which, n, far, truth, seeded);
  });
  int hierarchical = 0;
  for (const Result& r : got) hierarchical += r.hierarchical;
  const std::string names[] = {fmt::format("TP at {}", simulator::kReach * n),
                               fmt::format("FP at {}", simulator::kReach * n),
                               fmt::format("TP at {}", far), fmt::format("FP at {}", far),
                               "ceiling"};
  for (std::size_t q = 0; q < kQuantities; ++q) {
    fmt::print("| {} | {} | {} of {} | {} |", kNames[which], method, hierarchical, slice.sets,
               names[q]);
    for (std::size_t j = 0; j < kModels; ++j) {
      double held = 0, width = 0, open = 0;
      for (const Result& r : got)
        held += r.held[j][q], width += r.width[j][q], open += r.open[j][q];
      fmt::print(" {:.2f}{} ({:.2f}) |", held / slice.sets, open > 0 ? "*" : "",
                 width / slice.sets);
    }
    fmt::print("\n");
  }
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{
      "Coverage of a fit's 95% bands far beyond the samples, of six models on the same problems. "
      "Set OMP_NUM_THREADS=1: the threads here take a data set each."};
  bench::Slice slice;
  slice.sets = 12;
  int n = 10, far = 1000;
  std::vector<std::string> truths = {kNames[0], kNames[1], kNames[2]},
                           methods = {"auto", "mixture"};
  app.add_option("--truth", truths, "linear, bend, suites; a comma between")
      ->delimiter(',')
      ->check(CLI::IsMember({kNames[0], kNames[1], kNames[2]}));
  app.add_option("--method", methods, "auto, mixture; a comma between")
      ->delimiter(',')
      ->check(CLI::IsMember({"auto", "mixture"}));
  app.add_option("--sets", slice.sets, "Data sets a truth")->check(CLI::Range(1, 100'000));
  app.add_option("--first", slice.first, "Number (seed) of the first data set");
  app.add_option("--n", n, "Samples of each problem")->check(CLI::Range(2, 15));
  app.add_option("--far", far, "The last K")->check(CLI::Range(31, 1'000'000));
  app.add_option("--threads", slice.threads, "0: as many as the machine has");
  CLI11_PARSE(app, argc, argv);
  fmt::print("| truth | --method | hierarchical taken | | weakest |  |  |  |  | strongest |\n");
  fmt::print("|---|---|---|---|---|---|---|---|---|---|\n");
  for (const std::string& truth : truths)
    for (const std::string& method : methods) {
      simulator::FitOptions options;
      options.device = "cpu", options.threads = 1;
      if (method == "mixture") options.method = simulator::Method::mixture;
      study(static_cast<int>(std::find(kNames, kNames + 3, truth) - kNames), n, far, slice, options,
            method);
    }
  fmt::print("\nIn parentheses the mean width; *: open, since the samples do not identify it.\n");
}
