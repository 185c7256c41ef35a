// A task of which everything is written down: the policy's probabilities, the verifier's scores and
// the truth of each sequence. Every strategy's target can be enumerated on it (exact.h).
//
// {"problems": [{"task_id": "a", "symbols": 4, "steps": 3, "policy": {"": [p0, p1, p2, p3], "0": [...],
//   "0,2": [...]}, "score": {"0": 0.3, "0,2": 0.9, "0,2,1": 0.1}, "truth": {"0,2,1": 1}}]}
#pragma once

#include <map>
#include <string>
#include <vector>

#include "harness/search/policy.h"
#include "harness/search/verifier.h"

namespace assay::search {

/// Symbols joined by commas; the empty sequence is "".
std::string joined(const std::vector<std::int32_t>& symbols);

struct TableProblem {
  std::string source, task_id;  ///< where it was read, and what it is called
  int symbols = 0, steps = 0;
  std::map<std::string, std::vector<double>> policy;
  std::map<std::string, double> score, truth;

  /// Throw assay::Error that names the prefix where there is no entry.
  const std::vector<double>& probabilities(const std::string& prefix) const;
  double score_of(const std::string& prefix) const;
  double truth_of(const std::string& sequence) const;  ///< 0 where it is absent
};

struct Table {
  std::vector<TableProblem> problems;
  const TableProblem& problem(const std::string& task_id) const;
};

/// Throws assay::Error with `source`, the problem and the key of what is wrong.
Table parse_table(const std::string& json, const std::string& source);

/// As a search sees it: the answer is the sequence itself.
Problem problem_of(const TableProblem& table);

class TablePolicy : public Policy {
 public:
  explicit TablePolicy(const Table& table) : table_(table) {}
  Capabilities capabilities() const override { return {true, true, true, 1024}; }
  Prefix open(const Problem& problem) override;
  std::vector<Prefix> extend(std::span<Ask> asks) override;

 private:
  const Table& table_;
};

class TableVerifier : public PrefixVerifier {
 public:
  explicit TableVerifier(const Table& table) : table_(table) {}
  Stage stage() const override { return Stage::prefixes; }
  std::vector<Score> score(const Problem& problem, std::span<const Prefix> prefixes) override;

 private:
  const Table& table_;
};

}  // namespace assay::search
