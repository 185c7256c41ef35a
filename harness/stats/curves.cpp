#include "harness/stats/curves.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/base/error.h"

namespace assay::stats {
namespace {

void require_k(const Counts& counts, int k_max) {
  if (k_max < 0) throw Error(fmt::format("K = {} has no meaning: it must be at least 0", k_max));
  if (k_max > counts.n())
    throw Error(
        fmt::format("K = {} is beyond the {} samples of a problem; ask for at most {} or "
                    "use a fitted model",
                    k_max, counts.n(), counts.n()));
}

Curve zeros(int k_max) {
  const std::vector<double> zero(static_cast<std::size_t>(k_max) + 1);
  return {zero, zero, zero, zero};
}

/// Structure of arrays over problems, so that one step in K is a plain loop over them.
struct Columns {
  std::vector<double> n, rejected, correct_share, tail;
};

Columns columns(const ModelCounts& counts) {
  Columns c;
  for (const Counts& p : counts.problems) {
    const double m = static_cast<double>(p.accepted());
    c.n.push_back(static_cast<double>(p.n()));
    c.rejected.push_back(static_cast<double>(p.n()) - m);
    c.correct_share.push_back(m > 0 ? static_cast<double>(p.tp) / m : 0);
    c.tail.push_back(1);
  }
  return c;
}

/// Sums over problems of P(J=k), of the same times tp/m, and of tail_{k-1}; then moves tail to k.
struct Step {
  double accepted = 0, tp = 0, tail = 0;
};

Step advance(Columns& c, double k) {
  Step sum;
  const std::size_t size = c.tail.size();
  for (std::size_t i = 0; i < size; ++i) {
    const double before = c.tail[i];
    // Draws left: n-k+1, of them rejected: n-m-k+1, which is 0 once every rejected one is drawn.
    const double after = before * std::max(0.0, c.rejected[i] - k + 1) / (c.n[i] - k + 1);
    const double first = before * (c.n[i] - c.rejected[i]) / (c.n[i] - k + 1);
    sum.accepted += first;
    sum.tp += first * c.correct_share[i];
    sum.tail += before;
    c.tail[i] = after;
  }
  return sum;
}

}  // namespace

std::int64_t smallest_n(const ModelCounts& counts) {
  std::int64_t n = counts.problems.empty() ? 0 : INT64_MAX;
  for (const Counts& c : counts.problems) n = std::min(n, c.n());
  return n;
}

std::vector<double> first_acceptance(const Counts& counts, int k_max) {
  require_k(counts, k_max);
  const double n = static_cast<double>(counts.n()), m = static_cast<double>(counts.accepted());
  std::vector<double> out(static_cast<std::size_t>(k_max) + 1);
  double tail = 1;
  for (int k = 1; k <= k_max; ++k) {
    out[static_cast<std::size_t>(k)] = tail * m / (n - k + 1);
    tail *= std::max(0.0, n - m - k + 1) / (n - k + 1);
  }
  return out;
}

Curve problem_curve(const Counts& counts, int k_max) {
  ModelCounts one;
  one.problems = {counts};
  return mean_curve(one, k_max);
}

Curve mean_curve(const ModelCounts& counts, int k_max) {
  ASSAY_INVARIANT(!counts.problems.empty());
  for (const Counts& c : counts.problems) require_k(c, k_max);
  Columns c = columns(counts);
  Curve out = zeros(k_max);
  const double problems = static_cast<double>(counts.problems.size());
  Step sum;
  for (int k = 1; k <= k_max; ++k) {
    const Step step = advance(c, k);
    sum.accepted += step.accepted, sum.tp += step.tp, sum.tail += step.tail;
    const std::size_t at = static_cast<std::size_t>(k);
    out.accepted[at] = sum.accepted / problems;
    out.tp[at] = sum.tp / problems;
    out.fp[at] = std::max(0.0, sum.accepted - sum.tp) / problems;
    out.draws[at] = sum.tail / problems;
  }
  return out;
}

std::vector<std::optional<double>> fdr_by_attempt(const ModelCounts& counts, int k_max,
                                                  AttemptWeighting weighting) {
  const std::size_t size = static_cast<std::size_t>(std::max(k_max, 0)) + 1;
  std::vector<double> wrong(size), all(size);
  for (const Counts& c : counts.problems) {
    const std::vector<double> first = first_acceptance(c, k_max);
    if (c.accepted() == 0) continue;
    const double fdr = static_cast<double>(c.fp) / static_cast<double>(c.accepted());
    for (std::size_t k = 1; k < size; ++k) {
      const double weight =
          weighting == AttemptWeighting::paper ? static_cast<double>(first[k] > 0) : first[k];
      wrong[k] += fdr * weight;
      all[k] += weight;
    }
  }
  std::vector<std::optional<double>> out(size);
  for (std::size_t k = 1; k < size; ++k)
    if (all[k] > 0) out[k] = wrong[k] / all[k];
  return out;
}

std::vector<std::optional<double>> cumulative_precision(const Curve& mean) {
  std::vector<std::optional<double>> out(mean.accepted.size());
  for (std::size_t k = 0; k < out.size(); ++k)
    if (mean.accepted[k] > 0) out[k] = mean.tp[k] / mean.accepted[k];
  return out;
}

std::vector<double> selection_loss(const ModelCounts& counts, int k_max) {
  // pass@K is A_K of a proxy that accepts exactly the correct samples.
  ModelCounts oracle = counts;
  for (Counts& c : oracle.problems) c = {.tp = c.correct(), .tn = c.n() - c.correct()};
  const Curve best = mean_curve(oracle, k_max), curve = mean_curve(counts, k_max);
  std::vector<double> out(best.tp.size());
  for (std::size_t k = 0; k < out.size(); ++k) out[k] = std::max(0.0, best.tp[k] - curve.tp[k]);
  return out;
}

std::optional<int> first_reaching(const std::vector<double>& tp, double target) {
  const auto at = std::lower_bound(tp.begin(), tp.end(), target);
  if (at == tp.end()) return std::nullopt;
  return static_cast<int>(at - tp.begin());
}

}  // namespace assay::stats
