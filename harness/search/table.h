// A task of which everything is written down: the policy's probabilities, the verifier's scores and
// the truth of each sequence. Every strategy's target can be enumerated on it (exact.h).
//
// {"problems": [{"task_id": "a", "symbols": 4, "steps": 3, "policy": {"": [p0, p1, p2, p3], "0": [...],
//   "0,2": [...]}, "score": {"0": 0.3, "0,2": 0.9, "0,2,1": 0.1}, "truth": {"0,2,1": 1}}]}
//
// A problem may have a `proposal` in the form of `policy`, for proposal.h.
#pragma once

#include <map>
#include <optional>
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
  using Rows = std::map<std::string, std::vector<double>>;
  Rows policy, proposal;  ///< the latter may be empty: there is none
  std::map<std::string, double> score, truth;

  /// Throw assay::Error that names the prefix where there is no entry.
  const std::vector<double>& probabilities(const std::string& prefix,
                                           Rows TableProblem::*of = &TableProblem::policy) const;
  double score_of(const std::string& prefix) const;
  double truth_of(const std::string& sequence) const;  ///< 0 where it is absent
};

struct Table {
  std::vector<TableProblem> problems;
  const TableProblem& problem(const std::string& task_id) const;
};

/// Throws assay::Error with `source`, the problem and the key of what is wrong.
Table parse_table(const std::string& json, const std::string& source);

/// A prefix that policy and proposal come to, one symbol further, which the policy writes, the proposal
/// never draws and the verifier does not score 0; none: nothing is missing. REQUIRES: a proposal.
std::optional<std::string> never_proposed(const TableProblem& table);

/// As a search sees it: the answer is the sequence itself.
Problem problem_of(const TableProblem& table);

class TablePolicy : public Policy {
 public:
  explicit TablePolicy(const Table& table,
                       TableProblem::Rows TableProblem::*rows = &TableProblem::policy)
      : table_(table), rows_(rows) {}
  Capabilities capabilities() const override { return {true, true, true, 1024, true}; }
  Prefix open(const Problem& problem) override;
  std::vector<Prefix> extend(std::span<Ask> asks) override;

 private:
  const Table& table_;
  TableProblem::Rows TableProblem::*rows_;
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
