// What the verdicts of one model's samples of one problem come to: programs of which every suite says the same
// are one group. Rates, suite sizes and what happened are read from here: millions of verdicts come to some
// thousand groups. Tallies are kept in the database (table tally); it deletes the ones that a change makes
// untrue, and what is not kept is read from the verdicts, which says the same. What single programs are shown
// for, text and witness, is read of those that are shown. One thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "harness/store/queries.h"

namespace assay::store {

struct Tally {
  struct Member {
    std::int64_t program_id = 0, samples = 0;
    std::uint64_t code =
        0;  ///< of what its text says (datasets::code_of): the same for a twin with other comments
  };
  /// `samples` of programs of which every suite says the same: status, tests passed, judged and failed, and the
  /// answer of the witness, as a hash in `actual`. Without what belongs to a program alone: its id, text, times,
  /// message and witness.
  struct Group : JudgedProgram {
    std::int64_t cut = 0;         ///< samples that ended at their greatest length (kCut)
    std::vector<Member> members;  ///< by program id; where asked for
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

enum class Members { left_out, wanted };
/// Every problem of the model's dataset of which it has samples, in the benchmark's order. Nothing for
/// imported counts. Throws Error where what is stored is damaged.
void for_each_tally(Database& database, const StoredModel& model,
                    const std::function<void(const std::string& task_id, const Tally&)>& take,
                    Members members = Members::left_out);

/// The groups of all of these, with their members.
void for_each_group(Database& database, const StoredModel& model,
                    const std::function<void(const Tally::Group&)>& take);

/// A program with the verdict of one suite of a problem under the model's condition, and its witness.
struct ShownProgram {
  std::string text;
  StoredVerdict stored;
};
/// Throws Error where there is none.
ShownProgram shown_program(Database& database, const StoredModel& model, std::int64_t problem_id,
                           std::int64_t program_id, const std::string& suite);

/// Keeps the tallies that are not kept yet, of all models. Waits for a Transaction of its own at times.
void keep_tallies(Database& database,
                  const std::function<void(std::int64_t done, std::int64_t total)>& progress = {});

}  // namespace assay::store
