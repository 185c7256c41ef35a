// Paired cluster bootstrap over problems.
//
// Problems are the clusters: a replicate draws whole problems with replacement from the union of
// the task ids of all models, and every model sees the same draw, so differences and ranks are
// paired. Whatever is a ratio is resampled as a whole: numerator and denominator come from the same
// draw. Weights are multinomial counts, so a replicate of any sum over problems is one row of a
// matrix product (weights x values); `weighted_sums` is that product.
//
// Where every problem says the same (no false positive at all, or one right of ten everywhere), the
// bootstrap has no width and an exact bound takes its place: with G clusters and none that says
// otherwise, the share pi of problems that would is below 1 - alpha^(1/G) with confidence 1 - alpha
// (Clopper-Pearson; about 3/G). They may say anything in the quantity's range, so a mean over
// problems that is v in all of them, of a number in [0, 1], lies within [v - pi v, v + pi (1 - v)].
// For a pooled rate sum(num)/sum(den), pi * max(den)/mean(den) stands for pi: the others may be large
// problems.
//
// Errors: assay::Error for options out of range. Thread safety: pure functions; `weighted_sums` and
// `percentile_intervals` use up to `threads` threads and give the same bits for any number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace assay::stats {

struct Interval {
  double lo = 0, hi = 0;
};

/// A number with its uncertainty. Both empty where undefined.
struct Estimate {
  std::optional<double> value;
  std::optional<Interval> interval;
};

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

/// Upper limit for a share when none of `clusters` clusters shows the event.
double zero_event_bound(std::size_t clusters, double level);

/// Problems whose values differ by no more agree; the rest is rounding.
inline constexpr double kAgreementWidth = 1e-9;

/// The interval for a mean of numbers within `range` where all `clusters` clusters say `value`;
/// `weight`: the largest weight of a cluster in the mean, over the average one.
Interval agreed_interval(double value, Interval range, std::size_t clusters, double level,
                         double weight = 1);

/// Per problem a numerator within `range` * denominator; the estimate is
/// sum(numerator)/sum(denominator). Problems that do not count have denominator 0.
struct Ratio {
  std::vector<double> numerator, denominator;
  Interval range = {0, 1};  ///< infinite: where all problems agree there is no interval
};

/// Value and interval of each ratio, all from the same resamples. No interval with fewer than two
/// problems that count, or where more than one replicate in ten has a zero denominator.
std::vector<Estimate> bootstrap_ratios(const Resamples& resamples, const std::vector<Ratio>& ratios,
                                       const BootstrapOptions& options);

void check(const BootstrapOptions& options);

}  // namespace assay::stats
