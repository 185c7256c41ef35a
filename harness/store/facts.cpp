#include "harness/store/facts.h"

#include "harness/base/hash.h"
#include "harness/store/migrations.h"

namespace assay::store {

std::unique_ptr<Database> open(const std::string& path, bool create) {
  auto database = std::make_unique<Database>(path, create);
  migrate(*database);
  return database;
}

std::int64_t put_dataset(Database& database, const std::string& name, const std::string& version,
                         const std::string& note) {
  database
      .use(
          "INSERT INTO dataset (name, version, note) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE "
          "SET version = excluded.version, note = excluded.note")
      .bind(name)
      .bind(version)
      .bind(note)
      .run();
  Statement find = database.use("SELECT id FROM dataset WHERE name = ?");
  find.bind(name).step();
  return find.integer(0);
}

std::int64_t put_problem(Database& database, std::int64_t dataset_id, int position,
                         const datasets::Problem& problem) {
  database
      .use(
          "INSERT INTO problem (dataset_id, task_id, position, entry_point, prompt, reference) "
          "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (dataset_id, task_id) DO UPDATE SET position = "
          "excluded.position, entry_point = excluded.entry_point, prompt = excluded.prompt, "
          "reference = excluded.reference")
      .bind(dataset_id)
      .bind(problem.task_id)
      .bind(position)
      .bind(problem.entry_point)
      .bind(problem.prompt)
      .bind(problem.reference)
      .run();
  Statement find = database.use("SELECT id FROM problem WHERE dataset_id = ? AND task_id = ?");
  find.bind(dataset_id).bind(problem.task_id).step();
  return find.integer(0);
}

std::int64_t put_suite(Database& database, std::int64_t problem_id, const std::string& name,
                       const std::string& hash, std::int64_t tests) {
  database
      .use(
          "INSERT INTO suite (problem_id, name, hash, tests) VALUES (?, ?, ?, ?) "
          "ON CONFLICT (problem_id, name, hash) DO NOTHING")
      .bind(problem_id)
      .bind(name)
      .bind(hash)
      .bind(tests)
      .run();
  if (hash != kImportedSuite) {
    database
        .use(
            "UPDATE suite SET current = (hash = ?) WHERE problem_id = ? AND name = ? AND hash <> "
            "'imported' AND current <> (hash = ?)")
        .bind(hash)
        .bind(problem_id)
        .bind(name)
        .bind(hash)
        .run();
  }
  Statement find =
      database.use("SELECT id FROM suite WHERE problem_id = ? AND name = ? AND hash = ?");
  find.bind(problem_id).bind(name).bind(hash).step();
  return find.integer(0);
}

std::int64_t put_model(Database& database, const std::string& name) {
  database.use("INSERT INTO model (name) VALUES (?) ON CONFLICT (name) DO NOTHING")
      .bind(name)
      .run();
  Statement find = database.use("SELECT id FROM model WHERE name = ?");
  find.bind(name).step();
  return find.integer(0);
}

std::int64_t put_program(Database& database, const std::string& text) {
  const std::string hash = sha256(text);
  {
    Statement find = database.use("SELECT id FROM program WHERE hash = ?");
    if (find.bind(hash).step()) return find.integer(0);
  }
  database.use("INSERT INTO program (hash, text) VALUES (?, ?)").bind(hash).bind(text).run();
  return database.last_id();
}

Put put_sample(Database& database, const SampleRow& row) {
  const std::string given_hash = sha256(row.given);
  {
    Statement find = database.use(
        "SELECT given_hash, program.hash FROM sample JOIN program ON program.id = program_id "
        "WHERE model_id = ? AND problem_id = ? AND sample_id = ?");
    if (find.bind(row.model_id).bind(row.problem_id).bind(row.sample_id).step()) {
      // The same text under other options (--extract) is another program: a conflict too.
      const bool same = find.text(0) == given_hash && find.text(1) == sha256(row.program);
      return same ? Put::known : Put::conflict;
    }
  }
  const std::int64_t program_id = put_program(database, row.program);
  Statement insert = database.use(
      "INSERT INTO sample (problem_id, model_id, sample_id, program_id, given_hash, given, form) "
      "VALUES (?, ?, ?, ?, ?, ?, ?)");
  insert.bind(row.problem_id)
      .bind(row.model_id)
      .bind(row.sample_id)
      .bind(program_id)
      .bind(given_hash);
  if (row.given == row.program) {
    insert.bind_null();
  } else {
    insert.bind(row.given);
  }
  insert.bind(row.form).run();
  return Put::added;
}

std::optional<StoredIdentity> find_identity(Database& database, const SampleRow& row) {
  Statement find = database.use(
      "SELECT id, given_hash, form FROM sample WHERE model_id = ? AND problem_id = ? AND "
      "sample_id = ?");
  if (!find.bind(row.model_id).bind(row.problem_id).bind(row.sample_id).step()) return {};
  return StoredIdentity{find.integer(0), find.text(1) == sha256(row.given), find.text(2)};
}

std::int64_t last_sample(Database& database) {
  Statement find = database.use("SELECT coalesce(max(id), 0) FROM sample");
  find.step();
  return find.integer(0);
}

std::int64_t sample_count(Database& database, std::int64_t problem_id, std::int64_t model_id) {
  Statement count =
      database.use("SELECT count(*) FROM sample WHERE model_id = ? AND problem_id = ?");
  count.bind(model_id).bind(problem_id).step();
  return count.integer(0);
}

void put_imported_count(Database& database, const ImportedCount& row) {
  database
      .use(
          "INSERT INTO imported_count (dataset, model, task_id, n, tp, fp, fn) VALUES (?, ?, ?, ?, "
          "?, "
          "?, ?) ON CONFLICT (dataset, model, task_id) DO UPDATE SET n = excluded.n, tp = "
          "excluded.tp, fp = excluded.fp, fn = excluded.fn")
      .bind(row.dataset)
      .bind(row.model)
      .bind(row.task_id)
      .bind(row.n)
      .bind(row.tp)
      .bind(row.fp)
      .bind(row.fn)
      .run();
}

}  // namespace assay::store
