#include "harness/cli/tests.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <variant>

#include "datasets/forms/written_tests.h"
#include "datasets/registry.h"
#include "harness/analysis/generated.h"
#include "harness/base/error.h"
#include "harness/base/words.h"
#include "harness/cli/interrupt.h"
#include "harness/cli/json_output.h"
#include "harness/cli/run_options.h"
#include "harness/cli/stored_conditions.h"
#include "harness/cli/terminal.h"
#include "harness/run/run.h"
#include "harness/store/acceptance.h"
#include "harness/store/assertions.h"
#include "harness/store/facts.h"
#include "harness/store/scores.h"
#include "harness/verify/assertions.h"

namespace assay::cli {

using nlohmann::json;

namespace {

struct Options {
  std::string file, name = "generated", weight_key = datasets::kWeightKey;
  analysis::Selection selection;
  std::size_t per_text = 0;  ///< 0: all
  bool valid = false;
  int jobs = 0;
  sandbox::Config sandbox;
  stats::BootstrapOptions bootstrap;
};

/// Of texts that are no assertions, so many are told.
constexpr std::size_t kToldMax = 3;

// ---- the file

/// What the file's tests came to.
struct Taken {
  std::int64_t written = 0, assertions = 0, again = 0, none = 0, calls = 0, problems = 0;
  std::vector<std::string> first_none;  ///< why, by problem
};

/// The tests of one problem, in the order of the file.
using Written = std::map<std::size_t, std::vector<datasets::WrittenTest>>;

Written read_file(const Options& options, const datasets::Dataset& dataset) {
  const datasets::ProblemIndex index(dataset);
  Written written;
  datasets::for_each_written_test(
      options.file, options.weight_key, [&](const datasets::Row& row, auto&& test) {
        const std::string task_id = row.id_or_empty("task_id");
        const datasets::Problem* problem = index.find(task_id);
        if (!problem)
          row.refuse(fmt::format(
              "task_id \"{}\" is not in dataset {} ({} problems, such as {}); is "
              "--dataset right for these tests?",
              task_id, dataset.name, dataset.problems.size(), dataset.problems.front().task_id));
        written[static_cast<std::size_t>(problem - dataset.problems.data())].push_back(
            std::move(test));
      });
  return written;
}

/// Those that are assertions, each once; calls before texts.
datasets::AssertionSuite suite_of(sandbox::Executor& executor, const datasets::Problem& problem,
                                  const std::vector<datasets::WrittenTest>& written,
                                  std::size_t per_text, Taken& taken) {
  datasets::AssertionSuite suite;
  suite.setup = verify::setup_of(executor, problem);
  std::map<std::string, std::size_t> known;
  const auto read = verify::read_tests(executor, problem, written);
  for (std::size_t i = 0; i < read.size(); ++i) {
    std::size_t of_text = 0;
    for (const verify::ReadTest& test : read[i]) {
      ++taken.written;
      if (!test.trouble.empty()) {
        if (taken.none++ < static_cast<std::int64_t>(kToldMax))
          taken.first_none.push_back(fmt::format("{}: `{}`: {}", problem.task_id,
                                                 test.assertion.text.substr(0, 80), test.trouble));
        continue;
      }
      if (written[i].whole_text && per_text > 0 && of_text == per_text) break;
      ++of_text;
      const auto [found, is_new] = known.try_emplace(test.assertion.text, suite.assertions.size());
      if (is_new) {
        suite.assertions.push_back(test.assertion);
        suite.assertions.back().weight = written[i].weight;
      } else {
        suite.assertions[found->second].weight += written[i].weight;
        ++taken.again;
      }
    }
  }
  const auto is_call = [](const datasets::Assertion& one) {
    return one.form != datasets::Assertion::Form::text;
  };
  std::stable_partition(suite.assertions.begin(), suite.assertions.end(), is_call);
  taken.calls += std::count_if(suite.assertions.begin(), suite.assertions.end(), is_call);
  taken.assertions += static_cast<std::int64_t>(suite.assertions.size());
  taken.problems += !suite.assertions.empty();
  return suite;
}

// ---- what is judged, and how

void check_name(store::Database& database, const datasets::Dataset& dataset,
                const std::string& name) {
  const auto refuse = [&](const std::string& why) {
    throw Error(fmt::format("--name {}: {}; name the tests otherwise", name, why), ExitCode::usage);
  };
  if (const auto trouble = store::trouble_of_verifier(name)) refuse(*trouble);
  if (name == "official" || name == "base" || name == "plus")
    refuse("it is a suite of the public benchmarks");
  for (const char* end : {analysis::kValid, analysis::kShare, analysis::kCodet})
    if (name.ends_with(end)) refuse(fmt::format("\"{}\" is what names of its scores end in", end));
  const std::vector<std::string> verifiers = store::verifier_names(database);
  if (contains(datasets::suite_names(dataset), name) || store::is_other_suite(database, name))
    refuse("a suite of this name is no suite of generated tests");
  if (contains(verifiers, name)) refuse("a verifier with scores has this name");
  if (contains(store::suite_names(database), name)) return;  // the scores, if any, are its own
  for (const std::string& verifier : analysis::scores_of_tests(name))
    if (contains(verifiers, verifier))
      refuse(fmt::format("{} is a verifier whose scores came from elsewhere", verifier));
}

/// Before anything is judged: a suite that is not there decides nothing.
void check_gold(store::Database& database, const Options& options) {
  std::vector<std::string> others = options.selection.gold;
  std::erase(others, options.name);
  analysis::check_suite_names(database, others, "--gold");
}

/// Those with programs that were judged here.
std::vector<store::StoredModel> models_of(store::Database& database, const std::string& dataset,
                                          const std::vector<std::string>& models,
                                          const std::string& db) {
  std::vector<store::StoredModel> out;
  bool imported = false;
  const std::vector<std::string> here = store::models_with_samples(database, dataset);
  if (!here.empty() || !models.empty()) {
    for (store::StoredModel& model : store::stored_models(database, dataset, models)) {
      imported |= model.counts_only || model.comparison == "imported";
      if (!model.counts_only && model.comparison != "imported") out.push_back(std::move(model));
    }
  }
  if (out.empty())
    throw Error(fmt::format(
        "{} has no samples of {} {}: judge some first (assay run --dataset {} --samples FILE)", db,
        dataset, imported ? "that were judged here, only imported results" : "to run tests against",
        dataset));
  return out;
}

// ---- what it comes to

/// Of all problems, what the reference says of their assertions.
struct Reference {
  std::int64_t kept = 0, contradicted = 0, unknown = 0;
  void add(const std::vector<std::optional<bool>>& said) {
    for (const std::optional<bool> one : said) ++(one ? (*one ? kept : contradicted) : unknown);
  }
};

/// The scores of an earlier file of this name go.
void drop_scores(store::Database& database, const store::StoredModel& model,
                 const std::string& name) {
  const std::vector<std::string> known = store::verifier_names(database);
  for (const std::string& verifier : analysis::scores_of_tests(name))
    if (contains(known, verifier))
      store::drop_scores(database, store::put_verifier(database, verifier), model);
}

/// Whether the stored suites of this name are those of the dataset, with the same weights.
bool are_stored(store::Database& database, std::int64_t dataset_id,
                const datasets::Dataset& dataset, const std::string& name) {
  using Tests = std::pair<std::string, std::vector<double>>;  // the suite's hash, and weights
  std::map<std::string, Tests> stored, taken;
  for (const store::StoredAssertions& suite : store::assertions_of(database, dataset_id, name)) {
    Tests& tests = stored[suite.task_id];
    tests.first = suite.suite_hash;
    for (const store::StoredAssertion& one : suite.assertions) tests.second.push_back(one.weight);
  }
  for (const datasets::Problem& problem : dataset.problems) {
    const datasets::Suite* suite = datasets::find_suite(problem, name);
    if (!suite) continue;
    Tests& tests = taken[problem.task_id];
    tests.first = datasets::hash_of(problem, *suite);
    for (const datasets::Assertion& one :
         std::get<datasets::AssertionSuite>(suite->tests).assertions)
      tests.second.push_back(one.weight);
  }
  return stored == taken;
}

/// Another file takes the place of the one before: its scores go with it, of all models, since this
/// command may be killed before it has others, or be asked for one model.
void retire(store::Database& database, std::int64_t dataset_id, const datasets::Dataset& dataset,
            const std::string& name) {
  store::Transaction transaction(database);
  if (!are_stored(database, dataset_id, dataset, name))
    for (const std::string& model : store::models_with_samples(database, dataset.name)) {
      store::StoredModel of;
      of.dataset_id = dataset_id, of.model_id = store::put_model(database, model);
      drop_scores(database, of, name);
    }
  store::retire_assertions(database, dataset_id, name);
  transaction.commit();
}

/// Stores what each sample scores: nothing where no assertion is left, or the program has no verdict.
void put_scores(store::Database& database, const store::StoredModel& model,
                const std::vector<analysis::GeneratedTests>& problems, const std::string& name) {
  struct Scores {
    std::optional<double> share, codet;
  };
  std::map<std::string, std::map<std::int64_t, Scores>> scores;  // by problem and program
  for (const analysis::GeneratedTests& problem : problems) {
    auto& of_problem = scores[problem.task_id];
    if (problem.tests.empty()) continue;
    const stats::Agreement agreement = analysis::agreement_of(problem);
    for (std::size_t i = 0; i < problem.programs.size(); ++i)
      of_problem[problem.programs[i]] = {agreement.share[i], agreement.codet[i]};
  }
  const auto ids = store::samples_by_identity(database, model.dataset, model.model);
  const std::int64_t share = store::put_verifier(database, name + analysis::kShare),
                     codet = store::put_verifier(database, name + analysis::kCodet);
  std::vector<store::ScoredSample> samples;
  store::for_each_scored(database, model, name, [&](store::ScoredSample&& sample) {
    samples.push_back(std::move(sample));
  });
  for (const store::ScoredSample& sample : samples) {
    const auto problem = scores.find(sample.task_id);
    const auto id = ids.find({sample.task_id, sample.sample_id});
    if (problem == scores.end() || id == ids.end()) continue;
    const auto found = problem->second.find(sample.program_id);
    const Scores one = found == problem->second.end() ? Scores{} : found->second;
    store::put_score(database, share, id->second, one.share);
    store::put_score(database, codet, id->second, one.codet);
  }
}

/// One model's programs by the assertions.
struct Row {
  store::StoredModel model;
  std::string gold, verifiers;
  std::size_t problems = 0, samples = 0;
  stats::SuiteSize by_number;
};

json estimates_json(const std::vector<stats::Estimate>& all) {
  json out = json::array();
  for (const stats::Estimate& one : all) out.push_back(to_json(one.value));
  return out;
}
json intervals_json(const std::vector<stats::Estimate>& all) {
  json out = json::array();
  for (const stats::Estimate& one : all) out.push_back(to_json(one.interval));
  return out;
}

json row_json(const Row& row) {
  const stats::SuiteSize& by = row.by_number;
  return {{"dataset", row.model.dataset},
          {"model", row.model.model},
          {"gold", row.gold},
          {"problems", row.problems},
          {"samples", row.samples},
          {"verifiers", {row.verifiers + analysis::kShare, row.verifiers + analysis::kCodet}},
          {"by_number",
           {{"tests", by.tests},
            {"acceptance", estimates_json(by.acceptance)},
            {"fdr", estimates_json(by.fdr)},
            {"fpr", estimates_json(by.fpr)},
            {"fnr", estimates_json(by.fnr)},
            {"intervals",
             {{"acceptance", intervals_json(by.acceptance)},
              {"fdr", intervals_json(by.fdr)},
              {"fpr", intervals_json(by.fpr)},
              {"fnr", intervals_json(by.fnr)}}}}}};
}

std::string row_text(const Row& row, const std::string& name) {
  std::string text = fmt::format("{} on {}: {} samples of {} problems; right by {}\n",
                                 visible_line(row.model.model), visible_line(row.model.dataset),
                                 row.samples, row.problems, visible_line(row.gold));
  const stats::SuiteSize& by = row.by_number;
  if (by.tests.empty()) return text + "no sample has a verdict of gold: no rates\n";
  Table table({"tests", "accepted", "fdr: wrong of accepted", "fpr: accepted of wrong",
               "fnr: rejected of right"});
  for (std::size_t i = 0; i < by.tests.size(); ++i)
    table.add({std::to_string(by.tests[i]), with_interval(by.acceptance[i]),
               with_interval(by.fdr[i]), with_interval(by.fpr[i]), with_interval(by.fnr[i])});
  return text + table.text() +
         fmt::format("scores: {0}{1}, {0}{2}; choices: assay limits --select codet --proxy {0}\n\n",
                     name, analysis::kShare, analysis::kCodet);
}

/// The whole command.
class Tests {
 public:
  Tests(const Common& common, const Options& options) : common_(common), options_(options) {}

