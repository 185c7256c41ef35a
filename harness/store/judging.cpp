#include "harness/store/judging.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "harness/base/error.h"
#include "harness/base/hash.h"
#include "harness/store/statements.h"

namespace assay::store {

std::int64_t put_condition(Database& database, const Condition& condition) {
  Hasher hasher;
  hasher.add(condition.limits).add(condition.comparison).add(condition.interpreter);
  if (condition.comparison_version > 0)  // as before there were versions
    hasher.add(std::to_string(condition.comparison_version));
  const std::string hash = hasher.hex();
  database.use(sql::kPutCondition)
      .bind(hash)
      .bind(condition.limits)
      .bind(condition.comparison)
      .bind(condition.interpreter)
      .bind(condition.comparison_version)
      .run();
  Statement find = database.use(sql::kFindCondition);
  find.bind(hash).step();
  return find.integer("id");
}

std::int64_t begin_run(Database& database, const RunRow& row) {
  database.use(sql::kBeginRun)
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
  database.use(sql::kEndRun).bind(run_id).run();
}

void put_run_model(Database& database, std::int64_t run_id, std::int64_t model_id) {
  database.use(sql::kPutRunModel).bind(run_id).bind(model_id).run();
}

static std::string deflated(const std::string& bytes) {
  uLongf size = compressBound(bytes.size());
  std::string out(size, '\0');
  compress2(reinterpret_cast<Bytef*>(out.data()), &size,
            reinterpret_cast<const Bytef*>(bytes.data()), bytes.size(), Z_BEST_SPEED);
  out.resize(size);
  return out;
}

static constexpr std::size_t kBitmapBytesMax = kTestsMax / 8;

static void put_failing(Database& database, std::int64_t verdict_id, const Verdict& verdict) {
  std::string bitmap(verdict.failing.empty() ? 0 : verdict.failing.back() / 8 + 1, '\0');
  for (const std::uint32_t test : verdict.failing) {
    bitmap[test / 8] = static_cast<char>(bitmap[test / 8] | (1 << (test % 8)));
  }
  database.use(sql::kPutFailing).bind(verdict_id).bind_blob(deflated(bitmap)).run();
}

Status read_status(const Database& database, const std::string& name) {
  const std::optional<Status> status = status_named(name);
  if (!status) refuse_damaged(database, "a verdict has no known status");
  return *status;
}

/// The limits of a suite's programs become those that this verdict was made under. Their hash.
static std::string put_raised_limits(Database& database, const Verdict& verdict) {
  if (verdict.raised_limits.empty()) {
    database.use(sql::kDropRaisedLimits).bind(verdict.suite_id).bind(verdict.condition_id).run();
    return "";
  }
  std::string hash = sha256(verdict.raised_limits);
  database.use(sql::kPutRaisedLimits)
      .bind(verdict.suite_id)
      .bind(verdict.condition_id)
      .bind(hash)
      .bind(verdict.raised_limits)
      .run();
  return hash;
}

static void put_witness(Database& database, std::int64_t verdict_id, const Witness& witness) {
  database.use(sql::kPutWitness)
      .bind(verdict_id)
      .bind(witness.test)
      .bind(witness.input)
      .bind(witness.expected)
      .bind(witness.actual)
      .run();
}

void put_verdict(Database& database, const Verdict& verdict) {
  const std::string limits_hash = put_raised_limits(database, verdict);
  database.use(sql::kDropVerdict)
      .bind(verdict.program_id)
      .bind(verdict.suite_id)
      .bind(verdict.condition_id)
      .run();
  database.use(sql::kPutVerdict)
      .bind(verdict.program_id)
      .bind(verdict.suite_id)
      .bind(verdict.condition_id)
      .bind(verdict.run_id)
      .bind(name_of(verdict.status))
      .bind(verdict.scope)
      .bind(verdict.passed)
      .bind(verdict.judged)
      .bind(verdict.marginal)
      .bind(verdict.forgeable)
      .bind(verdict.cpu_ms)
      .bind(verdict.wall_ms)
      .bind(verdict.memory_kib)
      .bind(verdict.message)
      .bind(limits_hash)
      .run();
  const std::int64_t verdict_id = database.last_id();
  if (verdict.witness) put_witness(database, verdict_id, *verdict.witness);
  if (!verdict.failing.empty()) put_failing(database, verdict_id, verdict);
  database.use(sql::kDropDecided)
      .bind(verdict.program_id)
      .bind(verdict.suite_id)
      .bind(verdict.condition_id)
      .run();
}

std::optional<Status> stored_status(Database& database, const Verdict& cell) {
  Statement find = database.use(sql::kStatusOf);
  find.bind(cell.program_id).bind(cell.suite_id).bind(cell.condition_id);
  if (!find.step()) return std::nullopt;
  return read_status(database, find.text("status"));
}

void put_decided(Database& database, std::int64_t program_id, std::int64_t suite_id,
                 std::int64_t condition_id) {
  database.use(sql::kDropMissing).bind(program_id).bind(suite_id).bind(condition_id).run();
  database.use(sql::kPutDecided).bind(program_id).bind(suite_id).bind(condition_id).run();
}

std::vector<std::uint32_t> unpack_failing(const Database& database, const std::string& stored) {
  if (stored.empty()) return {};
  std::string bitmap;
  uLongf size = 0;
  int result = Z_BUF_ERROR;
  for (std::size_t room = 1024; result == Z_BUF_ERROR && room <= kBitmapBytesMax; room *= 4) {
    bitmap.resize(room);
    size = room;
    result = uncompress(reinterpret_cast<Bytef*>(bitmap.data()), &size,
                        reinterpret_cast<const Bytef*>(stored.data()), stored.size());
  }
  if (result != Z_OK) refuse_damaged(database, "a list of failing tests does not inflate");
  std::vector<std::uint32_t> tests;
  for (std::uint32_t test = 0; test < size * 8; ++test) {
    if (bitmap[test / 8] & (1 << (test % 8))) tests.push_back(test);
  }
  return tests;
}

std::vector<Cell> cells(Database& database, std::int64_t problem_id, std::int64_t suite_id,
                        std::int64_t condition_id, const std::vector<std::int64_t>& model_ids) {
  Statement rows = database.use(sql::kCells);
  rows.bind(suite_id).bind(condition_id).bind(problem_id).bind(nlohmann::json(model_ids).dump());
  std::vector<Cell> cells;
  while (rows.step()) {
    Cell cell;
    cell.program_id = rows.integer("program_id");
    cell.samples = rows.integer("samples");
    if (!rows.is_null("status")) cell.status = read_status(database, rows.text("status"));
    cell.scope = rows.text("scope");
    cell.judged = rows.integer("judged");
    cell.tests = rows.integer("tests");
    cell.decided = !cell.status && rows.integer("decided") != 0;
    cells.push_back(std::move(cell));
  }
  return cells;
}

std::vector<SampleName> sample_names(Database& database, std::int64_t problem_id,
                                     std::int64_t program_id,
                                     const std::vector<std::int64_t>& model_ids) {
  Statement rows = database.use(sql::kSampleNames);
  rows.bind(problem_id).bind(program_id).bind(nlohmann::json(model_ids).dump());
  std::vector<SampleName> names;
  while (rows.step()) {
    std::string model = rows.text("model");
    names.push_back({std::move(model), rows.text("sample_id")});
  }
  return names;
}

std::string program_text(Database& database, std::int64_t program_id) {
  Statement find = database.use(sql::kProgramText);
  if (!find.bind(program_id).step()) refuse_damaged(database, "a sample's program is not there");
  return find.text("text");
}

/// What kinds of answers there are (harness/base/value/value.h). Where a reference answered in fewer, it
/// is run again: what was the name of a type then is a value now.
static constexpr const char* kKindsOfAnswers = "2";

std::string reference_key(const std::string& suite_hash, const std::string& interpreter) {
  return Hasher().add(suite_hash).add(interpreter).add(kKindsOfAnswers).hex();
}

void put_doubt(Database& database, const std::string& key, const std::string& doubt) {
  database.use(sql::kPutDoubt).bind(key).bind(doubt).run();
}

std::vector<Doubt> doubts(Database& database, std::int64_t dataset_id,
                          const std::string& interpreter, const std::vector<std::string>& suites) {
  std::vector<Doubt> found;
  Statement rows = database.use(sql::kJudgingSuites);
  rows.bind(dataset_id);
  while (rows.step()) {
    Doubt doubt{rows.text("task_id"), rows.text("suite"), ""};
    if (std::find(suites.begin(), suites.end(), doubt.suite) == suites.end()) continue;
    Statement find = database.use(sql::kFindDoubt);
    if (!find.bind(reference_key(rows.text("hash"), interpreter)).step()) continue;
    doubt.what = find.text("doubt");
    found.push_back(std::move(doubt));
  }
  return found;
}

bool has_reference_run(Database& database, const std::string& key) {
  Statement find = database.use(sql::kFindReferenceRun);
  return find.bind(key).step();
}

/// A chunk holds about a mebibyte or one answer, and a reference's answer has at most a gibibyte.
static constexpr std::int64_t kChunkBytesMax = std::int64_t{2} << 30;
/// No limit is raised further than this by what is stored, in MiB or times.
static constexpr std::int64_t kLimitMax = 1 << 20;

static std::vector<double> seconds_of(const Database& database, const std::string& text) {
  const auto array = nlohmann::json::parse(text, nullptr, false);
  std::vector<double> seconds;
  for (const auto& number : array.is_array() ? array : nlohmann::json::array({nullptr})) {
    if (!number.is_number() || !(number.get<double>() >= 0)) {
      refuse_damaged(database, "the times of a reference are no list of seconds");
    }
    seconds.push_back(number.get<double>());
  }
  return seconds;
}

static void check_limits(const Database& database, const ReferenceRun& run) {
  const auto within = [](auto number) { return number >= 0 && number <= kLimitMax; };
  if (!within(run.cpu_factor) || !within(run.memory_mib_min) || !within(run.reply_mib_min)) {
    refuse_damaged(database, "the limits that a reference asks for are impossible");
  }
}

/// The chunks hold one answer for every test, each behind eight bytes of its own.
static void check_chunks(const Database& database, const ReferenceRun& run) {
  std::int64_t answers = 0;
  for (const ReferenceRun::Chunk& chunk : run.chunks) {
    const bool possible = chunk.raw_bytes >= 0 && chunk.raw_bytes <= kChunkBytesMax &&
                          chunk.count > 0 && chunk.count <= chunk.raw_bytes / 8;
    if (!possible || chunk.compressed.empty()) {
      refuse_damaged(database, "a part of the expected outputs is impossible");
    }
    answers += chunk.count;
  }
  if (run.lane == "calls" && answers != static_cast<std::int64_t>(run.cpu_s.size())) {
    refuse_damaged(database, fmt::format("{} expected outputs are stored for {} tests", answers,
                                         run.cpu_s.size()));
  }
}

std::optional<ReferenceRun> find_reference_run(Database& database, const std::string& key) {
  ReferenceRun run;
  {
    Statement find = database.use(sql::kFindReferenceRun);
    if (!find.bind(key).step()) return std::nullopt;
    run.memory_kib = find.integer("memory_kib");
    run.reply_bytes_max = find.integer("reply_bytes_max");
    run.lane = find.text("lane");
    run.trouble = find.text("trouble");
    run.cpu_s = seconds_of(database, find.text("cpu_s"));
    run.cpu_factor = find.real("cpu_factor");
    run.memory_mib_min = find.integer("memory_mib_min");
    run.reply_mib_min = find.integer("reply_mib_min");
    if (!find.is_null("doubt")) run.doubt = find.text("doubt");
  }
  Statement chunks = database.use(sql::kFindExpected);
  chunks.bind(key);
  while (chunks.step()) {
    const std::int64_t count = chunks.integer("count"), raw_bytes = chunks.integer("raw_bytes");
    run.chunks.push_back({count, raw_bytes, chunks.blob("answers")});
  }
  check_limits(database, run);
  check_chunks(database, run);
  return run;
}

void put_reference_run(Database& database, const std::string& key, const ReferenceRun& run) {
  Statement insert = database.use(sql::kPutReferenceRun);
  insert.bind(key)
      .bind(static_cast<std::int64_t>(run.cpu_s.size()))
      .bind(run.memory_kib)
      .bind(run.reply_bytes_max)
      .bind(run.lane)
      .bind(run.trouble)
      .bind(nlohmann::json(run.cpu_s).dump())
      .bind(run.cpu_factor)
      .bind(run.memory_mib_min)
      .bind(run.reply_mib_min);
  if (run.doubt) {
    insert.bind(*run.doubt);
  } else {
    insert.bind_null();
  }
  insert.run();
  if (database.changes() == 0) return;
  int number = 0;
  for (const ReferenceRun::Chunk& chunk : run.chunks) {
    database.use(sql::kPutExpected)
        .bind(key)
        .bind(number++)
        .bind(chunk.count)
        .bind(chunk.raw_bytes)
        .bind_blob(chunk.compressed)
        .run();
  }
}

}  // namespace assay::store
