#include "harness/analysis/gather.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <future>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "harness/analysis/disputed.h"
#include "harness/analysis/happened.h"
#include "harness/analysis/scored.h"
#include "harness/base/error.h"
#include "harness/store/facts.h"
#include "harness/store/scores.h"
#include "harness/store/tally.h"

namespace assay::analysis {

namespace {

std::string in_words(const std::set<std::string>& values) {
  return fmt::format("{}", fmt::join(values, "; "));
}

std::string json_words(const std::string& text) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) return text;
  std::string out;
  for (const auto& [key, value] : json.items())
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", key,
                       value.is_string() ? value.get<std::string>() : value.dump());
  return out;
}

std::vector<Fact> facts(const std::vector<store::StoredModel>& models,
                        const GatherOptions& options) {
  std::set<std::string> comparisons, interpreters, limits, levels, commands, machines, started,
      versions;
  const auto put = [](std::set<std::string>& set, const std::string& value) {
    if (!value.empty()) set.insert(value);
  };
  for (const auto& model : models) {
    if (!model.dataset_version.empty())
      put(versions, fmt::format("{} {}", model.dataset, model.dataset_version));
    put(comparisons, model.comparison), put(interpreters, model.interpreter);
    put(limits, json_words(model.limits)), put(levels, model.level);
    put(commands, model.command), put(machines, json_words(model.machine));
    put(started, model.started);
  }
  std::vector<Fact> out;
  const auto add = [&](const char* name, const std::string& value, const char* explanation) {
    if (!value.empty()) out.push_back({name, value, explanation});
  };
  add("assay", ASSAY_VERSION, "");
  add("dataset", in_words(versions), "name and version of the benchmark's files");
  add("run",
      started.empty() ? ""
                      : *started.begin() + (started.size() > 1 ? " to " + *started.rbegin() : ""),
      "when the newest verdicts of the models were made, UTC");
  add("judged with", in_words(commands), "the command lines");
  add("comparison", in_words(comparisons), "how returned values are compared with expected ones");
  add("interpreter", in_words(interpreters),
      "Python that ran the programs, and a hash of its library");
  add("limits", in_words(limits), "of one program");
  add("isolation", in_words(levels),
      "what kept the programs apart from the machine and from their judging");
  add("machine", in_words(machines), "");
  add("report", options.command, "the command line of this page");
  add("seed", std::to_string(options.bootstrap.seed),
      "of the bootstrap; the same seed gives the same page");
  return out;
}

/// Fills what follows from the counts alone, but for the limits, which others add to.
stats::LimitsResult exact_limits(ReportModel& model, const stats::BootstrapOptions& options) {
  model.replicates = options.replicates;
  model.seed = options.seed;
  if (model.counts.empty()) return {};
  model.pooled = pooled_rows(model.counts, options);
  stats::RatesTable rates = stats::rates(model.counts, options);
  model.rates = std::move(rates.rows), model.paired = std::move(rates.paired);
  stats::LimitsOptions limits;
  limits.bootstrap = options;
  return stats::limits(model.counts, limits);
}

void put_limits(Limits limits, ReportModel& model) {
  model.limits = std::move(limits.rows);
  model.regressions = std::move(limits.regressions);
}

/// What lies beyond the samples, from the fit beside the database where there is one for this data;
/// else nothing, and `missing` says why.
std::vector<Fitted> fitted_or_why_not(store::Database& database, const Selected& selected,
                                      const stats::LimitsResult& exact,
                                      const GatherOptions& options, std::string& missing) {
  if (!options.with_fit) return {};
  if (const std::string unread = unread_fit(database.path()); !unread.empty()) {
    missing = unread + ".";
    return {};
  }
  if (!has_fit(database.path())) {
    missing =
        "The curves end where the samples end. assay fit fits a model to these counts; with it "
        "this report shows what lies beyond.";
    return {};
  }
  FittedOptions fitted;
  fitted.seed = options.bootstrap.seed;
  fitted.bootstrap = options.bootstrap;
  try {
    return fitted_beside(database, selected, exact.rows, fitted);
  } catch (const Error& error) {
    missing = fmt::format("The fit beside the database is not shown: {}", error.what());
    return {};
  }
}