  int act() {
    stats::check(options_.bootstrap);
    dataset_ = datasets::load(options_.selection.dataset);
    const Written written = read_file(options_, dataset_);
    database_ = store::open(common_.db, false);
    check_name(*database_, dataset_, options_.name);
    check_gold(*database_, options_);
    models_ = models_of(*database_, dataset_.name, options_.selection.models, common_.db);
    stop_on_signals();
    run::Options how = run_options();
    take(written, how);
    judge(how);
    if (summary_.interrupted) {
      remark(false, "assay: interrupted; what was judged is stored, this goes on from there:");
      remark(false, "  " + common_.command_line);
      return static_cast<int>(ExitCode::interrupted);
    }
    conclude();
    tell();
    return summary_.missing > 0 || !summary_.warnings.empty()
               ? static_cast<int>(ExitCode::incomplete)
               : 0;
  }

 private:
  run::Options run_options() {
    run::Options how;
    how.suites = {options_.name};
    how.depth = run::Depth::full;
    how.style = false;
    how.jobs = options_.jobs;
    how.stored = models_;
    how.command = common_.command_line;
    how.sandbox = options_.sandbox;
    take_conditions(models_.front(), how.demands, how.sandbox);
    how.options_json = json_text({{"tests", options_.file},
                                  {"dataset", dataset_.name},
                                  {"suites", how.suites},
                                  {"python", how.sandbox.python},
                                  {"packages", how.sandbox.packages},
                                  {"tmp_mib", how.sandbox.tmp_mib}});
    return how;
  }

