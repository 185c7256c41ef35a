// From the curves that a module gave to limits: plain numbers, no torch.
#include <algorithm>

#include "harness/base/error.h"
#include "harness/simulator/fit.h"

namespace assay::simulator {
namespace {

/// One number per problem and K, [problems][columns].
struct Matrix {
  std::size_t columns = 0;
  std::vector<double> values;
};

/// The first `columns` columns of a matrix that has `stride` of them.
Matrix first_columns(const std::vector<double>& values, std::size_t stride, std::size_t columns) {
  Matrix out{columns, {}};
  for (std::size_t at = 0; at < values.size(); at += stride)
    out.values.insert(out.values.end(), values.begin() + static_cast<std::ptrdiff_t>(at),
                      values.begin() + static_cast<std::ptrdiff_t>(at + columns));
  return out;
}

/// a - factor * b.
Matrix less(const Matrix& a, double factor, const Matrix& b) {
  Matrix out = a;
  for (std::size_t i = 0; i < out.values.size(); ++i) out.values[i] -= factor * b.values[i];
  return out;
}

/// Expected draws: the chance that none was accepted before, summed over the draws.
Matrix draws_of(const Matrix& accepted) {
  Matrix out = accepted;
  for (std::size_t at = 0; at < out.values.size(); at += out.columns) {
    double sum = 0;
    for (std::size_t k = 0; k < out.columns; ++k) {
      const double tail = 1 - accepted.values[at + k];
      out.values[at + k] = sum;
      sum += tail;
    }
  }
  return out;
}

/// Mean over problems, and its percentile interval over resampled problems, for every column.
void add(const stats::Resamples& resamples, const Matrix& x, const stats::BootstrapOptions& options,
         std::vector<double>& means, stats::Band& band) {
  const std::size_t rows = resamples.problems;
  std::vector<double> sums = stats::weighted_sums(resamples, x.values, x.columns, options.threads);
  for (double& v : sums) v /= static_cast<double>(rows);
  const auto intervals =
      stats::percentile_intervals(sums, resamples.replicates, options.level, options.threads);
  for (std::size_t c = 0; c < x.columns; ++c) {
    double sum = 0;
    for (std::size_t r = 0; r < rows; ++r) sum += x.values[r * x.columns + c];
    means.push_back(sum / static_cast<double>(rows));
    if (rows < 2) continue;  // one problem: no interval
    band.lo.emplace_back(intervals[c].lo);
    band.hi.emplace_back(intervals[c].hi);
  }
}

}  // namespace

FittedLimits module_limits(const ModuleCurves& curves, const stats::ModelCounts& counts,
                           const PosteriorOptions& options,
                           const stats::BootstrapOptions& bootstrap) {
  ASSAY_INVARIANT(curves.problems() == counts.problems.size());
  FittedLimits out;
  out.method = "module " + curves.name;
  const std::size_t stride = static_cast<std::size_t>(curves.k_max) + 1;
  const int last = std::clamp(options.k_max, 1, curves.k_max);
  const std::size_t columns = static_cast<std::size_t>(last) + 1;
  const Matrix accepted = first_columns(curves.accepted, stride, columns);
  const Matrix tp = first_columns(curves.tp, stride, columns), fp = less(accepted, 1, tp);
  const Matrix draws = draws_of(accepted);
  const stats::Resamples resamples =
      stats::resample_problems(counts.problems.size(), bootstrap, counts.dataset);
  for (int i = 0; i <= last; ++i) out.k.push_back(i);
  add(resamples, accepted, bootstrap, out.mean.accepted, out.accepted);
  add(resamples, tp, bootstrap, out.mean.tp, out.tp);
  add(resamples, fp, bootstrap, out.mean.fp, out.fp);
  add(resamples, draws, bootstrap, out.mean.draws, out.draws);
  for (const stats::Costs& costs : options.costs) {
    stats::check(costs);
    stats::UtilityCurve& u = out.utility.emplace_back();
    u.costs = costs;
    add(resamples, less(less(tp, costs.lambda, fp), costs.kappa, draws), bootstrap, u.value,
        u.band);
    const stats::Optimum best = stats::best_k(u.value);
    u.k_opt = best.k, u.utility_opt = best.utility, u.censored = best.censored;
    u.worth.value = best.utility;
    if (const auto at = static_cast<std::size_t>(best.k); at < u.band.lo.size())
      u.worth.interval = stats::Interval{*u.band.lo[at], *u.band.hi[at]};
    u.regret_lo = best.band_lo, u.regret_hi = best.band_hi;
  }
  out.notes.emplace_back("bands resample problems; the module's own uncertainty is not in them");
  return out;
}

}  // namespace assay::simulator
