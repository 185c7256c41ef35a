// Suites that no program passes: too hard for these models, or false negatives of the verifier, such as
// tests that do not compile. Reads only.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "harness/analysis/selection.h"

namespace assay::analysis {

/// A suite of a problem that has judged several programs and passed none. The commonest end of theirs, by
/// status: where nearly all end alike in the tests' own text, read the tests.
struct Unpassed {
  std::string dataset, task_id, suite;
  std::int64_t programs = 0, samples = 0, models = 0;  ///< that it has judged
  std::string status;                                  ///< in which the most samples end
  std::int64_t so = 0;                                 ///< ... so many
  std::string message;                                 ///< ... the first of them with these words
};

/// Collects the programs of all models.
class UnpassedSuites {
 public:
  /// Looks at each suite of proxy and gold.
  void add(const store::StoredModel& model, const Suites& suites,
           const store::JudgedProgram& program);
  /// Those with at least three distinct programs, in the order of datasets and task ids.
  std::vector<Unpassed> list() const;

 private:
  struct Seen {
    bool passed = false;
    std::set<std::int64_t> programs;
    std::set<std::string> models;
    std::int64_t samples = 0;
    std::map<std::string, std::pair<std::int64_t, std::string>> ends;  ///< status: samples, message
  };
  std::map<std::tuple<std::string, std::string, std::string>, Seen> seen_;
};

}  // namespace assay::analysis
