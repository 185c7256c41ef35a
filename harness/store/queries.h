// What is stored, read: which models there are, their verdict counts, the verdicts of samples.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/stats/counts.h"
#include "harness/store/judging.h"

namespace assay::store {

/// A model with samples (or imported counts) in a dataset, and the newest run that judged it: its
/// rates are read under that run's condition.
struct StoredModel {
  std::int64_t dataset_id = 0, model_id = 0;  ///< 0 for imported counts
  std::string dataset, model;
  std::int64_t run_id = 0, condition_id = 0;
  std::string comparison, interpreter, limits, level;
  std::string command, options, machine, started;  ///< of that run; empty for imported counts
  std::string dataset_version;                     ///< that it judged; empty where not known
  bool counts_only = false;                        ///< `import counts`: no samples
};
/// Sorted by dataset, then model. Filters by exact name where not empty; an unknown name is an
/// Error that names what there is.
std::vector<StoredModel> stored_models(Database& database, const std::string& dataset = "",
                                       const std::vector<std::string>& models = {});

std::string model_name(Database& database, std::int64_t model_id);

struct StoredDataset {
  std::int64_t id = 0;
  std::string name, version, note;
};
std::vector<StoredDataset> stored_datasets(Database& database);

/// Of all problems with samples or imported counts.
std::vector<std::string> task_ids(Database& database);

/// A suite of a problem, and what it says of a program.
struct SuiteStatus {
  std::string suite;
  std::optional<Status> status;  ///< nothing: no verdict
  bool decided = false;          ///< ... since a gold suite rejects the program
};
/// Whether all of `suites` pass. What was decided waits for no verdict: the suite that rejects the
/// program has to be among `suites`. Empty where a suite is missing or has no verdict, even if
/// another failed: what has failed is known early, so that counting it would keep the wrong
/// programs and lose the right ones.
std::optional<bool> passes(const std::vector<SuiteStatus>& verdicts,
                           const std::vector<std::string>& suites);

/// Whether all of `gold` pass, where one that rejects is enough: whatever the others will say, the
/// program is wrong. Empty where the problem lacks one of them, as of such a problem what is right
/// never becomes known; where one is `missing`; and where none rejects and one has no verdict.
std::optional<bool> is_correct(const std::vector<SuiteStatus>& verdicts,
                               const std::vector<std::string>& gold);

/// Verdict counts per problem. A sample is accepted when every proxy suite passes, correct when
/// every gold suite does; with a verdict `missing` in one of them it is counted as missing, where
/// one of these is not known in not_run. Then it is often `undecided`: what gold rejects is known
/// early, and rates lean to that. Where a sample lacks only what was decided by a suite that is not
/// asked for, no problem counts: those that are known would be those that this suite accepts. For
/// imported counts, proxy and gold are "imported" whatever is asked.
stats::ModelCounts counts(Database& database, const StoredModel& model,
                          const std::vector<std::string>& proxy,
                          const std::vector<std::string>& gold);

/// The names of all suites in the database, sorted.
std::vector<std::string> suite_names(Database& database);

/// Of a model's distinct programs those that some suite has judged under other conditions than its
/// newest run's, and none under that.
std::int64_t judged_otherwise(Database& database, const StoredModel& model);

/// The suites with verdicts of this model: official, base and plus first, in this order, then the
/// others in the order in which the benchmark has them.
std::vector<std::string> suites_of(Database& database, const StoredModel& model);

/// A verdict as stored, with its place.
struct StoredVerdict {
  std::int64_t id = 0;
  std::string suite, suite_hash;
  std::int64_t tests = 0;
  Verdict verdict;             ///< without its ids, limits and failing tests
  std::string failing_stored;  ///< for unpack_failing()
};

/// A distinct program of a model's samples of a problem, with its verdicts.
struct JudgedProgram {
  std::int64_t problem_id = 0;
  std::string task_id, entry_point;
  std::int64_t program_id = 0;
  std::int64_t samples = 0;  ///< that are this program
  std::string text;
  std::vector<StoredVerdict> verdicts;  ///< by suite name
  std::vector<std::string> decided;     ///< suites that a gold suite's rejection has spared it
  std::vector<std::string> unjudged;    ///< other suites of the problem without a verdict of it
  const StoredVerdict* verdict(const std::string& suite) const;
  /// As store::passes says.
  std::optional<bool> passes(const std::vector<std::string>& suites) const;
  /// As store::is_correct says.
  std::optional<bool> is_correct(const std::vector<std::string>& gold) const;
};

/// From a row with the columns of a verdict. Throws Error where the numbers of its tests contradict each other.
StoredVerdict read_verdict(const Database& database, const Statement& row);
void check_tests(const Database& database, const StoredVerdict& stored);

/// What of the programs is read besides their verdicts: each costs as much as it holds.
struct Wanted {
  std::string task_id;  ///< only of this problem; empty: of all
  bool texts = false, witnesses = false, failing = false;
};
/// In the order of problems, then of first appearance. Throws Error where a verdict is damaged.
void for_each_program(Database& database, const StoredModel& model, const Wanted& wanted,
                      const std::function<void(const JudgedProgram&)>& take);

/// The samples that are this program, in the order they came.
struct ReadSample {
  std::string sample_id, form, rules, chosen;  ///< as facts.h has them
};
std::vector<ReadSample> samples_of(Database& database, const StoredModel& model,
                                   const JudgedProgram& program);

/// Samples in the order they came, per task in the benchmark's order: for `export`.
struct StoredSample {
  std::string task_id, sample_id, program, form, rules;
  std::int64_t program_id = 0;
};
void for_each_sample(Database& database, const StoredModel& model,
                     const std::function<void(const StoredSample&)>& take);

}  // namespace assay::store
