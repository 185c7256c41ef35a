// Coverage of the intervals by simulation with known truth: 164 problems, n in {10, 50, 200}, three
// truths, none of them of the fitted family. Prints one Markdown table.
//   coverage [DATA_SETS] [FITTED_DATA_SETS]     (default 2000 0; the second needs libtorch)
// Estimands, all for problems drawn afresh from the truth: accuracy E[pT]; TP_5 and TP_10, E[TP_K];
// fdr E[b]/E[m]; ceiling_lower E[TP_n]; fitted ceiling E[theta 1(p > 0)]; fitted TP_4n E[TP_K], K =
// 4n.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>

#include "harness/base/random.h"
#include "harness/stats/bootstrap.h"
#include "harness/stats/curves.h"
#include "harness/stats/parallel.h"
#include "harness/stats/rates.h"
#ifdef ASSAY_WITH_TORCH
#include "harness/simulator/fit.h"
#endif

using namespace assay;

namespace {

struct Problem {
  double p = 0, theta = 0;
};

/// logistic normal, correlated; uniform on a crescent; a step with many hopeless problems.
Problem draw_problem(int truth, RandomStream& random) {
  const auto sigmoid = [](double x) { return 1 / (1 + std::exp(-x)); };
  if (truth == 0) {
    const double z = random.normal(), v = 0.6 * z + 0.8 * random.normal();
    return {sigmoid(-1 + 2 * z), sigmoid(1.5 + 1.2 * v)};
  }
  if (truth == 1) {
    const double u = random.uniform();
    return {u * u, 0.55 + 0.45 * std::sqrt(u)};
  }
  const double u = random.uniform();
  if (u < 0.15) return {0, 0};
  if (u < 0.5) return {0.02 + 0.1 * random.uniform(), 0.3 + 0.4 * random.uniform()};
  return {0.4 + 0.5 * random.uniform(), 0.9 + 0.1 * random.uniform()};
}

const char* kTruths[] = {"logistic normal", "crescent", "steps"};

struct Truth {
  double accuracy = 0, tp5 = 0, tp10 = 0, fdr = 0, ceiling_lower = 0, ceiling = 0, tp4n = 0;
};

Truth truth_of(int which, int n) {
  RandomStream random(99, fmt::format("truth {}", which));
  Truth t;
  double wrong = 0, accepted = 0;
  constexpr int kDraws = 1'000'000;  // error of the truth itself below .0005
  for (int i = 0; i < kDraws; ++i) {
    const Problem x = draw_problem(which, random);
    const auto tp = [&](double k) { return x.theta * (1 - std::pow(1 - x.p, k)) / kDraws; };
    t.accuracy += tp(1), t.tp5 += tp(5), t.tp10 += tp(10);
    t.ceiling_lower += tp(n), t.tp4n += tp(4 * n);
    if (x.p > 0) t.ceiling += x.theta / kDraws;
    wrong += x.p * (1 - x.theta), accepted += x.p;
  }
  t.fdr = wrong / accepted;
  return t;
}

stats::ModelCounts data_set(int which, int n, std::uint64_t seed) {
  RandomStream random(seed, fmt::format("data {} {}", which, n));
  stats::ModelCounts m{"d", "m", "base", "base,plus"};
  for (int i = 0; i < 164; ++i) {
    const Problem x = draw_problem(which, random);
    stats::Counts c;
    for (int s = 0; s < n; ++s)
      ++(random.uniform() >= x.p ? c.tn : random.uniform() < x.theta ? c.tp : c.fp);
    m.task_ids.push_back(fmt::format("p{:03}", i));
    m.problems.push_back(c);
  }
  return m;
}

bool covers(const std::optional<stats::Interval>& interval, double truth) {
  return interval && interval->lo <= truth && truth <= interval->hi;
}

stats::Ratio tp_ratio(const stats::ModelCounts& m, int k) {
  stats::Ratio r;
  for (const stats::Counts& c : m.problems) {
    r.numerator.push_back(stats::problem_curve(c, k).tp.back());
    r.denominator.push_back(1);
  }
  return r;
}

struct Hits {
  int accuracy = 0, tp5 = 0, tp10 = 0, fdr = 0, ceiling_lower = 0;
};

void bootstrap_table(int data_sets) {
  fmt::print(
      "| truth | n | accuracy | TP_5 | TP_10 | fdr | ceiling_lower "
      "|\n|---|---|---|---|---|---|---|\n");
  for (int which = 0; which < 3; ++which)
    for (int n : {10, 50, 200}) {
      const Truth truth = truth_of(which, n);
      std::vector<Hits> hits(static_cast<std::size_t>(data_sets));
      stats::parallel_for(hits.size(), 0, [&](std::size_t i) {
        const stats::ModelCounts m = data_set(which, n, i);
        stats::BootstrapOptions options{.replicates = 2000, .seed = i, .threads = 1};
        const stats::RatesRow row = stats::rates({m}, options, {}).rows[0];
        const auto tp = stats::bootstrap_ratios(stats::resample_problems(164, options, "tp"),
                                                {tp_ratio(m, 5), tp_ratio(m, 10)}, options);
        hits[i] = {covers(row.accuracy.interval, truth.accuracy), covers(tp[0].interval, truth.tp5),
                   covers(tp[1].interval, truth.tp10), covers(row.fdr.interval, truth.fdr),
                   covers(row.ceiling_lower.interval, truth.ceiling_lower)};
      });
      const auto share = [&](int Hits::*part) {
        double sum = 0;
        for (const Hits& h : hits) sum += h.*part;
        return sum / data_sets;
      };
      fmt::print("| {} | {} | {:.3f} | {:.3f} | {:.3f} | {:.3f} | {:.3f} |\n", kTruths[which], n,
                 share(&Hits::accuracy), share(&Hits::tp5), share(&Hits::tp10), share(&Hits::fdr),
                 share(&Hits::ceiling_lower));
      std::fflush(stdout);
    }
  fmt::print("{} data sets, 2,000 replicates each; one standard error is {:.4f}.\n", data_sets,
             std::sqrt(0.95 * 0.05 / data_sets));
}

#ifdef ASSAY_WITH_TORCH
void fitted_table(int data_sets) {
  fmt::print(
      "\n| truth | n | fitted TP_n/2 | fitted TP_4n | fitted ceiling | ceiling's bias "
      "|\n|---|---|---|---|---|---|\n");
  for (int which = 0; which < 3; ++which)
    for (int n : {10, 50, 200}) {
      const Truth truth = truth_of(which, n), half = truth_of(which, n / 2);
      std::vector<std::array<double, 4>> got(static_cast<std::size_t>(data_sets));
      stats::parallel_for(got.size(), 0, [&](std::size_t i) {
        const stats::ModelCounts m = data_set(which, n, 50000 + i);
        const auto fit = simulator::fit_mixture(
            m.problems, {.components_max = 3, .folds = 3, .starts = 2, .draws = 200, .seed = i});
        const simulator::Posterior p = simulator::mixture_posterior(fit.draws, m, i);
        simulator::PosteriorOptions options;
        options.seed = i;
        const auto weights = simulator::problem_weights(p, options);
        const auto interval = [&](double k) {
          std::vector<double> tp = simulator::curve_at(p, weights, k).tp;
          return stats::percentile_interval(tp, 0.95);
        };
        double ceiling = 0;
        for (double v : simulator::curve_at(p, weights, INFINITY).tp)
          ceiling += v / static_cast<double>(p.draws);
        got[i] = {double(covers(interval(n / 2), half.ceiling_lower)),
                  double(covers(interval(4 * n), truth.tp4n)),
                  double(covers(interval(INFINITY), truth.ceiling)), ceiling - truth.ceiling};
      });
      std::array<double, 4> mean{};
      for (const auto& g : got)
        for (std::size_t j = 0; j < 4; ++j) mean[j] += g[j] / data_sets;
      fmt::print("| {} | {} | {:.3f} | {:.3f} | {:.3f} | {:+.3f} |\n", kTruths[which], n, mean[0],
                 mean[1], mean[2], mean[3]);
      std::fflush(stdout);
    }
  fmt::print("{} data sets; one standard error is {:.3f}.\n", data_sets,
             std::sqrt(0.95 * 0.05 / data_sets));
}
#endif

}  // namespace

int main(int argc, char** argv) {
  const int data_sets = argc > 1 ? std::atoi(argv[1]) : 2000;
  const int fitted = argc > 2 ? std::atoi(argv[2]) : 0;
  if (data_sets > 0) bootstrap_table(data_sets);
#ifdef ASSAY_WITH_TORCH
  if (fitted > 0) fitted_table(fitted);
#else
  if (fitted > 0) fmt::print("built without libtorch: no fitted intervals\n");
#endif
}
