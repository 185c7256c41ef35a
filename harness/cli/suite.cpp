#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "datasets/registry.h"
#include "harness/base/error.h"
#include "harness/base/value.h"
#include "harness/cli/selection.h"
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
};
using Problems = std::map<std::pair<std::string, std::string>, Problem>;  ///< dataset, task_id
}  // namespace

static void add(store::Database& database, const store::JudgedProgram& program,
                const Suites& suites, const std::string& suite, Problem& problem) {
  if (!program.passes(suites.proxy)) return;
  const auto samples = static_cast<std::int64_t>(program.sample_ids.size());
  problem.accepted += samples;
  if (program.passes(suites.gold)) return;
  problem.wrong += samples;
  const store::StoredVerdict* verdict = program.verdict(suite);
  if (!verdict) return;
  problem.tests = verdict->tests;
  stats::Wrong& wrong =
      problem.programs.try_emplace(program.program_id, stats::Wrong{0, {}}).first->second;
  if (wrong.samples == 0) {
    wrong.failing = store::failing_tests(database, verdict->id);
    problem.partly_judged += verdict->verdict.judged < verdict->tests;
  }
  wrong.samples += samples;
}

/// Encoded inputs of the suite where the dataset can still be found; empty otherwise.
static std::map<std::string, std::vector<std::string>> inputs_of(const std::string& dataset,
                                                                 const std::string& suite) {
  std::map<std::string, std::vector<std::string>> inputs;
  try {
    for (datasets::Problem& problem : datasets::load(dataset).problems) {
      auto& differential = suite == "base" ? problem.base : problem.plus;
      if (differential) inputs[problem.task_id] = std::move(differential->inputs);
    }
  } catch (const Error&) {
    // The page of numbers stands without the inputs' text.
  }
  return inputs;
}

static std::string call_text(const std::vector<std::string>& inputs, std::uint32_t test) {
  Value value;
  if (test >= inputs.size() || !decode_whole(inputs[test], value)) return "";
  return repr(value, 60);
}

static int suite(const Common& common, const Options& options) {
  const auto database = store::open(common.db, false);
  Problems problems;
  for (const store::StoredModel& model :
       store::stored_models(*database, options.selection.dataset, options.selection.models)) {
    const Suites suites = suites_for(*database, model, options.selection);
    store::for_each_program(*database, model, options.task,
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
  std::map<std::string, std::map<std::string, std::vector<std::string>>> inputs;
  nlohmann::json rows = nlohmann::json::array();
  Table table({"problem", "dataset", "accepted", "wrong", "programs", "tests needed", "best test",
               "catches", "its arguments"});
  for (const std::size_t left : {1, 8}) table.left_align(left);
  for (const auto& [key, problem] : order) {
    const auto& [dataset, task_id] = *key;
    if (!inputs.count(dataset)) inputs[dataset] = inputs_of(dataset, options.suite);
    const std::vector<std::string>& calls = inputs[dataset][task_id];
    std::vector<stats::Wrong> wrong;
    std::int64_t uncaught = problem->wrong;
    for (const auto& [id, program] : problem->programs) wrong.push_back(program);
    const auto cover = stats::greedy_cover(wrong);
    const auto catches = stats::catches_per_test(wrong);
    nlohmann::json steps = nlohmann::json::array(), each = nlohmann::json::array();
    for (const stats::CoverStep& step : cover) {
      uncaught -= step.catches;
      steps.push_back(
          {{"test", step.test}, {"catches", step.catches}, {"input", call_text(calls, step.test)}});
    }
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
               fmt::format("{} of {}", cover.size(), problem->tests),
               cover.empty() ? "–" : std::to_string(cover.front().test),
               cover.empty() ? "–" : std::to_string(cover.front().catches),
               cover.empty() ? "" : call_text(calls, cover.front().test)});
  }
  if (common.json) {
    fmt::print("{}\n", nlohmann::json{{"problems", rows}}.dump(
                           -1, ' ', false, nlohmann::json::error_handler_t::replace));
    return 0;
  }
  if (order.empty()) {
    fmt::print("No accepted program was found wrong.\n");
    return 0;
  }
  fmt::print(
      "{}\naccepted, wrong: samples. tests needed: the tests of {} that together catch all of "
      "them (greedy set cover).\n",
      table.text(), options.suite);
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
      ->check(CLI::IsMember({"base", "plus"}))
      ->capture_default_str();
  command->add_option("--task", options->task, "Only this problem");
  command->add_option("--top", options->top, "How many problems to print")->capture_default_str();
  command->footer("Example: assay suite --dataset humaneval --top 10");
  act = [&common, options] { return suite(common, *options); };
}

}  // namespace assay::cli
