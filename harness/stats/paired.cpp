#include "harness/stats/paired.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "harness/stats/paired_sums.h"

namespace assay::stats {
namespace {

constexpr Interval kDifferences = {-1, 1};

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
  std::vector<Covering> accuracies;
  for (std::size_t m = 0; m < models.size(); ++m)
    accuracies.push_back(covering(*models[m], all.index[m], size, accuracy));
  PairedSums sums(std::move(accuracies), resamples, options.threads);
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
      sums.difference(a, b, [&](auto top, const std::vector<double>& each) {
        raise(pair.difference, top, each, largest);
      });
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
