// Exact estimators in the number of draws K: what resampling until the first acceptance gives.
//
// From n samples of a problem, m = tp+fp of them accepted, every value is the expectation over all
// orders in which the n samples could have come; for K <= n it is an unbiased estimate of the truth
// for fresh samples. False negatives count among the rejected: nothing here needs fn = 0.
//   tail_K = C(n-m,K)/C(n,K)          no acceptance within K draws
//   accepted A_K = 1 - tail_K         P(J=k) = tail_{k-1} m/(n-k+1)    first acceptance at draw k
//   TP_K = (tp/m) A_K, FP_K = (fp/m) A_K (both 0 when m = 0)           draws N_K = sum_{j<K} tail_j
// All sums run over positive terms, so nothing cancels. Vectors are indexed by K, from 0.
// Errors: assay::Error where K is larger than a problem's n. Pure; thread-safe.
// Source: Stroebl, Kapoor, Narayanan, arXiv 2411.17501; corrections in docs/method.md.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "harness/stats/counts.h"

namespace assay::stats {

struct Curve {
  std::vector<double> accepted, tp, fp, draws;
};

/// The smallest n over problems: the largest K that the samples can answer for. 0 without problems.
std::int64_t smallest_n(const ModelCounts& counts);

Curve problem_curve(const Counts& counts, int k_max);

/// Mean over problems. REQUIRES: at least one problem.
Curve mean_curve(const ModelCounts& counts, int k_max);

/// P(J=k), the first acceptance at draw k; index 0 is 0.
std::vector<double> first_acceptance(const Counts& counts, int k_max);

enum class AttemptWeighting {
  by_probability,  ///< sum_i (fp_i/m_i) P_i(J=k) / sum_i P_i(J=k): of what is accepted at draw k
  paper,           ///< mean of fp_i/m_i over the problems that can be accepted first at draw k
};

/// Share of wrong programs among those first accepted at draw k. Empty where none can be, and at 0.
std::vector<std::optional<double>> fdr_by_attempt(
    const ModelCounts& counts, int k_max,
    AttemptWeighting weighting = AttemptWeighting::by_probability);

/// sum TP_K / sum A_K: share of correct programs among all accepted within K draws.
std::vector<std::optional<double>> cumulative_precision(const Curve& mean);

/// pass@K(correct samples) - TP_K: what is lost by taking the first accepted sample. Never
/// negative.
std::vector<double> selection_loss(const ModelCounts& counts, int k_max);

/// Smallest K with mean TP_K >= target, or none up to the end of the curve.
std::optional<int> first_reaching(const std::vector<double>& tp, double target);

}  // namespace assay::stats
