// How many samples to draw: utility of a budget K, the best K, and how it moves with the cost
// ratio.
//
// U_K = TP_K - lambda FP_K - kappa N_K, where lambda is the cost of a false positive and kappa the
// cost of one sample, both over the benefit of a true positive. K = 0 (do not sample) is allowed
// and worth 0. The maximum of estimates is optimistic; limits.h redoes the argmax in every
// replicate. Errors: assay::Error for a negative or infinite lambda or kappa. Pure; thread-safe.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "harness/stats/curves.h"

namespace assay::stats {

struct Costs {
  double lambda = 0, kappa = 0;
  /// Of right and wrong first acceptances and draws of a problem: a right one is worth 1.
  double worth(double tp, double fp, double draws) const {
    return tp - lambda * fp - kappa * draws;
  }
};

inline constexpr double kRegret = 0.01;     ///< the regret band's width in utility
inline constexpr double kTieWidth = 1e-12;  ///< a later K must be better by more than rounding

/// Whether the last K there is does as well as the best one: the curve has ended, not turned. With
/// kappa = 0 it is flat where every problem that was ever accepted is accepted surely.
inline bool unsurpassed(double last, double best) { return last >= best - kTieWidth; }

struct Optimum {
  int k = 0;
  double utility = 0;
  bool censored = false;         ///< no later K does worse, to the last: read "at least K"
  int band_lo = 0, band_hi = 0;  ///< the run of K around k with utility >= best - kRegret
};

void check(const Costs& costs);

/// U_K for K = 0..k_max.
std::vector<double> utility(const Curve& mean, const Costs& costs);

/// Smallest K of the largest utility. REQUIRES: at least one value; index = K.
Optimum best_k(std::span<const double> utility, double regret = kRegret);

/// One stretch of cost ratios with the same best K: lambda_from <= lambda < lambda_to.
struct PathStep {
  int k = 0;
  double lambda_from = 0;
  std::optional<double> lambda_to;  ///< empty: no upper end
};

/// Best K as lambda grows from 0, at one kappa: the upper concave hull of (FP_K, TP_K - kappa N_K).
/// K never increases along it.
std::vector<PathStep> optimal_path(const Curve& mean, double kappa);

}  // namespace assay::stats
