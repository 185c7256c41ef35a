#include "harness/store/scores.h"

#include "harness/store/statements.h"

namespace assay::store {

std::int64_t put_verifier(Database& database, const std::string& name) {
  database.use(sql::kPutVerifier).bind(name).run();
  Statement find = database.use(sql::kFindVerifier);
  find.bind(name).step();
  return find.integer("id");
}

static void bind_score(Statement& statement, std::optional<double> score) {
  if (score)
    statement.bind(*score);
  else
    statement.bind_null();
}

void put_score(Database& database, std::int64_t verifier_id, std::int64_t sample_id,
               std::optional<double> score) {
  Statement put = database.use(sql::kPutScore);
  put.bind(verifier_id).bind(sample_id);
  bind_score(put, score);
  put.run();
}

void drop_scores(Database& database, std::int64_t verifier_id, const StoredModel& model) {
  database.use(sql::kDropScores)
      .bind(verifier_id)
      .bind(model.model_id)
      .bind(model.dataset_id)
      .run();
}

std::vector<std::string> verifier_names(Database& database) {
  Statement rows = database.use(sql::kVerifierNames);
  std::vector<std::string> names;
  while (rows.step()) names.push_back(rows.text("name"));
  return names;
}

std::map<Identity, std::int64_t> samples_by_identity(Database& database, const std::string& dataset,
                                                     const std::string& model) {
  std::map<Identity, std::int64_t> samples;
  Statement rows = database.use(sql::kIdentities);
  rows.bind(dataset).bind(model);
  while (rows.step()) samples[{rows.text("task_id"), rows.text("sample_id")}] = rows.integer("id");
  return samples;
}

std::vector<std::string> models_with_samples(Database& database, const std::string& dataset) {
  Statement rows = database.use(sql::kModelsWithSamples);
  rows.bind(dataset);
  std::vector<std::string> names;
  while (rows.step()) names.push_back(rows.text("name"));
  return names;
}

bool scores_only(const StoredModel& model) {
  return model.counts_only && model.comparison == kImportedScores;
}

std::int64_t not_scored(const stats::ModelCounts& counts) {
  std::int64_t samples = 0;
  for (const auto& [of, statuses] : counts.statuses) {
    const auto found = statuses.find(kNotScored);
    if (found != statuses.end()) samples += found->second;
  }
  return samples;
}

void put_imported_score(Database& database, const ImportedScore& row) {
  Statement put = database.use(sql::kPutImportedScore);
  put.bind(row.dataset).bind(row.model).bind(row.verifier);
  put.bind(row.sample.task_id).bind(row.sample.sample_id);
  bind_score(put, row.score);
  put.bind(row.correct).run();
}

std::map<Identity, ImportedTruth> truths_of_others(Database& database, const std::string& dataset,
                                                   const std::string& model,
                                                   const std::string& verifier) {
  std::map<Identity, ImportedTruth> truths;
  Statement rows = database.use(sql::kImportedTruths);
  rows.bind(dataset).bind(model).bind(verifier);
  while (rows.step())
    truths[{rows.text("task_id"), rows.text("sample_id")}] = {rows.text("verifier"),
                                                              rows.integer("correct") != 0};
  return truths;
}

void for_each_scored(Database& database, const StoredModel& model, const std::string& verifier,
                     const std::function<void(ScoredSample&&)>& take) {
  Statement rows = database.use(scores_only(model) ? sql::kImportedScores : sql::kScores);
  if (scores_only(model))
    rows.bind(model.dataset).bind(model.model).bind(verifier);
  else
    rows.bind(model.model_id).bind(model.dataset_id).bind(verifier);
  while (rows.step()) {
    ScoredSample sample;
    sample.task_id = rows.text("task_id");
    sample.sample_id = rows.text("sample_id");
    sample.program_id = rows.integer("program_id");
    if (!rows.is_null("value")) sample.score = rows.real("value");
    sample.asked = rows.integer("asked") != 0;
    if (!rows.is_null("correct")) sample.correct = rows.integer("correct") != 0;
    take(std::move(sample));
  }
}

}  // namespace assay::store
