// The mixtures that are fitted, as a family: how many components, whether each is tied to a
// Dirichlet, whether there is an atom at p = 0; their free parameters, their prior, and the
// posterior density of the free parameters given counts.
//
// Free parameters, row by row over components: log size (alpha + beta) and logit mean of the
// acceptance, logit mean of the precision, log weight against the atom's 0 (or, without an atom,
// against each other), and unless tied log size (gamma + delta) of the precision. The prior is
// weak: log sizes N(log 2, 1.5), logits and log weights N(0, 2).
// The same density is written with torch in mixture_fit.cpp, where gradients are needed; a test
// holds the two together. Pure; thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "harness/simulator/mixture.h"
#include "harness/stats/counts.h"

namespace assay::simulator {

struct MixtureKind {
  int components = 1;
  bool tied = true, atom = true;
  std::size_t rows() const { return tied ? 4 : 5; }
  std::size_t size() const { return rows() * static_cast<std::size_t>(components); }
};

inline constexpr double kLogSize = 0.6931471805599453;  ///< log 2
inline constexpr double kLogSizeDeviation = 1.5, kLogitDeviation = 2;
/// Beyond these the likelihood stays as it is at the edge while the prior goes on falling: at sizes
/// of 1e15 a difference of log gammas has no digits left, and its noise would look like a fit.
inline constexpr double kLogSizeMax = 14, kLogitMax = 20;

/// REQUIRES: x.size() == kind.size().
MixtureParameters mixture_parameters(std::span<const double> x, const MixtureKind& kind);

/// Problems with the same counts, once each; parallel vectors.
struct DistinctCounts {
  std::vector<double> tp, fp, rejected, times;  ///< times: problems with these counts
};
DistinctCounts distinct_counts(const std::vector<stats::Counts>& problems);

/// One of the numbers of the distinct problems, each of its values once.
struct DistinctValues {
  std::vector<double> distinct;
  std::vector<std::uint32_t> at;  ///< per distinct problem, its place in `distinct`
};
DistinctValues distinct_values(const std::vector<double>& column);

/// Log posterior of the free parameters up to a constant; fast, for the many points of a chain.
class MixtureTarget {
 public:
  MixtureTarget(const std::vector<stats::Counts>& problems, const MixtureKind& kind);
  /// Fills in the gradient too where `gradient` is not empty.
  double operator()(std::span<const double> x, std::span<double> gradient = {}) const;

 private:
  /// Per problem, how the log likelihood of one component moves with its four shapes.
  void add_slopes(const MixtureComponent& part, const std::vector<double>& share,
                  std::array<double, 4>& slopes) const;

  MixtureKind kind_;
  DistinctValues accepted_, rejected_, all_, tp_, fp_;
  std::vector<double> times_;  ///< problems with these counts
  std::vector<bool> never_;    ///< nothing was accepted: the atom can explain it
};

}  // namespace assay::simulator
