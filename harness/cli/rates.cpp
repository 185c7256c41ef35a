#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "harness/analysis/scored.h"
#include "harness/base/error.h"
#include "harness/cli/command.h"
#include "harness/cli/disputed_output.h"
#include "harness/cli/fail_if.h"
#include "harness/cli/json_output.h"
#include "harness/cli/rates_output.h"
#include "harness/cli/terminal.h"
#include "harness/cli/unseen_output.h"
#include "harness/store/facts.h"

namespace assay::cli {

namespace {
struct Options {
  analysis::Selection selection;
  std::vector<int> pass_at = {1, 10, 100};
  std::uint64_t seed = 1;
  int replicates = 10000;
  bool csv = false, show_pass_at = false, unseen = false, disputed = false;
  std::vector<std::string> fail_if;
};
}  // namespace

static nlohmann::json failures_json(const std::vector<Failure>& failed) {
  nlohmann::json out = nlohmann::json::array();
  for (const Failure& one : failed) {
    out.push_back({{"condition", one.condition},
                   {"dataset", one.dataset},
                   {"model", one.model},
                   {"value", to_json(one.value)}});
  }
  return out;
}

/// Says which conditions of --fail-if hold; a model without rates cannot show that they do not.
static int judge(const analysis::Selected& selected, const std::vector<Failure>& failed) {
  for (const Failure& one : failed) remark(false, "assay: " + one.sentence());
  for (const std::string& sentence : selected.left_out)
    remark(false, "assay: --fail-if: there are no rates to look at: " + sentence);
  if (selected.models.empty() && selected.left_out.empty())
    remark(false, "assay: --fail-if: there are no rates to look at");
  const bool kept = failed.empty() && selected.left_out.empty() && !selected.models.empty();
  return static_cast<int>(kept ? ExitCode::done : ExitCode::unmet);
}

static int rates(const Common& common, const Options& options) {
  if (options.csv && (options.unseen || options.disputed))
    throw Error(fmt::format("--csv has no place for what {} adds; --json has all of it",
                            options.disputed ? "--disputed" : "--unseen"),
                ExitCode::usage);
  std::vector<FailIf> conditions;
  for (const std::string& text : options.fail_if)
    conditions.push_back(read_fail_if(text, options.pass_at));
  const auto database = store::open_to_read(common.db);
  if (options.unseen || options.disputed) analysis::refuse_scores(options.selection);
  const analysis::Selected selected = analysis::select_with_scores(*database, options.selection);
  stats::BootstrapOptions bootstrap;
  bootstrap.seed = options.seed;
  bootstrap.replicates = options.replicates;
  const stats::RatesTable table = stats::rates(selected.counts, bootstrap, options.pass_at);
  const auto happened = analysis::happened(*database, selected);
  const std::vector<Failure> failed = failures(table, conditions);
  std::vector<analysis::UnseenRow> unseen;
  if (options.unseen) unseen = analysis::unseen(*database, selected, bootstrap);
  Suspicion suspicion;
  if (options.disputed) suspicion = suspect(*database, selected, bootstrap, options.pass_at);
  if (common.json) {
    nlohmann::json record = rates_json(table, selected, happened);
    if (!conditions.empty()) record["failed"] = failures_json(failed);
    if (options.disputed) record.update(suspicion_json(suspicion));
    if (options.unseen) record["unseen"] = unseen_json(unseen);
    print_json(record);
  } else if (options.csv) {
    print_text(rates_csv(table, happened));
  } else if (table.rows.empty()) {
    for (const std::string& line : nothing_rated(common.db, selected)) remark(common.quiet, line);
  } else {
    print_text(rates_text(table, selected, happened));
    if (options.show_pass_at) print_text(pass_at_text(table));
    if (options.disputed) print_text(suspicion_text(table, suspicion));
    if (options.unseen) print_text(unseen_text(unseen));
  }
  return conditions.empty() ? 0 : judge(selected, failed);
}

Act add_rates(CLI::App& command, const Common& common) {
  auto options = std::make_shared<Options>();
  add_selection(command, options->selection);
  CLI::Option* pass_at = command.add_option(
      "--pass-at", options->pass_at,
      "The k of pass@k; in the table where this is given, in --csv and --json always");
  pass_at->delimiter(',')->check(CLI::Range(1, 1'000'000))->capture_default_str();
  command.add_option("--seed", options->seed, "Seed of the bootstrap")->capture_default_str();
  command
      .add_option("--replicates", options->replicates,
                  "Bootstrap replicates, for the paired differences that hold all at once")
      ->capture_default_str();
  command.add_flag("--csv", options->csv, "Comma-separated, every rate with its interval");
  command
      .add_option(
          "--fail-if", options->fail_if,
          "Exit with 4 where a figure of a model is beyond a bound, or undefined: FIGURE>NUMBER, "
          "also >=, <, <=; again for more. Figures have their names of --csv, pass@k included")
      ->allow_extra_args(false);
  command.add_flag(
      "--disputed", options->disputed,
      "Also the problems where programs of several models agree on another answer than "
      "the reference's and outnumber those that give it, and the wrong passes that are only slow "
      "(measured by run --only-slow); every rate without the ones, with the others as right, and "
      "both; in tables of their own and in --json");
  command.add_flag("--unseen", options->unseen,
                   "Also how many accepted programs are wrong though no test of gold catches them, "
                   "estimated from how many tests catch the known ones; in a table of its own and "
                   "in --json");
  command.footer(
      "Example: assay rates --dataset humaneval --proxy base --gold base,plus\n"
      "         assay rates --dataset humaneval --disputed --unseen\n"
      "         assay rates --fail-if 'fdr_hi>0.1' --fail-if 'accuracy<0.5' --fail-if 'missing>0'");
  return [&common, options, pass_at] {
    options->show_pass_at = pass_at->count() > 0;
    return rates(common, *options);
  };
}

}  // namespace assay::cli
