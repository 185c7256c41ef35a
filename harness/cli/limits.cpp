#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "harness/analysis/fitted.h"
#include "harness/analysis/limits.h"
#include "harness/analysis/scored.h"
#include "harness/analysis/selection.h"
#include "harness/analysis/suite_sizes.h"
#include "harness/base/error.h"
#include "harness/cli/command.h"
#include "harness/cli/limits_output.h"
#include "harness/cli/rates_output.h"
#include "harness/cli/select_limits.h"
#include "harness/cli/terminal.h"
#include "harness/store/facts.h"
#include "harness/store/scores.h"

namespace assay::cli {

namespace {
struct Options {
  analysis::Selection selection;
  std::vector<double> lambdas = {0, 1, 2, 4, 8}, kappas = {0};
  std::optional<int> k_max;
  std::string weak, strong;
  bool stops = false;  ///< --lambda or --kappa was given
  std::string select;  ///< how one of K samples is chosen; empty: the first that the proxy accepts
  int orders = 400;
  std::uint64_t seed = 1;
  int replicates = 10000;
};
}  // namespace

/// Keeps the one match asked for: the weak model's row, against the strong one.
static void keep_match(const Options& options, analysis::Limits& limits) {
  std::erase_if(limits.rows,
                [&](const analysis::ModelLimits& row) { return row.model != options.weak; });
  for (analysis::ModelLimits& row : limits.rows) {
    const auto other = [&](const stats::Match& m) { return m.strong != options.strong; };
    std::erase_if(row.k_match, other);
    if (row.fitted) std::erase_if(row.fitted->k_match, other);
    if (row.k_match.empty())
      row.notes.push_back(fmt::format("{} is not more accurate than {}: one sample of it does",
                                      options.strong, options.weak));
  }
}

/// What is not judged, or a proxy that speaks of scores says nothing of, is in none of the limits.
static void note_lacking(const analysis::Selected& selected, analysis::Limits& limits) {
  for (std::size_t i = 0; i < selected.models.size(); ++i) {
    const std::int64_t samples = store::not_scored(selected.counts[i]);
    const auto row = std::find_if(limits.rows.begin(), limits.rows.end(), [&](const auto& one) {
      return one.model == selected.models[i].model && one.dataset == selected.models[i].dataset;
    });
    if (row == limits.rows.end()) continue;
    if (!selected.unjudged[i].empty()) row->notes.push_back(selected.unjudged[i]);
    if (samples > 0)
      row->notes.push_back(fmt::format(
          "{} samples have no score by a verifier asked for and are left out", samples));
  }
}

/// The exact limits of what is selected, and what the fit and the tests of each suite add.
static analysis::Limits computed(store::Database& database, const analysis::Selected& selected,
                                 const Options& options) {
  stats::LimitsOptions wanted;
  wanted.lambdas = options.lambdas, wanted.kappas = options.kappas, wanted.k_max = options.k_max;
  wanted.bootstrap.seed = options.seed, wanted.bootstrap.replicates = options.replicates;
  wanted.beyond_samples = analysis::has_fit(database.path());
  stats::LimitsResult exact = stats::limits(selected.counts, wanted);
  std::vector<analysis::Fitted> fitted;
  if (wanted.beyond_samples) {
    analysis::FittedOptions how{1000, options.seed, wanted.bootstrap};
    if (options.k_max) how.k_max = std::max(1, *options.k_max);
    fitted = analysis::fitted_beside(database, selected, exact.rows, how);
  }
  analysis::Limits limits =
      analysis::joined(std::move(exact), std::move(fitted),
                       analysis::suite_sizes(database, selected, wanted.bootstrap));
  if (const std::string unread = analysis::unread_fit(database.path()); !unread.empty())
    for (analysis::ModelLimits& row : limits.rows) row.notes.push_back(unread);
  return limits;
}

static int limits(const Common& common, const Options& options) {
  if (!options.select.empty() && options.stops && !options.select.starts_with("first>="))
    throw Error(fmt::format("--select {} weighs no costs: --lambda and --kappa belong to drawing "
                            "until one is accepted (--select first>=x, or none)",
                            options.select),
                ExitCode::usage);
  if (options.weak.empty() != options.strong.empty())
    throw Error(
        "--weak and --strong go together: name the model that resamples and the one to match",
        ExitCode::usage);
  analysis::Selection selection = options.selection;
  if (!options.select.empty() && !is_first(options.select, selection))
    return select_limits(common, {selection, options.select, options.k_max, options.seed,
                                  options.replicates, options.orders});
  if (!options.weak.empty()) selection.models = {options.weak, options.strong};
  const auto database = store::open_to_read(common.db);
  const analysis::Selected selected = analysis::select_with_scores(*database, selection);
  analysis::Limits result = computed(*database, selected, options);
  note_lacking(selected, result);
  if (!options.weak.empty()) keep_match(options, result);
  if (common.json) {
    nlohmann::json record = limits_json(result);
    record["left_out"] = selected.left_out;
    print_json(record);
  } else if (result.rows.empty()) {
    for (const std::string& line : nothing_rated(common.db, selected)) remark(common.quiet, line);
    return 0;
  } else {
    print_text(limits_text(result));
  }
  for (const std::string& sentence : selected.left_out)
    remark(common.quiet, "left out: " + sentence);
  return 0;
}

Act add_limits(CLI::App& command, const Common& common) {
  auto options = std::make_shared<Options>();
  add_selection(command, options->selection);
  command
      .add_option("--lambda", options->lambdas,
                  "What a wrong answer costs, where a right one is worth 1")
      ->delimiter(',')
      ->capture_default_str();
  command.add_option("--kappa", options->kappas, "What one sample costs")
      ->delimiter(',')
      ->capture_default_str();
  command.add_option("--k-max", options->k_max,
                     "Largest K (default: the smallest n; beyond it only with a fit)");
  command.add_option("--weak", options->weak, "With --strong: the model that is resampled");
  command.add_option("--strong", options->strong,
                     "The model whose accuracy with one sample is to be reached");
  command.add_option(
      "--select", options->select,
      "How one of K samples is chosen by the scores of --proxy NAME (or by a suite): best, "
      "vote, weighted (a vote by scores), codet (the consensus set of most agreement; --proxy names "
      "generated tests), or first>=x (default: the first accepted)");
  command
      .add_option(
          "--orders", options->orders,
          "With --select vote, weighted and codet: orders in which a problem's samples are tried")
      ->capture_default_str();
  command.add_option("--seed", options->seed, "Seed of the bootstrap")->capture_default_str();
  command.add_option("--replicates", options->replicates, "Bootstrap replicates")
      ->capture_default_str();
  command.footer(
      "Rates by suite size need the result of every test of the proxy suite. A run without --full "
      "has it for what it\njudged to the end; where it has not, this command says so and what to "
      "run.\n"
      "Example: assay limits --lambda 0,1,2,4,8 --kappa 0,0.001\n"
      "         assay limits --proxy judge --select best");
  return [&common, options, &command] {
    options->stops = command.count("--lambda") + command.count("--kappa") > 0;
    return limits(common, *options);
  };
}

}  // namespace assay::cli
