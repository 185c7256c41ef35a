// Problems of a few types with known rates: the paper's two-type model in its corrected form, for
// any number of types. Here K* is known exactly, infinity included.
//
// Type i has prior share p_i and solve rate r_i; the verifier accepts a correct program with
// probability c (completeness) and rejects a wrong one with probability s (soundness). The gain of
// the k-th draw is EV_k = sum_i p_i beta_i^(k-1) [c r_i - (1-r_i)(1-s) lambda], where beta_i =
// (1-c) r_i + s (1-r_i) is the chance that a draw is rejected. The paper's appendix weights with
// the posterior twice, and its large finite optima are doubles underflowing: gains are compared
// here relative to the slowest type, so nothing underflows. Errors: assay::Error for numbers that
// are no probabilities. Pure; thread-safe.
#pragma once

#include <optional>
#include <vector>

namespace assay::stats {

struct ProblemType {
  double share = 0, solve_rate = 0;
};

struct TypeMixture {
  std::vector<ProblemType> types;
  double soundness = 1, completeness = 1;
};

/// Empty: infinite, every further draw pays. Ties take the smallest K.
std::optional<int> optimal_k(const TypeMixture& mixture, double lambda);

/// Expected value of stopping at the first acceptance within K draws; K may be infinite.
double expected_value(const TypeMixture& mixture, double lambda, double k);

}  // namespace assay::stats
