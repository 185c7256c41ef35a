// Coverage of the fitted mixture's 95% bands by simulation with known truth: 164 problems, three
// truths (tests/bench/truths.h). Prints one Markdown table, a row as it is done.
//   OMP_NUM_THREADS=1 coverage_fitted --help     needs libtorch
// Estimands: TP and FP at K = 2 n and 100 n, and the ceiling E[theta 1(p > 0)], of problems drawn afresh
// from the truth, by the bands as they are printed and, in parentheses, by those of the draws alone;
// theta of each of these problems with p > 0, the share of problems whose band holds it.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "harness/simulator/fit.h"
#include "harness/stats/parallel.h"
#include "tests/bench/truths.h"

using namespace assay;

namespace {

/// TP and FP at 2 n and at 100 n, and the ceiling: of each whether the band holds it, and the error.
constexpr std::size_t kQuantities = 5;
struct Held {
  std::array<double, kQuantities> held{}, error{};
};
struct Result {
  Held printed, alone;
  double theta = 0;  ///< share of problems whose band holds it
};

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

Held held(const simulator::Posterior& p, int n, const bench::Expectations& truth,
          std::uint64_t seed) {
  simulator::PosteriorOptions options;
  options.seed = seed;
  Held out;
  const auto add = [&](std::size_t at, double value, stats::Interval interval, double known) {
    out.held[at] = bench::covers(interval, known), out.error[at] = std::abs(value - known);
  };
  for (const std::size_t far : {0u, 1u}) {
    options.k_max = far == 0 ? simulator::kReach * n : 100 * n;
    const simulator::FittedLimits f = simulator::fitted_limits(p, options);
    add(2 * far, f.mean.tp.back(), {*f.tp.lo.back(), *f.tp.hi.back()}, truth.tp[far]);
    add(2 * far + 1, f.mean.fp.back(), {*f.fp.lo.back(), *f.fp.hi.back()}, truth.fp[far]);
    if (far == 0) add(4, *f.ceiling.value, *f.ceiling.interval, truth.ceiling);
  }
  return out;
}

Result judge(const bench::DataSet& data, int n, const bench::Expectations& truth,
             const simulator::MixtureOptions& fit_options) {
  const auto fit = simulator::fit_mixture(data.counts.problems, fit_options);
  simulator::Posterior p = simulator::mixture_posterior(fit.draws, data.counts, fit_options.seed);
  Result out;
  out.theta = theta_share(p, data.truths);
  out.printed = held(p, n, truth, fit_options.seed);
  p.seen.clear();
  out.alone = held(p, n, truth, fit_options.seed);
  return out;
}

void cell(const bench::Slice& slice, const std::string& name, int n,
          const simulator::MixtureOptions& options) {
  const int which = bench::Slice::number(name);
  const bench::Expectations truth =
      bench::expectations(which, {1.0 * simulator::kReach * n, 100.0 * n});
  std::vector<Result> got(static_cast<std::size_t>(slice.sets));
  stats::parallel_for(got.size(), slice.threads, [&](std::size_t i) {
    simulator::MixtureOptions seeded = options;
    seeded.seed = slice.first + i;
    got[i] = judge(bench::draw_data_set(which, n, 50'000 + seeded.seed), n, truth, seeded);
  });
  fmt::print("| {} | {} | {} |", name, n, slice.sets);
  const auto mean = [&](auto of) {
    double sum = 0;
    for (const Result& r : got) sum += of(r);
    return sum / slice.sets;
  };
  for (std::size_t q = 0; q < kQuantities; ++q)
    fmt::print(" {:.3f} ({:.3f}) |", mean([&](const Result& r) { return r.printed.held[q]; }),
               mean([&](const Result& r) { return r.alone.held[q]; }));
  fmt::print(" {:.3f} |", mean([](const Result& r) { return r.theta; }));
  for (std::size_t q = 0; q < kQuantities; ++q)
    fmt::print(" {:.3f} ({:.3f}) |", mean([&](const Result& r) { return r.printed.error[q]; }),
               mean([&](const Result& r) { return r.alone.error[q]; }));
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
      "| truth | n | data sets | TP_2n | FP_2n | TP_100n | FP_100n | ceiling | theta | errors: TP_2n | "
      "FP_2n | TP_100n | FP_100n | ceiling |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n");
  for (const std::string& truth : slice.truths)
    for (int n : slice.n) cell(slice, truth, n, options);
  fmt::print("\none standard error at .95 is {:.3f}.\n", std::sqrt(0.95 * 0.05 / slice.sets));
}
