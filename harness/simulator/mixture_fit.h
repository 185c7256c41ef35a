// Fits harness/simulator/mixture_family.h to one model's counts by penalised marginal likelihood
// with libtorch's autograd, in double precision, from several seeded starts; always on the CPU, for a
// few components over some hundred distinct problems are too little for a GPU.
//
// Kinds of mixtures (how many components, tied to Dirichlets or not, with an atom or without) are
// compared by held-out log predictive density: folds of whole problems. `best` is the kind that
// predicts best; the draws come from every kind, each by its weight (pseudo-BMA+: the chance, under
// the Bayesian bootstrap over problems, that it predicts best; Yao et al. 2018), for what a few
// samples cannot tell apart must widen the bands. Half of the draws are of link.h, whatever it predicts:
// problems held out are like those seen, and say little of which precision passes have that are rarer.
// Within a kind, draws are of the exact posterior, by chains that begin at the normal approximation.
// Errors: assay::Error without problems.
// Thread-safe: separate calls share nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "harness/simulator/mixture_family.h"
#include "harness/stats/counts.h"

namespace assay::simulator {

struct MixtureOptions {
  int components_max = 3;
  std::optional<MixtureKind> only;  ///< this kind, without choosing and without the link's draws
  int folds = 5, starts = 3, draws = 200;
  std::uint64_t seed = 1;
};

struct MixtureCandidate {
  MixtureKind kind;
  double held_out = 0;        ///< log predictive density per problem
  double held_out_error = 0;  ///< its standard error over problems
  double weight = 1;          ///< share of the draws that are not the link's
};

struct MixtureFit {
  MixtureParameters best;                ///< of the kind that predicts best
  std::vector<MixtureParameters> draws;  ///< of all kinds and of the link, mixed
  std::vector<double> free;              ///< the optimum as the optimiser sees it
  MixtureKind kind;
  double log_posterior = 0, gradient_norm = 0;
  int evaluations = 0;
  std::vector<MixtureCandidate> candidates;
};

MixtureFit fit_mixture(const std::vector<stats::Counts>& problems, const MixtureOptions& options);

/// The same kind of fit to other problems, begun at `fit`'s optimum: for held-out comparisons.
MixtureParameters refit_mixture(const MixtureFit& fit, const std::vector<stats::Counts>& problems);

}  // namespace assay::simulator
