// A table with its policy and verifier, and strategies run on it.
#pragma once

#include "harness/search/exact.h"
#include "tests/search/random_table.h"

namespace assay::tests {

struct SearchBench {
  explicit SearchBench(search::Table given)
      : table(std::move(given)),
        policy(table),
        verifier(table),
        problem(search::problem_of(table.problems[0])) {}
  search::Table table;
  search::TablePolicy policy;
  search::TableVerifier verifier;
  search::Problem problem;

  search::Result run(const std::string& strategy, int n, std::uint64_t seed,
                     search::Caps caps = {}) {
    search::Search search(problem, policy, verifier, seed, caps);
    return search::run(search::parse_strategy(strategy), n, search);
  }
  double truth(const search::Candidate& one) const {
    return table.problems[0].truth_of(problem.answer(one.prefix));
  }
};

}  // namespace assay::tests
