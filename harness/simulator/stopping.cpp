// The stopping rules of trajectories.h. No torch here.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "harness/base/error.h"
#include "harness/simulator/trajectories.h"
#include "harness/stats/parallel.h"

namespace assay::simulator {
namespace {

bool accepted(const Batch& b, std::size_t t, std::int32_t draw) {
  return b.accepted[static_cast<std::size_t>(draw) * b.trajectories + t] != 0;
}

std::int32_t first_accepted(const Batch& b, std::size_t t, std::int32_t draws) {
  for (std::int32_t d = 0; d < draws; ++d)
    if (accepted(b, t, d)) return d;
  return -1;
}

int checked(int k) {
  if (k < 0) throw Error(fmt::format("a rule of {} draws has no meaning: use at least 0", k));
  return k;
}

/// Stops trajectories that are done: accepted just now, or out of their problem's budget.
template <typename Budget>
void stop_at_acceptance(const Batch& b, std::span<std::uint8_t> going, Budget budget) {
  for (std::size_t t = 0; t < b.trajectories; ++t)
    if (going[t] && (b.drawn >= budget(t) || (b.drawn > 0 && accepted(b, t, b.drawn - 1))))
      going[t] = 0;
}

class FirstAcceptance : public StoppingRule {
 public:
  explicit FirstAcceptance(int k) : k_(checked(k)) {}
  std::string name() const override { return fmt::format("first acceptance within {}", k_); }
  void decide(const Batch& b, std::span<std::uint8_t> going) const override {
    stop_at_acceptance(b, going, [&](std::size_t) { return k_; });
  }
  void choose(const Batch& b, std::span<const std::int32_t> draws,
              std::span<std::int32_t> chosen) const override {
    for (std::size_t t = 0; t < b.trajectories; ++t)
      chosen[t] = draws[t] > 0 && accepted(b, t, draws[t] - 1) ? draws[t] - 1 : -1;
  }

 private:
  int k_;
};

class Rational : public StoppingRule {
 public:
  explicit Rational(StoppingTable table) : table_(std::move(table)) {}
  std::string name() const override { return "rational stopping"; }
  void decide(const Batch& b, std::span<std::uint8_t> going) const override {
    stop_at_acceptance(
        b, going, [&](std::size_t t) { return table_.k[static_cast<std::size_t>(b.problem[t])]; });
  }
  void choose(const Batch& b, std::span<const std::int32_t> draws,
              std::span<std::int32_t> chosen) const override {
    for (std::size_t t = 0; t < b.trajectories; ++t)
      chosen[t] = draws[t] > 0 && accepted(b, t, draws[t] - 1) ? draws[t] - 1 : -1;
  }

 private:
  StoppingTable table_;
};

/// Draws a fixed number, whatever is seen.
class FixedDraws : public StoppingRule {
 public:
  explicit FixedDraws(int k) : k_(checked(k)) {}
  void decide(const Batch& b, std::span<std::uint8_t> going) const override {
    if (b.drawn >= k_) std::fill(going.begin(), going.end(), 0);
  }

 protected:
  int k_;
};

class BestOf : public FixedDraws {
 public:
  BestOf(int k, bool submit_rejected) : FixedDraws(k), submit_rejected_(submit_rejected) {}
  std::string name() const override { return fmt::format("best of {} by tests passed", k_); }
  bool looks_at_passed() const override { return submit_rejected_; }
  void choose(const Batch& b, std::span<const std::int32_t> draws,
              std::span<std::int32_t> chosen) const override {
    for (std::size_t t = 0; t < b.trajectories; ++t) {
      chosen[t] = first_accepted(b, t, draws[t]);
      if (chosen[t] >= 0 || !submit_rejected_) continue;
      float best = -1;
      for (std::int32_t d = 0; d < draws[t]; ++d) {
        const float passed = b.passed[static_cast<std::size_t>(d) * b.trajectories + t];
        if (passed > best) best = passed, chosen[t] = d;
      }
    }
  }

