#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "harness/analysis/gather.h"
#include "harness/base/error.h"
#include "harness/base/whole_file.h"
#include "harness/cli/output_path.h"
#include "harness/cli/report_output.h"
#include "harness/cli/terminal.h"
#include "harness/store/facts.h"
#include "reports/charts.h"
#include "reports/markdown.h"
#include "reports/page.h"
#include "reports/page_size.h"

namespace assay::cli {

namespace {
struct Options {
  analysis::Selection selection;
  std::string output, format, charts;
  std::uint64_t seed = 1;
  int replicates = 10000;
  bool all = false, fit = true, without_programs = false;
};

void write_charts(const std::string& folder, const reports::ReportModel& model) {
  std::filesystem::create_directories(folder);
  for (const reports::Chart& chart : reports::charts(model))
    write_whole_file((std::filesystem::path(folder) / (chart.id + ".vl.json")).string(),
                     nlohmann::json::parse(chart.spec)
                             .dump(1, ' ', false, nlohmann::json::error_handler_t::replace) +
                         "\n");
}
}  // namespace

static reports::ReportModel model_of(const Common& common, const Options& options,
                                     const std::function<bool()>& stopped = nullptr) {
  const auto database = store::open_to_read(common.db);
  const store::Snapshot snapshot(*database);  // a run may be going on
  analysis::Selected selected = analysis::select(*database, options.selection);
  for (const std::string& sentence : selected.left_out)
    remark(common.quiet, "left out: " + sentence);
  ProgressBar bar(common.quiet);
  analysis::GatherOptions gather;
  gather.bootstrap.seed = options.seed;
  gather.bootstrap.replicates = options.replicates;
  gather.command = common.command_line;
  gather.with_fit = options.fit;
  gather.with_programs = !options.without_programs;
  if (!options.all) gather.false_positives_max = reports::kListedMax;
  gather.progress = [&](const std::string& what, std::int64_t done, std::int64_t total) {
    if (stopped && stopped()) throw Error("interrupted", ExitCode::interrupted);
    bar.show(what, done, total);
  };
  reports::ReportModel model = analysis::gather(*database, std::move(selected), gather);
  bar.clear();
  if (!options.all) reports::keep_page_small(model);
  return model;
}

static int report(const Common& common, Options options) {
  if (options.format.empty())
    options.format = options.output.ends_with(".md") ? "markdown" : "html";
  const bool to_file = !options.output.empty() && options.output != "-";
  if (common.json && !to_file) {
    throw Error(
        "report --json wants -o FILE: the page goes there, a record of it to standard output (the "
        "page's numbers as JSON: `assay rates --json` and `assay limits --json`)",
        ExitCode::usage);
  }
  refuse_database("-o", options.output, common.db);
  const reports::ReportModel model = model_of(common, options);
  if (!options.charts.empty()) write_charts(options.charts, model);
  const std::string text =
      options.format == "markdown" ? reports::render_markdown(model) : reports::render(model);
  if (!to_file) {
    output().write_page(text);
    return 0;
  }
  write_whole_file(options.output, text);
  if (common.json) {
    print_json({{"file", options.output},
                {"format", options.format},
                {"bytes", text.size()},
                {"charts", options.charts}});
  }
  remark(common.quiet,
         fmt::format("{} written, {} KiB", options.output, (text.size() + 1023) / 1024));
  return 0;
}

WatchedPages report_pages(const Common& common, const std::string& dataset,
                          std::function<std::string()> progress, std::function<bool()> stopped) {
  Options options;
  options.selection.dataset = dataset;
  options.fit = false;  // what is fitted to half a run is soon out of date
  Common quiet = common;
  quiet.quiet = true;
  WatchedPages pages;
  pages.make = [=](int number, bool is_last) {
    reports::ReportModel model = model_of(quiet, options, is_last ? nullptr : stopped);
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

Act add_report(CLI::App& command, const Common& common) {
  auto options = std::make_shared<Options>();
  add_selection(command, options->selection);
  command.add_option("-o,--output", options->output,
                     "Where to write it; - or nothing: standard output");
  command
      .add_option("--format", options->format,
                  "html or markdown (default: markdown where -o ends with .md)")
      ->check(CLI::IsMember({"html", "markdown"}));
  command.add_option("--charts", options->charts,
                     "Also write every chart as a Vega-Lite specification into this folder");
  CLI::Option* all = command.add_flag(
      "--all", options->all, "Every false positive and whole values, however large the page");
  command
      .add_flag("--no-programs", options->without_programs,
                "Rates, limits and charts alone, without what takes time in proportion to the "
                "programs: wrong passes, tests to add, disputes, simulated rules, style")
      ->excludes(all);
  command.add_option("--seed", options->seed, "Seed of the bootstrap")->capture_default_str();
  command.add_option("--replicates", options->replicates, "Bootstrap replicates")
      ->capture_default_str();
  command.footer("Example: assay report --dataset humaneval -o report.html");
  return [&common, options] { return report(common, *options); };
}

}  // namespace assay::cli
