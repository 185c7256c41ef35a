// Weights of particles, in logarithms, and resampling by them. Pure; thread-safe.
// Sources: arXiv 2502.01618 (particle filtering); Douc and Cappé 2005 (resampling schemes).
#pragma once

#include <cstddef>
#include <vector>

#include "harness/base/random.h"

namespace assay::search {

/// How the scores of a prefix become the factor by which its particle is weighted after each step.
enum class Weighting {
  probability,  ///< r: the target is p(z) times the product of the r
  odds,         ///< r / (1 - r), as the paper's code does
  softmax,      ///< exp(r), as its printed algorithm does
};
/// Which score stands for a prefix of several steps.
enum class Aggregate {
  last,
  min,
  prod,
  model,  ///< that of the prefix as a whole; the same as `last` where the verifier reads prefixes
};
enum class Resampling { multinomial, systematic, residual };

/// The largest score that odds are taken of: a verifier that is certain is not infinitely heavy.
inline constexpr double kOddsScoreMax = 1 - 1e-6;

/// The logarithm of the factor for a score; minus infinity for 0 by `probability` and `odds`.
double log_factor(Weighting weighting, double score);

/// `so_far` aggregates the steps before (1 at the root).
double aggregated(Aggregate aggregate, double so_far, double score);

/// log of the sum of exp; minus infinity for none, or where all are. Never NaN for such input.
double log_sum_exp(const std::vector<double>& logs);
/// exp(logs) that sum to 1; uniform where all are minus infinity.
std::vector<double> normalised(const std::vector<double>& logs);
/// The effective sample size of normalised weights: 1 / sum of squares.
double effective_size(const std::vector<double>& weights);

/// The entropic filter flattens weights early on, where few particles carry them: the temperature by
/// which their logarithms are divided. `share`: the effective size over the count; `progress`: the
/// steps made over the most there are.
double entropic_temperature(double share, double progress);

/// `count` indices into the weights, of each on average count x weight.
std::vector<std::size_t> resampled(Resampling scheme, const std::vector<double>& weights,
                                   std::size_t count, RandomStream& stream);
/// One index, with the probability that its weight says. REQUIRES: weights sum to 1, about.
std::size_t drawn(const std::vector<double>& weights, RandomStream& stream);

}  // namespace assay::search