  /// Puts the file's assertions into the dataset, as a suite of each problem.
  void take(const Written& written, const run::Options& how) {
    ProgressBar bar(common_.quiet);
    const auto reader = how.launch(how.sandbox);
    std::int64_t done = 0;
    for (const auto& [at, tests] : written) {
      datasets::Problem& problem = dataset_.problems[at];
      datasets::AssertionSuite suite = suite_of(*reader, problem, tests, options_.per_text, taken_);
      if (!suite.assertions.empty())
        datasets::put_suite(problem, {options_.name, std::move(suite)});
      bar.show("reading tests", ++done, static_cast<std::int64_t>(written.size()));
    }
    if (taken_.assertions == 0)
      throw Error(fmt::format(
          "{}: none of its {} texts is an assertion on a problem's entry point "
          "({})",
          options_.file, taken_.written,
          taken_.first_none.empty() ? "it holds no text at all" : taken_.first_none.front()));
  }

  void judge(const run::Options& how) {
    retire(*database_, models_.front().dataset_id, dataset_, options_.name);
    ProgressBar bar(common_.quiet);
    summary_ = run::run(
        *database_, dataset_, how,
        [&](const run::Progress& progress) {
          bar.show(progress.reference_s > 1 ? progress.reference : progress.phase, progress.done,
                   progress.total);
        },
        stop_on_signals());
  }

