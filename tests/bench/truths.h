// The coverage studies' known truths, none of them of a fitted family, and data sets drawn from
// them. A slice of the study (which truths, which n, which data sets) is chosen by the command
// line, so that machines can share it: data set number i is the same on each.
#pragma once

#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "harness/base/random.h"
#include "harness/stats/bootstrap.h"
#include "harness/stats/counts.h"

namespace assay::bench {

inline constexpr int kProblems = 164;
inline constexpr const char* kTruths[] = {"logistic-normal", "crescent", "steps", "even", "heavy"};

struct Truth {
  double p = 0, theta = 0;
};

/// logistic normal, correlated; uniform on a crescent; a step with many hopeless problems; problems
/// much alike; heavy tails: few problems have most of what is accepted, and fewer what is wrong of it.
inline Truth draw_truth(int which, RandomStream& random) {
  const auto sigmoid = [](double x) { return 1 / (1 + std::exp(-x)); };
  if (which == 0) {
    const double z = random.normal(), v = 0.6 * z + 0.8 * random.normal();
    return {sigmoid(-1 + 2 * z), sigmoid(1.5 + 1.2 * v)};
  }
  const double u = random.uniform();
  if (which == 1) return {u * u, 0.55 + 0.45 * std::sqrt(u)};
  if (which == 3) return {0.2 + 0.6 * u, 0.7 + 0.3 * random.uniform()};
  if (which == 4) return {u * u * u, 1 - 0.95 * std::pow(random.uniform(), 8)};
  if (u < 0.15) return {0, 0};
  if (u < 0.5) return {0.02 + 0.1 * random.uniform(), 0.3 + 0.4 * random.uniform()};
  return {0.4 + 0.5 * random.uniform(), 0.9 + 0.1 * random.uniform()};
}

/// Expectations over fresh problems, by Monte Carlo with an error below .0005.
struct Expectations {
  double accuracy = 0, fdr = 0, ceiling = 0;  ///< E[pT], E[b]/E[m], E[theta 1(p > 0)]
  double fpr = 0, fp_mass = 0;                ///< E[b]/E[fp + tn], E[b]/n
  /// For each of the K asked for: E[TP_K], E[FP_K], and wrong, of the accepted at just that attempt.
  std::vector<double> tp, fp, fdr_at;
};

inline Expectations expectations(int which, const std::vector<double>& k) {
  RandomStream random(99, "truth " + std::to_string(which));
  Expectations out;
  for (auto* part : {&out.tp, &out.fp, &out.fdr_at}) part->resize(k.size());
  std::vector<double> accepted_at(k.size());
  double wrong = 0, accepted = 0;
  constexpr int kDraws = 1'000'000;
  for (int i = 0; i < kDraws; ++i) {
    const Truth x = draw_truth(which, random);
    out.accuracy += x.p * x.theta / kDraws;
    for (std::size_t j = 0; j < k.size(); ++j) {
      const double before = std::pow(1 - x.p, k[j] - 1), within = 1 - before * (1 - x.p);
      out.tp[j] += x.theta * within / kDraws, out.fp[j] += (1 - x.theta) * within / kDraws;
      out.fdr_at[j] += (1 - x.theta) * before * x.p, accepted_at[j] += before * x.p;
    }
    if (x.p > 0) out.ceiling += x.theta / kDraws;
    wrong += x.p * (1 - x.theta), accepted += x.p;
  }
  out.fdr = wrong / accepted;
  for (std::size_t j = 0; j < k.size(); ++j) out.fdr_at[j] /= accepted_at[j];
  out.fp_mass = wrong / kDraws, out.fpr = out.fp_mass / (1 - out.accuracy);
  return out;
}

struct DataSet {
  stats::ModelCounts counts{"d", "m", "base", "base,plus"};
  std::vector<Truth> truths;  ///< of each problem
};

inline DataSet draw_data_set(int which, int n, std::uint64_t number, int problems = kProblems) {
  RandomStream random(number, "data " + std::to_string(which) + " " + std::to_string(n));
  DataSet out;
  for (int i = 0; i < problems; ++i) {
    const Truth x = draw_truth(which, random);
    stats::Counts c;
    for (int s = 0; s < n; ++s)
      ++(random.uniform() >= x.p ? c.tn : random.uniform() < x.theta ? c.tp : c.fp);
    const std::string digits = std::to_string(i);
    out.counts.task_ids.push_back("p" + std::string(3 - digits.size(), '0') + digits);
    out.counts.problems.push_back(c);
    out.truths.push_back(x);
  }
  return out;
}

inline bool covers(const stats::Interval& interval, double truth) {
  return interval.lo <= truth && truth <= interval.hi;
}

struct Slice {
  int sets = 2000, threads = 0;
  std::uint64_t first = 0;  ///< number of the first data set
  std::vector<int> n = {10, 50, 200};
  std::vector<std::string> truths = {kTruths[0], kTruths[1], kTruths[2]};

  void add_options(CLI::App& app) {
    app.add_option("--sets", sets, "Data sets per truth and n")
        ->check(CLI::Range(1, 1'000'000))
        ->capture_default_str();
    app.add_option(
           "--first", first,
           "Number (seed) of the first data set: another machine begins where this one ends")
        ->capture_default_str();
    app.add_option("--n", n, "Samples per problem, a comma between")
        ->delimiter(',')
        ->check(CLI::Range(2, 100'000))
        ->capture_default_str();
    app.add_option("--truth", truths,
                   "logistic-normal, crescent, steps, even, heavy; a comma between")
        ->delimiter(',')
        ->check(CLI::IsMember({kTruths[0], kTruths[1], kTruths[2], kTruths[3], kTruths[4]}))
        ->capture_default_str();
    app.add_option("--threads", threads, "0: as many as the machine has")->capture_default_str();
  }

  /// Of studies that hold a method against resampling, by the number of problems.
  int replicates = 1000;
  std::vector<int> problems = {10, 20, 50, 164};
  void add_rival_options(CLI::App& app) {
    app.add_option("--replicates", replicates, "Replicates of the rival")
        ->check(CLI::Range(100, 100'000))
        ->capture_default_str();
    app.add_option("--problems", problems, "Problems per data set, a comma between")
        ->delimiter(',')
        ->check(CLI::Range(2, 999))
        ->capture_default_str();
  }

  static int number(const std::string& truth) {
    for (int i = 0; i < 5; ++i)
      if (truth == kTruths[i]) return i;
    return 0;
  }
};

}  // namespace assay::bench
