#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "harness/base/error.h"
#include "harness/cli/command.h"
#include "harness/cli/rates_output.h"
#include "harness/cli/terminal.h"
#include "harness/store/facts.h"

namespace assay::cli {

namespace {
struct Options {
  analysis::Selection selection;
  std::vector<int> pass_at = {1, 10, 100};
  std::uint64_t seed = 1;
  int replicates = 10000;
  bool csv = false, show_pass_at = false;
};
}  // namespace

static int rates(const Common& common, const Options& options) {
  const auto database = store::open_to_read(common.db);
  const analysis::Selected selected = analysis::select(*database, options.selection);
  stats::BootstrapOptions bootstrap;
  bootstrap.seed = options.seed;
  bootstrap.replicates = options.replicates;
  const stats::RatesTable table = stats::rates(selected.counts, bootstrap, options.pass_at);
  const auto happened = analysis::happened(*database, selected);
  if (common.json) {
    print_json(rates_json(table, selected, happened));
  } else if (options.csv) {
    print_text(rates_csv(table, happened));
  } else if (table.rows.empty()) {
    for (const std::string& line : nothing_rated(common.db, selected)) remark(common.quiet, line);
  } else {
    print_text(rates_text(table, selected, happened));
    if (options.show_pass_at) print_text(pass_at_text(table));
  }
  return 0;
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
  command.footer("Example: assay rates --dataset humaneval --proxy base --gold base,plus");
  return [&common, options, pass_at] {
    options->show_pass_at = pass_at->count() > 0;
    return rates(common, *options);
  };
}

}  // namespace assay::cli
