// A density of acceptance and precision in which precision bends with acceptance: the mixtures of
// mixture_family.h know one precision a component, so that below the rates that n samples show theirs is
// that of a few components, and the bands of false positives far out are too sure of it.
//
// Logit p lies near one of kLinkNodes nodes. How many problems lie near which is told by a density of
// two Betas, which falls off smoothly to both sides (no atom: a rate far below the last that samples show
// does for it). Near a node of logit t the precision is Beta with mean sigmoid(link(t)) and one size
// for all; link(t) = intercept + slope t + a Gaussian process of unit variance and length kLinkLength.
// So it is a mixture as in mixture.h, of many components with few free parameters, and all that is known
// of mixtures holds for it.
//
// Free parameters: of each Beta log size and logit mean of the acceptance and log weight, as in
// mixture_family.h with its prior, each kind of number for both; intercept N(1.5, 1.5); slope
// N(0.25, 0.5); the process at its knots, whitened, N(0, 1) each; log size of the precision N(log 3, 1.2).
// Pure; thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "harness/simulator/mixture.h"
#include "harness/simulator/mixture_family.h"
#include "harness/stats/counts.h"

namespace assay::simulator {

inline constexpr std::size_t kLinkNodes = 37, kLinkKnots = 9, kLinkBetas = 2;
inline constexpr double kLinkNodeFirst = -10, kLinkNodeStep = 0.5;
inline constexpr double kLinkNodeDeviation = 0.3;  ///< of logit p near a node
inline constexpr double kLinkKnotFirst = -8, kLinkKnotStep = 2, kLinkLength = 3;
inline constexpr std::size_t kLinkSize = 3 * kLinkBetas + 2 + kLinkKnots + 1;

/// REQUIRES: x.size() == kLinkSize.
MixtureParameters link_parameters(std::span<const double> x);

/// Where a search for the optimum begins.
std::vector<double> link_start();

/// Log posterior of the free parameters up to a constant.
class LinkTarget {
 public:
  explicit LinkTarget(const std::vector<stats::Counts>& problems);
  /// Fills in the gradient too where `gradient` is not empty.
  double operator()(std::span<const double> x, std::span<double> gradient = {}) const;

 private:
  std::vector<double> times_;  ///< problems with these counts
  DistinctValues tp_, fp_, accepted_;
  std::vector<double> acceptance_;  ///< [problems][nodes]: log P(accepted, rejected) near the node
};

}  // namespace assay::simulator
