#include "harness/store/queries.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/base/error.h"

namespace assay::store {

static std::vector<StoredModel> judged_models(Database& database) {
  Statement rows = database.use(
      "SELECT d.id, m.id, d.name, m.name, r.id, r.condition_id, c.comparison, c.interpreter, "
      "c.limits, r.level, r.command, r.options, r.machine, r.started FROM (SELECT r.dataset_id, "
      "rm.model_id, max(r.id) AS run_id FROM run_model rm JOIN run r ON r.id = rm.run_id GROUP BY "
      "1, "
      "2) newest JOIN run r ON r.id = newest.run_id JOIN dataset d ON d.id = r.dataset_id JOIN "
      "model "
      "m ON m.id = newest.model_id JOIN condition c ON c.id = r.condition_id ORDER BY d.name, "
      "m.name");
  std::vector<StoredModel> models;
  while (rows.step()) {
    StoredModel model;
    model.dataset_id = rows.integer(0);
    model.model_id = rows.integer(1);
    model.dataset = rows.text(2);
    model.model = rows.text(3);
    model.run_id = rows.integer(4);
    model.condition_id = rows.integer(5);
    model.comparison = rows.text(6);
    model.interpreter = rows.text(7);
    model.limits = rows.text(8);
    model.level = rows.text(9);
    model.command = rows.text(10);
    model.options = rows.text(11);
    model.machine = rows.text(12);
    model.started = rows.text(13);
    models.push_back(std::move(model));
  }
  return models;
}

static std::vector<StoredModel> imported_models(Database& database) {
  Statement rows = database.use("SELECT DISTINCT dataset, model FROM imported_count");
  std::vector<StoredModel> models;
  while (rows.step()) {
    StoredModel model;
    model.dataset = rows.text(0);
    model.model = rows.text(1);
    model.comparison = "imported";
    model.counts_only = true;
    models.push_back(std::move(model));
  }
  return models;
}

template <typename Name>
static std::string names_of(const std::vector<StoredModel>& models, const Name& name) {
  std::set<std::string> names;
  for (const StoredModel& model : models) names.insert(name(model));
  if (names.size() <= 12) return fmt::format("{}", fmt::join(names, ", "));
  return fmt::format("{} of them, such as {}", names.size(), *names.begin());
}

static void refuse_unknown(const std::vector<StoredModel>& all, const std::string& path,
                           const std::string& dataset, const std::vector<std::string>& models) {
  const auto dataset_of = [](const StoredModel& model) { return model.dataset; };
  const auto model_of = [](const StoredModel& model) { return model.model; };
  const auto holds = [&](const auto& key, const std::string& name) {
    return std::any_of(all.begin(), all.end(),
                       [&](const StoredModel& model) { return key(model) == name; });
  };
  if (!dataset.empty() && !holds(dataset_of, dataset)) {
    throw Error(fmt::format("--dataset {}: {} holds no verdicts of it; it holds: {}", dataset, path,
                            all.empty() ? "none at all" : names_of(all, dataset_of)));
  }
  for (const std::string& name : models) {
    if (holds(model_of, name)) continue;
    throw Error(fmt::format("--model {}: {} holds no verdicts of it; it holds: {}", name, path,
                            all.empty() ? "none at all" : names_of(all, model_of)));
  }
}

std::vector<StoredModel> stored_models(Database& database, const std::string& dataset,
                                       const std::vector<std::string>& models) {
  std::vector<StoredModel> all = judged_models(database);
  std::vector<StoredModel> imported = imported_models(database);
  std::move(imported.begin(), imported.end(), std::back_inserter(all));
  std::stable_sort(all.begin(), all.end(), [](const StoredModel& a, const StoredModel& b) {
    return std::tie(a.dataset, a.model) < std::tie(b.dataset, b.model);
  });
  refuse_unknown(all, database.path(), dataset, models);
  std::erase_if(all, [&](const StoredModel& model) {
    return (!dataset.empty() && model.dataset != dataset) ||
           (!models.empty() &&
            std::find(models.begin(), models.end(), model.model) == models.end());
  });
  return all;
}

std::string model_name(Database& database, std::int64_t model_id) {
  Statement find = database.use("SELECT name FROM model WHERE id = ?");
  ASSAY_INVARIANT(find.bind(model_id).step());
  return find.text(0);
}

std::vector<StoredDataset> stored_datasets(Database& database) {
  Statement rows = database.use("SELECT id, name, version, note FROM dataset ORDER BY name");
  std::vector<StoredDataset> datasets;
  while (rows.step()) {
    datasets.push_back({rows.integer(0), rows.text(1), rows.text(2), rows.text(3)});
  }
  return datasets;
}

std::vector<std::string> task_ids(Database& database) {
  Statement rows = database.use(
      "SELECT task_id FROM problem WHERE EXISTS (SELECT 1 FROM sample WHERE problem_id = "
      "problem.id) UNION SELECT task_id FROM imported_count");
  std::vector<std::string> ids;
  while (rows.step()) ids.push_back(rows.text(0));
  return ids;
}

// ---- counts

/// Imported verdicts hang on suites of their own; executed ones on the suite of the newest run.
#define SUITE_OF_MODEL                                                                            \
  "((?3 = 'imported' AND u.hash = 'imported') OR (?3 <> 'imported' AND u.hash <> 'imported' AND " \
  "u.current = 1))"
/// Whether a program was spared a suite of these because a gold suite rejects it.
#define DECIDED                                                                             \
  "v.id IS NULL AND EXISTS (SELECT 1 FROM decided x WHERE x.program_id = s.program_id AND " \
  "x.suite_id = u.id AND x.condition_id = ?4)"

std::optional<bool> passes(const std::vector<SuiteStatus>& verdicts,
                           const std::vector<std::string>& suites) {
  bool decided = false, rejected = false;
  for (const std::string& suite : suites) {
    const auto found = std::find_if(verdicts.begin(), verdicts.end(),
                                    [&](const SuiteStatus& v) { return v.suite == suite; });
    if (found == verdicts.end() || found->status == Status::missing) return std::nullopt;
    if (!found->status && !found->decided) return std::nullopt;
    decided |= !found->status;
    rejected |= found->status && rejects(*found->status);
  }
  if (rejected) return false;
  return decided ? std::nullopt : std::optional<bool>(true);
}

namespace {
/// Sorts one model's samples into the cells of the table.
class Counter {
 public:
  Counter(const std::vector<std::string>& proxy, const std::vector<std::string>& gold)
      : proxy_(proxy), gold_(gold) {}

