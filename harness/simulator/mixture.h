// The joint density of acceptance and precision over one model's problems: an atom at p = 0 (never
// accepted) plus components. In a component the acceptance p is Beta(alpha, beta) and, given the
// component, the precision theta is Beta(gamma, delta). With gamma + delta = alpha that is exactly
// a Dirichlet over (correct, wrong, rejected); `tied` asks for that. One component alone makes
// theta independent of p; what ties them is that components differ. Counts of a problem are then
// beta-binomial twice, in closed form, and so is the posterior. Pure; thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "harness/base/random.h"
#include "harness/stats/counts.h"

namespace assay::simulator {

struct MixtureComponent {
  double weight = 0, alpha = 1, beta = 1, gamma = 1, delta = 1;
};

struct MixtureParameters {
  double atom = 0;  ///< share of problems that are never accepted
  std::vector<MixtureComponent> components;
};

/// log P(counts), with the multinomial coefficient left out: it is the same for every model.
double log_marginal(const MixtureParameters& parameters, const stats::Counts& counts);

/// One draw of a problem from its posterior.
struct ProblemDraw {
  double log_reject = 0, precision = 0;
};
ProblemDraw draw_problem(const MixtureParameters& parameters, const stats::Counts& counts,
                         RandomStream& random);

/// How likely a problem is of the atom and of each component, in this order; and its draw, where this is
/// known already: problems with the same counts share it.
std::vector<double> problem_shares(const MixtureParameters& parameters,
                                   const stats::Counts& counts);
ProblemDraw draw_problem(const MixtureParameters& parameters, const stats::Counts& counts,
                         std::span<const double> shares, RandomStream& random);

/// Closed forms for a fresh problem: expectation of A_K and TP_K.
struct Expected {
  double accepted = 0, tp = 0;
};
Expected expected(const MixtureParameters& parameters, double k);

/// lgamma without glibc's write to the global sign: safe in threads.
double log_gamma(double x);

/// log of B(a+x, b+y)/B(a, b): the beta-binomial without its coefficient.
double log_beta_binomial(double a, double b, double x, double y);

/// log(1-p) and p's logarithm for p ~ Beta(a, b), safe for very small shapes.
struct BetaDraw {
  double log_p = 0, log_q = 0;
};
BetaDraw draw_beta(double a, double b, RandomStream& random);

}  // namespace assay::simulator
