// The Monte-Carlo simulator: resampling trajectories under stopping rules that can be exchanged.
//
// A trajectory draws samples of one problem until its rule stops, then submits one of them or none.
// Samples come from a posterior (with replacement, without end; the gap to the next acceptance is
// drawn at once, exactly) or from raw verdicts (an urn, without replacement). All problems'
// trajectories advance together, draw by draw, in torch on the device; a rule sees the whole batch
// and says which go on. A submitted correct program counts as tp, a wrong one as fp; utility = tp -
// lambda fp - kappa draws. Errors: assay::Error for options out of range or an urn that runs dry.
// Rules must be pure.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "harness/simulator/posterior.h"
#include "harness/stats/bootstrap.h"

namespace assay::simulator {

/// One judged sample: what a rule may look at (accepted, passed, behaviour) and the truth.
struct Verdict {
  bool accepted = false, correct = false;
  float passed = 0;            ///< share of the proxy's tests passed; 1 where accepted
  std::int32_t behaviour = 0;  ///< samples with the same outputs have the same number
};

struct Urn {
  std::string task_id;
  std::vector<Verdict> samples;
};

/// All trajectories after `drawn` draws; arrays are [drawn][trajectories], `problem` per
/// trajectory. What the rule does not look at (StoppingRule) is empty.
struct Batch {
  int drawn = 0;
  std::size_t trajectories = 0;
  std::span<const std::int64_t> problem;
  std::span<const std::uint8_t> accepted;
  std::span<const float> passed;
  std::span<const std::int32_t> behaviour;
};

class StoppingRule {
 public:
  virtual ~StoppingRule() = default;
  virtual std::string name() const = 0;
  virtual bool looks_at_passed() const { return false; }
  virtual bool looks_at_behaviour() const { return false; }
  /// Before draw number drawn + 1: set going[t] to 0 where trajectory t stops. Stopped ones stay
  /// so.
  virtual void decide(const Batch& batch, std::span<std::uint8_t> going) const = 0;
  /// The draw (0 = first) each trajectory submits, of the draws[t] it made; -1 for none.
  virtual void choose(const Batch& batch, std::span<const std::int32_t> draws,
                      std::span<std::int32_t> chosen) const = 0;
};

/// Stops at the first acceptance, or after `k` draws without one, submitting nothing.
std::unique_ptr<StoppingRule> first_acceptance_rule(int k);
/// Always draws `k`; submits the accepted sample that came first, or, with `submit_rejected`, the
/// one that passed the most tests (the first of equals).
std::unique_ptr<StoppingRule> best_of_rule(int k, bool submit_rejected = false);
/// Always draws `k`; submits the accepted sample whose behaviour most accepted ones share.
std::unique_ptr<StoppingRule> majority_rule(int k);

/// The rational rule: draw again only while further draws are worth more than they cost, given the
/// belief about this problem after the rejections so far. After j rejections a belief (p, theta)
/// has weight (1-p)^j, so the value of going on to K in all is U(K) - U(j) up to a positive factor,
/// and the rule stops at the first j that no later K beats.
struct StoppingTable {
  std::vector<int> k;               ///< per problem of the belief: stop after so many rejections
  std::vector<std::uint8_t> bound;  ///< stopped only by k_max: more draws would have paid
};
StoppingTable rational_stops(const Posterior& belief, const stats::Costs& costs, int k_max);
std::unique_ptr<StoppingRule> rational_rule(StoppingTable table);

struct SimulationOptions {
  int trajectories = 1000;  ///< per problem
  int k_max = 100;          ///< no rule draws more
  std::uint64_t seed = 1;
  std::string device = "cpu";
  int wrong_behaviours = 4;  ///< from a posterior: wrong accepted programs differ in so many ways
};

/// Means over each problem's trajectories.
struct SimulationResult {
  std::string rule;
  std::vector<double> tp, fp, draws;
  int trajectories = 0;
};

SimulationResult simulate(const Posterior& posterior, const StoppingRule& rule,
                          const SimulationOptions& options);
SimulationResult simulate(const std::vector<Urn>& urns, const StoppingRule& rule,
                          const SimulationOptions& options);

/// Mean utility over problems with its bootstrap interval, and the paired difference of two rules.
stats::Estimate mean_utility(const SimulationResult& result, const stats::Costs& costs,
                             const stats::BootstrapOptions& options);
stats::Estimate utility_difference(const SimulationResult& a, const SimulationResult& b,
                                   const stats::Costs& costs,
                                   const stats::BootstrapOptions& options);

}  // namespace assay::simulator
