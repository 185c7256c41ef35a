#include "harness/cli/check_dataset.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "datasets/forms/reader.h"
#include "harness/base/error.h"
#include "harness/cli/terminal.h"
#include "harness/verify/reference.h"

namespace assay::cli {

namespace {
struct Trouble {
  std::string place, task_id, key, what;  ///< of a row that cannot be read: place and what alone
};
}  // namespace

static std::string sentence(const Trouble& trouble) {
  if (trouble.key.empty()) return fmt::format("{}: {}", trouble.place, trouble.what);
  return fmt::format("{}: key \"{}\" of {}: {}", trouble.place, trouble.key, trouble.task_id,
                     trouble.what);
}

/// The key of a problem's row that a reference's trouble is about.
static const char* key_of(verify::Fault fault, const std::string& suite) {
  if (fault == verify::Fault::program) return "reference";
  if (fault == verify::Fault::entry_point) return "entry_point";
  return suite == "official" ? "tests" : suite.c_str();
}

static void try_reference(sandbox::Executor& executor, const datasets::Problem& problem,
                          double seconds, std::vector<Trouble>& troubles) {
  for (const datasets::Suite& suite : problem.suites) {
    const verify::TriedReference tried =
        verify::run_reference(executor, problem, suite, verify::reference_limits(seconds));
    if (tried.fault == verify::Fault::none) continue;
    if (tried.fault == verify::Fault::ours) throw Error(tried.run.trouble);
    troubles.push_back({problem.place.text(), problem.task_id, key_of(tried.fault, suite.name),
                        tried.run.trouble});
    // A program that does not load says the same of every suite.
    if (tried.fault != verify::Fault::suite) break;
  }
}

static void show_troubles(const Common& common, const std::string& path,
                          const datasets::Dataset& dataset, const std::vector<Trouble>& troubles) {
  if (common.json) {
    nlohmann::json rows = nlohmann::json::array();
    for (const Trouble& trouble : troubles) {
      rows.push_back({{"place", trouble.place},
                      {"task_id", trouble.task_id},
                      {"key", trouble.key},
                      {"what", trouble.what}});
    }
    print_json({{"dataset", dataset.name},
                {"problems", dataset.problems.size()},
                {"troubles", rows},
                {"good", troubles.empty()}});
    return;
  }
  for (const Trouble& trouble : troubles) say("{}\n", sentence(trouble));
  say("{}: {} problems read, {}\n", path, dataset.problems.size(),
      troubles.empty() ? "every reference passes its own suites"
                       : fmt::format("{} troubles", troubles.size()));
}

int check_dataset(const Common& common, const std::string& path, const CheckCommand& options) {
  std::vector<Trouble> troubles;
  const datasets::Dataset dataset =
      datasets::read_dataset(path, [&](const datasets::RowError& error) {
        troubles.push_back({error.place.text(), "", "", error.what_is_wrong});
      });
  sandbox::Worker worker(options.sandbox);
  ProgressBar bar(common.quiet);
  std::int64_t done = 0;
  const auto total = static_cast<std::int64_t>(dataset.problems.size());
  for (const datasets::Problem& problem : dataset.problems) {
    bar.show("running the reference of " + problem.task_id, done++, total);
    try_reference(worker, problem, options.seconds, troubles);
  }
  bar.clear();
  show_troubles(common, path, dataset, troubles);
  return static_cast<int>(troubles.empty() ? ExitCode::done : ExitCode::failed);
}

}  // namespace assay::cli
