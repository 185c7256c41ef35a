#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "harness/cli/selection.h"
#include "harness/cli/suite_texts.h"
#include "harness/cli/terminal.h"
#include "harness/stats/cover.h"
#include "harness/store/facts.h"

namespace assay::cli {

namespace {
struct Options {
  Selection selection;
  std::string suite = "plus";
  std::string task;
  std::size_t top = 20;
};

/// What is known of one problem's suites, over all models selected.
struct Problem {
  std::int64_t accepted = 0, wrong = 0;  ///< samples
  std::int64_t tests = 0;
  std::map<std::int64_t, stats::Wrong> programs;  ///< false positives by program
  std::int64_t partly_judged = 0;                 ///< ... of which not every test was run
  std::map<std::int64_t, std::string> witnesses;  ///< arguments by test, of any program
  std::string suite_hash;
  bool imported() const { return suite_hash == store::kImportedSuite; }
};
using Problems = std::map<std::pair<std::string, std::string>, Problem>;  ///< dataset, task_id
}  // namespace

/// Arguments are cut here.
static constexpr std::size_t kTextMax = 60;

static void add(const store::Database& database, const store::JudgedProgram& program,
                const Suites& suites, const std::string& suite, Problem& problem) {
  const store::StoredVerdict* verdict = program.verdict(suite);
  if (verdict && verdict->verdict.witness) {
    const store::Witness& witness = *verdict->verdict.witness;
    problem.witnesses.try_emplace(witness.test, cut_text(witness.input, kTextMax));
  }
  const std::optional<bool> right = program.passes(suites.gold);
  if (!program.passes(suites.proxy).value_or(false) || !right) return;
  const auto samples = program.samples;
  problem.accepted += samples;
  if (*right) return;
  problem.wrong += samples;
  if (!verdict) return;
  problem.tests = verdict->tests;
  problem.suite_hash = verdict->suite_hash;
  stats::Wrong& wrong =
      problem.programs.try_emplace(program.program_id, stats::Wrong{0, {}}).first->second;
  if (wrong.samples == 0) {
    wrong.failing = store::unpack_failing(database, verdict->failing_stored);
    problem.partly_judged += verdict->verdict.judged < verdict->tests;
  }
  wrong.samples += samples;
}

namespace {
/// A test's arguments: whole from the benchmark's file, else as a witness carries them.
std::string arguments_of(const Problem& problem, const JudgedSuite& judged, std::uint32_t test,
                         SuiteTexts& texts) {
  if (auto text = texts.arguments(judged, test, kTextMax)) return *text;
  const auto witness = problem.witnesses.find(test);
  return witness == problem.witnesses.end() ? "" : witness->second;
}

/// Why there is nothing to weigh.
std::string nothing_found(const std::vector<store::StoredModel>& models) {
  return any_counts_only(models)
             ? "Imported counts carry no programs and no tests: which tests are weak is not "
               "known. Where samples were judged here, no accepted program was found wrong."
             : "No accepted program was found wrong.";
}
}  // namespace

static int suite(const Common& common, const Options& options) {
  const auto database = store::open_to_read(common.db);
  check_task(*database, options.task);
  Problems problems;
  const std::vector<store::StoredModel> models =
      store::stored_models(*database, options.selection.dataset, options.selection.models);
  for (const store::StoredModel& model : models) {
    const Suites suites = suites_for(*database, model, options.selection);
    store::for_each_program(*database, model,
                            {.task_id = options.task, .witnesses = true, .failing = true},
                            [&](const store::JudgedProgram& program) {
                              add(*database, program, suites, options.suite,
                                  problems[{model.dataset, program.task_id}]);
                            });
  }
  std::vector<std::pair<const Problems::key_type*, const Problem*>> order;
  for (const auto& [key, problem] : problems) {
    if (problem.wrong > 0) order.emplace_back(&key, &problem);
  }
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return a.second->wrong > b.second->wrong; });
  SuiteTexts texts(*database, models);
  bool any_imported = false, any_unknown = false;
  nlohmann::json rows = nlohmann::json::array();
  Table table({"problem", "dataset", "accepted", "wrong", "programs", "tests needed", "best test",
               "catches", "its arguments"});
  for (const std::size_t left : {1, 8}) table.left_align(left);
  for (const auto& [key, problem] : order) {
    const auto& [dataset, task_id] = *key;
    std::vector<stats::Wrong> wrong;
    std::int64_t uncaught = problem->wrong;
    for (const auto& [id, program] : problem->programs) wrong.push_back(program);
    const auto cover = stats::greedy_cover(wrong);
    const auto catches = stats::catches_per_test(wrong);
    nlohmann::json steps = nlohmann::json::array(), each = nlohmann::json::array();
    std::string first_call;
    const bool shown = rows.size() < options.top;
    any_imported |= shown && problem->imported();
    for (const stats::CoverStep& step : cover) {
      uncaught -= step.catches;
      std::string call;
      if (common.json || (shown && first_call.empty()))
        call = arguments_of(*problem, {dataset, task_id, options.suite, problem->suite_hash},
                            step.test, texts);
      if (steps.empty()) first_call = call;
      steps.push_back({{"test", step.test}, {"catches", step.catches}, {"input", call}});
    }
    any_unknown |= shown && !cover.empty() && first_call.empty();
    for (std::size_t test = 0; test < catches.size(); ++test) {
      if (catches[test] > 0) each.push_back({{"test", test}, {"catches", catches[test]}});
    }
    rows.push_back({{"dataset", dataset},
                    {"task_id", task_id},
                    {"suite", options.suite},
                    {"tests", problem->tests},
                    {"accepted", problem->accepted},
                    {"false_positives", problem->wrong},
                    {"programs", problem->programs.size()},
                    {"partly_judged", problem->partly_judged},
                    {"uncaught", uncaught},
                    {"cover", steps},
                    {"catching", each}});
    if (rows.size() > options.top) continue;
    table.add({task_id, dataset, std::to_string(problem->accepted), std::to_string(problem->wrong),
               std::to_string(problem->programs.size()),
               problem->imported() ? "–" : fmt::format("{} of {}", cover.size(), problem->tests),
               cover.empty() ? "–" : std::to_string(cover.front().test),
               cover.empty() ? "–" : std::to_string(cover.front().catches), first_call});
  }
  if (common.json) {
    fmt::print("{}\n", nlohmann::json{{"problems", rows}}.dump(
                           -1, ' ', false, nlohmann::json::error_handler_t::replace));
    return 0;
  }
  if (order.empty()) {
    fmt::print("{}\n", nothing_found(models));
    return 0;
  }
  fmt::print(
      "{}\naccepted, wrong: samples. tests needed: the tests of {} that together catch all of "
      "them (greedy set cover).\n",
      table.text(), options.suite);
  if (any_imported)
    fmt::print("–: these verdicts were imported, without the results of single tests.\n");
  if (any_unknown) {
    fmt::print("Blank arguments: {}\n", texts.remarks().empty()
                                            ? "of these tests no witness is stored."
                                            : fmt::format("{}", fmt::join(texts.remarks(), "; ")));
  }
  if (order.size() > options.top) {
    fmt::print("... and {} more problems with weak tests (--top, --json)\n",
               order.size() - options.top);
  }
  return 0;
}

void add_suite(CLI::App& app, const Common& common, Act& act) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "suite", "Which problems have weak tests, and which tests catch the false positives");
  add_selection(*command, options->selection);
  command->add_option("--suite", options->suite, "The suite whose tests are weighed")
      ->capture_default_str();
  command->add_option("--task", options->task, "Only this problem");
  command->add_option("--top", options->top, "How many problems to print")->capture_default_str();
  command->footer("Example: assay suite --dataset humaneval --top 10");
  act = [&common, options] { return suite(common, *options); };
}

}  // namespace assay::cli
