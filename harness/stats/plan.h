// How many problems and samples an interval of a wanted width takes, from what has been judged so far.
//
// Of a rate R = sum(num)/sum(den) over samples, a sample pulls by z = num - R den. The z of a problem's
// samples vary within it (variance w, of the samples left to chance), their means between problems
// (variance b): one-way random effects, by the method of moments. With G problems of n samples each
//
//   Var(R) = (b + w/n) / (G A^2),   A = the mean over problems of sum(den)/n,
//
// and the interval is that of interval.h with this error; its effective number of problems grows as G does.
// More samples of the same problems bring the width down to that of w = 0 and no further. Where all
// problems agree, the bound of agreed_interval is what has a width: 1 - alpha^(1/G), however many samples.
// Sources: Cochran, Sampling Techniques, 1977, ch. 10 (two stages); Searle, Casella and McCulloch, Variance
// Components, 1992. Pure; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/stats/bootstrap.h"
#include "harness/stats/counts.h"
#include "harness/stats/interval.h"

namespace assay::stats {

/// The rates that can be planned, by the names of `rates --json`.
const std::vector<std::string>& planned_rates();

struct PlanOptions {
  double width = 0.05;                               ///< of the interval, from end to end
  std::vector<int> samples = {1, 2, 5, 10, 20, 50};  ///< of a problem, to plan with
  double level = 0.95;
  std::uint64_t seed = 1;
};

/// Problems that it takes with so many samples each.
struct PlanRow {
  int samples = 0;
  std::optional<std::int64_t> problems;  ///< none where not even kPlannedProblemsMax do
  std::optional<Interval> interval;      ///< of that number, by bootstrap over problems
  double width = 0;                      ///< with the problems there are and so many samples each
};
inline constexpr std::int64_t kPlannedProblemsMax = 10'000'000;

struct Plan {
  std::string rate;
  Estimate now;                  ///< with each problem's share counting once
  std::int64_t problems = 0;     ///< there are, with a verdict
  double between = 0;            ///< b
  std::optional<double> within;  ///< w; none where no problem has two samples, and it is part of b
  std::optional<double> width;   ///< of the interval now
  /// With the problems there are and samples without end: the least width that more samples reach.
  std::optional<double> width_without_end;
  /// Samples of each of the problems there are, for the width; none where no number does, or where w is
  /// not known.
  std::optional<std::int64_t> samples_here;
  std::vector<PlanRow> rows;  ///< where w is not known, of one sample a problem alone
  std::vector<std::string> notes;
};

/// Throws Error for an unknown rate, a width that is not within 0 and 1, and no or senseless samples.
Plan plan(const ModelCounts& counts, const std::string& rate, const PlanOptions& options);

}  // namespace assay::stats
