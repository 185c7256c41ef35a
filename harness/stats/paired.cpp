#include "harness/stats/paired.h"

#include <algorithm>
#include <cmath>
#include <numbers>

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

/// Raises `largest`, one a replicate, to the distances of these differences in their errors.
void raise(const std::vector<Ratio>& ratios, const PairedDifference* pairs,
           const Resamples& resamples, int threads, std::vector<double>& largest) {
  Columns columns;
  for (const Ratio& ratio : ratios) columns.add(ratio.numerator), columns.add(ratio.denominator);
  columns.sum(resamples, threads);
  for (std::size_t i = 0; i < ratios.size(); ++i) {
    const Estimate& estimate = pairs[i].difference;
    if (!estimate.basis) continue;
    const auto top = columns.sums(ratios[i].numerator), drawn = columns.sums(ratios[i].denominator);
    for (std::size_t r = 0; r < largest.size(); ++r)
      if (drawn[r] > 0)
        largest[r] = std::max(
            largest[r], std::abs(top[r] / drawn[r] - *estimate.value) / estimate.basis->error);
  }
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
  std::vector<double> largest(resamples.replicates, 0);
  for (std::size_t a = 0; a < models.size(); ++a) {
    std::vector<Ratio> ratios;  // one row of pairs at a time bounds the memory
    const std::size_t first = out.size();
    for (std::size_t b = a + 1; b < models.size(); ++b) {
      const Ratio& ratio =
          ratios.emplace_back(difference(*models[a], *models[b], all.index[a], all.index[b], size));
      out.push_back({models[a]->dataset,
                     "accuracy",
                     models[a]->model,
                     models[b]->model,
                     std::count(ratio.denominator.begin(), ratio.denominator.end(), 1.0),
                     ratio_estimate(ratio.numerator, ratio.denominator, ratio.range, options.level),
                     {}});
    }
    if (!ratios.empty()) raise(ratios, &out[first], resamples, options.threads, largest);
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

}  // namespace assay::stats