  void begin_sample() { verdicts_.clear(), forgeable_ = false; }
  void add(SuiteStatus verdict, bool forgeable) {
    forgeable_ |= forgeable && (is_one_of(proxy_, verdict) || is_one_of(gold_, verdict));
    verdicts_.push_back(std::move(verdict));
  }
  void end_sample(const std::string& task_id, stats::ModelCounts& counts) {
    if (any([](const SuiteStatus& verdict) { return verdict.status == Status::missing; })) {
      ++counts.missing;
      return;
    }
    const std::optional<bool> accepted = passes(verdicts_, proxy_),
                              correct = passes(verdicts_, gold_);
    if (!accepted || !correct) {
      ++counts.not_run;
      if (any([](const SuiteStatus& verdict) { return !verdict.status && !verdict.decided; })) {
        ++counts.not_judged;
      } else if (any([](const SuiteStatus& verdict) { return !verdict.status; })) {
        ++counts.needs_full;
      }
      return;
    }
    if (counts.task_ids.empty() || counts.task_ids.back() != task_id) {
      counts.task_ids.push_back(task_id);
      counts.problems.emplace_back();
    }
    stats::Counts& cell = counts.problems.back();
    ++(*accepted ? (*correct ? cell.tp : cell.fp) : (*correct ? cell.fn : cell.tn));
    counts.forgeable += forgeable_;
  }

 private:
  static bool is_one_of(const std::vector<std::string>& suites, const SuiteStatus& verdict) {
    return std::find(suites.begin(), suites.end(), verdict.suite) != suites.end();
  }
  /// Whether `is` holds for one of the suites that are asked for.
  template <typename Is>
  bool any(const Is& is) const {
    return std::any_of(verdicts_.begin(), verdicts_.end(), [&](const SuiteStatus& verdict) {
      return (is_one_of(proxy_, verdict) || is_one_of(gold_, verdict)) && is(verdict);
    });
  }

