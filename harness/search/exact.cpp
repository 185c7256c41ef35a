#include "harness/search/exact.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/base/error.h"

namespace assay::search {

namespace {

/// A sequence that the policy can make.
struct Sequence {
  std::string name;
  double p = 0;            ///< under the policy
  double score = 0;        ///< aggregated, of the whole
  double log_factors = 0;  ///< of all its steps
};

/// With which probabilities the strategy draws what comes next: the proposal's, where it may and there
/// is one.
const std::vector<double>& drawn_by(const Strategy& strategy, const TableProblem& problem,
                                    const std::string& prefix) {
  const bool proposed = weighs(strategy.kind) && !problem.proposal.empty();
  return problem.probabilities(prefix, proposed ? &TableProblem::proposal : &TableProblem::policy);
}

class Enumeration {
 public:
  Enumeration(const TableProblem& problem, const Strategy& strategy, std::size_t most)
      : problem_(problem), strategy_(strategy), most_(most) {
    go_on({}, 1, 1, 0);
  }
  std::vector<Sequence> all;

 private:
  void go_on(const std::vector<std::int32_t>& prefix, double p, double so_far, double log_factors) {
    if (prefix.size() == static_cast<std::size_t>(problem_.steps)) {
      if (all.size() >= most_)
        throw Error(fmt::format("problem {}: more than {} sequences cannot be enumerated",
                                problem_.task_id, most_));
      all.push_back({joined(prefix), p, so_far, log_factors});
      return;
    }
    const std::vector<double>& next = problem_.probabilities(joined(prefix));
    const std::vector<double>& drawn = drawn_by(strategy_, problem_, joined(prefix));
    for (int symbol = 0; symbol < problem_.symbols; ++symbol) {
      const auto s = static_cast<std::size_t>(symbol);
      if (next[s] <= 0 || drawn[s] <= 0) continue;
      std::vector<std::int32_t> longer = prefix;
      longer.push_back(symbol);
      const double score =
          aggregated(strategy_.aggregate, so_far, problem_.score_of(joined(longer)));
      go_on(longer, p * next[s], score, log_factors + log_factor(strategy_.weighting, score));
    }
  }

