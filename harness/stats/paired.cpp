#include "harness/stats/paired.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <span>
#include <utility>

namespace assay::stats {
namespace {

constexpr Interval kDifferences = {-1, 1};

double accuracy(const Counts& c) {
  return static_cast<double>(c.correct()) / static_cast<double>(c.n());
}

/// Accuracy of a minus accuracy of b on the problems both cover.
Ratio difference(const ModelCounts& a, const ModelCounts& b, const std::vector<std::size_t>& at_a,
                 const std::vector<std::size_t>& at_b, std::size_t size) {
  Ratio out{std::vector<double>(size), std::vector<double>(size), kDifferences};
  for (std::size_t i = 0, j = 0; i < at_a.size() && j < at_b.size();) {
    if (at_a[i] == at_b[j]) {
      out.numerator[at_a[i]] = accuracy(a.problems[i]) - accuracy(b.problems[j]);
      out.denominator[at_a[i]] = 1;
      ++i, ++j;
    } else {
      ++(at_a[i] < at_b[j] ? i : j);
    }
  }
  return out;
}

/// Raises `largest`, one a replicate, to the distances of a difference from its estimate, in its errors:
/// `top` is the sum of the differences in a replicate, `each` one over the number of problems in it (NaN
/// where there is none, which raises nothing).
template <typename Top>
void raise(const Estimate& estimate, Top top, const std::vector<double>& each,
           std::vector<double>& largest) {
  if (!estimate.basis) return;
  const double value = *estimate.value, scale = 1 / estimate.basis->error;
  for (std::size_t r = 0; r < largest.size(); ++r)
    largest[r] = std::max(largest[r], std::abs(top(r) * each[r] - value) * scale);
}

std::vector<double> inverse(std::span<const double> drawn) {
  std::vector<double> out;
  for (const double problems : drawn)
    out.push_back(problems > 0 ? 1 / problems : std::numeric_limits<double>::quiet_NaN());
  return out;
}

/// The accuracies of one model over the universe, 0 where it covers no problem, and where it covers one.
Ratio accuracies(const ModelCounts& counts, const std::vector<std::size_t>& at, std::size_t size) {
  Ratio out{std::vector<double>(size), std::vector<double>(size)};
  for (std::size_t i = 0; i < at.size(); ++i)
    out.numerator[at[i]] = accuracy(counts.problems[i]), out.denominator[at[i]] = 1;
  return out;
}

/// The sum of the differences is the difference of two sums, less what only one of the two covers, so that
/// one sum a model does for all its pairs.
class Replicates {
 public:
  Replicates(const std::vector<const ModelCounts*>& models, const Universe& all,
             const Resamples& resamples, int threads)
      : resamples_(resamples), weights_(all.task_ids.size()) {
    Columns columns;
    for (std::size_t m = 0; m < models.size(); ++m) {
      ratios_.push_back(accuracies(*models[m], all.index[m], all.task_ids.size()));
      columns.add(ratios_.back().numerator), columns.add(ratios_.back().denominator);
    }
    columns.sum(resamples, threads);
    const auto copied = [](std::span<const double> sums) {
      return std::vector<double>(sums.begin(), sums.end());
    };
    for (const Ratio& ratio : ratios_) {
      tops_.push_back(copied(columns.sums(ratio.numerator)));
      drawn_.push_back(copied(columns.sums(ratio.denominator)));
      each_.push_back(inverse(drawn_.back()));
    }
  }

