// How far a verifier's scores can be trusted, measured on plain samples: never declared. And what
// these scores foretell of the strategies that take one of several finished answers.
// Intervals by bootstrap over problems. Pure; thread-safe. Truth other than 0 and 1 counts as the
// share of right answers.
#pragma once

#include <vector>

#include "harness/explore/experiment.h"
#include "harness/stats/bootstrap.h"

namespace assay::explore {

struct Fidelity {
  int step = 0;  ///< after so many steps; 0: of the finished answers
  std::int64_t samples = 0, not_judged = 0;
  stats::Estimate tpr, fpr;    ///< at the threshold: accepted, of those that end right; ... wrong
  stats::Estimate auc;         ///< P(a right one scores higher than a wrong one), ties half; pooled
  stats::Estimate auc_within;  ///< the same within problems, weighted by their pairs
  stats::Estimate ece;         ///< expected calibration error, ten bins of equal width
  stats::Estimate brier;
};

/// Of the answers first, then by step. `threshold` is what counts as accepted.
std::vector<Fidelity> fidelity(const Task& task, const std::vector<Sampled>& samples,
                               double threshold, const stats::BootstrapOptions& options);

struct Foretold {
  std::size_t strategy = 0;
  int n = 0;
  double accuracy = 0;
};

/// The accuracy that the scores of the samples, problem by problem, foretell of best-of, rejection,
/// first-accepted and sample (arXiv 2507.12399: their accuracy on a problem is a function of the
/// verifier's ROC and of the share of right answers). best-of by drawing without replacement, so only
/// for n up to the number of samples. Other strategies are left out.
std::vector<Foretold> foretold(const Task& task, const Plan& plan,
                               const std::vector<Sampled>& samples);

}  // namespace assay::explore
