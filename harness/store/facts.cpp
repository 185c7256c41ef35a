#include "harness/store/facts.h"

#include <fmt/format.h>

#include "harness/base/error.h"
#include "harness/base/hash.h"
#include "harness/store/migrations.h"
#include "harness/store/statements.h"

namespace assay::store {

std::unique_ptr<Database> open(const std::string& path, bool create) {
  auto database = std::make_unique<Database>(path, create ? Access::create : Access::write);
  migrate(*database);
  return database;
}

std::unique_ptr<Database> open_to_read(const std::string& path) {
  auto database = std::make_unique<Database>(path, Access::read);
  if (!is_current(*database)) {
    database->become_copy();
    migrate(*database);
  }
  return database;
}

std::int64_t data_version(Database& database) {
  Statement row = database.use(sql::kDataVersion);
  return row.step() ? row.integer("data_version") : 0;
}

std::int64_t put_dataset(Database& database, const std::string& name, const std::string& version,
                         const std::string& note) {
  database.use(sql::kPutDataset).bind(name).bind(version).bind(note).run();
  Statement find = database.use(sql::kFindDataset);
  find.bind(name).step();
  return find.integer("id");
}

std::int64_t put_problem(Database& database, std::int64_t dataset_id, int position,
                         const datasets::Problem& problem) {
  database.use(sql::kPutProblem)
      .bind(dataset_id)
      .bind(problem.task_id)
      .bind(position)
      .bind(problem.entry_point)
      .bind(problem.prompt)
      .bind(problem.reference)
      .run();
  Statement find = database.use(sql::kFindProblem);
  find.bind(dataset_id).bind(problem.task_id).step();
  return find.integer("id");
}

std::int64_t put_suite(Database& database, std::int64_t problem_id, const std::string& name,
                       const std::string& hash, std::int64_t tests) {
  database.use(sql::kPutSuite).bind(problem_id).bind(name).bind(hash).bind(tests).run();
  if (hash != kImportedSuite) {
    database.use(sql::kMakeSuiteCurrent).bind(problem_id).bind(name).bind(hash).run();
  }
  Statement find = database.use(sql::kFindSuite);
  find.bind(problem_id).bind(name).bind(hash).step();
  return find.integer("id");
}

std::int64_t put_model(Database& database, const std::string& name) {
  database.use(sql::kPutModel).bind(name).run();
  Statement find = database.use(sql::kFindModel);
  find.bind(name).step();
  return find.integer("id");
}

static std::int64_t put_program(Database& database, const std::string& text,
                                const std::string& hash) {
  {
    Statement find = database.use(sql::kFindProgram);
    if (find.bind(hash).step()) return find.integer("id");
  }
  database.use(sql::kPutProgram).bind(hash).bind(text).run();
  return database.last_id();
}

std::int64_t put_program(Database& database, const std::string& text) {
  return put_program(database, text, sha256(text));
}

Put put_sample(Database& database, const SampleRow& row) {
  const bool as_given = row.given == row.program;
  const std::string given_hash = sha256(row.given);
  const std::string program_hash = as_given ? given_hash : sha256(row.program);
  {
    Statement find = database.use(sql::kFindSample);
    if (find.bind(row.model_id).bind(row.problem_id).bind(row.sample_id).step()) {
      // The same text read in another way (--extract) is another program: a conflict too.
      const bool same =
          find.text("given_hash") == given_hash && find.text("program_hash") == program_hash;
      return same ? Put::known : Put::conflict;
    }
  }
  const std::int64_t program_id = put_program(database, row.program, program_hash);
  Statement insert = database.use(sql::kPutSample);
  if (row.id > 0) {
    insert.bind(row.id);
  } else {
    insert.bind_null();
  }
  insert.bind(row.problem_id)
      .bind(row.model_id)
      .bind(row.sample_id)
      .bind(program_id)
      .bind(given_hash);
  if (as_given) {
    insert.bind_null();
  } else {
    insert.bind(row.given);
  }
  insert.bind(row.form).bind(row.rules).bind(row.chosen).run();
  return Put::added;
}

std::optional<StoredIdentity> find_identity(Database& database, const SampleRow& row) {
  Statement find = database.use(sql::kFindSample);
  if (!find.bind(row.model_id).bind(row.problem_id).bind(row.sample_id).step()) return {};
  const std::int64_t id = find.integer("id");
  const bool same_given = find.text("given_hash") == sha256(row.given);
  return StoredIdentity{id, same_given, find.text("form"), find.text("rules")};
}

std::int64_t last_sample(Database& database) {
  Statement find = database.use(sql::kLastSample);
  find.step();
  return find.integer("id");
}

void for_each_given(
    Database& database, std::int64_t problem_id, std::int64_t model_id,
    const std::function<void(std::string sample_id, const std::string& given_hash)>& take) {
  Statement find = database.use(sql::kGivenSamples);
  find.bind(model_id).bind(problem_id);
  while (find.step()) take(find.text("sample_id"), find.text("given_hash"));
}

std::int64_t next_sample_number(Database& database, std::int64_t problem_id,
                                std::int64_t model_id) {
  Statement find = database.use(sql::kHighestSampleNumber);
  find.bind(model_id).bind(problem_id).step();
  return find.is_null("number") ? 0 : find.integer("number") + 1;
}

static bool possible(const ImportedCount& row) {
  for (const std::int64_t count : {row.n, row.tp, row.fp, row.fn}) {
    if (count < 0 || count > kImportedSamplesMax) return false;
  }
  return row.tp + row.fp + row.fn <= row.n;
}

void put_imported_count(Database& database, const ImportedCount& row) {
  if (!possible(row)) {
    throw Error(fmt::format(
        "the counts of {} by {} are impossible (n = {}, tp = {}, fp = {}, fn = {}): none may be "
        "negative, n at most {}, and tp + fp + fn at most n",
        row.task_id, row.model, row.n, row.tp, row.fp, row.fn, kImportedSamplesMax));
  }
  database.use(sql::kPutImportedCount)
      .bind(row.dataset)
      .bind(row.model)
      .bind(row.task_id)
      .bind(row.n)
      .bind(row.tp)
      .bind(row.fp)
      .bind(row.fn)
      .run();
}

std::vector<ImportedCount> imported_counts(Database& database, const std::string& dataset,
                                           const std::string& model) {
  std::vector<ImportedCount> counts;
  Statement rows = database.use(sql::kImportedCounts);
  rows.bind(dataset).bind(model);
  while (rows.step()) {
    ImportedCount count{dataset, model, rows.text("task_id")};
    count.n = rows.integer("n");
    count.tp = rows.integer("tp");
    count.fp = rows.integer("fp");
    count.fn = rows.integer("fn");
    if (!possible(count)) {
      refuse_damaged(database, fmt::format("the imported counts of {} by {} are impossible",
                                           count.task_id, model));
    }
    counts.push_back(std::move(count));
  }
  return counts;
}

}  // namespace assay::store
