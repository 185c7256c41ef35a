// What a run writes and reads: conditions, runs, verdicts with witnesses, the references' answers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/store/database.h"
#include "harness/store/status.h"

namespace assay::store {

struct Condition {
  std::string limits;      ///< JSON
  std::string comparison;  ///< 'strict', 'evalplus', 'imported'
  std::string interpreter;
  int comparison_version = 0;  ///< 0: imported
};
std::int64_t put_condition(Database& database, const Condition& condition);

struct RunRow {
  std::int64_t dataset_id = 0, condition_id = 0;
  std::string level, command, options, machine;  ///< options and machine are JSON
};
/// Stamped with the time; `end_run` stamps the end. A run without an end was interrupted.
std::int64_t begin_run(Database& database, const RunRow& row);
void end_run(Database& database, std::int64_t run_id);
void put_run_model(Database& database, std::int64_t run_id, std::int64_t model_id);

struct Witness {
  std::int64_t test = -1;
  std::string input, expected, actual;
};

struct Verdict {
  std::int64_t program_id = 0, suite_id = 0, condition_id = 0, run_id = 0;
  Status status = Status::missing;
  std::string scope = "full";  ///< how far it was judged: 'full', 'one_process', 'first_failure'
  std::int64_t passed = 0, judged = 0;
  bool marginal = false, forgeable = false;
  double cpu_ms = 0, wall_ms = 0;
  std::int64_t memory_kib = 0;
  std::string message;
  std::string
      raised_limits;  ///< what it was given beyond the condition's limits, as JSON; or empty
  std::optional<Witness> witness;
  std::vector<std::uint32_t> failing;  ///< indices of judged tests that failed, ascending
};
/// The status of a stored name. Throws Error for one that is none: the database is damaged.
Status read_status(const Database& database, const std::string& name);
/// Replaces an earlier verdict of the same cell (a retried `missing`, a wider scope), or that it was
/// decided without one. Its limits become those of the suite: only verdicts under the same ones
/// count.
void put_verdict(Database& database, const Verdict& verdict);

/// Of the same cell, as it is stored. Nothing: no verdict.
std::optional<Status> stored_status(Database& database, const Verdict& cell);

/// A gold suite rejects the program, so that this one was not judged, and no rate waits for it. A
/// verdict `missing` of the cell is gone.
void put_decided(Database& database, std::int64_t program_id, std::int64_t suite_id,
                 std::int64_t condition_id);

/// A suite has at most this many tests; bounds what a damaged row can make us allocate.
inline constexpr std::int64_t kTestsMax = 8 << 20;

/// A list of failing tests out of the bytes it is stored as: ascending; empty where none were stored.
/// Throws Error where they are damaged; `database` is for the message.
std::vector<std::uint32_t> unpack_failing(const Database& database, const std::string& stored);

/// A program of the samples of a run, with what is known of it.
struct Cell {
  std::int64_t program_id = 0;
  std::int64_t samples = 0;      ///< how many samples share it
  std::optional<Status> status;  ///< of the suite asked for; nothing: not judged
  bool decided = false;          ///< ... since a gold suite rejects it (put_decided)
  std::string scope;
  std::int64_t judged = 0, tests = 0;
};
/// The distinct programs of the given models' samples of a problem, and their verdicts by
/// `suite_id` under `condition_id`; ordered by program id.
std::vector<Cell> cells(Database& database, std::int64_t problem_id, std::int64_t suite_id,
                        std::int64_t condition_id, const std::vector<std::int64_t>& model_ids);
/// The samples of these models that are the program, in the order they came.
struct SampleName {
  std::string model, sample_id;
};
std::vector<SampleName> sample_names(Database& database, std::int64_t problem_id,
                                     std::int64_t program_id,
                                     const std::vector<std::int64_t>& model_ids);
std::string program_text(Database& database, std::int64_t program_id);

/// What the reference answered on a suite's inputs and what it needed, and the least limits of the
/// programs, decided from that when it ran.
struct ReferenceRun {
  std::int64_t memory_kib = 0;
  std::int64_t reply_bytes_max = 0;
  std::string lane;     ///< 'calls', 'proxy', 'in_process'
  std::string trouble;  ///< why the suite cannot be judged; empty where it can
  /// Why the suite is not to be trusted though it can; empty: not seen. Nothing: not looked for, as by
  /// version 5 or before, or where a run was interrupted.
  std::optional<std::string> doubt;
  std::vector<double> cpu_s;
  double cpu_factor =
      0;  ///< a test, and the suite, gets at least so many times the reference's CPU
  std::int64_t memory_mib_min = 0, reply_mib_min = 0;
  struct Chunk {
    std::int64_t count = 0, raw_bytes = 0;
    std::string compressed;  ///< zstd
  };
  std::vector<Chunk> chunks;
};
/// What a reference's answers are kept under: what they are of, and what ran it.
std::string reference_key(const std::string& suite_hash, const std::string& interpreter);
bool has_reference_run(Database& database, const std::string& key);
/// Throws Error where what is stored is damaged: every number is one that a run could have written.
std::optional<ReferenceRun> find_reference_run(Database& database, const std::string& key);
/// The doubts about the suites of these names that a dataset has now, as the interpreter's references
/// showed them; in the order of problems.
struct Doubt {
  std::string task_id, suite, what;
};
std::vector<Doubt> doubts(Database& database, std::int64_t dataset_id,
                          const std::string& interpreter, const std::vector<std::string>& suites);

/// What was not looked for when the reference ran.
void put_doubt(Database& database, const std::string& key, const std::string& doubt);

/// What is stored already stays.
void put_reference_run(Database& database, const std::string& key, const ReferenceRun& run);

}  // namespace assay::store