/// What is read from the programs of all models in one pass.
struct FromPrograms {
  AcceptedPrograms accepted;
  WeakProblems weak;
  Disputes disputes;
  std::vector<SuiteSizes> sizes;
  std::vector<Happened> happened;
};

FromPrograms read_programs(store::Database& database, const Selected& selected,
                           const std::vector<stats::ModelCounts>& counts,
                           const GatherOptions& options) {
  FromPrograms out;
  if (!options.with_programs) {
    out.sizes = suite_sizes(database, selected, options.bootstrap);
    out.happened = happened(database, selected);
    return out;
  }
  std::vector<TestResults> results;
  for (std::size_t i = 0; i < selected.models.size(); ++i) {
    const store::StoredModel& model = selected.models[i];
    const Suites& suites = selected.suites[i];
    results.emplace_back(counts[i], suites);
    HappenedOf happened(suites, counts[i]);
    const auto take = [&](const std::string&, const store::Tally& tally) {
      if (options.progress)
        options.progress("reading programs of models", static_cast<std::int64_t>(i),
                         static_cast<std::int64_t>(selected.models.size()));
      happened.add(tally);
      for (const store::Tally::Group& group : tally.groups) {
        out.accepted.add(model, suites, group);
        out.weak.add(database, model, suites, group);
        out.disputes.add(database, model, suites, group);
        results[i].add(database, group);
      }
    };
    store::for_each_tally(database, model, take, store::Members::wanted);
    out.happened.push_back(model.counts_only ? Happened() : happened.all());
  }
  out.sizes = sizes_of(results, selected, options.bootstrap);
  return out;
}

/// The rate of the headline without the disputed problems.
void put_disputes(const Selected& selected, std::vector<Dispute> disputes,
                  const GatherOptions& options, ReportModel& report) {
  if (disputes.empty()) return;
  const Selected kept = without(selected, disputes);
  if (!kept.counts.empty()) report.undisputed = pooled_rows(kept.counts, options.bootstrap);
  report.disputes = std::move(disputes);
}

/// How far the verifiers with a score can be trusted, where there are any.
void put_scores(store::Database& database, const Selected& selected, const GatherOptions& options,
                ReportModel& report) {
  if (store::verifier_names(database).empty()) return;
  stats::RocOptions roc;
  roc.bootstrap = options.bootstrap;
  const ScoredModels scored = scored_models(database, {selected.selection});
  std::int64_t done = 0;
  for (const stats::ScoredSamples& row : scored.rows) {
    if (options.progress)
      options.progress("judging scores", done++, static_cast<std::int64_t>(scored.rows.size()));
    report.scored.push_back({row.dataset, row.model, row.verifier, row.gold, stats::roc(row, roc)});
  }
}

void put_programs(store::Database& database, const Selected& selected, const FromPrograms& read,
                  const GatherOptions& options, ReportModel& report) {
  if (!options.with_programs) {
    report.programs_left_out = true;
    report.notes.emplace_back(
        "Made without what single programs tell (--no-programs): no wrong passes, tests to add, disputed "
        "problems, simulated rules or style.");
    return;
  }
  std::int64_t done = 0;
  const auto total = static_cast<std::int64_t>(read.accepted.problems());
  report.false_positives =
      read.accepted.false_positives(database, options.false_positives_max, [&] {
        if (options.progress) options.progress("comparing programs of problems", ++done, total);
      });
  report.false_positives_left_out =
      read.accepted.wrong_programs() - static_cast<std::int64_t>(report.false_positives.size());
  auto kinds = read.accepted.wrong_kinds();
  for (const stats::ModelCounts& model : report.counts)
    report.wrong_kinds.push_back(kinds[{model.dataset, model.model}]);
  StoredTests tests(database, selected.models);
  std::vector<Dispute> disputes = read.disputes.list(database);
  report.advice = advice(undisputed(read.weak.list(), disputes), tests);
  put_disputes(selected, std::move(disputes), options, report);
  Styles measured = styles(database, read.accepted.all(), options.bootstrap);
  report.style = std::move(measured.rows);
  report.style_gaps = std::move(measured.gaps);
}

