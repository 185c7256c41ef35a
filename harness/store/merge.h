// What one database knows into another (`assay merge`): samples and verdicts, with the runs, conditions
// and references that they belong to. Rows are told by what they say (names, hashes, a run's identity),
// never by their ids, so that merging twice changes nothing. Of verdicts of one cell counts the one that
// was judged furthest, then that of the earliest run, in whatever order the databases come. Searches
// and trainings stay where they are.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "harness/store/database.h"

namespace assay::store {

struct MergeCounts {
  std::int64_t runs = 0;  ///< new
  std::int64_t samples_added = 0, samples_known = 0;
  std::int64_t verdicts_added = 0, verdicts_known = 0;
  std::int64_t verdicts_replaced = 0;  ///< by one that was judged further, or by an earlier run
  /// Made under raised limits that are not those that the suite has here: they count nowhere.
  std::int64_t verdicts_uncounted = 0;
};

/// Takes databases into one, within a transaction of the caller's: what is thrown leaves half of one
/// behind.
class Merger {
 public:
  /// `beside`: lay verdicts of other conditions, tests and raised limits beside those that are there.
  Merger(Database& into, bool beside);

  /// What `into` lacks of `from`. Throws Error where a sample's identity has another text; and, unless
  /// `beside`, where a model was judged under another condition, or a suite has other tests or other
  /// raised limits.
  void take(Database& from);
  const MergeCounts& counts() const { return counts_; }

 private:
  struct Cell;
  struct Standing;
  void refuse_other_conditions(Database& from);
  void take_suites(Database& from);
  void take_samples(Database& from);
  void take_runs(Database& from);
  void take_references(Database& from);
  void take_verdicts(Database& from);
  void take_verdict(Database& from, const Statement& row);
  bool settle_limits(Database& from, const Statement& row, const Cell& cell);
  bool is_decided(const Cell& cell);
  void put(const Statement& row, const Cell& cell);
  void note(const Cell& cell, const Standing& standing);
  void take_conflicts(Database& from);
  void take_decided(Database& from);

  Database& into_;
  const bool beside_;
  const bool was_empty_;
  MergeCounts counts_;
  /// By suite and condition: the hash of the raised limits under which verdicts of `into` count.
  std::map<std::pair<std::int64_t, std::int64_t>, std::string> limits_;
};

/// A cell for which databases have verdicts of different statuses.
struct Conflict {
  std::string dataset, task_id, suite, model, sample_id;  ///< of the program's first sample
  std::int64_t samples = 0;                               ///< that are the program
  std::string counts;                                     ///< the status that counts
  std::string other, message;                             ///< what else was said
  std::string started;                                    ///< when the run began that said it
};
std::vector<Conflict> conflicts(Database& database);

/// Verdicts that count and are `missing`.
std::int64_t count_missing(Database& database);
/// Searches and trainings, which are not merged.
std::int64_t count_unmerged(Database& database);

}  // namespace assay::store