  void raise(std::size_t a, std::size_t b, const Estimate& estimate, std::vector<double>& largest) {
    const std::vector<double>&of_a = tops_[a], &of_b = tops_[b];
    const std::vector<double>&in_a = ratios_[a].denominator, &in_b = ratios_[b].denominator;
    if (in_a == in_b)
      return stats::raise(
          estimate, [&](std::size_t r) { return of_a[r] - of_b[r]; }, each_[a], largest);
    std::vector<double> top(largest.size()), drawn = drawn_[a];
    for (std::size_t r = 0; r < top.size(); ++r) top[r] = of_a[r] - of_b[r];
    for (std::size_t p = 0; p < in_a.size(); ++p) {
      if (in_a[p] == in_b[p]) continue;
      const double difference = ratios_[a].numerator[p] - ratios_[b].numerator[p];
      const std::vector<double>& weight = weights_of(p);
      for (std::size_t r = 0; r < top.size(); ++r)
        top[r] -= weight[r] * difference, drawn[r] -= weight[r] * in_a[p];
    }
    stats::raise(
        estimate, [&](std::size_t r) { return top[r]; }, inverse(drawn), largest);
  }

 private:
  /// How often each replicate drew this problem.
  const std::vector<double>& weights_of(std::size_t problem) {
    std::vector<double>& out = weights_[problem];
    if (out.empty())
      for (std::size_t r = 0; r < resamples_.replicates; ++r)
        out.push_back(resamples_.weight[r * resamples_.problems + problem]);
    return out;
  }

  const Resamples& resamples_;
  std::vector<Ratio> ratios_;
  std::vector<std::vector<double>> tops_, drawn_, each_;  ///< a model, over the replicates
  std::vector<std::vector<double>> weights_;              ///< a problem; empty: not asked for yet
};

/// The share of a normal distribution that lies as near to its middle as `level` of the replicates.
double level_of(const std::vector<double>& largest, double level) {
  constexpr double kFar = 7;  // beyond it 1 - share is rounding
  const double reach = std::min(kFar, percentile_interval(largest, 2 * level - 1).hi);
  return std::max(level, std::erf(reach / std::numbers::sqrt2));
}

}  // namespace

std::vector<PairedDifference> paired_differences(const std::vector<const ModelCounts*>& models,
                                                 const Universe& all,
                                                 const BootstrapOptions& options) {
  std::vector<PairedDifference> out;
  if (models.size() < 2) return out;
  const std::size_t size = all.task_ids.size();
  const Resamples resamples = resample_problems(size, options, models[0]->dataset);
  Replicates replicates(models, all, resamples, options.threads);
  std::vector<double> largest(resamples.replicates, 0);
  for (std::size_t a = 0; a < models.size(); ++a) {
    for (std::size_t b = a + 1; b < models.size(); ++b) {
      const Ratio ratio = difference(*models[a], *models[b], all.index[a], all.index[b], size);
      const PairedDifference& pair = out.emplace_back(PairedDifference{
          models[a]->dataset,
          "accuracy",
          models[a]->model,
          models[b]->model,
          std::count(ratio.denominator.begin(), ratio.denominator.end(), 1.0),
          ratio_estimate(ratio.numerator, ratio.denominator, ratio.range, options.level),
          {}});
      replicates.raise(a, b, pair.difference, largest);
    }
  }
  const double together = level_of(largest, options.level);
  const double bonferroni = 1 - (1 - options.level) / static_cast<double>(out.size());
  for (PairedDifference& pair : out) {
    const Estimate& estimate = pair.difference;
    if (estimate.basis)
      pair.simultaneous = t_interval(*estimate.value, *estimate.basis, kDifferences, together);
    else if (estimate.interval)
      pair.simultaneous = agreed_interval(*estimate.value, kDifferences,
                                          static_cast<std::size_t>(pair.problems), bonferroni);
  }
  return out;
}

PairedDifference upward(PairedDifference pair) {
  if (pair.difference.value.value_or(0) >= 0) return pair;
  const auto turn = [](std::optional<Interval>& interval) {
    if (interval) interval = Interval{-interval->hi, -interval->lo};
  };
  std::swap(pair.a, pair.b);
  pair.difference.value = -*pair.difference.value;
  turn(pair.difference.interval), turn(pair.simultaneous);
  return pair;
}

}  // namespace assay::stats
