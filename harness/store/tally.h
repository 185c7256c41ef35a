// What the verdicts of one model's samples of one problem come to: programs of which every suite says the same
// are one group. Rates, suite sizes and what happened are read from here: millions of verdicts come to some
// thousand groups. Tallies are kept in the database (table tally); it deletes the ones that a change makes
// untrue, and what is not kept is read from the verdicts, which says the same. One thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "harness/store/queries.h"

namespace assay::store {

struct Tally {
  /// `samples` of programs of which every suite says the same: status, tests passed, judged and failed. Without
  /// what belongs to a program alone: its id, text, times, messages and witnesses.
  struct Group : JudgedProgram {
    std::int64_t cut = 0;  ///< samples that ended at their greatest length (kCut)
  };
  std::vector<Group> groups;
  std::map<std::string, std::int64_t>
      rules;  ///< samples by what made their programs (sample.rules)
  std::map<std::string, std::int64_t>
      finishes;  ///< samples by the reason for which they ended, where told
  /// What verdicts say, by suite, without the line of the program or of the tests.
  struct Said {
    Status status = Status::error;
    std::string message;
    auto operator<=>(const Said&) const = default;
  };
  std::map<std::string, std::map<Said, std::int64_t>> said;
};

/// Every problem of the model's dataset of which it has samples, in the order of task_ids. Nothing for
/// imported counts. Throws Error where what is stored is damaged.
void for_each_tally(Database& database, const StoredModel& model,
                    const std::function<void(const std::string& task_id, const Tally&)>& take);

/// Keeps the tallies that are not kept yet, of all models. Waits for a Transaction of its own at times.
void keep_tallies(Database& database,
                  const std::function<void(std::int64_t done, std::int64_t total)>& progress = {});

}  // namespace assay::store
