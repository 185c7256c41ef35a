#include "harness/cli/check_dataset.h"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "datasets/forms/rows.h"
#include "datasets/registry.h"
#include "harness/base/error.h"
#include "harness/cli/terminal.h"
#include "harness/verify/reference.h"

namespace assay::cli {

namespace {
struct Trouble {
  std::string key, what;
};
struct Found {
  std::string place, task_id;
  Trouble trouble;
};
}  // namespace

/// Where each problem stands: "mine.jsonl:3".
static std::map<std::string, std::string> places_in(const std::string& path) {
  std::map<std::string, std::string> places;
  LineReader reader(path);
  datasets::for_each_row(reader, [&](datasets::Row&& row) {
    if (!row.has("task_id")) return;
    const Value& id = row.value("task_id");
    const std::string name =
        id.kind == Kind::integer ? fmt::format("Mbpp/{}", id.integer) : row.text("task_id");
    places.emplace(name, row.place);
  });
  return places;
}

/// The key of a problem's row that a reference's trouble is about.
static const char* key_of(verify::Fault fault, const std::string& suite) {
  if (fault == verify::Fault::program) return "reference";
  if (fault == verify::Fault::entry_point) return "entry_point";
  return suite == "official" ? "tests" : suite.c_str();
}

static std::vector<Trouble> troubles_of(sandbox::Worker& worker, const datasets::Problem& problem,
                                        double seconds) {
  std::vector<Trouble> troubles;
  for (const datasets::Suite& suite : problem.suites) {
    const verify::TriedReference tried =
        verify::run_reference(worker, problem, suite, verify::reference_limits(seconds));
    if (tried.fault == verify::Fault::none) continue;
    if (tried.fault == verify::Fault::ours) throw Error(tried.run.trouble);
    troubles.push_back({key_of(tried.fault, suite.name), tried.run.trouble});
    // A program that does not load says the same of every suite.
    if (tried.fault != verify::Fault::suite) break;
  }
  return troubles;
}

int check_dataset(const Common& common, const std::string& path, const CheckCommand& options) {
  const datasets::Dataset dataset = datasets::load(path);
  const auto places = places_in(path);
  sandbox::Worker worker(options.sandbox);
  std::vector<Found> found;
  ProgressBar bar(common.quiet);
  std::int64_t done = 0;
  const auto total = static_cast<std::int64_t>(dataset.problems.size());
  for (const datasets::Problem& problem : dataset.problems) {
    bar.show("running the reference of " + problem.task_id, done++, total);
    const auto place = places.find(problem.task_id);
    for (Trouble& trouble : troubles_of(worker, problem, options.seconds)) {
      found.push_back(
          {place == places.end() ? path : place->second, problem.task_id, std::move(trouble)});
    }
  }
  bar.clear();
  if (common.json) {
    nlohmann::json rows = nlohmann::json::array();
    for (const Found& one : found) {
      rows.push_back({{"place", one.place},
                      {"task_id", one.task_id},
                      {"key", one.trouble.key},
                      {"what", one.trouble.what}});
    }
    print_json({{"dataset", dataset.name},
                {"problems", dataset.problems.size()},
                {"troubles", rows},
                {"good", found.empty()}});
  } else {
    for (const Found& one : found) {
      say("{}: key \"{}\" of {}: {}\n", one.place, one.trouble.key, one.task_id, one.trouble.what);
    }
    say("{}: {} problems read, {}\n", path, dataset.problems.size(),
        found.empty() ? "every reference passes its own suites"
                      : fmt::format("{} troubles", found.size()));
  }
  return static_cast<int>(found.empty() ? ExitCode::done : ExitCode::failed);
}

}  // namespace assay::cli
