// Tables with everything on them drawn at random, small enough to enumerate.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "harness/base/random.h"
#include "harness/search/table.h"

namespace assay::tests {

inline std::vector<double> random_row(int symbols, RandomStream& stream) {
  std::vector<double> p;
  double sum = 0;
  for (int s = 0; s < symbols; ++s) sum += p.emplace_back(0.1 + stream.uniform());
  for (double& x : p) x /= sum;
  return p;
}

inline void fill_table(search::TableProblem& problem, const std::vector<std::int32_t>& prefix,
                       RandomStream& stream) {
  const std::string name = search::joined(prefix);
  if (!prefix.empty())
    problem.score[name] = std::round(100 * (0.05 + 0.9 * stream.uniform())) / 100;
  if (prefix.size() == static_cast<std::size_t>(problem.steps)) {
    problem.truth[name] = stream.uniform() < 0.4;
    return;
  }
  problem.policy[name] = random_row(problem.symbols, stream);
  for (int s = 0; s < problem.symbols; ++s) {
    std::vector<std::int32_t> longer = prefix;
    longer.push_back(s);
    fill_table(problem, longer, stream);
  }
}

inline search::Table random_table(std::uint64_t seed, int symbols, int steps, int problems = 1) {
  search::Table table;
  for (int i = 0; i < problems; ++i) {
    RandomStream stream(seed, "table " + std::to_string(i));
    search::TableProblem problem;
    problem.task_id = "T/" + std::to_string(i);
    problem.symbols = symbols;
    problem.steps = steps;
    fill_table(problem, {}, stream);
    table.problems.push_back(std::move(problem));
  }
  return table;
}

/// A proposal at random for its first problem.
inline search::Table with_proposal(search::Table table, std::uint64_t seed) {
  RandomStream stream(seed, "proposal");
  search::TableProblem& problem = table.problems[0];
  for (const auto& [prefix, p] : problem.policy)
    problem.proposal[prefix] = random_row(problem.symbols, stream);
  return table;
}

}  // namespace assay::tests
