// Coverage of the interval of the best K, and of the probability of a match, by simulation with known truth
// (tests/bench/truths.h), beside the percentiles of a bootstrap on the same data sets. Prints one Markdown
// table, a row as it is done.
//   coverage_choice --n 20 --problems 10,20,50      needs no libtorch
// For three pairs of costs: the K that is best for problems drawn afresh, the share of sets whose interval
// holds it and its mean width in K, (the rival's). Then the match of two models that are equal, one sample of
// the strong reaching just what the weak reaches with n: the share of sets whose probability is below .025
// or above .975, (the rival's); .05 would be right.
#include <fmt/format.h>

#include <array>

#include "harness/stats/bootstrap.h"
#include "harness/stats/choice.h"
#include "harness/stats/curves.h"
#include "harness/stats/limits.h"
#include "harness/stats/parallel.h"
#include "tests/bench/truths.h"

using namespace assay;

namespace {

constexpr std::array<stats::Costs, 3> kCosts = {{{4, 0}, {8, 0}, {1, 0.02}}};

struct Cell {
  double held = 0, width = 0, rival_held = 0, rival_width = 0;
};
struct Result {
  std::array<Cell, kCosts.size()> best;
  double extreme = 0, rival_extreme = 0;
};

/// The best K of problems drawn afresh, for each costs.
std::array<int, kCosts.size()> best_of_truth(int which, int n) {
  std::vector<double> k;
  for (int i = 0; i <= n; ++i) k.push_back(i);
  const bench::Expectations e = bench::expectations(which, k);
  stats::Curve curve{{}, e.tp, e.fp, std::vector<double>(k.size())};
  curve.tp[0] = curve.fp[0] = 0;
  RandomStream random(99, "draws");
  constexpr int kDraws = 200'000;
  for (int i = 0; i < kDraws; ++i) {
    const double p = bench::draw_truth(which, random).p;
    double left = 1, draws = 0;
    for (std::size_t j = 1; j < k.size(); ++j)
      draws += left, left *= 1 - p, curve.draws[j] += draws / kDraws;
  }
  std::array<int, kCosts.size()> out{};
  for (std::size_t c = 0; c < out.size(); ++c)
    out[c] = stats::best_k(stats::utility(curve, kCosts[c])).k;
  return out;
}

stats::Interval percentiles(const std::vector<stats::Curve>& curves, const stats::Costs& costs,
                            const stats::Resamples& resamples) {
  std::vector<double> x, ks;
  for (const stats::Curve& curve : curves)
    for (const double u : stats::utility(curve, costs)) x.push_back(u);
  const std::size_t columns = x.size() / curves.size();
  const std::vector<double> sums = stats::weighted_sums(resamples, x, columns, 1);
  for (std::size_t r = 0; r < resamples.replicates; ++r) {
    std::vector<double> worths;
    for (std::size_t k = 0; k < columns; ++k)
      worths.push_back(sums[k * resamples.replicates + r] / static_cast<double>(curves.size()));
    ks.push_back(stats::best_k(worths).k);
  }
  return stats::percentile_interval(ks, 0.95);
}

/// A model of which one sample is right as often as the first accepted of n of such problems.
stats::ModelCounts strong(int which, const stats::ModelCounts& weak, int n, std::uint64_t number) {
  RandomStream random(number, "strong");
  stats::ModelCounts out = weak;
  out.model = "strong";
  for (stats::Counts& c : out.problems) {
    const auto [p, theta] = bench::draw_truth(which, random);
    const double right = theta * (1 - std::pow(1 - p, n));
    c = {};
    for (int s = 0; s < n; ++s) ++(random.uniform() < right ? c.tp : c.tn);
  }
  return out;
}

double beyond(double probability) { return probability < 0.025 || probability > 0.975; }

Result judge(int which, int n, int problems, std::uint64_t number,
             const std::array<int, kCosts.size()>& truth, int replicates) {
  const stats::ModelCounts m = bench::draw_data_set(which, n, number, problems).counts;
  const stats::BootstrapOptions options{.replicates = replicates, .seed = number, .threads = 1};
  const stats::Resamples resamples = stats::resample_problems(m.problems.size(), options, "rival");
  std::vector<stats::Curve> curves;
  for (const stats::Counts& c : m.problems) curves.push_back(stats::problem_curve(c, n));
  stats::BootstrapOptions few = options;  // nothing that is looked at rests on them
  few.replicates = 100;
  Result out;
  for (std::size_t c = 0; c < kCosts.size(); ++c) {
    const stats::Interval ours =
        *stats::limits(
             {m}, {.lambdas = {kCosts[c].lambda}, .kappas = {kCosts[c].kappa}, .bootstrap = few})
             .rows[0]
             .utility[0]
             .k_interval;
    const stats::Interval rival = percentiles(curves, kCosts[c], resamples);
    out.best[c] = {double(bench::covers(ours, truth[c])), ours.hi - ours.lo,
                   double(bench::covers(rival, truth[c])), rival.hi - rival.lo};
  }
  const stats::ModelCounts s = strong(which, m, n, number);
  std::vector<double> gain, ones(m.problems.size(), 1);
  for (std::size_t i = 0; i < curves.size(); ++i)
    gain.push_back(curves[i].tp.back() - static_cast<double>(s.problems[i].correct()) / n);
  out.extreme =
      beyond(stats::confidence_above(stats::ratio_estimate(gain, ones, {-1, 1}, 0.95), 0, {-1, 1}));
  double reaching = 0;
  for (const double sum : stats::weighted_sums(resamples, gain, 1, 1))
    reaching += sum >= -stats::kTieWidth;
  out.rival_extreme = beyond(reaching / static_cast<double>(resamples.replicates));
  return out;
}

void row(const bench::Slice& slice, const std::string& name, int n, int problems, int replicates) {
  const int which = bench::Slice::number(name);
  const auto truth = best_of_truth(which, n);
  std::vector<Result> got(static_cast<std::size_t>(slice.sets));
  stats::parallel_for(got.size(), slice.threads, [&](std::size_t i) {
    got[i] = judge(which, n, problems, slice.first + i, truth, replicates);
  });
  fmt::print("| {} | {} | {} |", name, problems, n);
  for (std::size_t c = 0; c < kCosts.size(); ++c) {
    Cell mean;
    for (const Result& r : got) {
      mean.held += r.best[c].held / slice.sets, mean.width += r.best[c].width / slice.sets;
      mean.rival_held += r.best[c].rival_held / slice.sets;
      mean.rival_width += r.best[c].rival_width / slice.sets;
    }
    fmt::print(" {}: {:.3f} ({:.3f}), {:.1f} ({:.1f}) |", truth[c], mean.held, mean.rival_held,
               mean.width, mean.rival_width);
  }
  double extreme = 0, rival = 0;
  for (const Result& r : got) extreme += r.extreme, rival += r.rival_extreme;
  fmt::print(" {:.3f} ({:.3f}) |\n", extreme / slice.sets, rival / slice.sets);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Coverage of the best K's interval and of match probabilities, by simulation."};
  bench::Slice slice;
  slice.sets = 400, slice.replicates = 300, slice.n = {20};
  slice.truths.assign(std::begin(bench::kTruths), std::end(bench::kTruths));
  slice.add_options(app);
  slice.add_rival_options(app);
  CLI11_PARSE(app, argc, argv);
  fmt::print("| truth | problems | n |");
  for (const stats::Costs& costs : kCosts)
    fmt::print(" lambda {}, kappa {}: best K, held, width |", costs.lambda, costs.kappa);
  fmt::print(" equal models called different |\n|---|---|---|---|---|---|---|\n");
  for (const std::string& truth : slice.truths)
    for (int n : slice.n)
      for (int count : slice.problems) row(slice, truth, n, count, slice.replicates);
  fmt::print("\n{} data sets a row; one standard error at .95 is {:.4f}.\n", slice.sets,
             std::sqrt(0.95 * 0.05 / slice.sets));
}