  const std::vector<std::string>& proxy_;
  const std::vector<std::string>& gold_;
  std::vector<SuiteStatus> verdicts_;  ///< of the sample, one for each suite of its problem
  bool forgeable_ = false;
};
}  // namespace

static stats::ModelCounts imported_counts(Database& database, const StoredModel& model) {
  stats::ModelCounts counts;
  counts.proxy = counts.gold = "imported";
  Statement rows = database.use(
      "SELECT task_id, n, tp, fp, fn FROM imported_count WHERE dataset = ? AND model = ? ORDER BY "
      "task_id");
  rows.bind(model.dataset).bind(model.model);
  while (rows.step()) {
    const stats::Counts cell{rows.integer(2), rows.integer(3), rows.integer(4),
                             rows.integer(1) - rows.integer(2) - rows.integer(3) - rows.integer(4)};
    if (cell.n() < 1) continue;
    counts.task_ids.push_back(rows.text(0));
    counts.problems.push_back(cell);
  }
  return counts;
}

stats::ModelCounts counts(Database& database, const StoredModel& model,
                          const std::vector<std::string>& proxy,
                          const std::vector<std::string>& gold) {
  stats::ModelCounts counts;
  if (model.counts_only) {
    counts = imported_counts(database, model);
  } else {
    counts.proxy = fmt::format("{}", fmt::join(proxy, ","));
    counts.gold = fmt::format("{}", fmt::join(gold, ","));
    Statement rows = database.use(
        "SELECT s.id, p.task_id, u.name, v.status, coalesce(v.forgeable, 0), " DECIDED
        " FROM sample s JOIN problem p ON p.id = s.problem_id LEFT JOIN suite u ON u.problem_id = "
        "p.id AND " SUITE_OF_MODEL
        " LEFT JOIN verdict v ON v.program_id = s.program_id AND v.suite_id = u.id AND "
        "v.condition_id = ?4 WHERE s.model_id = ?1 AND p.dataset_id = ?2 ORDER BY p.task_id, s.id");
    rows.bind(model.model_id)
        .bind(model.dataset_id)
        .bind(model.comparison)
        .bind(model.condition_id);
    Counter counter(proxy, gold);
    std::int64_t sample_id = 0;
    std::string task_id;
    while (rows.step()) {
      if (rows.integer(0) != sample_id) {
        if (sample_id != 0) counter.end_sample(task_id, counts);
        counter.begin_sample();
        sample_id = rows.integer(0);
        task_id = rows.text(1);
      }
      SuiteStatus verdict{rows.text(2), std::nullopt, rows.integer(5) != 0};
      if (!rows.is_null(3)) verdict.status = read_status(database, rows.text(3));
      counter.add(std::move(verdict), rows.integer(4) != 0);
    }
    if (sample_id != 0) counter.end_sample(task_id, counts);
    // What remains would be what the other suite accepts: no rate can rest on that.
    if (counts.needs_full > 0) {
      for (const stats::Counts& cell : counts.problems) counts.not_run += cell.n();
      counts.task_ids.clear(), counts.problems.clear();
    }
  }
  counts.dataset = model.dataset;
  counts.model = model.model;
  return counts;
}

std::vector<std::string> suite_names(Database& database) {
  Statement rows = database.use("SELECT DISTINCT name FROM suite ORDER BY name");
  std::vector<std::string> names;
  while (rows.step()) names.push_back(rows.text(0));
  return names;
}

std::vector<std::string> suites_of(Database& database, const StoredModel& model) {
  if (model.counts_only) return {};
  Statement rows = database.use(
      "SELECT name FROM (SELECT u.name AS name, min(u.id) AS first FROM suite u JOIN problem p ON p.id = "
      "u.problem_id WHERE p.dataset_id = ?2 AND " SUITE_OF_MODEL
      // CROSS JOIN keeps the order: from a problem's samples to their verdicts, by indices.
      " AND EXISTS (SELECT 1 FROM sample s CROSS JOIN verdict v ON v.program_id = s.program_id AND "
      "v.suite_id = u.id AND v.condition_id = ?4 WHERE s.problem_id = p.id AND s.model_id = ?1) GROUP BY 1) "
      "ORDER BY CASE name WHEN 'official' THEN 0 WHEN 'base' THEN 1 WHEN 'plus' THEN 2 ELSE 3 END, first");
  rows.bind(model.model_id).bind(model.dataset_id).bind(model.comparison).bind(model.condition_id);
  std::vector<std::string> suites;
  while (rows.step()) suites.push_back(rows.text(0));
  return suites;
}

// ---- programs with their verdicts

const StoredVerdict* JudgedProgram::verdict(const std::string& suite) const {
  for (const StoredVerdict& stored : verdicts) {
    if (stored.suite == suite) return &stored;
  }
  return nullptr;
}

std::optional<bool> JudgedProgram::passes(const std::vector<std::string>& suites) const {
  std::vector<SuiteStatus> known;
  for (const StoredVerdict& stored : verdicts)
    known.push_back({stored.suite, stored.verdict.status, false});
  for (const std::string& suite : decided) known.push_back({suite, std::nullopt, true});
  return store::passes(known, suites);
}

static StoredVerdict read_verdict(const Database& database, const Statement& row) {
  StoredVerdict stored;
  stored.suite = row.text(6);
  stored.suite_hash = row.text(7);
  stored.tests = row.integer(8);
  stored.id = row.integer(9);
  Verdict& verdict = stored.verdict;
  verdict.status = read_status(database, row.text(10));
  verdict.scope = row.text(11);
  verdict.passed = row.integer(12);
  verdict.judged = row.integer(13);
  verdict.marginal = row.integer(14) != 0;
  verdict.forgeable = row.integer(15) != 0;
  verdict.cpu_ms = row.real(16);
  verdict.wall_ms = row.real(17);
  verdict.memory_kib = row.integer(18);
  verdict.message = row.text(19);
  if (!row.is_null(20)) {
    verdict.witness = Witness{row.integer(20), row.text(21), row.text(22), row.text(23)};
  }
  return stored;
}

void for_each_program(Database& database, const StoredModel& model, const std::string& task_id,
                      const std::function<void(const JudgedProgram&)>& take) {
  if (model.counts_only) return;
  Statement rows = database.use(
      "SELECT p.task_id, p.entry_point, s.program_id, g.text, s.sample_ids, p.id, u.name, u.hash, "
      "u.tests, v.id, v.status, v.scope, v.passed, v.judged, v.marginal, v.forgeable, v.cpu_ms, "
      "v.wall_ms, v.memory_kib, v.message, w.test, w.input, w.expected, w.actual, " DECIDED
      " FROM (SELECT "
      "problem_id, program_id, min(id) AS first, json_group_array(sample_id) AS sample_ids FROM "
      "(SELECT * FROM sample WHERE model_id = ?1 ORDER BY id) GROUP BY problem_id, program_id) s "
      "JOIN problem p ON p.id = s.problem_id JOIN program g ON g.id = s.program_id LEFT JOIN suite "
      "u "
      "ON u.problem_id = p.id AND " SUITE_OF_MODEL
      " LEFT JOIN verdict v ON v.program_id = s.program_id AND v.suite_id = u.id AND "
      "v.condition_id "
      "= ?4 LEFT JOIN witness w ON w.verdict_id = v.id WHERE p.dataset_id = ?2 AND (?5 = '' OR "
      "p.task_id = ?5) ORDER BY p.position, s.first, u.name");
  rows.bind(model.model_id)
      .bind(model.dataset_id)
      .bind(model.comparison)
      .bind(model.condition_id)
      .bind(task_id);
  JudgedProgram program;
  while (rows.step()) {
    if (rows.integer(2) != program.program_id || rows.text(0) != program.task_id) {
      if (program.program_id != 0) take(program);
      program = {};
      program.task_id = rows.text(0);
      program.entry_point = rows.text(1);
      program.program_id = rows.integer(2);
      program.text = rows.text(3);
      program.sample_ids = nlohmann::json::parse(rows.text(4)).get<std::vector<std::string>>();
    }
    if (!rows.is_null(9)) {
      program.verdicts.push_back(read_verdict(database, rows));
    } else if (rows.integer(24) != 0) {
      program.decided.push_back(rows.text(6));
    }
  }
  if (program.program_id != 0) take(program);
}

void for_each_sample(Database& database, const StoredModel& model,
                     const std::function<void(const StoredSample&)>& take) {
  Statement rows = database.use(
      "SELECT p.task_id, s.sample_id, g.text, s.form, s.program_id FROM sample s JOIN problem p ON "
      "p.id = s.problem_id JOIN program g ON g.id = s.program_id WHERE s.model_id = ? AND "
      "p.dataset_id = ? ORDER BY p.position, s.id");
  rows.bind(model.model_id).bind(model.dataset_id);
  while (rows.step()) {
    take({rows.text(0), rows.text(1), rows.text(2), rows.text(3), rows.integer(4)});
  }
}

}  // namespace assay::store