  void conclude() {
    store::Transaction transaction(*database_);
    for (const store::StoredModel& model : models_) {
      const std::vector<std::string> gold =
          analysis::suites_for(*database_, model, options_.selection).gold;
      Row row{model, fmt::format("{}", fmt::join(gold, ",")), options_.name};
      auto problems = analysis::generated_tests(*database_, model, options_.name, gold, false);
      for (const analysis::GeneratedTests& problem : problems) {
        reference_[problem.task_id] = {};
        reference_[problem.task_id].add(problem.kept);
      }
      drop_scores(*database_, model, options_.name);
      put_scores(*database_, model, problems, options_.name);
      if (options_.valid) {
        row.verifiers += analysis::kValid;
        problems = analysis::generated_tests(*database_, model, options_.name, gold, true);
        put_scores(*database_, model, problems, row.verifiers);
      }
      for (const analysis::GeneratedTests& problem : problems) {
        row.problems += !problem.tests.empty();
        row.samples += problem.tests.empty() ? 0 : problem.programs.size();
      }
      row.by_number = analysis::rates_by_number(problems, options_.bootstrap);
      rows_.push_back(std::move(row));
    }
    transaction.commit();
  }

  void tell() const {
    Reference all;
    json by_problem = json::array();
    for (const auto& [task_id, said] : reference_) {
      all.kept += said.kept, all.contradicted += said.contradicted, all.unknown += said.unknown;
      by_problem.push_back({{"task_id", task_id},
                            {"kept", said.kept},
                            {"contradicted", said.contradicted},
                            {"unknown", said.unknown}});
    }
    if (common_.json) {
      json rows = json::array();
      for (const Row& row : rows_) rows.push_back(row_json(row));
      print_json({{"name", options_.name},
                  {"dataset", dataset_.name},
                  {"valid", options_.valid},
                  {"texts", taken_.written},
                  {"assertions", taken_.assertions},
                  {"repeated", taken_.again},
                  {"not_assertions", taken_.none},
                  {"by_calls", taken_.calls},
                  {"judged", summary_.judged},
                  {"already_judged", summary_.already},
                  {"missing", summary_.missing},
                  {"reference",
                   {{"kept", all.kept},
                    {"contradicted", all.contradicted},
                    {"unknown", all.unknown},
                    {"by_problem", by_problem}}},
                  {"rows", rows}});
      return;
    }
    remark(
        common_.quiet,
        fmt::format("{} assertions on {} problems out of {} texts ({} came again and weigh more, "
                    "{} are none); {} programs judged now, {} known before",
                    taken_.assertions, taken_.problems, taken_.written, taken_.again, taken_.none,
                    summary_.judged, summary_.already));
    for (const std::string& why : taken_.first_none)
      remark(common_.quiet, "  no assertion: " + why);
    for (const std::string& warning : summary_.warnings)
      remark(common_.quiet, "warning: " + warning);
    say("The reference keeps {} of them, contradicts {}, and does not end within {} s by {}: {}\n\n",
        all.kept, all.contradicted, verify::kAssertionReferenceS, all.unknown,
        options_.valid ? "those it keeps are counted below"
                       : "all are counted below (--valid leaves out what it does not keep)");
    for (const Row& row : rows_) print_text(row_text(row, row.verifiers));
    say("95% intervals over problems. A sample is accepted by so many tests where it passes all of "
        "them, drawn at random\nfrom those of its problem; where there are fewer, by all.\n");
  }

