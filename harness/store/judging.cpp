#include "harness/store/judging.h"

#include <zlib.h>

#include <nlohmann/json.hpp>

#include "harness/base/error.h"
#include "harness/base/hash.h"

namespace assay::store {

std::int64_t put_condition(Database& database, const Condition& condition) {
  const std::string hash =
      Hasher().add(condition.limits).add(condition.comparison).add(condition.interpreter).hex();
  database
      .use(
          "INSERT INTO condition (hash, limits, comparison, interpreter) VALUES (?, ?, ?, ?) "
          "ON CONFLICT (hash) DO NOTHING")
      .bind(hash)
      .bind(condition.limits)
      .bind(condition.comparison)
      .bind(condition.interpreter)
      .run();
  Statement find = database.use("SELECT id FROM condition WHERE hash = ?");
  find.bind(hash).step();
  return find.integer(0);
}

std::int64_t begin_run(Database& database, const RunRow& row) {
  database
      .use(
          "INSERT INTO run (dataset_id, condition_id, started, level, command, options, machine) "
          "VALUES (?, ?, strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), ?, ?, ?, ?)")
      .bind(row.dataset_id)
      .bind(row.condition_id)
      .bind(row.level)
      .bind(row.command)
      .bind(row.options)
      .bind(row.machine)
      .run();
  return database.last_id();
}

void end_run(Database& database, std::int64_t run_id) {
  database.use("UPDATE run SET ended = strftime('%Y-%m-%dT%H:%M:%SZ', 'now') WHERE id = ?")
      .bind(run_id)
      .run();
}

void put_run_model(Database& database, std::int64_t run_id, std::int64_t model_id) {
  database.use("INSERT INTO run_model (run_id, model_id) VALUES (?, ?) ON CONFLICT DO NOTHING")
      .bind(run_id)
      .bind(model_id)
      .run();
}

static std::string deflated(const std::string& bytes) {
  uLongf size = compressBound(bytes.size());
  std::string out(size, '\0');
  compress2(reinterpret_cast<Bytef*>(out.data()), &size,
            reinterpret_cast<const Bytef*>(bytes.data()), bytes.size(), Z_BEST_SPEED);
  out.resize(size);
  return out;
}

/// A suite has at most this many tests; bounds what a damaged blob can make us allocate.
static constexpr std::size_t kBitmapBytesMax = 1 << 20;

static void put_failing(Database& database, std::int64_t verdict_id, const Verdict& verdict) {
  std::string bitmap(verdict.failing.empty() ? 0 : verdict.failing.back() / 8 + 1, '\0');
  for (const std::uint32_t test : verdict.failing) {
    bitmap[test / 8] = static_cast<char>(bitmap[test / 8] | (1 << (test % 8)));
  }
  database.use("INSERT INTO failing (verdict_id, tests) VALUES (?, ?)")
      .bind(verdict_id)
      .bind_blob(deflated(bitmap))
      .run();
}

Status read_status(const Database& database, const std::string& name) {
  const std::optional<Status> status = status_named(name);
  if (!status) throw Error(database.path() + " is damaged: a verdict has no known status");
  return *status;
}

void put_verdict(Database& database, const Verdict& verdict) {
  database.use("DELETE FROM verdict WHERE program_id = ? AND suite_id = ? AND condition_id = ?")
      .bind(verdict.program_id)
      .bind(verdict.suite_id)
      .bind(verdict.condition_id)
      .run();
  database
      .use(
          "INSERT INTO verdict (program_id, suite_id, condition_id, run_id, status, scope, passed, "
          "judged, marginal, forgeable, cpu_ms, wall_ms, memory_kib, message) "
          "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(verdict.program_id)
      .bind(verdict.suite_id)
      .bind(verdict.condition_id)
      .bind(verdict.run_id)
      .bind(name_of(verdict.status))
      .bind(verdict.scope)
      .bind(verdict.passed)
      .bind(verdict.judged)
      .bind(static_cast<int>(verdict.marginal))
      .bind(static_cast<int>(verdict.forgeable))
      .bind(verdict.cpu_ms)
      .bind(verdict.wall_ms)
      .bind(verdict.memory_kib)
      .bind(verdict.message)
      .run();
  const std::int64_t verdict_id = database.last_id();
  if (verdict.witness) {
    database
        .use(
            "INSERT INTO witness (verdict_id, test, input, expected, actual) VALUES (?, ?, ?, ?, "
            "?)")
        .bind(verdict_id)
        .bind(verdict.witness->test)
        .bind(verdict.witness->input)
        .bind(verdict.witness->expected)
        .bind(verdict.witness->actual)
        .run();
  }
  if (!verdict.failing.empty()) put_failing(database, verdict_id, verdict);
  database.use("DELETE FROM decided WHERE program_id = ? AND suite_id = ? AND condition_id = ?")
      .bind(verdict.program_id)
      .bind(verdict.suite_id)
      .bind(verdict.condition_id)
      .run();
}

void put_decided(Database& database, std::int64_t program_id, std::int64_t suite_id,
                 std::int64_t condition_id) {
  database
      .use(
          "DELETE FROM verdict WHERE program_id = ? AND suite_id = ? AND condition_id = ? AND "
          "status = 'missing'")
      .bind(program_id)
      .bind(suite_id)
      .bind(condition_id)
      .run();
  database
      .use(
          "INSERT INTO decided (program_id, suite_id, condition_id) VALUES (?, ?, ?) "
          "ON CONFLICT DO NOTHING")
      .bind(program_id)
      .bind(suite_id)
      .bind(condition_id)
      .run();
}

std::vector<std::uint32_t> failing_tests(Database& database, std::int64_t verdict_id) {
  Statement find = database.use("SELECT tests FROM failing WHERE verdict_id = ?");
  if (!find.bind(verdict_id).step()) return {};
  const std::string blob = find.blob(0);
  std::string bitmap;
  uLongf size = 0;
  int result = Z_BUF_ERROR;
  for (std::size_t room = 1024; result == Z_BUF_ERROR && room <= kBitmapBytesMax; room *= 4) {
    bitmap.resize(room);
    size = room;
    result = uncompress(reinterpret_cast<Bytef*>(bitmap.data()), &size,
                        reinterpret_cast<const Bytef*>(blob.data()), blob.size());
  }
  if (result != Z_OK)
    throw Error(database.path() + " is damaged: a list of failing tests does not inflate");
  std::vector<std::uint32_t> tests;
  for (std::uint32_t test = 0; test < size * 8; ++test) {
    if (bitmap[test / 8] & (1 << (test % 8))) tests.push_back(test);
  }
  return tests;
}

std::vector<Cell> cells(Database& database, std::int64_t problem_id, std::int64_t suite_id,
                        std::int64_t condition_id, const std::vector<std::int64_t>& model_ids) {
  Statement rows = database.use(
      "SELECT s.program_id, count(*), coalesce(v.status, ''), coalesce(v.scope, ''), "
      "coalesce(v.judged, 0), u.tests, EXISTS (SELECT 1 FROM decided x WHERE x.program_id = "
      "s.program_id AND x.suite_id = u.id AND x.condition_id = ?2) FROM sample s JOIN suite u ON u.id = ?1 LEFT JOIN verdict v "
      "ON "
      "v.program_id = s.program_id AND v.suite_id = u.id AND v.condition_id = ?2 WHERE s.problem_id "
      "= "
      "? AND s.model_id IN (SELECT value FROM json_each(?)) GROUP BY s.program_id ORDER BY "
      "s.program_id");
  rows.bind(suite_id).bind(condition_id).bind(problem_id).bind(nlohmann::json(model_ids).dump());
  std::vector<Cell> cells;
  while (rows.step()) {
    Cell cell;
    cell.program_id = rows.integer(0);
    cell.samples = rows.integer(1);
    const std::string status = rows.text(2);
    if (!status.empty()) cell.status = read_status(database, status);
    cell.scope = rows.text(3);
    cell.judged = rows.integer(4);
    cell.tests = rows.integer(5);
    cell.decided = !cell.status && rows.integer(6) != 0;
    cells.push_back(std::move(cell));
  }
  return cells;
}

std::vector<SampleName> sample_names(Database& database, std::int64_t problem_id,
                                     std::int64_t program_id,
                                     const std::vector<std::int64_t>& model_ids) {
  Statement rows = database.use(
      "SELECT m.name, s.sample_id FROM sample s JOIN model m ON m.id = s.model_id WHERE "
      "s.problem_id = ? AND s.program_id = ? AND s.model_id IN (SELECT value FROM json_each(?)) "
      "ORDER BY s.id");
  rows.bind(problem_id).bind(program_id).bind(nlohmann::json(model_ids).dump());
  std::vector<SampleName> names;
  while (rows.step()) names.push_back({rows.text(0), rows.text(1)});
  return names;
}

std::string program_text(Database& database, std::int64_t program_id) {
  Statement find = database.use("SELECT text FROM program WHERE id = ?");
  ASSAY_INVARIANT(find.bind(program_id).step());
  return find.text(0);
}

std::string reference_key(const std::string& suite_hash, const std::string& interpreter) {
  return Hasher().add(suite_hash).add(interpreter).hex();
}

bool has_reference_run(Database& database, const std::string& key) {
  Statement find = database.use("SELECT 1 FROM reference_run WHERE key = ?");
  return find.bind(key).step();
}

std::optional<ReferenceRun> find_reference_run(Database& database, const std::string& key) {
  ReferenceRun run;
  {
    Statement find = database.use(
        "SELECT memory_kib, reply_bytes_max, lane, trouble, cpu_s FROM reference_run WHERE key = "
        "?");
    if (!find.bind(key).step()) return std::nullopt;
    run.memory_kib = find.integer(0);
    run.reply_bytes_max = find.integer(1);
    run.lane = find.text(2);
    run.trouble = find.text(3);
    run.cpu_s = nlohmann::json::parse(find.text(4)).get<std::vector<double>>();
  }
  Statement chunks =
      database.use("SELECT count, raw_bytes, answers FROM expected WHERE key = ? ORDER BY chunk");
  chunks.bind(key);
  while (chunks.step()) {
    run.chunks.push_back({chunks.integer(0), chunks.integer(1), chunks.blob(2)});
  }
  return run;
}

void put_reference_run(Database& database, const std::string& key, const ReferenceRun& run) {
  database
      .use(
          "INSERT OR REPLACE INTO reference_run (key, tests, memory_kib, reply_bytes_max, lane, "
          "trouble, cpu_s) VALUES (?, ?, ?, ?, ?, ?, ?)")
      .bind(key)
      .bind(static_cast<std::int64_t>(run.cpu_s.size()))
      .bind(run.memory_kib)
      .bind(run.reply_bytes_max)
      .bind(run.lane)
      .bind(run.trouble)
      .bind(nlohmann::json(run.cpu_s).dump())
      .run();
  int number = 0;
  for (const ReferenceRun::Chunk& chunk : run.chunks) {
    database
        .use(
            "INSERT OR REPLACE INTO expected (key, chunk, count, raw_bytes, answers) VALUES (?, ?, "
            "?, "
            "?, ?)")
        .bind(key)
        .bind(number++)
        .bind(chunk.count)
        .bind(chunk.raw_bytes)
        .bind_blob(chunk.compressed)
        .run();
  }
}

}  // namespace assay::store
