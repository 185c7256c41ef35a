// Coverage of the fitted mixture's 95% bands by simulation with known truth: 164 problems, three
// truths (tests/bench/truths.h). Prints one Markdown table, a row as it is done.
//   OMP_NUM_THREADS=1 coverage_fitted --help     needs libtorch
// Estimands: TP_n/2, TP_4n and the ceiling E[theta 1(p > 0)] of problems drawn afresh from the
// truth; theta of each of these problems with p > 0, the share of problems whose band holds it.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "harness/simulator/fit.h"
#include "harness/stats/parallel.h"
#include "tests/bench/truths.h"

using namespace assay;

namespace {

struct Result {
  double half = 0, beyond = 0, ceiling = 0;  ///< 1 where the band holds the truth
  double theta = 0;                          ///< share of problems whose band does
  double beyond_bias = 0, ceiling_bias = 0;
};
using Field = double Result::*;
constexpr Field kFields[] = {&Result::half,  &Result::beyond,      &Result::ceiling,
                             &Result::theta, &Result::beyond_bias, &Result::ceiling_bias};

double theta_share(const simulator::Posterior& p, const std::vector<bench::Truth>& truths) {
  double held = 0, counted = 0;
  std::vector<double> draws(p.draws);
  for (std::size_t i = 0; i < truths.size(); ++i) {
    if (truths[i].p == 0) continue;
    // A draw with p = 0 has no precision: the band is for theta given that there is one.
    draws.clear();
    for (std::size_t s = 0; s < p.draws; ++s)
      if (p.log_reject[s * p.problems() + i] < 0)
        draws.push_back(p.precision[s * p.problems() + i]);
    ++counted;
    if (!draws.empty())
      held += bench::covers(stats::percentile_interval(draws, 0.95), truths[i].theta);
  }
  return counted > 0 ? held / counted : 0;
}

Result judge(const bench::DataSet& data, int n, const bench::Expectations& truth,
             const simulator::MixtureOptions& fit_options) {
  const auto fit = simulator::fit_mixture(data.counts.problems, fit_options);
  const simulator::Posterior p =
      simulator::mixture_posterior(fit.draws, data.counts, fit_options.seed);
  simulator::PosteriorOptions options;
  options.seed = fit_options.seed;
  const auto weights = simulator::problem_weights(p, options);
  const auto held = [&](double k, double value, double* bias) {
    std::vector<double> tp = simulator::curve_at(p, weights, k).tp;
    if (bias) {
      *bias = -value;
      for (double v : tp) *bias += v / static_cast<double>(p.draws);
    }
    return double(bench::covers(stats::percentile_interval(tp, 0.95), value));
  };
  Result out;
  out.half = held(n / 2, truth.tp[0], nullptr);
  out.beyond = held(4 * n, truth.tp[1], &out.beyond_bias);
  out.ceiling = held(INFINITY, truth.ceiling, &out.ceiling_bias);
  out.theta = theta_share(p, data.truths);
  return out;
}

void cell(const bench::Slice& slice, const std::string& name, int n,
          const simulator::MixtureOptions& options) {
  const int which = bench::Slice::number(name);
  const bench::Expectations truth = bench::expectations(which, {double(n / 2), double(4 * n)});
  std::vector<Result> got(static_cast<std::size_t>(slice.sets));
  stats::parallel_for(got.size(), slice.threads, [&](std::size_t i) {
    simulator::MixtureOptions seeded = options;
    seeded.seed = slice.first + i;
    got[i] = judge(bench::draw_data_set(which, n, 50'000 + seeded.seed), n, truth, seeded);
  });
  fmt::print("| {} | {} | {} |", name, n, slice.sets);
  for (Field field : kFields) {
    double sum = 0;
    for (const Result& r : got) sum += r.*field;
    fmt::print(" {:.3f} |", sum / slice.sets);
  }
  fmt::print("\n");
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{
      "Coverage of the fitted mixture's 95% bands by simulation with known truth. Set "
      "OMP_NUM_THREADS=1: the threads here take a data set each."};
  bench::Slice slice;
  slice.sets = 200;
  slice.add_options(app);
  simulator::MixtureOptions options;
  app.add_option("--components", options.components_max, "Components at most")
      ->capture_default_str();
  app.add_option("--starts", options.starts, "Starts of each fit")->capture_default_str();
  app.add_option("--folds", options.folds, "Folds of the choice")->capture_default_str();
  app.add_option("--draws", options.draws, "Posterior draws")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  fmt::print(
      "| truth | n | data sets | TP_n/2 | TP_4n | ceiling | theta | bias of TP_4n | bias of the "
      "ceiling |\n|---|---|---|---|---|---|---|---|---|\n");
  for (const std::string& truth : slice.truths)
    for (int n : slice.n) cell(slice, truth, n, options);
  fmt::print("\none standard error at .95 is {:.3f}.\n", std::sqrt(0.95 * 0.05 / slice.sets));
}
