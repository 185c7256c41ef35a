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
#include "harness/store/tally.h"

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
  /// Looks at each suite of proxy and gold. `model` must outlive this.
  void add(const store::StoredModel& model, const Suites& suites, const store::Tally::Group& group);
  /// Those with at least three distinct programs, in the order of datasets and task ids.
  std::vector<Unpassed> list(store::Database& database) const;

 private:
  struct Example {
    const store::StoredModel* model = nullptr;
    std::int64_t problem_id = 0, program_id = 0;
  };
  struct End {
    std::int64_t samples = 0;
    std::vector<Example> examples;  ///< one a group
  };
  struct Seen {
    bool passed = false;  ///< then the rest is not kept
    std::set<std::int64_t> programs;
    std::set<std::string> models;
    std::int64_t samples = 0;
    std::map<std::string, End> ends;  ///< by status
  };
  static std::string message_of(store::Database& database, const std::string& suite,
                                const End& end);

  std::map<std::tuple<std::string, std::string, std::string>, Seen> seen_;
};

}  // namespace assay::analysis
