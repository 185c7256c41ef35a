// Coverage of the bootstrap's 95% intervals by simulation with known truth: 164 problems, n in {10,
// 50, 200}, three truths (tests/bench/truths.h). Prints one Markdown table, a row as it is done.
//   coverage --help      needs no libtorch; 2,000 data sets of everything: about 3 core minutes
// Estimands, all for problems drawn afresh from the truth: accuracy E[pT]; TP_5 and TP_10, E[TP_K];
// fdr E[b]/E[m]; ceiling_lower E[TP_n].
#include <fmt/format.h>

#include <array>

#include "harness/stats/curves.h"
#include "harness/stats/parallel.h"
#include "harness/stats/rates.h"
#include "tests/bench/truths.h"

using namespace assay;

namespace {

constexpr std::size_t kQuantities = 5;
using Hits = std::array<int, kQuantities>;

stats::Ratio tp_ratio(const stats::ModelCounts& m, int k) {
  stats::Ratio r;
  for (const stats::Counts& c : m.problems) {
    r.numerator.push_back(stats::problem_curve(c, k).tp.back());
    r.denominator.push_back(1);
  }
  return r;
}

/// Which of the five intervals of one data set hold the truth.
Hits judge(const stats::ModelCounts& m, const bench::Expectations& truth,
           const stats::BootstrapOptions& options) {
  const stats::RatesRow row = stats::rates({m}, options, {}).rows[0];
  const auto tp =
      stats::bootstrap_ratios(stats::resample_problems(m.problems.size(), options, "tp"),
                              {tp_ratio(m, 5), tp_ratio(m, 10)}, options);
  const auto hit = [](const stats::Estimate& e, double value) {
    return static_cast<int>(e.interval && bench::covers(*e.interval, value));
  };
  return {hit(row.accuracy, truth.accuracy), hit(tp[0], truth.tp[0]), hit(tp[1], truth.tp[1]),
          hit(row.fdr, truth.fdr), hit(row.ceiling_lower, truth.tp[2])};
}

void cell(const bench::Slice& slice, const std::string& name, int n, int replicates) {
  const int which = bench::Slice::number(name);
  const bench::Expectations truth = bench::expectations(which, {5, 10, double(n)});
  std::vector<Hits> hits(static_cast<std::size_t>(slice.sets));
  stats::parallel_for(hits.size(), slice.threads, [&](std::size_t i) {
    const std::uint64_t number = slice.first + i;
    const stats::BootstrapOptions options{.replicates = replicates, .seed = number, .threads = 1};
    hits[i] = judge(bench::draw_data_set(which, n, number).counts, truth, options);
  });
  fmt::print("| {} | {} | {} |", name, n, slice.sets);
  for (std::size_t q = 0; q < kQuantities; ++q) {
    double sum = 0;
    for (const Hits& h : hits) sum += h[q];
    fmt::print(" {:.4f} |", sum / slice.sets);
  }
  fmt::print("\n");
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Coverage of the bootstrap's 95% intervals by simulation with known truth."};
  bench::Slice slice;
  slice.add_options(app);
  int replicates = 2000;
  app.add_option("--replicates", replicates, "Bootstrap replicates")
      ->check(CLI::Range(100, 100'000))
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  fmt::print(
      "| truth | n | data sets | accuracy | TP_5 | TP_10 | fdr | ceiling_lower |\n"
      "|---|---|---|---|---|---|---|---|\n");
  for (const std::string& truth : slice.truths)
    for (int n : slice.n) {
      if (n < 10) return fmt::print(stderr, "TP_10 needs n of at least 10\n"), 2;
      cell(slice, truth, n, replicates);
    }
  fmt::print("\n{} replicates each; one standard error at .95 is {:.4f}.\n", replicates,
             std::sqrt(0.95 * 0.05 / slice.sets));
}