  const TableProblem& problem_;
  const Strategy& strategy_;
  const std::size_t most_;
};

/// Weights in the limit, not normalised.
std::vector<double> masses(const std::vector<Sequence>& all, const std::vector<double>& logs) {
  const double most = *std::max_element(logs.begin(), logs.end());
  std::vector<double> out;
  for (std::size_t i = 0; i < all.size(); ++i)
    out.push_back(std::isinf(most) ? all[i].p : std::exp(logs[i] - most));
  return out;
}

std::vector<double> particle_masses(const std::vector<Sequence>& all) {
  std::vector<double> logs;
  for (const Sequence& one : all) logs.push_back(std::log(one.p) + one.log_factors);
  return masses(all, logs);
}

/// The entropic filter with infinitely many particles: its temperatures follow from the population.
std::vector<double> entropic_masses(const TableProblem& problem, const Strategy& strategy,
                                    const std::vector<Sequence>& all) {
  struct Part {
    double mass, so_far;
  };
  std::map<std::string, Part> population = {{"", {1, 1}}};
  for (int depth = 1; depth <= problem.steps; ++depth) {
    std::map<std::string, Part> next;
    std::map<std::string, double> factors;
    double sum = 0, squares = 0;
    for (const auto& [prefix, part] : population) {
      const std::vector<double>& policy = problem.probabilities(prefix);
      const std::vector<double>& drawn = drawn_by(strategy, problem, prefix);
      for (int symbol = 0; symbol < problem.symbols; ++symbol) {
        const double p = policy[static_cast<std::size_t>(symbol)];
        const double q = drawn[static_cast<std::size_t>(symbol)];
        if (p <= 0 || q <= 0 || part.mass <= 0) continue;
        const std::string longer = (prefix.empty() ? "" : prefix + ",") + std::to_string(symbol);
        const double score = aggregated(strategy.aggregate, part.so_far, problem.score_of(longer));
        const double factor = log_factor(strategy.weighting, score);
        next[longer] = {part.mass * p, score};
        factors[longer] = factor;
        // Of draws by q that weigh p/q times the factor.
        sum += part.mass * p * std::exp(factor);
        squares += part.mass * p * p / q * std::exp(2 * factor);
      }
    }
    const double progress = static_cast<double>(depth) / problem.steps;
    const double share = squares > 0 ? sum * sum / squares : 1;
    const double temperature = depth == problem.steps ? 1 : entropic_temperature(share, progress);
    double total = 0;
    if (sum > 0)
      for (auto& [prefix, part] : next) part.mass *= std::exp(factors[prefix] / temperature);
    for (const auto& [prefix, part] : next) total += part.mass;
    for (auto& [prefix, part] : next) part.mass /= total;
    population = std::move(next);
  }
  std::vector<double> out;
  for (const Sequence& one : all) {
    const auto found = population.find(one.name);
    out.push_back(found == population.end() ? 0 : found->second.mass);
  }
  return out;
}

/// Those with the best score among what has mass, as their masses say.
std::vector<double> best_of(const std::vector<Sequence>& all, const std::vector<double>& mass) {
  double best = -1;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (mass[i] > 0) best = std::max(best, all[i].score);
  std::vector<double> out;
  for (std::size_t i = 0; i < all.size(); ++i) out.push_back(all[i].score == best ? mass[i] : 0);
  return out;
}

/// Those with the most mass: each sequence is an answer of its own.
std::vector<double> most_massive(const std::vector<double>& mass) {
  const double least = *std::max_element(mass.begin(), mass.end()) * (1 - 1e-12);
  std::vector<double> out;
  for (const double m : mass) out.push_back(m >= least ? 1 : 0);
  return out;
}

std::vector<double> by_policy(const std::vector<Sequence>& all) {
  std::vector<double> p;
  for (const Sequence& one : all) p.push_back(one.p);
  return p;
}

std::vector<double> greedy_path(const TableProblem& problem, const std::vector<Sequence>& all) {
  std::string prefix;
  for (int step = 0; step < problem.steps; ++step) {
    const std::vector<double>& p = problem.probabilities(prefix);
    prefix += (prefix.empty() ? "" : ",") +
              std::to_string(std::max_element(p.begin(), p.end()) - p.begin());
  }
  std::vector<double> out;
  for (const Sequence& one : all) out.push_back(one.name == prefix ? 1 : 0);
  return out;
}

std::vector<double> limit(const Strategy& strategy, const TableProblem& problem,
                          const std::vector<Sequence>& all) {
  std::vector<double> mass = by_policy(all);
  switch (strategy.kind) {
    case Kind::greedy:
      return greedy_path(problem, all);
    case Kind::sample:
      return mass;
    case Kind::majority:
      return most_massive(mass);
    case Kind::best_of:
      return best_of(all, mass);
    case Kind::beam:
    case Kind::dvts: {
      // Enough beams keep every prefix, and enough trees end in every sequence.
      std::vector<double> weights = mass;
      for (std::size_t i = 0; i < all.size(); ++i) weights[i] = all[i].score;
      if (strategy.choose == Choice::argmax) {
        const std::vector<double> best = best_of(all, mass);
        for (std::size_t i = 0; i < all.size(); ++i) mass[i] = best[i] > 0 ? 1 : 0;
        return mass;
      }
      return strategy.choose == Choice::vote ? most_massive(weights) : weights;
    }
    case Kind::weighted_best_of:
      for (std::size_t i = 0; i < all.size(); ++i) mass[i] *= all[i].score;
      return most_massive(mass);
    case Kind::rejection:
      for (std::size_t i = 0; i < all.size(); ++i) mass[i] *= all[i].score;
      return mass;
    case Kind::first_accepted:
    case Kind::rational:
      for (std::size_t i = 0; i < all.size(); ++i)
        if (all[i].score < strategy.threshold) mass[i] = 0;
      return mass;
    case Kind::soft_best_of:
      for (std::size_t i = 0; i < all.size(); ++i)
        mass[i] *= std::exp((all[i].score - 1) / strategy.beta);
      return mass;
    case Kind::pessimism: {
      std::vector<double> scores;
      for (const Sequence& one : all) scores.push_back(one.score);
      const double level = pessimistic_level(scores, mass, strategy.beta);
      for (std::size_t i = 0; i < all.size(); ++i) mass[i] *= std::max(0.0, all[i].score - level);
      return mass;
    }
    case Kind::entropic_particle:
      mass = entropic_masses(problem, strategy, all);
      break;
    case Kind::particle:
    case Kind::gibbs:
    case Kind::tempering:
      mass = particle_masses(all);
      break;
  }
  if (strategy.choose == Choice::argmax) return best_of(all, mass);
  return strategy.choose == Choice::vote ? most_massive(mass) : mass;
}

}  // namespace

Exact exact(const Strategy& strategy, const TableProblem& problem, std::size_t sequences_max) {
  const Enumeration enumeration(problem, strategy, sequences_max);
  const std::vector<double> mass = limit(strategy, problem, enumeration.all);
  double total = 0;
  for (const double m : mass) total += m;
  Exact out;
  if (total <= 0) {
    out.abstains = 1;
    return out;
  }
  for (std::size_t i = 0; i < mass.size(); ++i) {
    if (mass[i] <= 0) continue;
    const std::string& name = enumeration.all[i].name;
    out.target[name] = mass[i] / total;
    out.ceiling += mass[i] / total * problem.truth_of(name);
  }
  return out;
}

}  // namespace assay::search
