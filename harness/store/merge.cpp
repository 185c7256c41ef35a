#include "harness/store/merge.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <tuple>

#include "harness/base/error.h"
#include "harness/store/facts.h"
#include "harness/store/judging.h"
#include "harness/store/statements.h"

namespace assay::store {

namespace {

/// Rows of one table, by what names them everywhere; one that is there already stays as it is.
struct Table {
  Sql read, merge;
};
constexpr Table kBeforeSuites[] = {
    {sql::kReadDatasets, sql::kMergeDataset},   {sql::kReadProblems, sql::kMergeProblem},
    {sql::kReadConditions, sql::kPutCondition}, {sql::kReadModels, sql::kPutModel},
    {sql::kReadPrograms, sql::kMergeProgram},
};
constexpr Table kBehindSamples[] = {
    {sql::kReadAssertions, sql::kMergeAssertion},
    {sql::kReadStyles, sql::kMergeStyle},
    {sql::kReadTemplates, sql::kPutTemplate},
    {sql::kReadGenerations, sql::kMergeGeneration},
    {sql::kReadVerifiers, sql::kMergeVerifier},
    {sql::kReadScores, sql::kMergeScore},
    {sql::kReadImportedCounts, sql::kMergeImportedCount},
    {sql::kReadImportedScores, sql::kMergeImportedScore},
};
constexpr Table kBehindRuns[] = {
    {sql::kReadRunModels, sql::kMergeRunModel},
    {sql::kReadShards, sql::kMergeShard},
    {sql::kReadSlowVerdicts, sql::kMergeSlowVerdict},
};

void copy(Database& from, Database& into, const Table& table) {
  Statement rows = from.use(table.read);
  while (rows.step()) into.use(table.merge).bind_row(rows).run();
}

std::int64_t number(Database& database, Sql sql) {
  Statement row = database.use(sql);
  row.step();
  return row.integer("n");
}

int rank_of_scope(const std::string& scope) {
  return scope == "full" ? 2 : scope == "one_process" ? 1 : 0;
}

}  // namespace

/// Which row of `into` a verdict belongs to.
struct Merger::Cell {
  std::int64_t program_id = 0, suite_id = 0, condition_id = 0, run_id = 0;
  std::pair<std::int64_t, std::int64_t> suite() const { return {suite_id, condition_id}; }
};

/// What one run says of a cell.
struct Merger::Standing {
  std::string status, scope, run, started, message;
  std::int64_t run_id = 0;
  bool missing() const { return status == "missing"; }
  /// A total order of what runs say, whatever order they come in.
  bool before(const Standing& other) const {
    const int mine = rank_of_scope(scope), theirs = rank_of_scope(other.scope);
    return std::tie(theirs, started, run) < std::tie(mine, other.started, other.run);
  }
};

Merger::Merger(Database& into, bool beside)
    : into_(into), beside_(beside), was_empty_(last_sample(into) == 0) {
  Statement rows = into_.use(sql::kJudgedLimits);
  while (rows.step()) {
    const std::pair suite{rows.integer("suite_id"), rows.integer("condition_id")};
    limits_.emplace(suite, rows.text("hash"));
  }
}

void Merger::take(Database& from) {
  refuse_other_conditions(from);
  for (const Table& table : kBeforeSuites) copy(from, into_, table);
  take_suites(from);
  take_samples(from);
  for (const Table& table : kBehindSamples) copy(from, into_, table);
  take_runs(from);
  for (const Table& table : kBehindRuns) copy(from, into_, table);
  take_references(from);
  take_verdicts(from);
  take_conflicts(from);
  take_decided(from);
}

static std::string under(const Statement& row) {
  return fmt::format("Python {}, comparison {} (version {}), limits {}", row.text("interpreter"),
                     row.text("comparison"), row.integer("comparison_version"), row.text("limits"));
}

void Merger::refuse_other_conditions(Database& from) {
  if (beside_) return;
  Statement theirs = from.use(sql::kNewestConditions);
  theirs.bind("").bind("");
  while (theirs.step()) {
    const std::string dataset = theirs.text("dataset"), model = theirs.text("model");
    Statement ours = into_.use(sql::kNewestConditions);
    if (!ours.bind(dataset).bind(model).step()) continue;
    if (ours.text("hash") == theirs.text("hash")) continue;
    throw Error(fmt::format(
        "{} on {} was judged under other conditions in {} than in {}: there {}; here {}. Verdicts of "
        "both would be in no rate together; --beside keeps them side by side",
        model, dataset, from.path(), into_.path(), under(theirs), under(ours)));
  }
}

void Merger::take_suites(Database& from) {
  Statement rows = from.use(sql::kReadSuites);
  while (rows.step()) {
    const std::string dataset = rows.text("dataset"), task = rows.text("task_id"),
                      suite = rows.text("suite"), hash = rows.text("hash");
    bool current = rows.integer("current") != 0;
    {
      Statement find = into_.use(sql::kFindCurrentSuite);
      const bool other = find.bind(dataset).bind(task).bind(suite).bind(hash).step();
      if (current && other && !beside_) {
        throw Error(fmt::format(
            "suite {} of {} ({}) has other tests, or another reference, in {} than in {}: they are two "
            "versions of the benchmark. --beside keeps both, and those of {} count",
            suite, task, dataset, from.path(), into_.path(), into_.path()));
      }
      current = current && !other;
    }
    into_.use(sql::kMergeSuite)
        .bind(dataset)
        .bind(task)
        .bind(suite)
        .bind(hash)
        .bind(rows.integer("tests"))
        .bind(current)
        .run();
  }
}

void Merger::take_samples(Database& from) {
  // Shards number the samples of all shards, so that these come to lie as in one database.
  const bool numbered = was_empty_ || number(from, sql::kCountShards) > 0;
  Statement rows = from.use(sql::kReadSamples);
  rows.bind(numbered);
  while (rows.step()) {
    const std::string dataset = rows.text("dataset"), task = rows.text("task_id"),
                      model = rows.text("model"), sample = rows.text("sample_id");
    {
      Statement find = into_.use(sql::kFindMerged);
      find.bind_null().bind(dataset).bind(task).bind(model).bind(sample);
      if (find.step()) {
        if (find.text("given_hash") != rows.text("given_hash") ||
            find.text("program_hash") != rows.text("program_hash")) {
          throw Error(fmt::format(
              "sample {} of {} by {} is another text, or was read in another way, in {} than in {}: "
              "databases of different samples under the same names cannot be merged",
              sample, task, model, from.path(), into_.path()));
        }
        ++counts_.samples_known;
        continue;
      }
    }
    into_.use(sql::kMergeSample).bind_row(rows).run();
    ++counts_.samples_added;
  }
}

void Merger::take_runs(Database& from) {
  const std::int64_t before = number(into_, sql::kCountRuns);
  copy(from, into_, {sql::kReadRuns, sql::kMergeRun});
  counts_.runs += number(into_, sql::kCountRuns) - before;
}

void Merger::take_references(Database& from) {
  Statement keys = from.use(sql::kReadReferenceKeys);
  while (keys.step()) {
    const std::string key = keys.text("key");
    if (!has_reference_run(into_, key))
      put_reference_run(into_, key, find_reference_run(from, key).value());
  }
}

void Merger::take_verdicts(Database& from) {
  Statement rows = from.use(sql::kReadVerdicts);
  while (rows.step()) take_verdict(from, rows);
}

/// What the first seven columns name, in `into`.
static std::optional<std::array<std::int64_t, 4>> ids_of(Database& into, const Statement& row) {
  Statement find = into.use(sql::kFindCell);
  for (const char* column :
       {"program", "dataset", "task_id", "suite", "suite_hash", "condition", "run"})
    find.bind(row.text(column));
  if (!find.step()) return std::nullopt;
  const std::int64_t program = find.integer("program_id"), suite = find.integer("suite_id");
  return std::array{program, suite, find.integer("condition_id"), find.integer("run_id")};
}

/// Whether the verdict of `row` counts beside those that the suite has in `into`; the first that comes
/// brings the raised limits along under which it counts.
bool Merger::settle_limits(Database& from, const Statement& row, const Cell& cell) {
  if (row.is_null("limits_hash")) return true;
  const std::string hash = row.text("limits_hash"), counting = row.text("raised_hash");
  if (hash == counting && row.text("status") != "missing") {
    const auto [there, is_new] = limits_.try_emplace(cell.suite(), hash);
    if (is_new && !hash.empty()) {
      into_.use(sql::kPutRaisedLimits)
          .bind(cell.suite_id)
          .bind(cell.condition_id)
          .bind(hash)
          .bind(row.text("raised_limits"))
          .run();
    }
    if (there->second != hash && !beside_) {
      throw Error(fmt::format(
          "suite {} of {} ({}) gave programs other limits in {} than in {}: they follow from what the "
          "reference took on each machine. Let every shard take the same references (assay run "
          "--references); --beside keeps these verdicts too, uncounted, for `assay run` to judge anew",
          row.text("suite"), row.text("task_id"), row.text("dataset"), from.path(), into_.path()));
    }
  }
  const auto there = limits_.find(cell.suite());
  return hash == (there == limits_.end() ? "" : there->second);
}

bool Merger::is_decided(const Cell& cell) {
  Statement find = into_.use(sql::kFindDecided);
  return find.bind(cell.program_id).bind(cell.suite_id).bind(cell.condition_id).step();
}

void Merger::take_verdict(Database& from, const Statement& row) {
  const auto ids = ids_of(into_, row);
  if (!ids) refuse_damaged(from, "a verdict belongs to nothing");
  const Cell cell{(*ids)[0], (*ids)[1], (*ids)[2], (*ids)[3]};
  const bool counts = settle_limits(from, row, cell);
  Standing theirs{row.text("status"),  row.text("scope"),   row.text("run"),
                  row.text("started"), row.text("message"), cell.run_id};
  std::optional<Standing> ours;
  bool ours_counts = true;
  {
    Statement find = into_.use(sql::kFindVerdict);
    find.bind(cell.program_id).bind(cell.suite_id).bind(cell.condition_id);
    if (find.step()) {
      ours = Standing{find.text("status"),  find.text("scope"),   find.text("run"),
                      find.text("started"), find.text("message"), find.integer("run_id")};
      const auto limits = limits_.find(cell.suite());
      ours_counts = find.is_null("limits_hash") ||
                    find.text("limits_hash") == (limits == limits_.end() ? "" : limits->second);
    }
  }
  if (!ours && theirs.missing() && is_decided(cell)) {
    ++counts_.verdicts_known;
  } else if (!ours || (ours->missing() && !theirs.missing()) || (!ours_counts && counts)) {
    put(row, cell);
    ++counts_.verdicts_added;
    counts_.verdicts_uncounted += !counts;
  } else if (!counts) {
    ++counts_.verdicts_uncounted;
  } else if (theirs.missing() || (ours->run == theirs.run && ours->scope == theirs.scope &&
                                  ours->status == theirs.status)) {
    ++counts_.verdicts_known;
  } else {
    const bool replaces = theirs.before(*ours);
    if (theirs.status != ours->status) note(cell, replaces ? *ours : theirs);
    if (replaces) put(row, cell);
    ++(replaces ? counts_.verdicts_replaced : counts_.verdicts_known);
  }
}

/// In place of what was said of the cell.
void Merger::put(const Statement& row, const Cell& cell) {
  for (const Sql drop : {sql::kDropVerdict, sql::kDropDecided})
    into_.use(drop).bind(cell.program_id).bind(cell.suite_id).bind(cell.condition_id).run();
  into_.use(sql::kDropConflict)
      .bind(cell.program_id)
      .bind(cell.suite_id)
      .bind(cell.condition_id)
      .bind(row.text("status"))
      .run();
  {
    Statement insert = into_.use(sql::kPutVerdict);
    insert.bind(cell.program_id).bind(cell.suite_id).bind(cell.condition_id).bind(cell.run_id);
    insert.bind(row.text("status")).bind(row.text("scope"));
    for (const char* column : {"passed", "judged", "marginal", "forgeable"})
      insert.bind(row.integer(column));
    insert.bind(row.real("cpu_ms")).bind(row.real("wall_ms")).bind(row.integer("memory_kib"));
    insert.bind(row.text("message"));
    if (row.is_null("limits_hash")) {
      insert.bind_null();
    } else {
      insert.bind(row.text("limits_hash"));
    }
    insert.run();
  }
  const std::int64_t verdict = into_.last_id();
  if (!row.is_null("test")) {
    into_.use(sql::kPutWitness)
        .bind(verdict)
        .bind(row.integer("test"))
        .bind(row.text("input"))
        .bind(row.text("expected"))
        .bind(row.text("actual"))
        .run();
  }
  if (!row.is_null("failing"))
    into_.use(sql::kPutFailing).bind(verdict).bind_blob(row.blob("failing")).run();
}

/// Keeps what does not count, unless the same was said before it.
void Merger::note(const Cell& cell, const Standing& standing) {
  {
    Statement find = into_.use(sql::kFindConflict);
    find.bind(cell.program_id).bind(cell.suite_id).bind(cell.condition_id).bind(standing.status);
    if (find.step()) {
      const Standing known{standing.status, find.text("scope"), find.text("run"),
                           find.text("started")};
      if (!standing.before(known)) return;
    }
  }
  into_.use(sql::kPutConflict)
      .bind(cell.program_id)
      .bind(cell.suite_id)
      .bind(cell.condition_id)
      .bind(standing.status)
      .bind(standing.run_id)
      .bind(standing.scope)
      .bind(standing.message)
      .run();
}

/// None of them counts here either: behind each stands a verdict that comes before it.
void Merger::take_conflicts(Database& from) {
  Statement rows = from.use(sql::kReadConflicts);
  while (rows.step()) {
    const auto ids = ids_of(into_, rows);
    if (!ids) refuse_damaged(from, "a conflict belongs to nothing");
    const Cell cell{(*ids)[0], (*ids)[1], (*ids)[2], (*ids)[3]};
    const Standing theirs{rows.text("status"),  rows.text("scope"),   rows.text("run"),
                          rows.text("started"), rows.text("message"), cell.run_id};
    const Verdict of{cell.program_id, cell.suite_id, cell.condition_id};
    const auto ours = stored_status(into_, of);
    if (ours && name_of(*ours) != theirs.status) note(cell, theirs);
  }
}

void Merger::take_decided(Database& from) {
  Statement rows = from.use(sql::kReadDecided);
  while (rows.step()) {
    const auto ids = ids_of(into_, rows);
    if (!ids) refuse_damaged(from, "what was decided belongs to nothing");
    const Cell cell{(*ids)[0], (*ids)[1], (*ids)[2]};
    const auto ours = stored_status(into_, {cell.program_id, cell.suite_id, cell.condition_id});
    if (!ours || *ours == Status::missing)
      put_decided(into_, cell.program_id, cell.suite_id, cell.condition_id);
  }
}

std::vector<Conflict> conflicts(Database& database) {
  std::vector<Conflict> found;
  Statement rows = database.use(sql::kConflicts);
  while (rows.step()) {
    Conflict one{rows.text("dataset"), rows.text("task_id"), rows.text("suite"), rows.text("model"),
                 rows.text("sample_id")};
    one.samples = rows.integer("samples");
    one.counts = rows.text("counts");
    one.other = rows.text("other");
    one.message = rows.text("message");
    one.started = rows.text("started");
    found.push_back(std::move(one));
  }
  return found;
}

std::int64_t count_missing(Database& database) { return number(database, sql::kCountMissing); }

std::int64_t count_unmerged(Database& database) { return number(database, sql::kCountUnmerged); }

}  // namespace assay::store