/// Each once, however many models the suite judges; the first of them in words.
void put_doubts(const Selected& selected, ReportModel& report) {
  constexpr std::size_t kToldMax = 3;
  std::set<std::string> told;
  for (const auto& doubts : selected.doubts) {
    for (const store::Doubt& doubt : doubts) {
      std::string text = fmt::format("{}, suite {}: {}", doubt.task_id, doubt.suite, doubt.what);
      if (told.insert(text).second && told.size() <= kToldMax)
        report.notes.push_back("Its verdicts are to be doubted: " + text);
    }
  }
  if (told.size() > kToldMax)
    report.notes.push_back(fmt::format("So are those of {} more suites: see assay datasets check.",
                                       told.size() - kToldMax));
}

/// Models of which a part, or nothing, is in the numbers.
void put_lacking(const Selected& selected, ReportModel& report) {
  constexpr std::size_t kToldMax = 3;
  std::vector<std::string> told;
  for (const std::string& sentence : selected.left_out) told.push_back("Left out: " + sentence);
  for (std::string& sentence : unjudged_by_name(selected)) told.push_back(std::move(sentence));
  const std::size_t all = told.size();
  if (all > kToldMax) {
    told.resize(kToldMax);
    told.push_back(fmt::format("Samples of {} more models lack verdicts, too: see assay rates.",
                               all - kToldMax));
  }
  report.notes.insert(report.notes.end(), told.begin(), told.end());
}

void put_facts(store::Database& database, const Selected& selected, const GatherOptions& options,
               ReportModel& report) {
  std::set<std::string> names;
  for (const store::StoredModel& model : selected.models) names.insert(model.dataset);
  report.title = fmt::format("{}", fmt::join(names, ", "));
  auto datasets = store::stored_datasets(database);
  std::erase_if(datasets, [&](const auto& dataset) { return !names.contains(dataset.name); });
  for (const auto& dataset : datasets)
    if (!dataset.note.empty()) report.notes.push_back(dataset.note);
  put_doubts(selected, report);
  put_lacking(selected, report);
  if (!selected.models.empty()) report.facts = facts(selected.models, options);
}

}  // namespace

ReportModel gather(store::Database& database, Selected selected, const GatherOptions& options) {
  ASSAY_INVARIANT(selected.models.size() == selected.counts.size());
  ReportModel report;
  report.assay_version = ASSAY_VERSION;
  report.counts = selected.counts;
  // What follows from the counts alone is computed while the database is read.
  auto exact =
      std::async(std::launch::async, [&] { return exact_limits(report, options.bootstrap); });
  FromPrograms read = read_programs(database, selected, selected.counts, options);
  stats::LimitsResult limits = exact.get();
  std::vector<Fitted> fitted =
      fitted_or_why_not(database, selected, limits, options, report.fitted_missing);
  put_limits(joined(std::move(limits), std::move(fitted), std::move(read.sizes)), report);
  if (options.with_fit && options.with_programs)
    report.simulations = rules_for_report(database, selected);
  put_programs(database, selected, read, options, report);
  put_scores(database, selected, options, report);
  report.searches = searched(database, options.bootstrap);
  report.learning = learning(database, options.bootstrap);
  put_facts(database, selected, options, report);
  for (const Happened& one : read.happened) report.happened.push_back(sentences(one));
  return report;
}

void analyse(ReportModel& model, const stats::BootstrapOptions& options) {
  put_limits(joined(exact_limits(model, options), {}, {}), model);
}

}  // namespace assay::analysis
