// The tests of a stored suite, as values, for whoever advises on them.
#pragma once

#include <compare>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "datasets/problem.h"
#include "harness/analysis/offered_tests.h"
#include "harness/store/queries.h"
#include "harness/verify/answers.h"

namespace assay::analysis {

/// A suite as it was judged; `hash` is that of its verdicts.
struct JudgedSuite {
  std::string dataset, task_id, name, hash;
  auto operator<=>(const JudgedSuite&) const = default;
};

/// A benchmark's name out of a database comes from anywhere, and a pipe would be waited for: throws Error
/// where it is neither a known dataset nor a regular file. What is not there is for who opens it.
void refuse_irregular(const std::string& source);

/// Calls come from the benchmark's own file, as the command that judged it named it, where it still
/// holds the suite that was judged; expected answers come from the database. What is not to be had
/// is not said. Keeps a reference to `database`; throws Error where that is damaged.
class StoredTests {
 public:
  StoredTests(store::Database& database, const std::vector<store::StoredModel>& models);

  /// Nothing where the call or the answer is not known, or is of more than a mebibyte.
  std::optional<StoredTest> find(const JudgedSuite& suite, std::size_t test);

  /// The tuple of a test's arguments as Python prints it, "([1, 2], 3)", cut to about `length` bytes.
  std::optional<std::string> arguments(const JudgedSuite& suite, std::size_t test,
                                       std::size_t length);

  /// Why the arguments of some tests are not known, a sentence each.
  const std::set<std::string>& remarks() const { return remarks_; }

 private:
  struct Origin {
    std::string source;  ///< --dataset of the run that judged it
    std::string interpreter;
  };
  struct Known {
    bool answers_sought = false;
    const datasets::Problem* problem = nullptr;          ///< in loaded_, as is `calls`
    const datasets::DifferentialSuite* calls = nullptr;  ///< null: not to be had
    std::unique_ptr<verify::Answers> answers;
    std::unique_ptr<verify::Answers::Cursor> cursor;
  };
  using ByTask = std::map<std::string, datasets::Problem>;

  const ByTask& load(const std::string& source);
  void find_calls(const JudgedSuite& suite, Known& known);
  /// Null where the file does not have this test.
  Known* known(const JudgedSuite& suite, std::size_t test);
  void find_answers(const JudgedSuite& suite, Known& known);

  store::Database& database_;
  std::map<std::string, Origin> origins_;  ///< by dataset
  std::map<std::string, ByTask> loaded_;   ///< by source
  std::map<JudgedSuite, Known> known_;
  std::set<std::string> remarks_;
};

}  // namespace assay::analysis
