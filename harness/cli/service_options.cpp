#include "harness/cli/service_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "datasets/registry.h"
#include "harness/base/error.h"
#include "harness/cli/run_options.h"
#include "harness/store/facts.h"

namespace assay::cli {

void add_service_options(CLI::App& command, ServiceOptions& options) {
  command
      .add_option("--dataset", options.datasets,
                  "builtin, humaneval, mbpp, or a file: what \"task_id\" names; again for more")
      ->allow_extra_args(false);
  command
      .add_option(
          "--suite", options.defaults.suites,
          "Suites to judge by where a question names none (default: all but official; official "
          "where there is no other)")
      ->delimiter(',');
  command.add_flag("--extract", options.extract, "Take the program out of chat text");
  command.add_flag("--as-is", options.as_is,
                   "Repair nothing: prompt and completion together, or the solution, as they came");
  command.add_option("-j,--jobs", options.desk.jobs, "Workers (default: one per CPU)")
      ->check(CLI::Range(1, 1024));
  command
      .add_option("--remember", options.desk.remembered_max,
                  "So many answers are kept for equal questions; 0: each is judged")
      ->check(CLI::Range(0, 10'000'000))
      ->capture_default_str();
  command.add_option("--comparison", options.comparison, "strict or evalplus")
      ->check(CLI::IsMember({"strict", "evalplus"}))
      ->capture_default_str();
  command.add_option("--limits", options.limits, limits_help())->delimiter(',');
  command.add_option(
      "--database", options.database,
      "Verdicts of these datasets, which are read and never written: how often a pass by "
      "these suites is wrong, and on which problems, is then part of what is answered");
  command.add_flag("--with-error", options.defaults.with_error,
                   "Every answer to a question about a dataset has the verifier's own error");
  add_interpreter(command, options.desk.sandbox);
  add_tmp(command, options.desk.sandbox);
  add_allow_weaker(command, options.desk.sandbox);
}

static void refuse_unknown_suites(
    const std::vector<std::shared_ptr<const datasets::Dataset>>& datasets,
    const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    const bool known = std::any_of(datasets.begin(), datasets.end(), [&](const auto& dataset) {
      const std::vector<std::string> has = datasets::suite_names(*dataset);
      return std::find(has.begin(), has.end(), name) != has.end();
    });
    if (!known)
      throw Error(fmt::format("--suite {}: no dataset that is served has it", name),
                  ExitCode::usage);
  }
}

service::Catalog make_catalog(ServiceOptions& options) {
  if (options.extract && options.as_is)
    throw Error("--extract and --as-is exclude each other", ExitCode::usage);
  if (options.defaults.with_error && options.database.empty())
    throw Error("--with-error: the verifier's error comes from verdicts: --database FILE",
                ExitCode::usage);
  if (options.extract) options.defaults.reading = samples::Reading::chat;
  if (options.as_is) options.defaults.reading = samples::Reading::as_is;
  verify::Demands demands;
  for (const std::string& setting : options.limits) apply_limit(demands.limits, setting);
  demands.comparison = verify::mode_named(options.comparison).value();
  options.defaults.limits = demands.limits;
  std::vector<std::shared_ptr<const datasets::Dataset>> datasets;
  for (const std::string& name : options.datasets)
    datasets.push_back(std::make_shared<const datasets::Dataset>(datasets::load(name)));
  refuse_unknown_suites(datasets, options.defaults.suites);
  return {std::move(datasets), demands};
}

service::KnownErrors known_errors(const ServiceOptions& options, const service::Catalog& catalog) {
  if (options.database.empty()) return {};
  const auto database = store::open_to_read(options.database);
  return {*database, catalog, options.defaults.suites};
}

}  // namespace assay::cli