 private:
  bool submit_rejected_;
};

class Majority : public FixedDraws {
 public:
  using FixedDraws::FixedDraws;
  std::string name() const override { return fmt::format("majority of {} accepted", k_); }
  bool looks_at_behaviour() const override { return true; }
  void choose(const Batch& b, std::span<const std::int32_t> draws,
              std::span<std::int32_t> chosen) const override {
    for (std::size_t t = 0; t < b.trajectories; ++t) {
      std::map<std::int32_t, std::pair<int, std::int32_t>> votes;  // behaviour -> votes, first draw
      for (std::int32_t d = 0; d < draws[t]; ++d) {
        if (!accepted(b, t, d)) continue;
        const auto at = static_cast<std::size_t>(d) * b.trajectories + t;
        ++votes.try_emplace(b.behaviour[at], 0, d).first->second.first;
      }
      chosen[t] = -1;
      int most = 0;
      for (const auto& [behaviour, vote] : votes)  // among equals the one drawn first
        if (vote.first > most || (vote.first == most && vote.second < chosen[t]))
          most = vote.first, chosen[t] = vote.second;
    }
  }
};

std::vector<double> utilities(const SimulationResult& r, const stats::Costs& costs) {
  std::vector<double> out;
  for (std::size_t i = 0; i < r.tp.size(); ++i)
    out.push_back(r.tp[i] - costs.lambda * r.fp[i] - costs.kappa * r.draws[i]);
  return out;
}

stats::Estimate mean_of(const std::vector<double>& values, const stats::BootstrapOptions& options) {
  const stats::Resamples resamples =
      stats::resample_problems(values.size(), options, "trajectories");
  // Signed values: no exact bound stands in where they agree, hence "structural".
  const stats::Ratio ratio{values, std::vector<double>(values.size(), 1), true};
  return stats::bootstrap_ratios(resamples, {ratio}, options)[0];
}

}  // namespace

std::unique_ptr<StoppingRule> first_acceptance_rule(int k) {
  return std::make_unique<FirstAcceptance>(k);
}
std::unique_ptr<StoppingRule> best_of_rule(int k, bool submit_rejected) {
  return std::make_unique<BestOf>(k, submit_rejected);
}
std::unique_ptr<StoppingRule> majority_rule(int k) { return std::make_unique<Majority>(k); }
std::unique_ptr<StoppingRule> rational_rule(StoppingTable table) {
  return std::make_unique<Rational>(std::move(table));
}

StoppingTable rational_stops(const Posterior& belief, const stats::Costs& costs, int k_max) {
  stats::check(costs);
  checked(k_max);
  const std::size_t problems = belief.problems();
  StoppingTable out{std::vector<int>(problems), std::vector<std::uint8_t>(problems)};
  stats::parallel_for(problems, 0, [&](std::size_t i) {
    // Gain of draw j+1 over the belief after j rejections, weighted by the chance to get there.
    std::vector<double> going(belief.draws, 1);
    double value = 0, best = 0;
    for (int k = 1; k <= k_max; ++k) {
      for (std::size_t s = 0; s < belief.draws; ++s) {
        const double log_reject = belief.log_reject[s * problems + i];
        const double theta = belief.precision[s * problems + i];
        const double hit = -std::expm1(log_reject);
        value += going[s] * (hit * (theta - costs.lambda * (1 - theta)) - costs.kappa);
        going[s] *= 1 - hit;
      }
      if (value > best + stats::kTieWidth) best = value, out.k[i] = k;
    }
    out.bound[i] = k_max > 0 && out.k[i] == k_max;
  });
  return out;
}

stats::Estimate mean_utility(const SimulationResult& result, const stats::Costs& costs,
                             const stats::BootstrapOptions& options) {
  return mean_of(utilities(result, costs), options);
}

stats::Estimate utility_difference(const SimulationResult& a, const SimulationResult& b,
                                   const stats::Costs& costs,
                                   const stats::BootstrapOptions& options) {
  ASSAY_INVARIANT(a.tp.size() == b.tp.size());
  std::vector<double> difference = utilities(a, costs);
  const std::vector<double> other = utilities(b, costs);
  for (std::size_t i = 0; i < other.size(); ++i) difference[i] -= other[i];
  return mean_of(difference, options);
}

}  // namespace assay::simulator
