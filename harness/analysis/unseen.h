// What gold still misses, from the stored results of its tests. Reads only. Throws assay::Error as
// the store does.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/analysis/selection.h"
#include "harness/stats/unseen.h"

namespace assay::analysis {

/// Of one model, or of all models of a dataset together: what is missed, or why it is not known.
struct UnseenRow {
  std::string dataset, model;  ///< an empty model: all of them
  std::string proxy, gold;
  std::optional<stats::Unseen> unseen;
  std::string missing, note;
};

/// How many tests of gold, beyond those that accept, catch each accepted program.
class Catches {
 public:
  void add(const store::Database& database, const Suites& suites,
           const store::JudgedProgram& program);
  /// In the order of task ids.
  std::vector<stats::ProblemCatches> problems() const;

  std::int64_t wrong = 0;    ///< samples that gold rejects
  std::int64_t unknown = 0;  ///< ... of which it is not known how many of several tests catch them

 private:
  struct Problem {
    std::int64_t accepted = 0;
    std::map<std::int64_t, stats::Caught> wrong;  ///< by program id
  };
  std::map<std::string, Problem> problems_;  ///< by task id
};

/// A row for each model, and behind those of a dataset with several models one for all together.
std::vector<UnseenRow> unseen(store::Database& database, const Selected& selected,
                              const stats::BootstrapOptions& bootstrap);

}  // namespace assay::analysis
