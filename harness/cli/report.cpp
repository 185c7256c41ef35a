#include <fmt/format.h>
#include <filesystem>
#include <memory>
#include <optional>

#include "harness/base/error.h"
#include "harness/base/whole_file.h"
#include "harness/cli/fitted.h"
#include "harness/cli/report_output.h"
#include "harness/cli/selection.h"
#include "harness/cli/suite_texts.h"
#include "harness/cli/terminal.h"
#include "harness/store/facts.h"
#include "reports/charts.h"
#include "reports/gather.h"
#include "reports/markdown.h"
#include "reports/page.h"

namespace assay::cli {

namespace {
struct Options {
  Selection selection;
  std::string output, format = "html", charts;
  std::uint64_t seed = 1;
  int replicates = 10000;
  bool all = false, fit = true;
};

void write_charts(const std::string& folder, const reports::ReportModel& model) {
  std::filesystem::create_directories(folder);
  for (const reports::Chart& chart : reports::charts(model))
    write_whole_file(
        (std::filesystem::path(folder) / (chart.id + ".vl.json")).string(),
        chart.spec.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}
}  // namespace

/// What the advice quotes is cut here.
static constexpr std::size_t kTestTextMax = 5000;

/// What lies beyond the samples, from the fit beside the database where there is one for this data.
static std::string add_fit(store::Database& database, const Common& common, const Options& options,
                           const std::vector<stats::ModelCounts>& counts,
                           stats::LimitsResult& limits) {
  if (!has_fit(common.db))
    return "The curves end where the samples end. assay fit fits a model to these counts; with it "
           "this report shows what lies beyond.";
  FittedOptions fitted;
  fitted.seed = options.seed;
  fitted.bootstrap.seed = options.seed, fitted.bootstrap.replicates = options.replicates;
  try {
    add_fit_beside(database, common.db, options.selection, counts, fitted, limits);
    return "";
  } catch (const Error& error) {
    for (stats::LimitsRow& row : limits.rows) row.fitted.reset();
    return fmt::format("The fit beside the database is not shown: {}", error.what());
  }
}

static reports::ReportModel model_of(const Common& common, const Options& options) {
  const auto database = store::open_to_read(common.db);
  const store::Snapshot snapshot(*database);  // a run may be going on
  Selected selected = select(*database, options.selection);
  for (const std::string& sentence : selected.left_out)
    remark(common.quiet, "left out: " + sentence);
  reports::GatherOptions gather;
  gather.bootstrap.seed = options.seed;
  gather.bootstrap.replicates = options.replicates;
  gather.all = options.all;
  gather.command = common.command_line;
  if (options.fit)
    gather.add_fit = [&](const auto& counts, stats::LimitsResult& limits) {
      return add_fit(*database, common, options, counts, limits);
    };
  SuiteTexts texts(*database, selected.models);
  gather.test_texts = [&](const auto& dataset, const auto& task_id, const auto& suite,
                          const auto& suite_hash,
                          std::size_t test) -> std::optional<reports::TestText> {
    const JudgedSuite judged{dataset, task_id, suite, suite_hash};
    auto arguments = texts.arguments(judged, test, kTestTextMax);
    auto expected = texts.expected(judged, test, kTestTextMax);
    if (!arguments || !expected) return std::nullopt;
    return reports::TestText{std::move(*arguments), std::move(*expected)};
  };
  return reports::gather(*database, selected.models, std::move(selected.counts), gather);
}

static int report(const Common& common, const Options& options) {
  const bool to_file = !options.output.empty() && options.output != "-";
  if (common.json && !to_file) {
    throw Error(
        "report --json wants -o FILE: the page goes there, a record of it to standard output (the "
        "page's numbers as JSON: `assay rates --json` and `assay limits --json`)",
        ExitCode::usage);
  }
  const reports::ReportModel model = model_of(common, options);
  if (!options.charts.empty()) write_charts(options.charts, model);
  const std::string text =
      options.format == "markdown" ? reports::render_markdown(model) : reports::render(model);
  if (!to_file) {
    fmt::print("{}", text);
    return 0;
  }
  write_whole_file(options.output, text);
  if (common.json) {
    fmt::print("{}\n", nlohmann::json{{"file", options.output},
                                      {"format", options.format},
                                      {"bytes", text.size()},
                                      {"charts", options.charts}}
                           .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  }
  remark(common.quiet,
         fmt::format("{} written, {} KiB", options.output, (text.size() + 1023) / 1024));
  return 0;
}

WatchedPages report_pages(const Common& common, const std::string& dataset,
                          std::function<std::string()> progress) {
  Options options;
  options.selection.dataset = dataset;
  options.fit = false;  // what is fitted to half a run is soon out of date
  Common quiet = common;
  quiet.quiet = true;
  WatchedPages pages;
  pages.make = [=](int number, bool is_last) {
    reports::ReportModel model = model_of(quiet, options);
    if (!is_last) model.notes.insert(model.notes.begin(), progress());
    return reports::render(model, {is_last ? 0 : number, true});
  };
  // Its own connection: data_version tells what others committed since it last looked.
  std::shared_ptr<store::Database> database;
  pages.version = [path = common.db, database]() mutable {
    if (!database) database = store::open_to_read(path);
    return store::data_version(*database);
  };
  return pages;
}

void write_report(const Common& common, const std::string& path) {
  Options options;
  options.output = path;
  report(common, options);
}

void add_report(CLI::App& app, const Common& common, Act& act) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "report",
      "One self-contained page: the rates, the limits, and the false positives themselves");
  add_selection(*command, options->selection);
  command->add_option("-o,--output", options->output,
                      "Where to write it; - or nothing: standard output");
  command->add_option("--format", options->format, "html or markdown")
      ->check(CLI::IsMember({"html", "markdown"}))
      ->capture_default_str();
  command->add_option("--charts", options->charts,
                      "Also write every chart as a Vega-Lite specification into this folder");
  command->add_flag("--all", options->all,
                    "Every false positive and whole values, however large the page");
  command->add_option("--seed", options->seed, "Seed of the bootstrap")->capture_default_str();
  command->add_option("--replicates", options->replicates, "Bootstrap replicates")
      ->capture_default_str();
  command->footer("Example: assay report --dataset humaneval -o report.html");
  act = [&common, options] { return report(common, *options); };
}

}  // namespace assay::cli