  const Common& common_;
  const Options& options_;
  datasets::Dataset dataset_;
  std::unique_ptr<store::Database> database_;
  std::vector<store::StoredModel> models_;
  Taken taken_;
  run::Summary summary_;
  std::map<std::string, Reference> reference_;  ///< by problem
  std::vector<Row> rows_;
};

}  // namespace

Act add_tests(CLI::App& command, const Common& common) {
  auto options = std::make_shared<Options>();
  command.add_option("file", options->file, "The tests, as JSON rows (datasets/README.md)")
      ->required();
  command
      .add_option("--dataset", options->selection.dataset, "builtin, humaneval, mbpp, or a file")
      ->required();
  command
      .add_option("--model", options->selection.models,
                  "Only the stored samples of this model; again for more (default: of all)")
      ->allow_extra_args(false);
  command
      .add_option("--name", options->name, "What the tests are called as a suite, and their scores")
      ->capture_default_str();
  command.add_flag(
      "--valid", options->valid,
      "Leave out the assertions that the reference does not keep, in scores of their own: "
      "NAME.valid.share, NAME.valid.codet");
  command.add_option("--weight", options->weight_key, "The key of a test's weight in the file")
      ->capture_default_str();
  command.add_option(
      "--per-text", options->per_text,
      "Of each whole text under \"samples\" the first so many assertions (CodeT took "
      "5; default: all)");
  command
      .add_option("--gold", options->selection.gold,
                  "Suites that decide the truth (default: base,plus)")
      ->delimiter(',');
  command.add_option("-j,--jobs", options->jobs, "Workers (default: one per CPU)")
      ->check(CLI::Range(1, 1024));
  add_interpreter(command, options->sandbox);
  add_allow_weaker(command, options->sandbox);
  command.add_option("--seed", options->bootstrap.seed, "Seed of the bootstrap")
      ->capture_default_str();
  command.add_option("--replicates", options->bootstrap.replicates, "Bootstrap replicates")
      ->capture_default_str();
  command.footer(
      "Runs every assertion against every stored program, under the conditions of its newest run; killed, "
      "the same command\ngoes on. A suite of this kind decides no truth by default.\n"
      "Example: assay tests generated.jsonl --dataset humaneval --model my-model --name gen\n"
      "         assay roc --verifier gen.share\n"
      "         assay limits --select codet --proxy gen");
  return [&common, options] { return Tests(common, *options).act(); };
}

}  // namespace assay::cli
