// What is judged: problems with their suites. Plain data; readers.h fills it, registry.h finds it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "datasets/rule.h"

namespace assay::datasets {

/// Inputs run against the reference, differentially: suites `base` and `plus`. Expected outputs are
/// stored nowhere; they come from running the reference.
struct DifferentialSuite {
  std::vector<std::string>
      inputs;  ///< encoded argument tuples (harness/base/value.h), types restored
};

/// The benchmark's own test code, run as it is: suite `official`. One test.
struct OfficialSuite {
  std::string setup;    ///< executed before the tests: the reference program, for its helper names
  std::string checker;  ///< the test text, ending in what calls it (HumanEval's `check(candidate)`)
};

inline constexpr const char* kSuiteNames[] = {"official", "base", "plus"};

struct Problem {
  std::string task_id;  ///< "HumanEval/0", "Mbpp/2", "Builtin/7"
  std::string prompt;   ///< a `completion` is appended to this
  std::string entry_point;
  std::string reference;           ///< whole program: decides what the differential suites expect
  std::string official_reference;  ///< the benchmark's own solution, whole program; may be empty
  double atol = 0;                 ///< the dataset's absolute tolerance for float outputs
  Rule rule = Rule::equal;         ///< what besides equality is a right answer
  std::optional<DifferentialSuite> base, plus;
  std::optional<OfficialSuite> official;
};

struct Dataset {
  std::string name;     ///< "humaneval", "mbpp", "builtin", or the stem of the user's file
  std::string version;  ///< of its files, as a hash or a release name
  std::string note;     ///< what must be said wherever its results are shown; may be empty
  std::vector<Problem> problems;  ///< in the benchmark's own order
};

/// Identity of a suite: hash over everything that decides its verdicts (reference, inputs or test
/// text, tolerance, entry point, comparison rule).
/// `suite_name` is one of kSuiteNames and the problem has it (an invariant).
std::string hash_of(const Problem& problem, const std::string& suite_name);

/// Whether the problem has that suite.
bool has_suite(const Problem& problem, std::string_view suite_name);

/// The problem's suite of that name; null where it has none, and for `official`.
const DifferentialSuite* differential(const Problem& problem, std::string_view suite_name);

/// Finds problems by the task_id of a sample row. The id itself, its benchmark's name in any case
/// ("MBPP/2"), or the bare number where the numbers of the dataset are unique ("2").
/// Keeps pointers into `dataset`, which must outlive it. Reading is thread-safe.
class ProblemIndex {
 public:
  explicit ProblemIndex(const Dataset& dataset);
  /// Null where the dataset has no such problem.
  const Problem* find(std::string_view task_id) const;

 private:
  std::unordered_map<std::string, const Problem*> by_key_;
};

}  // namespace assay::datasets
