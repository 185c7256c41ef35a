#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "harness/base/error.h"
#include "harness/cli/command.h"
#include "harness/cli/fitted.h"
#include "harness/cli/limits_output.h"
#include "harness/cli/selection.h"
#include "harness/cli/terminal.h"
#include "harness/store/facts.h"
#include "reports/suite_sizes.h"

namespace assay::cli {

namespace {
struct Options {
  Selection selection;
  std::vector<double> lambdas = {0, 1, 2, 4, 8}, kappas = {0};
  std::optional<int> k_max;
  std::string weak, strong;
  std::uint64_t seed = 1;
  int replicates = 10000;
};
}  // namespace

/// Keeps the one match asked for: the weak model's row, against the strong one.
static void keep_match(const Options& options, stats::LimitsResult& limits) {
  std::erase_if(limits.rows,
                [&](const stats::LimitsRow& row) { return row.model != options.weak; });
  for (stats::LimitsRow& row : limits.rows) {
    const auto other = [&](const stats::Match& m) { return m.strong != options.strong; };
    std::erase_if(row.k_match, other);
    if (row.fitted) std::erase_if(row.fitted->k_match, other);
    if (row.k_match.empty())
      row.notes.push_back(fmt::format("{} is not more accurate than {}: one sample of it does",
                                      options.strong, options.weak));
  }
}

static int limits(const Common& common, const Options& options) {
  if (options.weak.empty() != options.strong.empty())
    throw Error(
        "--weak and --strong go together: name the model that resamples and the one to match",
        ExitCode::usage);
  Selection selection = options.selection;
  if (!options.weak.empty()) selection.models = {options.weak, options.strong};
  const auto database = store::open_to_read(common.db);
  const Selected selected = select(*database, selection);
  stats::LimitsOptions wanted;
  wanted.lambdas = options.lambdas, wanted.kappas = options.kappas, wanted.k_max = options.k_max;
  wanted.bootstrap.seed = options.seed, wanted.bootstrap.replicates = options.replicates;
  wanted.beyond_samples = has_fit(common.db);
  stats::LimitsResult result = stats::limits(selected.counts, wanted);
  if (wanted.beyond_samples) {
    FittedOptions fitted{1000, options.seed, wanted.bootstrap};
    if (options.k_max) fitted.k_max = std::max(1, *options.k_max);
    add_fit_beside(*database, common.db, selection, selected.counts, fitted, result);
  }
  for (std::size_t i = 0; i < result.rows.size(); ++i)
    reports::put_suite_sizes(
        reports::suite_sizes(*database, selected.models[i], selected.counts[i], wanted.bootstrap),
        result.rows[i]);
  if (!options.weak.empty()) keep_match(options, result);
  if (common.json) {
    fmt::print("{}\n", limits_json(result).dump());
  } else if (result.rows.empty()) {
    remark(common.quiet, common.db + " holds no verdicts yet; `assay run` makes some");
  } else {
    fmt::print("{}", limits_text(result));
  }
  for (const std::string& sentence : selected.left_out)
    remark(common.quiet, "left out: " + sentence);
  return 0;
}

void add_limits(CLI::App& app, const Common& common, Act& act) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "limits", "What resampling reaches: curves in K, the best K, who can catch whom");
  add_selection(*command, options->selection);
  command->add_option("--lambda", options->lambdas, "Costs of a false positive (true one: 1)")
      ->delimiter(',')
      ->capture_default_str();
  command->add_option("--kappa", options->kappas, "Costs of one sample")
      ->delimiter(',')
      ->capture_default_str();
  command->add_option("--k-max", options->k_max,
                      "Largest K (default: the smallest n; beyond it only with a fit)");
  command->add_option("--weak", options->weak, "Can this model, resampled, ...");
  command->add_option("--strong", options->strong, "... reach one sample of this one?");
  command->add_option("--seed", options->seed, "Seed of the bootstrap")->capture_default_str();
  command->add_option("--replicates", options->replicates, "Bootstrap replicates")
      ->capture_default_str();
  command->footer(
      "Rates by suite size need the result of every test of the proxy suite. A run without --full "
      "has it for what it\njudged to the end; where it has not, this command says so and what to "
      "run.\n"
      "Example: assay limits --lambda 0,1,2,4,8 --kappa 0,0.001");
  act = [&common, options] { return limits(common, *options); };
}

}  // namespace assay::cli
