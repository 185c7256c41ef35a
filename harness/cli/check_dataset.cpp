#include "harness/cli/check_dataset.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "datasets/forms/reader.h"
#include "datasets/registry.h"
#include "harness/cli/terminal.h"
#include "harness/verify/audit.h"

namespace assay::cli {

/// The first findings are told in full, all of them with --json.
static constexpr std::size_t kToldMax = 40;
/// Of a kind, so many problems stand in the table.
static constexpr std::size_t kNamedMax = 3;
/// Beside the first jail's 0. An order of two is the same under another seed half of the time.
static constexpr unsigned kSeeds[] = {1, 2};

namespace {
struct Found {
  std::string kind;
  std::string place, task_id, suite, key, what;  ///< of a row that cannot be read: no ids
};
}  // namespace

static std::string sentence(const Found& found) {
  if (found.key.empty()) return fmt::format("{}: {}", found.place, found.what);
  return fmt::format("{}: key \"{}\" of {}: {}: {}", found.place, found.key, found.task_id,
                     found.kind, found.what);
}

/// The key of a problem's row that a finding is about.
static std::string key_of(const verify::Finding& finding) {
  if (finding.flaw == verify::Flaw::tolerance_accepts_anything) return "atol";
  if (finding.fault == verify::Fault::program) return "reference";
  if (finding.fault == verify::Fault::entry_point) return "entry_point";
  return finding.suite == "official" ? "tests" : finding.suite;
}

static std::vector<std::pair<std::string, std::vector<const Found*>>> by_kind(
    const std::vector<Found>& all) {
  std::map<std::string, std::vector<const Found*>> kinds;
  for (const Found& found : all) kinds[found.kind].push_back(&found);
  return {kinds.begin(), kinds.end()};
}

static std::string first_named(const std::vector<const Found*>& found) {
  std::vector<std::string> names;
  for (const Found* one : found) {
    if (names.size() == kNamedMax) break;
    names.push_back(one->task_id.empty() ? one->place
                                         : fmt::format("{} ({})", one->task_id, one->suite));
  }
  return fmt::format("{}{}", fmt::join(names, ", "), found.size() > kNamedMax ? ", ..." : "");
}

static void show_json(const datasets::Dataset& dataset, const std::vector<Found>& all) {
  nlohmann::json rows = nlohmann::json::array(), counts = nlohmann::json::object();
  for (const Found& found : all) {
    rows.push_back({{"kind", found.kind},
                    {"place", found.place},
                    {"task_id", found.task_id},
                    {"suite", found.suite},
                    {"key", found.key},
                    {"what", found.what}});
  }
  for (const auto& [kind, found] : by_kind(all)) counts[kind] = found.size();
  print_json({{"dataset", dataset.name},
              {"problems", dataset.problems.size()},
              {"findings", rows},
              {"counts", counts},
              {"good", all.empty()}});
}

static void show_text(const std::string& name, const datasets::Dataset& dataset,
                      const std::vector<Found>& all) {
  for (std::size_t i = 0; i < std::min(all.size(), kToldMax); ++i) say("{}\n", sentence(all[i]));
  if (all.size() > kToldMax) say("... and {} more: see --json\n", all.size() - kToldMax);
  if (!all.empty()) {
    Table table({"finding", "count", "first"});
    table.left_align(2);
    for (const auto& [kind, found] : by_kind(all)) {
      table.add({kind, std::to_string(found.size()), first_named(found)});
    }
    say("\n");
    print_text(table.text());
    say("\n");
  }
  say("{}: {} problem{} read, {}\n", name, dataset.problems.size(),
      dataset.problems.size() == 1 ? "" : "s",
      all.empty() ? "every reference passes its own suites, and no wrong program does"
                  : fmt::format("{} finding{}", all.size(), all.size() == 1 ? "" : "s"));
}

int check_dataset(const Common& common, const std::string& name, const CheckCommand& options) {
  std::vector<Found> all;
  const datasets::Dataset dataset =
      datasets::known_dataset(name)
          ? datasets::load(name)
          : datasets::read_dataset(name, [&](const datasets::RowError& error) {
              all.push_back({"unreadable", error.place.text(), "", "", "", error.what_is_wrong});
            });
  sandbox::Worker first(options.sandbox);
  std::vector<std::unique_ptr<sandbox::Worker>> workers;
  std::vector<sandbox::Executor*> others;
  for (const unsigned seed : kSeeds) {
    sandbox::Config config = options.sandbox;
    config.seed = seed;
    workers.push_back(std::make_unique<sandbox::Worker>(config));
    others.push_back(workers.back().get());
  }
  ProgressBar bar(common.quiet);
  std::int64_t done = 0;
  const auto total = static_cast<std::int64_t>(dataset.problems.size());
  for (const datasets::Problem& problem : dataset.problems) {
    bar.show("judging the suites of " + problem.task_id, done++, total);
    for (const verify::Finding& finding : verify::audit(first, others, problem, options.seconds)) {
      all.push_back({verify::name_of(finding.flaw), problem.place.text(), problem.task_id,
                     finding.suite, key_of(finding), finding.what});
    }
  }
  bar.clear();
  if (common.json) {
    show_json(dataset, all);
  } else {
    show_text(name, dataset, all);
  }
  return static_cast<int>(all.empty() ? ExitCode::done : ExitCode::failed);
}

}  // namespace assay::cli
