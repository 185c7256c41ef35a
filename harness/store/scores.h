// Scores that verifiers gave samples, written and read, and those that came with a truth of their own.
// Throws assay::Error as the database does. Call inside a Transaction when there are many.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/store/queries.h"

namespace assay::store {

std::int64_t put_verifier(Database& database, const std::string& name);
/// Replaces the score there was. Nothing: the verifier was asked and has not judged.
void put_score(Database& database, std::int64_t verifier_id, std::int64_t sample_id,
               std::optional<double> score);

/// Of a model's samples in its dataset, as if the verifier had never been asked.
void drop_scores(Database& database, std::int64_t verifier_id, const StoredModel& model);

/// Of all verifiers with scores in the database, sorted.
std::vector<std::string> verifier_names(Database& database);

/// A sample as a file of scores names it.
struct Identity {
  std::string task_id, sample_id;
  auto operator<=>(const Identity&) const = default;
};
/// The samples of a model in a dataset, by how they are named; empty where either is not there.
std::map<Identity, std::int64_t> samples_by_identity(Database& database, const std::string& dataset,
                                                     const std::string& model);
/// The models with samples in a dataset, sorted.
std::vector<std::string> models_with_samples(Database& database, const std::string& dataset);

/// The `comparison` of a model of which only scores are known, with their truth: counts_only too, and
/// what a proxy that speaks of scores makes counts of.
inline constexpr const char* kImportedScores = "imported scores";
bool scores_only(const StoredModel& model);

/// What ModelCounts::statuses says of the verifiers of a proxy. Who is not scored by each of them is in
/// not_run.
inline constexpr const char *kScored = "scored", *kNotScored = "not scored";
std::int64_t not_scored(const stats::ModelCounts& counts);

/// A score of a sample that is not here, with its truth.
struct ImportedScore {
  std::string dataset, model, verifier;
  Identity sample;
  std::optional<double> score;
  bool correct = false;
};
void put_imported_score(Database& database, const ImportedScore& row);

/// Whether an imported sample is right, and which verifier's file says so.
struct ImportedTruth {
  std::string verifier;
  bool correct = false;
};
/// What the files of all other verifiers say, for each sample one of them: they agree.
std::map<Identity, ImportedTruth> truths_of_others(Database& database, const std::string& dataset,
                                                   const std::string& model,
                                                   const std::string& verifier);

/// A sample, whether it has a score or not.
struct ScoredSample {
  std::string task_id, sample_id;
  std::int64_t program_id = 0;  ///< 0: the program is not here
  std::optional<double> score;
  bool asked = false;           ///< there is a row of it, though the score may be null
  std::optional<bool> correct;  ///< only of imported scores
};
/// All samples of a model, sorted by task_id, then in the order they came: the same for every
/// verifier. Of imported scores those that the verifier has a row of.
void for_each_scored(Database& database, const StoredModel& model, const std::string& verifier,
                     const std::function<void(ScoredSample&&)>& take);

}  // namespace assay::store
