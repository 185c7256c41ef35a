// Where wrong programs pass: per problem the tests that would have caught them. What `assay suite`
// prints and the report advises. Reads only. Throws assay::Error as the store does.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "harness/analysis/selection.h"
#include "harness/analysis/stored_tests.h"
#include "harness/stats/cover.h"
#include "harness/store/tally.h"

namespace assay::analysis {

/// A test's call and expected answer as the database quotes them, for people to read.
struct QuotedTest {
  std::string arguments, expected;
};

/// Of one problem: the tests of one suite, weighed against the wrong programs that the proxy
/// accepted, over all models.
struct WeakProblem {
  JudgedSuite suite;  ///< with an empty hash where no wrong program has a verdict of it
  std::string entry_point;
  std::int64_t accepted = 0;       ///< samples
  std::int64_t wrong = 0;          ///< samples; of those that this suite is weighed against
  std::int64_t uncaught = 0;       ///< wrong samples that no single test catches
  std::int64_t too_slow = 0;       ///< wrong samples which this suite rejects for their time alone
  std::int64_t tests = 0;          ///< of the suite
  std::int64_t programs = 0;       ///< distinct wrong ones with a verdict of the suite
  std::int64_t partly_judged = 0;  ///< ... of which not every test was run
  std::vector<stats::CoverStep> cover;        ///< greedy set cover, best test first
  std::vector<std::int64_t> catches_alone;    ///< samples, by test
  std::map<std::int64_t, QuotedTest> quoted;  ///< the tests that some program's witness shows
};

/// Collects the accepted programs of all models.
class WeakProblems {
 public:
  /// Weighs the tests of `suite`; empty: of whichever suite of gold caught a program first.
  explicit WeakProblems(std::string suite = "") : suite_(std::move(suite)) {}

  /// REQUIRES: the group has its members.
  void add(store::Database& database, const store::StoredModel& model, const Suites& suites,
           const store::Tally::Group& group);

  /// The problems with wrong programs, most wrong samples first.
  std::vector<WeakProblem> list() const;

 private:
  struct Weighed {
    WeakProblem facts;                              ///< but for what list() computes
    std::map<std::int64_t, stats::Wrong> programs;  ///< by program id
  };
  struct Problem {
    std::string entry_point;
    std::int64_t accepted = 0;
    std::map<std::string, Weighed> suites;  ///< by name
  };
  std::string suite_;
  std::map<std::pair<std::string, std::string>, Problem> problems_;  ///< by dataset and task id
};

}  // namespace assay::analysis
