// Fits harness/simulator/mixture.h to one model's counts by penalised marginal likelihood with
// libtorch's autograd, in double precision, from several seeded starts.
//
// The penalty is a weak prior: the logarithm of a Beta component's size (alpha + beta, gamma +
// delta) is normal around log 2 with deviation 1.5, the logit of its mean normal around 0 with
// deviation 2, the logit of each weight normal around 0 with deviation 2. The number of components,
// and whether they are tied to a Dirichlet, are chosen by held-out log predictive density: folds of
// whole problems. Draws of the parameters come from the normal approximation, reweighted by the
// exact posterior. Errors: assay::Error without problems. Thread-safe: separate calls share
// nothing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/simulator/mixture.h"
#include "harness/stats/counts.h"

namespace assay::simulator {

struct MixtureOptions {
  int components_max = 3;
  int components_only = 0;  ///< > 0: this many, without choosing
  bool tied_only = false;   ///< Dirichlets only
  int folds = 5, starts = 3, draws = 200;
  std::uint64_t seed = 1;
  std::string device = "cpu";
};

struct MixtureCandidate {
  int components = 0;
  bool tied = false;
  double held_out = 0;        ///< log predictive density per problem
  double held_out_error = 0;  ///< its standard error over problems
};

struct MixtureFit {
  MixtureParameters best;
  std::vector<MixtureParameters> draws;
  std::vector<double> free;  ///< the optimum as the optimiser sees it
  int components = 0;
  bool tied = false;
  double log_posterior = 0, gradient_norm = 0;
  int evaluations = 0;
  std::vector<MixtureCandidate> candidates;
};

MixtureFit fit_mixture(const std::vector<stats::Counts>& problems, const MixtureOptions& options);

/// The same kind of fit to other problems, begun at `fit`'s optimum: for held-out comparisons.
MixtureParameters refit_mixture(const MixtureFit& fit, const std::vector<stats::Counts>& problems,
                                const std::string& device);

}  // namespace assay::simulator
