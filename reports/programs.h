// The false positives of a database as the report shows them. For gather.cpp only.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "harness/store/queries.h"
#include "reports/gather.h"
#include "reports/style.h"

namespace assay::reports {

/// Collects accepted programs model by model, then lists the wrong ones.
class Programs {
 public:
  /// Takes a program of `model` if it was accepted, as proxy and gold judge it.
  void add(const store::Database& database, const store::StoredModel& model,
           const store::JudgedProgram& program, const std::vector<std::string>& proxy,
           const std::vector<std::string>& gold);

  /// Each distinct wrong program of a problem, in the order of problems, most copies first.
  std::vector<FalsePositive> false_positives(bool whole_values) const;

  /// All accepted ones, model by model.
  const std::vector<AcceptedProgram>& accepted() const { return accepted_; }

  /// Greedy set cover per problem with false positives; most of them first.
  std::vector<SuiteAdvice> advice(const TestTexts& test_texts) const;

 private:
  struct Wrong {
    FalsePositive facts;
    std::string suite_hash;
    std::vector<std::uint32_t> failing;  ///< tests of facts.suite
  };
  struct Problem {
    std::string entry_point;
    std::int64_t accepted = 0;  ///< samples
    std::set<std::string> correct;
    std::map<std::int64_t, Wrong> wrong;  ///< by program id
  };
  std::vector<AcceptedProgram> accepted_;
  std::map<std::string, std::vector<std::string>> order_;  ///< task ids of a dataset, as they came
  std::map<std::pair<std::string, std::string>, Problem> problems_;  ///< by dataset and task id
};

/// The text of `candidates` that differs least from `source`: fewest differing lines among those
/// that share most words. Empty where there is none.
std::string nearest(const std::string& source, const std::set<std::string>& candidates);

/// Tests as a `check(candidate)` of HumanEval's form; a test whose values are not known whole is
/// left out. Empty where none is left.
std::string check_function(const std::vector<std::pair<std::string, std::string>>& tests);

}  // namespace assay::reports
