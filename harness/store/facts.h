// What is judged, written: datasets, problems, suites, models, samples. Every function finds the
// row or makes it and returns its id. Call inside a Transaction when there are many.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "datasets/problem.h"
#include "harness/store/database.h"

namespace assay::store {

/// Opens to write, and migrates. With `create`, makes the database where it is missing.
std::unique_ptr<Database> open(const std::string& path, bool create);
/// Opens for a command that only reads: also where nothing may be written. An old database is
/// brought up to date in a private copy and stays as it is.
std::unique_ptr<Database> open_to_read(const std::string& path);
/// Changes when another connection has committed.
std::int64_t data_version(Database& database);

std::int64_t put_dataset(Database& database, const std::string& name, const std::string& version,
                         const std::string& note);
std::int64_t put_problem(Database& database, std::int64_t dataset_id, int position,
                         const datasets::Problem& problem);
/// Makes this suite the current one of its name for the problem.
std::int64_t put_suite(Database& database, std::int64_t problem_id, const std::string& name,
                       const std::string& hash, std::int64_t tests);
std::int64_t put_model(Database& database, const std::string& name);
std::int64_t put_program(Database& database, const std::string& text);

/// The hash of suites whose verdicts came from elsewhere.
inline constexpr const char* kImportedSuite = "imported";

struct SampleRow {
  std::int64_t problem_id = 0, model_id = 0;
  std::string sample_id;
  std::string program;  ///< whole program, as executed
  std::string given;    ///< exactly as it came
  std::string form;     ///< 'solution', 'completion', with '+extract'
  std::string rules;    ///< what made the program of what came (harness/samples/intake.h)
  std::string chosen;   ///< of chat text: which part of it, in words
  std::int64_t id = 0;  ///< that it is stored under; 0: the next one
};
enum class Put { added, known, conflict };
/// `known`: the same identity with the same text; `conflict`: with another text (nothing is
/// written).
Put put_sample(Database& database, const SampleRow& row);

/// What is stored under a sample's identity; nothing where that is new.
struct StoredIdentity {
  std::int64_t id = 0;  ///< ascending in the order the samples came
  bool same_given = false;
  std::string form, rules;
};
std::optional<StoredIdentity> find_identity(Database& database, const SampleRow& row);
/// The highest sample id; what comes later has a higher one.
std::int64_t last_sample(Database& database);

/// Every sample of a model and problem, in the order they came, with the SHA-256 of its text as given.
void for_each_given(
    Database& database, std::int64_t problem_id, std::int64_t model_id,
    const std::function<void(std::string sample_id, const std::string& given_hash)>& take);

/// One more than the highest number among the sample ids of a model and problem: `run --append`
/// numbers on from here, whatever other ids there are.
std::int64_t next_sample_number(Database& database, std::int64_t problem_id, std::int64_t model_id);

/// More samples of one problem are nobody's: curves in K would have that many points.
inline constexpr std::int64_t kImportedSamplesMax = 1'000'000;

struct ImportedCount {
  std::string dataset, model, task_id;
  std::int64_t n = 0, tp = 0, fp = 0, fn = 0;
};
/// Throws Error for counts that cannot be.
void put_imported_count(Database& database, const ImportedCount& row);
/// By task_id. Throws Error where stored counts cannot be.
std::vector<ImportedCount> imported_counts(Database& database, const std::string& dataset,
                                           const std::string& model);

}  // namespace assay::store
