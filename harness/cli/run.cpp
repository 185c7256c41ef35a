#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>

#include "datasets/registry.h"
#include "harness/base/error.h"
#include "harness/base/numbers.h"
#include "harness/base/text.h"
#include "harness/cli/interrupt.h"
#include "harness/cli/rates_output.h"
#include "harness/cli/report_output.h"
#include "harness/cli/run_options.h"
#include "harness/cli/samples_output.h"
#include "harness/cli/terminal.h"
#include "harness/store/facts.h"
#include "harness/store/shards.h"

namespace assay::cli {

/// The names of all limits, for sentences.
static std::string limit_names() {
  std::vector<std::string> names;
  for (const sandbox::LimitField& field : sandbox::kLimitFields) names.push_back(field.name);
  const std::string last = names.back();
  names.pop_back();
  return fmt::format("{} and {}", fmt::join(names, ", "), last);
}

void apply_limit(sandbox::Limits& limits, const std::string& setting) {
  const std::size_t equals = setting.find('=');
  const std::string key = setting.substr(0, equals);
  const auto field = std::find_if(sandbox::kLimitFields.begin(), sandbox::kLimitFields.end(),
                                  [&](const sandbox::LimitField& one) { return one.name == key; });
  if (field == sandbox::kLimitFields.end()) {
    throw Error(fmt::format("--limits {}: the limits are {}", setting, limit_names()),
                ExitCode::usage);
  }
  const std::string text = equals == std::string::npos ? "" : setting.substr(equals + 1);
  const double value = number_in<double>(text).value_or(0);
  if (!(value > 0 && value <= 1e6)) {
    throw Error(fmt::format("--limits {}: write it as {}=NUMBER, above 0 and at most 1000000",
                            setting, key),
                ExitCode::usage);
  }
  if (field->whole() && value < 1)
    throw Error(fmt::format("--limits {}: at least 1", setting), ExitCode::usage);
  field->set(limits, value);
}

/// The number that a cluster gave this process, of those from 1 on.
static std::int64_t number_of_task() {
  if (const char* task = std::getenv("SLURM_ARRAY_TASK_ID"))
    return number_in<std::int64_t>(task).value_or(0);
  if (const char* index = std::getenv("JOB_COMPLETION_INDEX"))
    return number_in<std::int64_t>(index).value_or(-1) + 1;
  throw Error(
      "--shard auto/N takes the shard's number from SLURM_ARRAY_TASK_ID (an array from 1 to N) or "
      "from JOB_COMPLETION_INDEX, and neither is set: say which, --shard 1/N",
      ExitCode::usage);
}

static samples::Shard shard_named(const std::string& text) {
  const std::size_t slash = text.find('/');
  samples::Shard shard{0, 0};
  if (slash != std::string::npos) {
    const std::string number = text.substr(0, slash);
    shard.shards = number_in<std::int64_t>(text.substr(slash + 1)).value_or(0);
    if (shard.shards >= 1 && shard.shards <= store::kShardsMax)
      shard.number =
          number == "auto" ? number_of_task() : number_in<std::int64_t>(number).value_or(0);
  }
  if (shard.number < 1 || shard.number > shard.shards) {
    throw Error(
        fmt::format(
            "--shard {}{}: write it as I/N, with I from 1 to N, N at most {}; auto/N takes "
            "I from an array of Slurm's from 1 to N, or from an Indexed Job's completion index",
            text, text.starts_with("auto/") ? fmt::format(" is shard {}", shard.number) : "",
            store::kShardsMax),
        ExitCode::usage);
  }
  return shard;
}

static void settle_shard(RunCommand& options) {
  run::Options& run = options.run;
  if (run.references_only && !options.shard.empty()) {
    throw Error("--references-only runs the references of all shards; take --shard from the line",
                ExitCode::usage);
  }
  if (!run.references_only && run.samples.files.empty())
    throw Error("--samples is required (`assay run --help` says more)", ExitCode::usage);
  if (options.shard.empty()) return;
  if (run.samples.append) {
    throw Error(
        "--append numbers on from what is stored, of which each shard has only its own: give the "
        "rows a sample_id, or leave --append out",
        ExitCode::usage);
  }
  run.samples.shard = shard_named(options.shard);
}

static void settle(const Common& common, RunCommand& options) {
  if (!is_utf8(common.command_line)) {  // it is stored with the run, and names the models
    throw Error("a file or model is named by bytes that are not UTF-8; give it another name",
                ExitCode::usage);
  }
  if (options.full && options.stop_at_first_failure) {
    throw Error("--full and --stop-at-first-failure exclude each other", ExitCode::usage);
  }
  if (options.extract && options.as_is) {
    throw Error("--extract and --as-is exclude each other", ExitCode::usage);
  }
  settle_shard(options);
  run::Options& run = options.run;
  if (options.extract) run.reading = samples::Reading::chat;
  if (options.as_is) run.reading = samples::Reading::as_is;
  run.tell = [&common](const std::string& text) { remark(common.quiet, "remark: " + text); };
  if (options.full) run.depth = run::Depth::full;
  if (options.stop_at_first_failure) run.depth = run::Depth::first_failure;
  run.demands.comparison = verify::mode_named(options.comparison).value();
  for (const std::string& setting : options.limits) apply_limit(run.demands.limits, setting);
  run.command = common.command_line;
  run.options_json = json_text({{"dataset", options.dataset},
                                {"samples", run.samples.files},
                                {"model", run.samples.model},
                                {"append", run.samples.append},
                                {"reading", samples::name_of(run.reading)},
                                {"intake_rules", samples::kIntakeRules},
                                {"strict_input", run.samples.strict},
                                {"tasks", run.samples.tasks},
                                {"suites", run.suites},
                                {"jobs", run.jobs},
                                {"depth", run::name_of(run.depth)},
                                {"only_slow", run.only_slow},
                                {"shard", options.shard},
                                {"references", options.references},
                                {"comparison", options.comparison},
                                {"limits", options.limits},
                                {"python", run.sandbox.python},
                                {"packages", run.sandbox.packages},
                                {"tmp_mib", run.sandbox.tmp_mib},
                                {"allow_weaker", run.sandbox.allow_weaker}});
}

static nlohmann::json lost_json(const std::vector<run::Lost>& lost) {
  nlohmann::json out = nlohmann::json::array();
  for (const run::Lost& one : lost) {
    out.push_back({{"task_id", one.task_id},
                   {"suite", one.suite},
                   {"model", one.model},
                   {"sample_id", one.sample_id},
                   {"samples", one.samples},
                   {"message", one.message}});
  }
  return out;
}

static nlohmann::json bad_rows_json(const samples::BadRows& bad) {
  nlohmann::json out = nlohmann::json::array();
  for (const samples::BadRow& row : bad.first()) {
    out.push_back({{"place", row.place}, {"why", row.why}});
  }
  return out;
}

static nlohmann::json summary_json(const run::Summary& summary, double wall_s) {
  return {{"run", summary.run_id},
          {"samples", summary.samples.rows},
          {"added", summary.samples.added},
          {"known", summary.samples.known},
          {"rules", summary.samples.rules},
          {"fenced", summary.samples.fenced},
          {"left_aside", summary.samples.left_aside},
          {"elsewhere", summary.samples.elsewhere},
          {"bad", summary.samples.bad.count()},
          {"bad_rows", bad_rows_json(summary.samples.bad)},
          {"references", summary.references},
          {"references_run", summary.references_run},
          {"cells", summary.cells},
          {"shared", summary.shared},
          {"already_judged", summary.already},
          {"judged", summary.judged},
          {"judged_again", summary.again},
          {"decided", summary.decided},
          {"missing", summary.missing},
          {"lost", lost_json(summary.lost)},
          {"judged_cpu_s", summary.judged_cpu_s},
          {"slow_judged", summary.slow_judged},
          {"slow_passed", summary.slow_passed},
          {"styled", summary.styled},
          {"wall_s", wall_s},
          {"interrupted", summary.interrupted},
          {"warnings", summary.warnings},
          {"remarks", summary.remarks},
          {"doubts", doubts_json(summary.doubts)}};
}

/// Every sample of the run's models with its verdicts; `show` and `export samples` have the witnesses.
static nlohmann::json samples_json(store::Database& database,
                                   const analysis::Selection& selection) {
  nlohmann::json out = nlohmann::json::array();
  for_each_judged(database, selection, {},
                  [&](const JudgedSample& sample) { out.push_back(sample_json(sample, {})); });
  return out;
}

/// --model fills in where a row has none: says so where rows had one.
static void print_names(const Common& common, const samples::Ingested& samples) {
  if (samples.named.empty()) return;
  std::int64_t rows = 0;
  std::string names;
  std::size_t count = 0;
  for (const auto& [name, of_it] : samples.named) {
    rows += of_it;
    if (++count <= 5) names += (names.empty() ? "" : ", ") + name;
  }
  if (count > 5) names += fmt::format(" and {} more", count - 5);
  if (rows == samples.rows - samples.filtered) {
    remark(common.quiet, fmt::format("--model {} has no effect: every row names its own model ({})",
                                     samples.model_given, names));
    return;
  }
  remark(common.quiet, fmt::format("{} rows name their own model ({}); --model {} is not used for "
                                   "them",
                                   rows, names, samples.model_given));
}

/// What was passed over is in no number that follows: said even where --quiet is.
static void print_bad_rows(const samples::Ingested& samples) {
  static constexpr std::size_t kShownMax = 10;
  const samples::BadRows& bad = samples.bad;
  if (bad.count() == 0) return;
  remark(false, fmt::format("assay: {} of {} rows cannot be read and are passed over "
                            "(--strict-input refuses them):",
                            bad.count(), bad.count() + samples.rows));
  const std::size_t shown = std::min(bad.first().size(), kShownMax);
  for (std::size_t i = 0; i < shown; ++i) {
    remark(false, fmt::format("  {}: {}", bad.first()[i].place, bad.first()[i].why));
  }
  const auto more = bad.count() - static_cast<std::int64_t>(shown);
  if (more > 0)
    remark(false, fmt::format("  ... and {} more (--json lists up to {})", more,
                              samples::BadRows::kKeptMax));
}

/// Names the first of the programs that could not be judged twice.
static void print_lost(const run::Summary& summary) {
  if (summary.missing == 0) return;
  static constexpr std::size_t kLostMax = 10;
  remark(false, fmt::format("assay: {} verdicts are missing for an internal error, after two tries "
                            "each; the same command tries them again:",
                            summary.missing));
  for (std::size_t i = 0; i < summary.lost.size() && i < kLostMax; ++i) {
    const run::Lost& lost = summary.lost[i];
    const std::string others =
        lost.samples > 1 ? fmt::format(" and {} like it", lost.samples - 1) : "";
    remark(false, fmt::format("  {}, sample {} of {}{}, by {}: {}", lost.task_id, lost.sample_id,
                              lost.model, others, lost.suite, visible_line(lost.message)));
  }
  if (summary.lost.size() > kLostMax)
    remark(false,
           fmt::format("  ... and {} more (--json has all)", summary.lost.size() - kLostMax));
}

static void print_warnings(const Common& common, const run::Summary& summary) {
  static constexpr std::size_t kWarningsMax = 10;
  for (std::size_t i = 0; i < summary.warnings.size() && i < kWarningsMax; ++i) {
    remark(common.quiet, "warning: " + summary.warnings[i]);
  }
  if (summary.warnings.size() > kWarningsMax) {
    remark(common.quiet, fmt::format("... and {} more warnings (--json has all)",
                                     summary.warnings.size() - kWarningsMax));
  }
  for (const std::string& text : summary.remarks) remark(common.quiet, text);
}

static void print_summary(const Common& common, const run::Summary& summary, double wall_s) {
  remark(
      common.quiet,
      fmt::format("{} samples ({} new), {} verdicts wanted: {} judged now{} in {:.1f} s, {} known "
                  "before, {} shared with an identical program, {} not needed since another "
                  "suite rejects the program, {} judged again alone",
                  summary.samples.rows, summary.samples.added, summary.cells, summary.judged,
                  summary.slow_judged > 0
                      ? fmt::format(" and {} once more with more time", summary.slow_judged)
                      : "",
                  wall_s, summary.already, summary.shared, summary.decided, summary.again));
  if (summary.slow_judged > 0)
    remark(
        common.quiet,
        fmt::format("{} verdicts by time were judged once more with {:g} times the time: {} pass",
                    summary.slow_judged, run::kSlowTimes, summary.slow_passed));
  print_warnings(common, summary);
  print_bad_rows(summary.samples);
  print_names(common, summary.samples);
  if (summary.samples.left_aside > 0) {
    remark(
        common.quiet,
        fmt::format("{} samples stored before are not among these; they stay, and count beside the "
                    "{} new ones (another generation goes under another --model or --db)",
                    summary.samples.left_aside, summary.samples.added));
  }
  print_lost(summary);
}

namespace {
/// How far the run is, for the page's thread.
class SharedProgress {
 public:
  void set(const run::Progress& progress) {
    const std::lock_guard lock(mutex_);
    progress_ = progress;
  }
  std::string sentence() {
    const std::lock_guard lock(mutex_);
    if (progress_.total == 0) return "The run begins.";
    return fmt::format("The run goes on: {} of {} done ({}). What is not judged yet is in no rate.",
                       progress_.done, progress_.total, progress_.phase);
  }

