// The tests of a stored suite in Python's words, for whoever advises on them.
#pragma once

#include <compare>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "datasets/problem.h"
#include "harness/store/queries.h"
#include "harness/verify/answers.h"

namespace assay::cli {

/// A suite as it was judged; `hash` is that of its verdicts.
struct JudgedSuite {
  std::string dataset, task_id, name, hash;
  auto operator<=>(const JudgedSuite&) const = default;
};

/// Calls come from the benchmark's own file, as the command that judged it named it, where it still
/// holds the suite that was judged; expected answers come from the database. What is not to be had
/// is not said. Keeps a reference to `database`; throws Error where that is damaged.
class SuiteTexts {
 public:
  SuiteTexts(store::Database& database, const std::vector<store::StoredModel>& models);

  /// The tuple of a test's arguments, "([1, 2], 3)", cut to about `length` bytes.
  std::optional<std::string> arguments(const JudgedSuite& suite, std::size_t test,
                                       std::size_t length);
  std::optional<std::string> expected(const JudgedSuite& suite, std::size_t test,
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
    const datasets::DifferentialSuite* calls = nullptr;  ///< in loaded_
    std::unique_ptr<verify::Answers> answers;
    std::unique_ptr<verify::Answers::Cursor> cursor;
  };
  using ByTask = std::map<std::string, datasets::Problem>;

  const ByTask& load(const std::string& source);
  const datasets::DifferentialSuite* find_calls(const JudgedSuite& suite);
  Known& find(const JudgedSuite& suite);
  void find_answers(const JudgedSuite& suite, Known& known);

  store::Database& database_;
  std::map<std::string, Origin> origins_;  ///< by dataset
  std::map<std::string, ByTask> loaded_;   ///< by source
  std::map<JudgedSuite, Known> known_;
  std::set<std::string> remarks_;
};

}  // namespace assay::cli
