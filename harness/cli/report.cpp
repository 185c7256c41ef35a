#include <fmt/format.h>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <tuple>

#include "datasets/registry.h"
#include "harness/base/error.h"
#include "harness/base/hash.h"
#include "harness/base/value.h"
#include "harness/base/whole_file.h"
#include "harness/cli/fitted.h"
#include "harness/cli/report_output.h"
#include "harness/cli/selection.h"
#include "harness/cli/terminal.h"
#include "harness/store/facts.h"
#include "harness/verify/answers.h"
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

/// Calls and answers of a suite's tests, in Python's words: the calls from the dataset's files
/// where they are still those that were judged, the answers from the database.
class SuiteTexts {
 public:
  SuiteTexts(store::Database& database, const std::vector<store::StoredModel>& models)
      : database_(database) {
    for (const store::StoredModel& model : models) interpreters_[model.dataset] = model.interpreter;
  }

  std::optional<reports::TestText> text(const std::string& dataset, const std::string& task_id,
                                        const std::string& suite, std::int64_t test) {
    const Suite& known = find(dataset, task_id, suite);
    const auto index = static_cast<std::size_t>(test);
    Value arguments, expected;
    if (!known.answers || index >= known.inputs.size() ||
        !decode_whole(known.inputs[index], arguments) ||
        !decode_whole(known.cursor->at(index), expected))
      return std::nullopt;
    return reports::TestText{repr(arguments, kTextMax), repr(expected, kTextMax)};
  }

 private:
  static constexpr std::size_t kTextMax = 5000;
  struct Suite {
    std::vector<std::string> inputs;
    std::unique_ptr<verify::Answers> answers;
    std::unique_ptr<verify::Answers::Cursor> cursor;
  };

  const std::map<std::string, datasets::Problem>& problems(const std::string& dataset) {
    const auto [at, is_new] = problems_.try_emplace(dataset);
    if (!is_new) return at->second;
    try {
      for (datasets::Problem& problem : datasets::load(dataset).problems) {
        std::string task_id = problem.task_id;
        at->second.emplace(std::move(task_id), std::move(problem));
      }
    } catch (const Error&) {
      // The advice stands by number where the inputs are not to be had.
    }
    return at->second;
  }

  const Suite& find(const std::string& dataset, const std::string& task_id,
                    const std::string& suite) {
    const auto [at, is_new] = suites_.try_emplace({dataset, task_id, suite});
    Suite& made = at->second;
    const auto problem = problems(dataset).find(task_id);
    if (!is_new || problem == problems(dataset).end()) return made;
    const auto& differential = suite == "base" ? problem->second.base : problem->second.plus;
    if (!differential) return made;
    auto reference = store::find_reference_run(
        database_,
        Hasher().add(datasets::hash_of(problem->second, suite)).add(interpreters_[dataset]).hex());
    if (!reference || reference->chunks.empty()) return made;
    made.inputs = differential->inputs;
    made.answers = std::make_unique<verify::Answers>(std::move(reference->chunks));
    made.cursor = std::make_unique<verify::Answers::Cursor>(*made.answers);
    return made;
  }

  store::Database& database_;
  std::map<std::string, std::string> interpreters_;  ///< by dataset
  std::map<std::string, std::map<std::string, datasets::Problem>> problems_;
  std::map<std::tuple<std::string, std::string, std::string>, Suite> suites_;
};

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
  const auto database = store::open(common.db, false);
  database->execute("BEGIN");  // a run that goes on changes nothing in the middle of it
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
                          std::int64_t test) { return texts.text(dataset, task_id, suite, test); };
  reports::ReportModel model =
      reports::gather(*database, selected.models, std::move(selected.counts), gather);
  database->execute("COMMIT");
  return model;
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
    if (!database) database = store::open(path, false);
    store::Statement version = database->use("PRAGMA data_version");
    return version.step() ? version.integer(0) : 0;
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