 private:
  std::mutex mutex_;
  run::Progress progress_;
};
}  // namespace

static std::unique_ptr<Watch> start_watch(const Common& common, const std::string& dataset,
                                          const RunCommand& options, SharedProgress& progress) {
  if (!options.watch) return nullptr;
  auto watch = std::make_unique<Watch>(
      *options.watch, report_pages(
                          common, dataset, [&progress] { return progress.sentence(); },
                          [] { return stop_on_signals().load(); }));
  remark(false,
         fmt::format("the report of this run, until it ends: http://127.0.0.1:{}/", watch->port()));
  return watch;
}

/// Of a shard's samples, and of references that it was given.
static void print_shard(const Common& common, const RunCommand& options,
                        const run::Summary& summary) {
  if (const auto& shard = options.run.samples.shard) {
    const std::int64_t rows = summary.samples.rows - summary.samples.filtered;
    remark(common.quiet,
           fmt::format("shard {} of {}: {} of {} samples are of it, and its rates are of these "
                       "alone; assay merge lays shards together",
                       shard->number, shard->shards, rows - summary.samples.elsewhere, rows));
  }
  if (options.run.references && summary.references_run > 0) {
    remark(common.quiet,
           fmt::format("{} references are not in {} and were run here: it was made with another "
                       "Python, or of other suites",
                       summary.references_run, options.references));
  }
}

/// A reference that takes long holds the run: said once for each, also where no bar is shown.
static void tell_wait(const Common& common, ProgressBar& bar, const run::Progress& progress,
                      std::string& told) {
  static constexpr double kLongS = 10;
  if (progress.reference_s < kLongS || told == progress.reference) return;
  told = progress.reference;
  bar.clear();
  remark(common.quiet,
         told + fmt::format(": the reference has been running for {:.0f} s", progress.reference_s));
}

/// What had begun and failed says how to go on.
static run::Summary run_or_say_how(const Common& common, store::Database& database,
                                   const datasets::Dataset& dataset, const run::Options& options,
                                   const std::function<void(const run::Progress&)>& progress) {
  try {
    return run::run(database, dataset, options, progress, stop_on_signals());
  } catch (const run::Failed&) {
    remark(false, "assay: the run failed; what was judged is stored, this goes on from there:");
    remark(false, "  " + common.command_line);
    throw;
  }
}

/// Which suites of an own benchmark are not judged, since `official` is not unless it is asked for.
/// Those of the public ones are another form of `base`.
static void tell_left_out(const Common& common, const RunCommand& options,
                          const datasets::Dataset& dataset) {
  const std::vector<std::string> names = datasets::suite_names(dataset);
  if (!options.run.suites.empty() || datasets::known_dataset(options.dataset) || names.size() < 2 ||
      names.front() != "official")
    return;
  std::size_t with = 0, alone = 0;
  for (const datasets::Problem& problem : dataset.problems) {
    if (!datasets::find_suite(problem, "official")) continue;
    ++with;
    alone += problem.suites.size() == 1;
  }
  remark(
      common.quiet,
      fmt::format("remark: suite official (the tests of {} problem{}{}) is not judged unless it is "
                  "asked for: --suite {}",
                  with, with == 1 ? "" : "s",
                  alone == 0 ? "" : fmt::format(", {} of which have no other suite", alone),
                  fmt::join(names, ",")));
}

static int print_references(const Common& common, const run::Summary& summary, double wall_s) {
  print_warnings(common, summary);
  if (common.json) {
    print_json({{"run", summary_json(summary, wall_s)}});
  } else {
    say("{} references are there, {} of them run now in {:.1f} s; {} cannot judge\n",
        summary.references, summary.references_run, wall_s, summary.warnings.size());
  }
  return summary.warnings.empty() ? 0 : static_cast<int>(ExitCode::incomplete);
}

run::Summary judge_quietly(const Common& common, const datasets::Dataset& dataset,
                           RunCommand options) {
  settle(common, options);
  const auto database = store::open(common.db, true);
  stop_on_signals();
  ProgressBar bar(common.quiet);
  return run_or_say_how(common, *database, dataset, options.run,
                        [&](const run::Progress& progress) {
                          bar.show(progress.phase, progress.done, progress.total);
                        });
}

int run_and_print(const Common& common, RunCommand options) {
  settle(common, options);
  const datasets::Dataset dataset = datasets::load(options.dataset);
  const auto references =
      options.references.empty() ? nullptr : store::open_to_read(options.references);
  options.run.references = references.get();
  const auto database = store::open(common.db, true);
  stop_on_signals();
  const Clock::Time began = kSteadyClock.now();
  run::Summary summary;
  {
    SharedProgress shared;
    const std::unique_ptr<Watch> watch = start_watch(common, dataset.name, options, shared);
    tell_left_out(common, options, dataset);
    ProgressBar bar(common.quiet);
    std::string told;
    summary =
        run_or_say_how(common, *database, dataset, options.run, [&](const run::Progress& progress) {
          shared.set(progress);
          bar.show(progress.reference_s > 1 ? progress.reference : progress.phase, progress.done,
                   progress.total);
          tell_wait(common, bar, progress, told);
        });
  }
  const double wall_s = kSteadyClock.seconds_since(began);
  if (!options.run.references_only) print_summary(common, summary, wall_s);
  print_shard(common, options, summary);
  if (summary.interrupted) {
    remark(false, "assay: interrupted; what was judged is stored, this goes on from there:");
    remark(false, "  " + common.command_line);
    return static_cast<int>(ExitCode::interrupted);
  }
  if (options.run.references_only) return print_references(common, summary, wall_s);
  analysis::Selection selection;
  selection.dataset = dataset.name;
  for (const std::int64_t id : summary.samples.model_ids) {
    selection.models.push_back(store::model_name(*database, id));
  }
  const analysis::Selected selected = analysis::select(*database, selection);
  const stats::RatesTable table = stats::rates(selected.counts);
  const auto happened = analysis::happened(*database, selected);
  if (common.json) {
    print_json({{"run", summary_json(summary, wall_s)},
                {"rates", rates_json(table, selected, happened)},
                {"samples", samples_json(*database, selection)}});
  } else {
    if (!dataset.note.empty()) say("{}\n\n", dataset.note);
    print_text(rates_text(table, selected, happened));
  }
  return summary.missing > 0 || summary.samples.bad.count() > 0 || !summary.warnings.empty()
             ? static_cast<int>(ExitCode::incomplete)
             : 0;
}

void add_interpreter(CLI::App& command, sandbox::Config& config) {
  command.add_option("--python", config.python, "The interpreter that runs the programs")
      ->capture_default_str();
  command
      .add_option(
          "--packages", config.packages,
          "Packages the programs may import besides the standard library (imported once, in a "
          "warm interpreter for the programs that name one)")
      ->delimiter(',')
      ->allow_extra_args(false);
}

void add_tmp(CLI::App& command, sandbox::Config& config) {
  command
      .add_option(
          "--tmp", config.tmp_mib,
          "Give each program a /tmp of its own that holds so many MiB and is its current folder; "
          "by default nothing can be written. Its files are the machine's memory: up to this "
          "much for each of --jobs")
      ->type_name("MIB")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 16));
}

