// Coverage of the 95% intervals of rates and curves by simulation with known truth
// (tests/bench/truths.h), beside that of the percentile bootstrap on the same data sets. Prints one
// Markdown table, a row as it is done: share of sets whose interval holds the truth, (the rival's),
// and how much wider the mean interval is than the rival's.
//   coverage --truth even,heavy --n 20 --problems 10,20,50,164      needs no libtorch
// Estimands, all for problems drawn afresh from the truth: accuracy E[pT]; fdr E[b]/E[m]; fpr
// E[b]/E[fp + tn]; fp_mass E[b]/n; TP_5 and TP_10, E[TP_K]; ceiling_lower E[TP_n]; FP_10 and FP_n, E[FP_K];
// fdr_at_5, wrong of those accepted at the fifth attempt. Last, what the K that assay chose at lambda = 1 is
// worth, E[TP_K] - E[FP_K]: there the rival is the percentiles of the largest utility.
#include <fmt/format.h>

#include <array>

#include "harness/stats/bootstrap.h"
#include "harness/stats/curves.h"
#include "harness/stats/limits.h"
#include "harness/stats/parallel.h"
#include "tests/bench/truths.h"

using namespace assay;

namespace {

constexpr std::size_t kRatios = 10, kQuantities = kRatios + 1;

struct Cell {
  int held = 0, rival_held = 0;
  double width = 0, rival_width = 0;
};
using Cells = std::array<Cell, kQuantities>;

std::vector<stats::Ratio> ratios(const stats::ModelCounts& m, int n) {
  std::vector<stats::Ratio> out(kRatios);
  for (const stats::Counts& c : m.problems) {
    const auto add = [&](std::size_t at, double numerator, double denominator) {
      out[at].numerator.push_back(numerator), out[at].denominator.push_back(denominator);
    };
    const double all = static_cast<double>(c.n()), wrong = static_cast<double>(c.fp);
    const stats::Curve curve = stats::problem_curve(c, n);
    const std::vector<double>&tp = curve.tp, &fp = curve.fp;
    add(0, static_cast<double>(c.correct()) / all, 1);
    add(1, wrong, static_cast<double>(c.accepted()));
    add(2, wrong, static_cast<double>(c.fp + c.tn));
    add(3, wrong, all);
    add(4, tp[5], 1), add(5, tp[10], 1), add(6, tp.back(), 1);
    add(7, fp[10], 1), add(8, fp.back(), 1);
    add(9, fp[5] - fp[4], curve.accepted[5] - curve.accepted[4]);
  }
  return out;
}

stats::Interval percentiles(const stats::Ratio& ratio, const stats::Columns& columns,
                            double level) {
  const auto top = columns.sums(ratio.numerator), bottom = columns.sums(ratio.denominator);
  std::vector<double> values;
  for (std::size_t r = 0; r < top.size(); ++r)
    if (bottom[r] > 0) values.push_back(top[r] / bottom[r]);
  return values.empty() ? stats::Interval{0, 1} : stats::percentile_interval(values, level);
}

void add(const stats::Interval& given, const stats::Interval& rival, double truth, Cell& cell) {
  cell.held += bench::covers(given, truth), cell.rival_held += bench::covers(rival, truth);
  cell.width += given.hi - given.lo, cell.rival_width += rival.hi - rival.lo;
}

/// What is true: of the ratios, and of the worth of each K.
struct Known {
  std::array<double, kRatios> ratios;
  std::vector<double> worth;
};

/// Percentiles of the largest utility, the best K sought anew in each replicate.
stats::Interval largest(const stats::ModelCounts& m, int n,
                        const stats::BootstrapOptions& options) {
  const stats::Resamples resamples = stats::resample_problems(m.problems.size(), options, "rival");
  const auto columns = static_cast<std::size_t>(n) + 1;
  std::vector<double> x, best(resamples.replicates);
  for (const stats::Counts& c : m.problems) {
    const stats::Curve curve = stats::problem_curve(c, n);
    for (std::size_t k = 0; k < columns; ++k) x.push_back(curve.tp[k] - curve.fp[k]);
  }
  const std::vector<double> sums = stats::weighted_sums(resamples, x, columns, options.threads);
  for (std::size_t i = 0; i < sums.size(); ++i) {
    double& here = best[i % resamples.replicates];
    here = std::max(here, sums[i] / static_cast<double>(m.problems.size()));
  }
  return stats::percentile_interval(best, options.level);
}

void judge_worth(const stats::ModelCounts& m, int n, const std::vector<double>& truth,
                 const stats::BootstrapOptions& options, Cell& cell) {
  stats::BootstrapOptions few = options;  // for the interval of the best K, which is not looked at
  few.replicates = 100;
  const stats::LimitsRow row = stats::limits({m}, {.lambdas = {1}, .bootstrap = few}).rows[0];
  const stats::UtilityCurve& u = row.utility[0];
  add(u.worth.interval.value_or(stats::Interval{-1, 1}), largest(m, n, options),
      truth[static_cast<std::size_t>(*u.k_opt)], cell);
}

void judge(const stats::ModelCounts& m, int n, const Known& truth,
           const stats::BootstrapOptions& options, Cells& cells) {
  const std::vector<stats::Ratio> all = ratios(m, n);
  stats::Columns columns;
  for (const stats::Ratio& ratio : all)
    columns.add(ratio.numerator), columns.add(ratio.denominator);
  columns.sum(stats::resample_problems(m.problems.size(), options, "rival"), options.threads);
  for (std::size_t q = 0; q < kRatios; ++q) {
    const stats::Estimate ours =
        stats::ratio_estimate(all[q].numerator, all[q].denominator, all[q].range, options.level);
    add(ours.interval.value_or(stats::Interval{0, 1}), percentiles(all[q], columns, options.level),
        truth.ratios[q], cells[q]);
  }
  judge_worth(m, n, truth.worth, options, cells[kRatios]);
}

void row(const bench::Slice& slice, const std::string& name, int n, int problems, int replicates) {
  const int which = bench::Slice::number(name);
  std::vector<double> k;
  for (int i = 0; i <= n; ++i) k.push_back(i);
  const bench::Expectations e = bench::expectations(which, k);
  Known truth{{e.accuracy, e.fdr, e.fpr, e.fp_mass, e.tp[5], e.tp[10], e.tp.back(), e.fp[10],
               e.fp.back(), e.fdr_at[5]},
              {}};
  for (std::size_t i = 0; i < k.size(); ++i) truth.worth.push_back(i == 0 ? 0 : e.tp[i] - e.fp[i]);
  std::vector<Cells> sets(static_cast<std::size_t>(slice.sets));
  stats::parallel_for(sets.size(), slice.threads, [&](std::size_t i) {
    const std::uint64_t number = slice.first + i;
    const stats::BootstrapOptions options{.replicates = replicates, .seed = number, .threads = 1};
    judge(bench::draw_data_set(which, n, number, problems).counts, n, truth, options, sets[i]);
  });
  fmt::print("| {} | {} | {} |", name, problems, n);
  for (std::size_t q = 0; q < kQuantities; ++q) {
    Cell sum;
    for (const Cells& cells : sets) {
      sum.held += cells[q].held, sum.rival_held += cells[q].rival_held;
      sum.width += cells[q].width, sum.rival_width += cells[q].rival_width;
    }
    fmt::print(" {:.3f} ({:.3f}) {:.2f} |", 1.0 * sum.held / slice.sets,
               1.0 * sum.rival_held / slice.sets, sum.width / sum.rival_width);
  }
  fmt::print("\n");
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Coverage of the 95% intervals by simulation with known truth."};
  bench::Slice slice;
  slice.add_options(app);
  slice.add_rival_options(app);
  CLI11_PARSE(app, argc, argv);
  fmt::print(
      "| truth | problems | n | accuracy | fdr | fpr | fp_mass | TP_5 | TP_10 | ceiling_lower | FP_10 | FP_n | "
      "fdr_at_5 | worth |\n"
      "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n");
  for (const std::string& truth : slice.truths)
    for (int n : slice.n) {
      if (n < 10) return fmt::print(stderr, "TP_10 needs n of at least 10\n"), 2;
      for (int count : slice.problems) row(slice, truth, n, count, slice.replicates);
    }
  fmt::print("\n{} data sets a row; one standard error at .95 is {:.4f}.\n", slice.sets,
             std::sqrt(0.95 * 0.05 / slice.sets));
}
