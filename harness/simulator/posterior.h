// Posterior draws of one model's problems, and everything that follows from them: curves at any K,
// the ceiling, the best K and matches, with credible bands. Plain numbers: no torch here, so the
// report and the tests use it without one.
//
// Each draw gives every problem an acceptance rate p, a precision theta and the share of correct
// programs among the rejected. Two estimands:
//   population  the mean over problems like these. Every draw weighs the problems at random
//               (Bayesian bootstrap), so bands are comparable with the bootstrap's of
//               harness/stats.
//   these       the mean over exactly these problems, for instance to forecast more samples of
//   them.
// Weights belong to (seed, task id, draw), so models are paired.
// Within the samples that a posterior has seen the curves are the exact ones (harness/stats/curves.h)
// under each draw's weights; beyond n the draws only tell what is added to the exact value at n. What
// happens far beyond n is told by the samples of no problem: with n of each, a rate below 1/n looks
// like never. So a band that rests on the draws ends at kReach n; after it the band is what the
// samples leave open, whatever the rates are: all that was not accepted by then may come out right,
// or wrong, or never.
// Errors: assay::Error for options out of range. Pure; thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "harness/stats/counts.h"
#include "harness/stats/limits.h"

namespace assay::simulator {

/// [draws][problems], row by row.
struct Posterior {
  std::string dataset, model, method;
  std::vector<std::string> task_ids;
  std::size_t draws = 0;
  std::vector<double> log_reject;        ///< log(1-p); 0 where p = 0
  std::vector<double> precision;         ///< theta
  std::vector<double> rejected_correct;  ///< P(correct | rejected); 0 where the proxy cannot do so
  std::vector<stats::Counts> seen;       ///< each problem's samples; empty: nothing to hold on to
  std::vector<std::string> notes;
  std::size_t problems() const { return task_ids.size(); }
};

/// What stats::LimitsRow says, as the fitted model has it. k is a grid, not every K.
struct FittedLimits {
  std::string method;  ///< "mixture of Dirichlets", "hierarchical", "module FILE"
  std::vector<int> k;
  /// Up to here the bands rest on the samples; beyond, and for the ceiling, they are what is left
  /// open. Empty where next to nothing is, and for a module.
  std::optional<int> identified;
  stats::Curve mean;  ///< per entry of k
  stats::Band accepted, tp, fp, draws;
  stats::Estimate ceiling;                   ///< mean over problems of pT/p, 0 where p = 0
  std::vector<stats::UtilityCurve> utility;  ///< value per entry of k; k_opt may lie between
  std::vector<stats::Match> k_match;
  std::vector<std::string> notes;
};

enum class Estimand { population, these };

struct PosteriorOptions {
  std::vector<stats::Costs> costs;
  int k_max = 1000;  ///< last K of the printed curves
  double level = 0.95;
  std::uint64_t seed = 1;
  Estimand estimand = Estimand::population;
};

/// How many times n a fit's bands reach; measured in docs/results.md.
inline constexpr int kReach = 2;

/// The optimum is sought up to this K; where utility still rises there it is infinite (kappa = 0)
/// or censored.
inline constexpr int kSearchMax = 1'000'000;

/// All but k_match.
FittedLimits fitted_limits(const Posterior& posterior, const PosteriorOptions& options);

/// Smallest K at which `weak` reaches the accuracy of one sample of `strong`, on the problems both
/// cover: k at the posterior mean, probability = share of draws in which some K does.
stats::Match match(const Posterior& weak, const Posterior& strong, const PosteriorOptions& options);

/// Means over problems at K, per draw, from the draws alone.
struct DrawCurve {
  std::vector<double> accepted, tp, draws;
};
DrawCurve curve_at(const Posterior& posterior, std::span<const double> weights, double k);

/// Per draw and problem; every row sums to 1.
std::vector<double> problem_weights(const Posterior& posterior, const PosteriorOptions& options);

/// 0 to 30, then about 24 values a decade up to `last`, which is included.
std::vector<int> k_grid(int last);

}  // namespace assay::simulator
