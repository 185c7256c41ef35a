// `assay simulate`: what stopping rules are worth, beside the best fixed number of samples.
//
// Worth = TP - lambda FP - kappa draws, a mean over problems. Every rule with a budget K is given
// the K that is best for it; the best fixed K is that of `first`, and on verdicts it is what `limits`
// prints, to the last digit. Two sources:
//   verdicts  all orders of the real samples; intervals by the bootstrap over problems, the same
//             resamples for every model and as in `limits`
//   a fit     posterior draws of these problems, with the weights of `limits`: credible intervals
// In each replicate K is chosen anew, for a rule and for its rival, so that the optimism of choosing
// is in the intervals. Errors: assay::Error for options out of range. Pure; thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/simulator/posterior.h"
#include "harness/simulator/rules.h"
#include "harness/stats/bootstrap.h"
#include "harness/stats/optimum.h"

namespace assay::simulator {

struct SimulateOptions {
  std::vector<Rule> rules = {Rule::first, Rule::best_of, Rule::majority, Rule::rational};
  std::vector<stats::Costs> costs;
  int k_max = 0;
  int trajectories = 1000;  ///< per problem, for a rule without a closed form
  int wrong_ways = 1;       ///< of programs that are not known: 1 means that all wrong ones agree
  std::uint64_t seed = 1;
  stats::BootstrapOptions bootstrap;
};

/// One model's problems, in the order of task_ids (sorted).
struct Subject {
  std::string dataset, model, proxy, gold;
  std::vector<Urn> urns;       ///< where it is simulated on verdicts
  Posterior posterior;         ///< where it is simulated on a fit
  Posterior belief;            ///< of the rational rule (stopping.h); no draws: none
  std::string belief_missing;  ///< why there is none
  std::vector<std::string> notes;
  std::vector<std::string> task_ids;
};

/// One rule at one pair of costs. Undefined values are empty, and `reason` says why.
struct RuleWorth {
  Rule rule = Rule::first;
  std::optional<int> k;  ///< the best K; empty for `rational`, whose problems have their own
  std::optional<stats::Interval> k_interval;
  bool at_least = false;  ///< no later K that was looked at does worse
  stats::Estimate worth;
  std::optional<double> tp, fp, draws;
  stats::Estimate gain;  ///< over the best fixed K, paired
  /// Standard error of `worth` from finitely many trajectories; 0 for closed forms.
  double simulation_error = 0;
  /// Of `rational`: the share of problems that only k_max stopped.
  std::optional<double> stopped_by_k_max;
  std::string reason;
};

struct CostsWorth {
  stats::Costs costs;
  RuleWorth best_fixed;  ///< `first` at its best K
  std::vector<RuleWorth> rules;
};

/// Means over problems per K, of a rule with a budget.
struct RuleMeans {
  Rule rule = Rule::first;
  bool exact = true;
  RuleCurve curve;
};

/// The best fixed K as lambda grows, at one kappa.
struct KappaPath {
  double kappa = 0;
  std::vector<stats::PathStep> steps;
};

struct Simulation {
  std::string dataset, model, proxy, gold;
  std::size_t problems = 0;
  std::vector<int> k;
  std::vector<RuleMeans> curves;
  std::vector<CostsWorth> worth;
  std::vector<KappaPath> path;
  std::vector<std::string> notes;
};

/// Throws Error for what is out of range.
void check(const SimulateOptions& options);

/// On verdicts. `resamples` are of the dataset's problems, and `place` says where each problem of
/// the subject stands among them (stats::universe). Every K from 0 to k_max is looked at.
Simulation simulate_verdicts(const Subject& subject, const stats::Resamples& resamples,
                             const std::vector<std::size_t>& place, const SimulateOptions& options);

/// On a fit: K on k_grid(k_max).
Simulation simulate_fit(const Subject& subject, const SimulateOptions& options);

}  // namespace assay::simulator
