// Intervals of ratios over problems, from how far each problem pulls the ratio.
//
// Problems are the clusters, and few of them: 10 to 200. A ratio sum(numerator)/sum(denominator) gets
// the t interval on the logit scale of its range, so that it never leaves the range and leans to the
// side where there is room. The error is the jackknife's: each problem left out once, the denominator
// with it. The degrees of freedom are those with which that error is itself known (Satterthwaite),
// from the kurtosis of the problems' pulls, and at most what Kish's effective number of the
// denominators allows: (sum d)^2 / sum d^2 - 1. Where one problem carries the ratio they fall
// towards 1 and the interval widens; where all weigh alike they are G - 1.
//
// Where every problem says the same (no false positive at all, or one right of ten everywhere), there
// is no spread, and an exact bound takes its place: with G clusters and none that says otherwise, the
// share pi of problems that would is below 1 - alpha^(1/G) with confidence 1 - alpha
// (Clopper-Pearson; about 3/G). They may say anything in the quantity's range, so a mean over
// problems that is v in all of them, of a number in [0, 1], lies within [v - pi v, v + pi (1 - v)].
// For a pooled rate sum(num)/sum(den), pi * max(den)/mean(den) stands for pi: the others may be large
// problems.
//
// Sources: Korn and Graubard, Survey Methodology 24, 1998 (logit intervals of clustered shares);
// Efron and Stein, Ann. Stat. 9, 1981 (jackknife); O'Neill, Am. Stat. 68, 2014 (degrees of
// freedom by kurtosis). Coverage: docs/results.md. Pure; thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace assay::stats {

struct Interval {
  double lo = 0, hi = 0;
};

/// What an interval rests on.
struct Basis {
  double error = 0;          ///< standard error
  double effective = 0;      ///< number of problems: the degrees of freedom and one more
  std::size_t heaviest = 0;  ///< place of the problem with the largest part in the squared error
  double share = 0;          ///< that part
};

/// A number with its uncertainty. Empty where undefined.
struct Estimate {
  std::optional<double> value;
  std::optional<Interval> interval;
  std::optional<Basis> basis;  ///< none where all problems agree
};

/// Per problem a numerator within `range` * denominator; the estimate is
/// sum(numerator)/sum(denominator). Problems that do not count have denominator 0.
struct Ratio {
  std::vector<double> numerator, denominator;
  Interval range = {0, 1};  ///< infinite: where all problems agree there is no interval
};

/// The t interval takes the logarithm where only the range's upper end is infinite, and the plain
/// scale where both are. No interval with fewer than two problems that count. `largest`: the largest
/// denominator that a problem can have, where none that was seen has it.
Estimate ratio_estimate(std::span<const double> numerator, std::span<const double> denominator,
                        Interval range, double level, double largest = 0);
std::vector<Estimate> ratio_estimates(const std::vector<Ratio>& ratios, double level);

/// From how far each problem pulls the value, and how far the value moves without it; problems with
/// `counts` 0 do not count. `kish`: an effective number of problems that it cannot exceed.
/// REQUIRES: two problems that count, one of which pulls.
Basis basis_of_pulls(std::span<const double> pulls, std::span<const double> without,
                     std::span<const double> counts, double kish);
/// Kish's effective number of weights: (sum w)^2 / sum w^2.
double kish(std::span<const double> weights);

/// The t interval of a value with that error, within `range`. REQUIRES: effective >= 2.
Interval t_interval(double value, const Basis& basis, Interval range, double level);

/// Upper limit for a share when none of `clusters` clusters shows the event.
double zero_event_bound(std::size_t clusters, double level);

/// Problems whose values differ by no more agree; the rest is rounding.
inline constexpr double kAgreementWidth = 1e-9;

/// The interval for a mean of numbers within `range` where all `clusters` clusters say `value`;
/// `weight`: the largest weight of a cluster in the mean, over the average one.
Interval agreed_interval(double value, Interval range, std::size_t clusters, double level,
                         double weight = 1);

/// How far from 0 Student's t must lie to be within the middle `level`. REQUIRES: degrees >= 1.
double t_quantile(double level, double degrees);

}  // namespace assay::stats
