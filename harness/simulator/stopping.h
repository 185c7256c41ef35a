// The rational stopping rule. After j rejections a belief (p, theta) about a problem has weight
// (1-p)^j, so the value of going on to K draws in all is U(K) - U(j) up to a positive factor, and
// the rule stops at the first j that no later K beats.
//
// The belief is what a fit says of a problem before this model has tried it: its other models'
// samples of the same problem (hierarchical), or nothing but that it is a problem like these
// (mixture; every problem then has the same end). The model's own samples of the problem are what
// the rule is tried on, so they must not be in it. Only the fit's parameters have seen them.
// Errors: assay::Error for costs out of range. Pure; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/simulator/fit.h"
#include "harness/simulator/posterior.h"
#include "harness/stats/optimum.h"

namespace assay::simulator {

struct StoppingTable {
  std::vector<int> k;               ///< per problem of the belief: stop after so many rejections
  std::vector<std::uint8_t> bound;  ///< stopped only by k_max: more draws would have paid
};
StoppingTable rational_stops(const Posterior& belief, const stats::Costs& costs, int k_max);

/// The belief about the problems of models[index] without that model's own samples of them. Where
/// the fit knows no problem from another, one problem stands for all. No draws where the fit does not
/// know the model, or is a module's curves. `models` as given to load().
Posterior belief_before(const Fit& fit, const std::vector<stats::ModelCounts>& models,
                        std::size_t index);

}  // namespace assay::simulator
