#include "reports/gather.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <future>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/base/error.h"
#include "reports/analysis.h"
#include "reports/payload.h"
#include "reports/programs.h"
#include "reports/suite_sizes.h"
#include "reports/text.h"

namespace assay::reports {

namespace {

// Packed size the false positives may take: with the page's own 450 KiB it stays under 3 MiB.
constexpr std::size_t kProgramBytesMax = 2000 * 1024;

std::string joined(const std::set<std::string>& values) {
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
  add("dataset", joined(versions), "name and version of the benchmark's files");
  add("run",
      started.empty() ? ""
                      : *started.begin() + (started.size() > 1 ? " to " + *started.rbegin() : ""),
      "when the newest verdicts of the models were made, UTC");
  add("judged with", joined(commands), "the command lines");
  add("comparison", joined(comparisons), "how returned values are compared with expected ones");
  add("interpreter", joined(interpreters),
      "Python that ran the programs, and a hash of its library");
  add("limits", joined(limits), "of one program");
  add("isolation", joined(levels),
      "what kept the programs apart from the machine and from their judging");
  add("machine", joined(machines), "");
  add("report", options.command, "the command line of this page");
  add("seed", std::to_string(options.bootstrap.seed),
      "of the bootstrap; the same seed gives the same page");
  return out;
}

// Keeps the false positives that fit, those with most copies first; the order of problems stays.
void fit(ReportModel& model) {
  const auto size = [&] { return packed(payload(model, {}).dump()).size(); };
  const std::size_t whole = size();
  if (whole <= kProgramBytesMax) return;
  auto& list = model.false_positives;
  const auto kept = static_cast<std::ptrdiff_t>(list.size() * kProgramBytesMax / whole * 9 / 10);
  std::vector<std::pair<std::int64_t, std::size_t>> ranked;
  for (std::size_t i = 0; i < list.size(); ++i) {
    std::int64_t copies = 0;
    for (const Copies& c : list[i].copies) copies += c.count;
    ranked.emplace_back(-copies, i);
  }
  std::nth_element(ranked.begin(), ranked.begin() + kept, ranked.end());
  std::set<std::size_t> chosen;
  for (std::ptrdiff_t i = 0; i < kept; ++i)
    chosen.insert(ranked[static_cast<std::size_t>(i)].second);
  std::vector<FalsePositive> left;
  for (const std::size_t i : chosen) left.push_back(std::move(list[i]));
  model.false_positives_left_out = static_cast<std::int64_t>(list.size() - left.size());
  list = std::move(left);
}

void extrapolate(ReportModel& model, const AddFit& add_fit) {
  if (!add_fit) return;
  stats::LimitsResult limits{std::move(model.limits), {}};
  model.fitted_missing = add_fit(model.counts, limits);
  model.limits = std::move(limits.rows);
}

}  // namespace

ReportModel gather(store::Database& database, const std::vector<store::StoredModel>& models,
                   std::vector<ModelCounts> counts, const GatherOptions& options) {
  ASSAY_INVARIANT(models.size() == counts.size());
  ReportModel report;
  report.assay_version = ASSAY_VERSION;
  report.counts = std::move(counts);
  // What follows from the counts alone is computed while the database is read.
  auto analysed = std::async(std::launch::async, [&] { analyse(report, options.bootstrap); });
  std::set<std::string> names;
  Programs programs;
  std::vector<SuiteSizes> sizes;
  for (std::size_t i = 0; i < models.size(); ++i) {
    names.insert(models[i].dataset);
    const ModelCounts& own = report.counts[i];
    const std::vector<std::string> proxy = suite_names(own.proxy), gold = suite_names(own.gold);
    SuiteTests tests(own);
    store::for_each_program(database, models[i],
                            {.texts = true, .witnesses = true, .failing = true},
                            [&](const store::JudgedProgram& program) {
                              programs.add(database, models[i], program, proxy, gold);
                              tests.add(database, program);
                            });
    sizes.push_back(tests.sizes(models[i], options.bootstrap));
  }
  analysed.get();
  extrapolate(report, options.add_fit);
  for (std::size_t i = 0; i < models.size(); ++i)
    put_suite_sizes(std::move(sizes[i]), report.limits[i]);
  report.title = fmt::format("{}", fmt::join(names, ", "));
  auto datasets = store::stored_datasets(database);
  std::erase_if(datasets, [&](const auto& dataset) { return !names.contains(dataset.name); });
  for (const auto& dataset : datasets)
    if (!dataset.note.empty()) report.notes.push_back(dataset.note);
  for (const LimitsRow& row : report.limits)
    if (report.suite_size_missing.empty()) report.suite_size_missing = row.suite_size_missing;
  report.false_positives = programs.false_positives(options.all);
  if (!options.all) fit(report);
  report.advice = programs.advice(options.test_texts);
  StyleTable styles = style(database, programs.accepted(), options.bootstrap);
  report.style = std::move(styles.rows);
  if (!report.false_positives.empty()) report.style_notes = std::move(styles.notes);
  if (!models.empty()) report.facts = facts(models, options);
  return report;
}

}  // namespace assay::reports