void add_allow_weaker(CLI::App& command, sandbox::Config& config) {
  command.add_flag("--allow-weaker", config.allow_weaker,
                   "Go on even where this machine cannot isolate programs fully");
}

std::string limits_help() {
  std::string defaults;
  for (const sandbox::LimitField& field : sandbox::kLimitFields) {
    defaults += fmt::format("{}{}={:g}", defaults.empty() ? "" : ", ", field.name,
                            field.get(sandbox::Limits{}));
  }
  return fmt::format(
      "KEY=VALUE,... (default: {}; the limits of tests, suites, memory and replies rise with what "
      "the reference needs)",
      defaults);
}

Act add_run(CLI::App& command, const Common& common) {
  auto options = std::make_shared<RunCommand>();
  command.add_option("--dataset", options->dataset, "builtin, humaneval, mbpp, or a file")
      ->required();
  command.add_option(
      "--samples", options->run.samples.files,
      "Sample files (JSONL; also .gz, .zst, UTF-16), folders, or - for standard input; "
      "`builtin` for the built-in ones");
  command.add_option("--model", options->run.samples.model, "Model name for rows without one");
  command
      .add_option(
          "--suite", options->run.suites,
          "Suites to judge by (default: all but official, such as base and plus; official where there "
          "is no other)")
      ->delimiter(',');
  command.add_option("--task", options->run.samples.tasks, "Only these problems")->delimiter(',');
  command.add_option("-j,--jobs", options->run.jobs, "Workers (default: one per CPU)")
      ->check(CLI::Range(1, 1024));
  command.add_flag("--full", options->full, "Every test of every suite");
  command.add_flag("--stop-at-first-failure", options->stop_at_first_failure,
                   "Each suite up to its first failing test");
  command.add_flag(
      "--only-slow", options->run.only_slow,
      fmt::format(
          "Afterwards judge what some suite accepts and others reject only for its time once "
          "more, with {:g} times the time; no verdict changes, rates --disputed counts with it",
          run::kSlowTimes));
  command.add_option("--comparison", options->comparison, "strict or evalplus")
      ->check(CLI::IsMember({"strict", "evalplus"}))
      ->capture_default_str();
  command.add_option("--limits", options->limits, limits_help())->delimiter(',');
  command.add_flag("--extract", options->extract, "Take the program out of chat text");
  command.add_flag("--as-is", options->as_is,
                   "Repair nothing: prompt and completion together, or the solution, as they came");
  command.add_flag("--strict-input", options->run.samples.strict,
                   "Refuse a sample file for one bad row, rather than pass that row over");
  command.add_flag("--append", options->run.samples.append,
                   "Every row without a sample_id is a new sample, also where its text is stored");
  add_interpreter(command, options->run.sandbox);
  add_tmp(command, options->run.sandbox);
  add_allow_weaker(command, options->run.sandbox);
  command.add_option(
      "--shard", options->shard,
      "Judge only the Ith of N parts of the samples, dealt out by their programs: I/N. "
      "auto/N: I is SLURM_ARRAY_TASK_ID, or JOB_COMPLETION_INDEX and one. "
      "`assay merge` lays the parts together");
  command.add_option("--references", options->references,
                     "A database whose references are taken, so that all shards have the same");
  command.add_flag("--references-only", options->run.references_only,
                   "Run the references of the suites and judge nothing; --samples is not needed");
  command
      .add_option("--watch", options->watch,
                  "Serve the report on this port of 127.0.0.1 while the run goes on; 0: any port")
      ->check(CLI::Range(0, 65535));
  command.footer(
      "By default a program that base rejects is not judged by plus: it is wrong whatever plus says. A "
      "program that base\naccepts is judged by every test of plus. A call that does not end ends its "
      "suite. The default rates need no more;\n--full judges every program by every test of every "
      "suite.\n"
      "Example: assay run --dataset humaneval --samples samples.jsonl.gz --model my-model");
  return [&common, options] { return run_and_print(common, *options); };
}

}  // namespace assay::cli
