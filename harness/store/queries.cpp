#include "harness/store/queries.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "harness/base/error.h"
#include "harness/base/text.h"
#include "harness/base/words.h"
#include "harness/store/acceptance.h"
#include "harness/store/facts.h"
#include "harness/store/scores.h"
#include "harness/store/statements.h"
#include "harness/store/tally.h"

namespace assay::store {

static std::vector<StoredModel> judged_models(Database& database) {
  Statement rows = database.use(sql::kJudgedModels);
  std::vector<StoredModel> models;
  while (rows.step()) {
    StoredModel model;
    model.dataset_id = rows.integer("dataset_id");
    model.model_id = rows.integer("model_id");
    model.dataset = rows.text("dataset");
    model.model = rows.text("model");
    model.run_id = rows.integer("run_id");
    model.condition_id = rows.integer("condition_id");
    model.comparison = rows.text("comparison");
    model.interpreter = rows.text("interpreter");
    model.limits = rows.text("limits");
    model.level = rows.text("level");
    model.command = rows.text("command");
    model.options = rows.text("options");
    model.machine = rows.text("machine");
    model.started = rows.text("started");
    model.dataset_version = rows.text("dataset_version");
    models.push_back(std::move(model));
  }
  return models;
}

static std::vector<StoredModel> imported_models(Database& database) {
  Statement rows = database.use(sql::kImportedModels);
  std::vector<StoredModel> models;
  while (rows.step()) {
    StoredModel model;
    model.dataset = rows.text("dataset");
    model.model = rows.text("model");
    model.comparison = rows.integer("scores_only") != 0 ? kImportedScores : "imported";
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
  Statement find = database.use(sql::kModelName);
  ASSAY_INVARIANT(find.bind(model_id).step());
  return find.text("name");
}

std::vector<StoredDataset> stored_datasets(Database& database) {
  Statement rows = database.use(sql::kDatasets);
  std::vector<StoredDataset> datasets;
  while (rows.step()) {
    StoredDataset dataset;
    dataset.id = rows.integer("id");
    dataset.name = rows.text("name");
    dataset.version = rows.text("version");
    dataset.note = rows.text("note");
    datasets.push_back(std::move(dataset));
  }
  return datasets;
}

std::vector<std::string> task_ids(Database& database) {
  Statement rows = database.use(sql::kTaskIds);
  std::vector<std::string> ids;
  while (rows.step()) ids.push_back(rows.text("task_id"));
  return ids;
}

// ---- counts

/// Which of a model's verdicts count: the first four parameters of the statements.
static Statement& bind_model(Statement& statement, const StoredModel& model) {
  return statement.bind(model.model_id)
      .bind(model.dataset_id)
      .bind(model.comparison == "imported")
      .bind(model.condition_id);
}

/// Nothing where the problem has no such suite.
static const SuiteStatus* said_by(const std::vector<SuiteStatus>& verdicts,
                                  const std::string& suite) {
  const auto found = std::find_if(verdicts.begin(), verdicts.end(),
                                  [&](const SuiteStatus& v) { return v.suite == suite; });
  return found == verdicts.end() ? nullptr : &*found;
}

std::optional<bool> passes(const std::vector<SuiteStatus>& verdicts,
                           const std::vector<std::string>& suites) {
  bool decided = false, rejected = false;
  for (const std::string& suite : suites) {
    const SuiteStatus* found = said_by(verdicts, suite);
    if (!found || found->status == Status::missing) return std::nullopt;
    if (!found->status && !found->decided) return std::nullopt;
    decided |= !found->status;
    rejected |= found->status && rejects(*found->status);
  }
  if (rejected) return false;
  return decided ? std::nullopt : std::optional<bool>(true);
}

std::optional<bool> is_correct(const std::vector<SuiteStatus>& verdicts,
                               const std::vector<std::string>& gold) {
  bool rejected = false;
  for (const std::string& suite : gold) {
    const SuiteStatus* found = said_by(verdicts, suite);
    if (!found || found->status == Status::missing) return std::nullopt;
    rejected |= found->status && rejects(*found->status);
  }
  return rejected ? false : passes(verdicts, gold);
}

/// What every suite of its problem says of the program.
static std::vector<SuiteStatus> statuses_of(const JudgedProgram& program) {
  std::vector<SuiteStatus> known;
  for (const StoredVerdict& stored : program.verdicts)
    known.push_back({stored.suite, stored.verdict.status, false});
  for (const std::string& suite : program.decided) known.push_back({suite, std::nullopt, true});
  for (const std::string& suite : program.unjudged) known.push_back({suite, std::nullopt, false});
  return known;
}

namespace {
/// Samples of one program to which the verifiers of the proxy give the same scores.
struct Alike {
  std::int64_t samples = 0;
  std::vector<std::optional<double>> scores;
};
/// By problem and program.
using AlikeByProgram = std::map<std::pair<std::string, std::int64_t>, std::vector<Alike>>;

/// Sorts one model's programs into the cells of the table, each with its number of samples.
class Counter {
 public:
  Counter(const Acceptance& accepts, const std::vector<std::string>& gold)
      : accepts_(accepts), proxy_(accepts.suites()), gold_(gold) {}

  void begin_program() {
    verdicts_.clear();
    forgeable_ = false;
  }
  /// Programs of which all suites say the same, or one.
  void begin_group(const JudgedProgram& group) {
    verdicts_ = statuses_of(group);
    forgeable_ = std::any_of(group.verdicts.begin(), group.verdicts.end(), [&](const auto& stored) {
      const SuiteStatus said{stored.suite};
      return stored.verdict.forgeable && (is_one_of(proxy_, said) || is_one_of(gold_, said));
    });
  }
  void add(SuiteStatus verdict, bool forgeable) {
    forgeable_ |= forgeable && (is_one_of(proxy_, verdict) || is_one_of(gold_, verdict));
    verdicts_.push_back(std::move(verdict));
  }
  void end_program(const std::string& task_id, const Alike& alike, stats::ModelCounts& counts) {
    const std::int64_t samples = alike.samples;
    const bool scored =
        std::find(alike.scores.begin(), alike.scores.end(), std::nullopt) == alike.scores.end();
    if (!alike.scores.empty())
      counts.statuses[fmt::format("{}", fmt::join(accepts_.verifiers(), " and "))]
                     [scored ? kScored : kNotScored] += samples;
    for (const SuiteStatus& verdict : verdicts_) {
      if (!is_one_of(proxy_, verdict) && !is_one_of(gold_, verdict)) continue;
      const char* says = verdict.status    ? name_of(*verdict.status)
                         : verdict.decided ? "decided"
                                           : "not judged";
      counts.statuses[verdict.suite][says] += samples;
    }
    if (any([](const SuiteStatus& verdict) { return verdict.status == Status::missing; })) {
      counts.missing += samples;
      return;
    }
    const std::optional<bool> accepted = accepts_.accepts(verdicts_, alike.scores),
                              correct = is_correct(verdicts_, gold_);
    if (!accepted || !correct) {
      counts.not_run += samples;
      if (!scored) return;  // no run of ours would change that
      if (any([](const SuiteStatus& verdict) { return !verdict.status && !verdict.decided; })) {
        counts.not_judged += samples;
        if (accepted && has_all(gold_)) counts.undecided += samples;
      } else if (any([](const SuiteStatus& verdict) { return !verdict.status; })) {
        counts.needs_full += samples;
      } else if (lacking_ != task_id) {
        ++counts.lacking;
        lacking_ = task_id;
      }
      return;
    }
    if (counts.task_ids.empty() || counts.task_ids.back() != task_id) {
      counts.task_ids.push_back(task_id);
      counts.problems.emplace_back();
    }
    stats::Counts& cell = counts.problems.back();
    (*accepted ? (*correct ? cell.tp : cell.fp) : (*correct ? cell.fn : cell.tn)) += samples;
    const bool only_slow =
        std::all_of(verdicts_.begin(), verdicts_.end(), [&](const SuiteStatus& verdict) {
          return !is_one_of(gold_, verdict) || !verdict.status || verdict.status == Status::pass ||
                 verdict.status == Status::timeout;
        });
    if (*accepted && !*correct && only_slow) cell.fp_timeout += samples;
    if (forgeable_) counts.forgeable += samples;
  }

 private:
  static bool is_one_of(const std::vector<std::string>& suites, const SuiteStatus& verdict) {
    return std::find(suites.begin(), suites.end(), verdict.suite) != suites.end();
  }
  /// Whether the problem has all these suites.
  bool has_all(const std::vector<std::string>& suites) const {
    return std::all_of(suites.begin(), suites.end(),
                       [&](const std::string& suite) { return said_by(verdicts_, suite); });
  }
  /// Whether `is` holds for one of the suites that are asked for.
  template <typename Is>
  bool any(const Is& is) const {
    return std::any_of(verdicts_.begin(), verdicts_.end(), [&](const SuiteStatus& verdict) {
      return (is_one_of(proxy_, verdict) || is_one_of(gold_, verdict)) && is(verdict);
    });
  }

  const Acceptance& accepts_;
  const std::vector<std::string>& proxy_;  ///< its suites
  const std::vector<std::string>& gold_;
  std::vector<SuiteStatus> verdicts_;  ///< of the program, one for each suite of its problem
  bool forgeable_ = false;
  std::string lacking_;  ///< the last problem that lacks a suite
};
}  // namespace

static void count_imported(Database& database, const StoredModel& model,
                           stats::ModelCounts& counts) {
  counts.proxy = counts.gold = "imported";
  for (const ImportedCount& row : imported_counts(database, model.dataset, model.model)) {
    if (row.n < 1) continue;
    counts.task_ids.push_back(row.task_id);
    counts.problems.push_back({row.tp, row.fp, row.fn, row.n - row.tp - row.fp - row.fn});
  }
}

static AlikeByProgram alike_by_program(Database& database, const StoredModel& model,
                                       const std::vector<std::string>& verifiers) {
  AlikeByProgram out;
  std::vector<std::pair<std::string, std::int64_t>> programs;
  std::vector<std::vector<std::optional<double>>> scores;
  for (const std::string& verifier : verifiers) {
    std::size_t at = 0;  // the samples come in the same order for every verifier
    for_each_scored(database, model, verifier, [&](ScoredSample&& sample) {
      if (at == scores.size()) {
        programs.emplace_back(std::move(sample.task_id), sample.program_id);
        scores.emplace_back();
      }
      scores[at++].push_back(sample.score);
    });
  }
  for (std::size_t i = 0; i < scores.size(); ++i) {
    std::vector<Alike>& of_program = out[programs[i]];
    const auto same = std::find_if(of_program.begin(), of_program.end(),
                                   [&](const Alike& one) { return one.scores == scores[i]; });
    if (same == of_program.end())
      of_program.push_back({1, std::move(scores[i])});
    else
      ++same->samples;
  }
  return out;
}

/// Scores with a truth of their own; suites have nothing to say of them.
static void count_scores(Database& database, const StoredModel& model,
                         const std::vector<std::string>& proxy, stats::ModelCounts& counts) {
  counts.proxy = fmt::format("{}", fmt::join(proxy, ","));
  counts.gold = "imported";
  const Acceptance accepts(proxy);
  if (!accepts.suites().empty() || accepts.verifiers().empty()) return;
  struct Known {
    std::vector<std::optional<double>> scores;
    bool correct = false;
  };
  std::map<Identity, Known> samples;
  for (std::size_t v = 0; v < accepts.verifiers().size(); ++v) {
    for_each_scored(database, model, accepts.verifiers()[v], [&](ScoredSample&& sample) {
      Known& known = samples[{std::move(sample.task_id), std::move(sample.sample_id)}];
      known.scores.resize(accepts.verifiers().size());
      known.scores[v] = sample.score;
      known.correct = sample.correct.value_or(false);
    });
  }
  for (const auto& [sample, known] : samples) {
    const std::optional<bool> accepted = accepts.accepts({}, known.scores);
    ++counts.statuses[fmt::format("{}", fmt::join(accepts.verifiers(), " and "))]
                     [accepted ? kScored : kNotScored];
    if (!accepted) {
      ++counts.not_run;
      continue;
    }
    if (counts.task_ids.empty() || counts.task_ids.back() != sample.task_id) {
      counts.task_ids.push_back(sample.task_id);
      counts.problems.emplace_back();
    }
    stats::Counts& cell = counts.problems.back();
    ++(*accepted ? (known.correct ? cell.tp : cell.fp) : (known.correct ? cell.fn : cell.tn));
  }
}

/// By suites and scores: samples of one program may differ by their scores.
static void count_scored_programs(Database& database, const StoredModel& model,
                                  const std::vector<std::string>& verifiers, Counter& counter,
                                  stats::ModelCounts& counts) {
  const AlikeByProgram scored = alike_by_program(database, model, verifiers);
  const auto end_program = [&](const std::string& task_id, std::int64_t program_id) {
    for (const Alike& alike : scored.at({task_id, program_id}))
      counter.end_program(task_id, alike, counts);
  };
  std::string task_id;
  std::int64_t program_id = 0;
  Statement rows = database.use(sql::kStatuses);
  bind_model(rows, model);
  while (rows.step()) {
    std::string row_task_id = rows.text("task_id");
    const std::int64_t row_program_id = rows.integer("program_id");
    if (row_program_id != program_id || row_task_id != task_id) {
      if (program_id != 0) end_program(task_id, program_id);
      counter.begin_program();
      task_id = std::move(row_task_id);
      program_id = row_program_id;
    }
    SuiteStatus verdict{rows.text("suite")};
    if (!rows.is_null("status")) verdict.status = read_status(database, rows.text("status"));
    const bool forgeable = rows.integer("forgeable") != 0;
    verdict.decided = rows.integer("decided") != 0;
    counter.add(std::move(verdict), forgeable);
  }
  if (program_id != 0) end_program(task_id, program_id);
}

static void sort_by_task(stats::ModelCounts& counts) {
  std::map<std::string, stats::Counts> by_task;
  for (std::size_t i = 0; i < counts.task_ids.size(); ++i)
    by_task.emplace(std::move(counts.task_ids[i]), counts.problems[i]);
  counts.task_ids.clear();
  counts.problems.clear();
  for (const auto& [task_id, cell] : by_task) {
    counts.task_ids.push_back(task_id);
    counts.problems.push_back(cell);
  }
}

static void count_judged(Database& database, const StoredModel& model,
                         const std::vector<std::string>& proxy,
                         const std::vector<std::string>& gold, stats::ModelCounts& counts) {
  counts.proxy = fmt::format("{}", fmt::join(proxy, ","));
  counts.gold = fmt::format("{}", fmt::join(gold, ","));
  const Acceptance accepts(proxy);
  Counter counter(accepts, gold);
  if (!accepts.verifiers().empty()) {
    count_scored_programs(database, model, accepts.verifiers(), counter, counts);
  } else {
    for_each_tally(database, model, [&](const std::string& task_id, const Tally& tally) {
      for (const Tally::Group& group : tally.groups) {
        counter.begin_group(group);
        counter.end_program(task_id, {group.samples, {}}, counts);
      }
    });
    sort_by_task(counts);  // they come in the benchmark's order
  }
  // What remains would be what the other suite accepts: no rate can rest on that.
  if (counts.needs_full > 0) {
    for (const stats::Counts& cell : counts.problems) counts.not_run += cell.n();
    counts.task_ids.clear();
    counts.problems.clear();
  }
}

stats::ModelCounts counts(Database& database, const StoredModel& model,
                          const std::vector<std::string>& proxy,
                          const std::vector<std::string>& gold) {
  stats::ModelCounts counts;
  if (scores_only(model)) {
    count_scores(database, model, proxy, counts);
  } else if (model.counts_only) {
    count_imported(database, model, counts);
  } else {
    count_judged(database, model, proxy, gold, counts);
  }
  counts.dataset = model.dataset;
  counts.model = model.model;
  return counts;
}

std::vector<std::string> suite_names(Database& database) {
  Statement rows = database.use(sql::kSuiteNames);
  std::vector<std::string> names;
  while (rows.step()) names.push_back(rows.text("name"));
  return names;
}

std::int64_t judged_otherwise(Database& database, const StoredModel& model) {
  if (model.counts_only) return 0;
  Statement count = database.use(sql::kJudgedOtherwise);
  ASSAY_INVARIANT(bind_model(count, model).step());
  return count.integer("samples");
}

std::vector<std::string> suites_of(Database& database, const StoredModel& model) {
  if (model.counts_only) return {};
  Statement rows = database.use(sql::kSuitesOfModel);
  bind_model(rows, model);
  std::vector<std::string> suites;
  while (rows.step()) suites.push_back(rows.text("name"));
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
  return store::passes(statuses_of(*this), suites);
}

std::optional<bool> JudgedProgram::is_correct(const std::vector<std::string>& gold) const {
  return store::is_correct(statuses_of(*this), gold);
}

void check_tests(const Database& database, const StoredVerdict& stored) {
  const Verdict& verdict = stored.verdict;
  if (verdict.passed < 0 || verdict.judged < verdict.passed || stored.tests < verdict.judged ||
      stored.tests > kTestsMax) {
    refuse_damaged(database, fmt::format("a verdict says that {} of {} tests passed, of {}",
                                         verdict.passed, verdict.judged, stored.tests));
  }
}

StoredVerdict read_verdict(const Database& database, const Statement& row) {
  StoredVerdict stored;
  stored.suite = row.text("suite");
  stored.suite_hash = row.text("suite_hash");
  stored.tests = row.integer("tests");
  stored.id = row.integer("verdict_id");
  Verdict& verdict = stored.verdict;
  verdict.status = read_status(database, row.text("status"));
  verdict.scope = row.text("scope");
  verdict.passed = row.integer("passed");
  verdict.judged = row.integer("judged");
  verdict.marginal = row.integer("marginal") != 0;
  verdict.forgeable = row.integer("forgeable") != 0;
  verdict.cpu_ms = row.real("cpu_ms");
  verdict.wall_ms = row.real("wall_ms");
  verdict.memory_kib = row.integer("memory_kib");
  verdict.message = row.text("message");
  if (!row.is_null("test")) {
    Witness& witness = verdict.witness.emplace();
    witness.test = row.integer("test");
    witness.input = row.text("input");
    witness.expected = row.text("expected");
    witness.actual = row.text("actual");
  }
  stored.failing_stored = row.blob("failing");
  check_tests(database, stored);
  return stored;
}

void for_each_program(Database& database, const StoredModel& model, const Wanted& wanted,
                      const std::function<void(const JudgedProgram&)>& take) {
  if (model.counts_only) return;
  Statement rows = database.use(sql::kPrograms);
  bind_model(rows, model)
      .bind(wanted.task_id)
      .bind(wanted.texts)
      .bind(wanted.witnesses)
      .bind(wanted.failing);
  JudgedProgram program;
  while (rows.step()) {
    const std::int64_t problem_id = rows.integer("problem_id");
    std::string task_id = rows.text("task_id"), entry_point = rows.text("entry_point");
    const std::int64_t program_id = rows.integer("program_id");
    if (program_id != program.program_id || problem_id != program.problem_id) {
      if (program.samples > 0) take(program);
      program = {problem_id, std::move(task_id), std::move(entry_point), program_id};
      program.samples = rows.integer("samples");
      program.text = rows.text("text");
    }
    if (!rows.is_null("verdict_id")) {
      program.verdicts.push_back(read_verdict(database, rows));
    } else if (rows.integer("decided") != 0) {
      program.decided.push_back(rows.text("suite"));
    } else if (!rows.is_null("suite")) {
      program.unjudged.push_back(rows.text("suite"));
    }
  }
  if (program.samples > 0) take(program);
}

std::vector<ReadSample> samples_of(Database& database, const StoredModel& model,
                                   const JudgedProgram& program) {
  Statement rows = database.use(sql::kSamplesOfProgram);
  rows.bind(model.model_id).bind(program.problem_id).bind(program.program_id);
  std::vector<ReadSample> samples;
  while (rows.step()) {
    samples.push_back(
        {rows.text("sample_id"), rows.text("form"), rows.text("rules"), rows.text("chosen")});
  }
  return samples;
}

void for_each_sample(Database& database, const StoredModel& model,
                     const std::function<void(const StoredSample&)>& take) {
  Statement rows = database.use(sql::kSamples);
  rows.bind(model.model_id).bind(model.dataset_id);
  while (rows.step()) {
    StoredSample sample;
    sample.task_id = rows.text("task_id");
    sample.sample_id = rows.text("sample_id");
    sample.program = rows.text("text");
    sample.form = rows.text("form");
    sample.rules = rows.text("rules");
    sample.program_id = rows.integer("program_id");
    take(sample);
  }
}

}  // namespace assay::store
