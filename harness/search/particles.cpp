#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "harness/search/strategies.h"

namespace assay::search {

namespace {

/// Extends every particle and weighs it by the step that it has made.
void propagate(Search& search, const Filtering& how, int depth, std::vector<Candidate>& all) {
  const std::size_t fixed = how.reference ? 1 : 0;
  step(search, how.strategy, {how.first_slot + fixed, how.round, true, how.inverse_temperature},
       fixed, all);
  if (!how.reference || depth > how.reference->prefix->depth) return;
  move(all[0], first_steps(how.reference->prefix, depth));
  all[0] =
      advanced(all[0], all[0].prefix, how.reference->scores[static_cast<std::size_t>(depth - 1)],
               how.strategy.weighting, how.strategy.aggregate, how.inverse_temperature);
}

std::vector<double> log_weights(const std::vector<Candidate>& all) {
  std::vector<double> logs;
  for (const Candidate& one : all) logs.push_back(one.log_weight);
  return logs;
}

std::vector<std::size_t> ancestors_of(const Filtering& how, const std::vector<double>& weights,
                                      RandomStream stream) {
  if (!how.reference) return resampled(how.strategy.resampling, weights, weights.size(), stream);
  // The reference's slot keeps it; the free ones are drawn from all, which leaves the target
  // invariant (Andrieu, Doucet and Holenstein 2010).
  std::vector<std::size_t> parents = {0};
  while (parents.size() < weights.size()) parents.push_back(drawn(weights, stream));
  return parents;
}

}  // namespace

void filter(Search& search, const Filtering& how, Cloud& cloud) {
  std::vector<Candidate>& all = cloud.particles;
  Candidate root;
  root.prefix = search.root();
  all.assign(how.count, root);
  std::vector<std::size_t> first(how.count);
  std::iota(first.begin(), first.end(), std::size_t{0});
  const double log_count = std::log(static_cast<double>(how.count));
  for (int depth = 1;; ++depth) {
    propagate(search, how, depth, all);
    std::vector<double> logs = log_weights(all);
    std::vector<double> weights = normalised(logs);
    const bool last = !any_open(all);
    if (how.strategy.kind == Kind::entropic_particle && !last) {
      const double temperature =
          entropic_temperature(effective_size(weights) / static_cast<double>(weights.size()),
                               static_cast<double>(depth) /
                                   static_cast<double>(std::max(1, search.problem().steps_max)));
      // What is flattened is the verifier's part: p/q makes the policy of the proposal.
      for (std::size_t i = 0; i < all.size(); ++i)
        logs[i] = all[i].log_ratio + (logs[i] - all[i].log_ratio) / temperature;
      weights = normalised(logs);
    }
    const double size = effective_size(weights);
    cloud.trace.effective_size.push_back(size);
    if (!last && size <= how.strategy.ess * static_cast<double>(how.count) * (1 + 1e-12)) {
      cloud.log_z += log_sum_exp(logs) - log_count;
      const std::vector<std::size_t> parents = ancestors_of(
          how, weights,
          search.stream("resample", how.round, how.first_slot, static_cast<std::uint64_t>(depth)));
      std::vector<Candidate> children;
      std::vector<std::size_t> lines;
      for (const std::size_t parent : parents) {
        children.push_back(all[parent]);
        children.back().log_weight = children.back().log_ratio = 0;
        lines.push_back(first[parent]);
      }
      all = std::move(children);
      first = std::move(lines);
    }
    cloud.trace.ancestors.push_back(std::set<std::size_t>(first.begin(), first.end()).size());
    if (last) break;
  }
  cloud.log_z += log_sum_exp(log_weights(all)) - log_count;
}

double swap_probability(double inverse_a, double inverse_b, double factors_a, double factors_b) {
  if (factors_a == factors_b) return 1;
  return std::min(1.0, std::exp((inverse_a - inverse_b) * (factors_b - factors_a)));
}

namespace {

void hold(const Cloud& cloud, double share, Held& held) {
  const std::vector<double> weights = normalised(log_weights(cloud.particles));
  for (std::size_t i = 0; i < cloud.particles.size(); ++i) {
    held.pool.push_back(cloud.particles[i]);
    held.weights.push_back(share * weights[i]);
  }
}

/// The most particles a sweep may have so that `sweeps` of them begin at most `n` answers: the
/// reference begins none.
std::size_t per_sweep(std::size_t n, std::size_t sweeps) {
  return std::max<std::size_t>(2, (n + sweeps - 1) / sweeps);
}

Candidate drawn_from(Search& search, const Cloud& cloud, std::uint64_t round, std::size_t slot) {
  RandomStream stream = search.stream("reference", round, slot, 0);
  const std::size_t i = drawn(normalised(log_weights(cloud.particles)), stream);
  return cloud.particles[i];
}

/// Particle Gibbs (one chain), and parallel tempering (several, of which the first counts).
void chains(const Strategy& strategy, std::size_t n, Search& search, Held& held) {
  const bool tempering = strategy.kind == Kind::tempering;
  std::size_t count = tempering ? static_cast<std::size_t>(strategy.chains) : 1;
  count = std::max<std::size_t>(1, std::min(count, n / 2));
  std::size_t sweeps = static_cast<std::size_t>(strategy.sweeps);
  while (sweeps > 1 && count * (sweeps + 1) > n) --sweeps;
  const std::size_t size = n < 2 ? 1 : per_sweep(n / count, sweeps);
  std::vector<Candidate> references(count);
  std::vector<double> inverse;
  for (std::size_t k = 0; k < count; ++k) inverse.push_back(std::ldexp(1.0, -static_cast<int>(k)));
  for (std::size_t sweep = 0; sweep < sweeps; ++sweep) {
    for (std::size_t k = 0; k < count; ++k) {
      Cloud cloud;
      Filtering how{strategy, size, sweep, k * size, inverse[k], sweep ? &references[k] : nullptr};
      filter(search, how, cloud);
      const Candidate next = drawn_from(search, cloud, sweep, k);
      if (k == 0) {
        hold(cloud, 1.0 / static_cast<double>(sweeps), held);
        if (!held.log_z) held.log_z = cloud.log_z;
        held.trace = cloud.trace;
      }
      references[k] = next;
    }
    for (std::size_t k = 0; k + 1 < count; ++k) {
      const double chance = swap_probability(inverse[k], inverse[k + 1], references[k].log_factors,
                                             references[k + 1].log_factors);
      if (search.stream("swap", sweep, k, 0).uniform() < chance)
        std::swap(references[k], references[k + 1]);
    }
  }
  if (strategy.choose != Choice::draw) return;
  held.pool.push_back(references[0]);
  held.weights.push_back(0);
  held.chosen = held.pool.size() - 1;
  held.decided = true;
}

}  // namespace

void particles(const Strategy& strategy, std::size_t n, Search& search, Held& held) {
  if (strategy.kind == Kind::gibbs || strategy.kind == Kind::tempering)
    return chains(strategy, n, search, held);
  Cloud cloud;
  const auto keep = [&] {
    hold(cloud, 1, held);
    held.trace = cloud.trace;
  };
  try {
    filter(search, {strategy, n}, cloud);
  } catch (const Spent&) {
    keep();
    throw;
  }
  keep();
  if (strategy.kind == Kind::particle)
    held.log_z = cloud.log_z;  // flattened weights estimate nothing
}

}  // namespace assay::search
