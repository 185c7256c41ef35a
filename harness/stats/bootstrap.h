// Paired cluster bootstrap over problems.
//
// Problems are the clusters: a replicate draws whole problems with replacement from the union of
// the task ids of all models, and every model sees the same draw, so differences and ranks are
// paired. Whatever is a ratio is resampled as a whole: numerator and denominator come from the same
// draw. Weights are multinomial counts, so a replicate of any sum over problems is one row of a
// matrix product (weights x values); `weighted_sums` is that product.
//
// Intervals of ratios need no draws: harness/stats/interval.h.
//
// Errors: assay::Error for options out of range. Thread safety: pure functions; `weighted_sums` and
// `percentile_intervals` use up to `threads` threads and give the same bits for any number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string_view>
#include <vector>

#include "harness/stats/interval.h"

namespace assay::stats {

struct BootstrapOptions {
  int replicates = 10000;
  std::uint64_t seed = 1;
  double level = 0.95;
  int threads = 0;  ///< 0: as many as the machine has
};

/// How often each problem was drawn: weight[r * problems + p]. A row sums to `problems`.
struct Resamples {
  std::size_t replicates = 0, problems = 0;
  std::vector<std::uint16_t> weight;
};

/// `stream` names the draw (a dataset): the same name and seed give the same resamples.
Resamples resample_problems(std::size_t problems, const BootstrapOptions& options,
                            std::string_view stream);

/// sums[c * replicates + r] = sum_p weight[r][p] * x[p * columns + c].
/// REQUIRES: x.size() == problems * columns.
std::vector<double> weighted_sums(const Resamples& resamples, std::span<const double> x,
                                  std::size_t columns, int threads = 0);

/// Columns of which many may be equal, such as the count of problems: each is summed once.
class Columns {
 public:
  /// One value per problem.
  void add(const std::vector<double>& column) { place_.try_emplace(column, place_.size()); }
  /// weighted_sums of all added; REQUIRES resamples of as many problems.
  void sum(const Resamples& resamples, int threads = 0);
  /// Of a column that was added before sum(): one value per replicate.
  std::span<const double> sums(const std::vector<double>& column) const;

 private:
  std::map<std::vector<double>, std::size_t> place_;
  std::vector<double> sums_;
  std::size_t replicates_ = 0;
};

/// Interpolated percentiles (Hyndman-Fan type 7) at (1-level)/2 and (1+level)/2.
/// REQUIRES: at least one value, none NaN.
Interval percentile_interval(std::span<const double> values, double level);

/// One interval per run of `length` values.
std::vector<Interval> percentile_intervals(std::span<const double> values, std::size_t length,
                                           double level, int threads = 0);

void check(const BootstrapOptions& options);

}  // namespace assay::stats
