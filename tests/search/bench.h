// A table with its policy and verifier, and strategies run on it; what they drew, held against a target.
#pragma once

#include <cmath>
#include <map>
#include <string>

#include "harness/base/words.h"
#include "harness/search/exact.h"
#include "harness/search/proposal.h"
#include "tests/search/random_table.h"

namespace assay::tests {

struct SearchBench {
  explicit SearchBench(search::Table given)
      : table(std::move(given)),
        policy(table),
        proposal(table, &search::TableProblem::proposal),
        proposed(policy, proposal),
        verifier(table),
        problem(search::problem_of(table.problems[0])) {}
  search::Table table;
  search::TablePolicy policy, proposal;
  search::Proposed proposed;
  search::TableVerifier verifier;
  search::Problem problem;

  /// Whom strategies draw from: the proposal, where the table has one.
  search::Policy& from() {
    if (table.problems[0].proposal.empty()) return policy;
    return proposed;
  }
  search::Result run(const std::string& strategy, int n, std::uint64_t seed,
                     search::Caps caps = {}) {
    search::Search search(problem, from(), verifier, seed, caps);
    return search::run(search::parse_strategy(strategy), n, search);
  }
  double truth(const search::Candidate& one) const {
    return table.problems[0].truth_of(problem.answer(one.prefix));
  }
  /// Sum over sequences of p times all factors times truth: what the unnormalised estimate is of.
  double unnormalised(const search::Strategy& strategy) const;
  /// exp(log_z) times the share of the weights that is right: the unnormalised estimate.
  double estimate(const search::Result& result) const;
};

inline std::vector<double> weights_of(const search::Result& result) {
  std::vector<double> logs;
  for (const search::Candidate& one : result.pool) logs.push_back(one.log_weight);
  return search::normalised(logs);
}

inline double SearchBench::estimate(const search::Result& result) const {
  if (result.pool.empty()) return 0;
  const std::vector<double> weights = weights_of(result);
  double right = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) right += weights[i] * truth(result.pool[i]);
  return std::exp(*result.log_z) * right;
}

inline double SearchBench::unnormalised(const search::Strategy& strategy) const {
  double sum = 0;
  const search::TableProblem& one = table.problems[0];
  for (const auto& [name, truth] : one.truth) {
    double p = 1, so_far = 1, logs = 0;
    std::string prefix;
    for (const std::string& symbol : split(name, ',')) {
      p *= one.probabilities(prefix)[static_cast<std::size_t>(std::stoi(symbol))];
      prefix += (prefix.empty() ? "" : ",") + symbol;
      if (p <= 0) break;
      so_far = search::aggregated(strategy.aggregate, so_far, one.score_of(prefix));
      logs += search::log_factor(strategy.weighting, so_far);
    }
    if (p > 0) sum += p * std::exp(logs) * truth;
  }
  return sum;
}

using Distribution = std::map<std::string, double>;

inline double total_variation(const Distribution& a, const Distribution& b) {
  Distribution difference = a;
  for (const auto& [name, p] : b) difference[name] -= p;
  double sum = 0;
  for (const auto& [name, d] : difference) sum += std::abs(d);
  return sum / 2;
}

struct Moments {
  double sum = 0, squares = 0;
  int count = 0;
  void add(double x) {
    sum += x;
    squares += x * x;
    ++count;
  }
  double mean() const { return sum / count; }
  double error() const {
    return std::sqrt(std::max(0.0, squares / count - mean() * mean()) / count);
  }
};

}  // namespace assay::tests
