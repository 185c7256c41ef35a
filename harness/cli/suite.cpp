#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "harness/analysis/disputed.h"
#include "harness/analysis/selection.h"
#include "harness/analysis/stored_tests.h"
#include "harness/analysis/unpassed.h"
#include "harness/analysis/weak_tests.h"
#include "harness/cli/command.h"
#include "harness/cli/disputed_output.h"
#include "harness/cli/terminal.h"
#include "harness/store/facts.h"
#include "harness/store/tally.h"

namespace assay::cli {

namespace {
struct Options {
  analysis::Selection selection;
  std::string suite;  ///< empty: of whichever suite of gold caught a program first
  std::string task;
  std::size_t top = 20;
};

}  // namespace

static constexpr std::size_t kTextMax = 60;  ///< of arguments

/// A test's arguments: whole from the benchmark's file, else as a witness carries them.
static std::string arguments_of(const analysis::WeakProblem& problem, std::uint32_t test,
                                analysis::StoredTests& tests) {
  if (auto text = tests.arguments(problem.suite, test, kTextMax)) return *text;
  const auto quoted = problem.quoted.find(test);
  return quoted == problem.quoted.end() ? "" : cut(quoted->second.arguments, kTextMax);
}

/// Why there is nothing to weigh.
static std::string nothing_found(const std::vector<store::StoredModel>& models) {
  return analysis::any_counts_only(models)
             ? "Imported counts carry no programs and no tests: which tests are weak is not "
               "known. Where samples were judged here, no accepted program was found wrong."
             : "No accepted program was found wrong.";
}

static nlohmann::json problem_json(const analysis::WeakProblem& problem,
                                   analysis::StoredTests& tests) {
  nlohmann::json cover = nlohmann::json::array(), catching = nlohmann::json::array();
  for (const stats::CoverStep& step : problem.cover)
    cover.push_back({{"test", step.test},
                     {"catches", step.catches},
                     {"input", arguments_of(problem, step.test, tests)}});
  for (std::size_t test = 0; test < problem.catches_alone.size(); ++test)
    if (problem.catches_alone[test] > 0)
      catching.push_back({{"test", test}, {"catches", problem.catches_alone[test]}});
  return {{"dataset", problem.suite.dataset},
          {"task_id", problem.suite.task_id},
          {"suite", problem.suite.name},
          {"tests", problem.tests},
          {"accepted", problem.accepted},
          {"false_positives", problem.wrong},
          {"programs", problem.programs},
          {"partly_judged", problem.partly_judged},
          {"uncaught", problem.uncaught},
          {"too_slow", problem.too_slow},
          {"cover", cover},
          {"catching", catching}};
}

/// The table, and below it what of it needs a word.
static std::string problems_text(const std::vector<analysis::WeakProblem>& problems,
                                 const Options& options, analysis::StoredTests& tests) {
  Table table({"problem", "dataset", "accepted", "wrong", "programs", "tests needed", "best test",
               "catches", "its arguments"});
  for (const std::size_t left : {1, 8}) table.left_align(left);
  bool any_imported = false, any_unknown = false;
  const std::size_t shown = std::min(options.top, problems.size());
  for (std::size_t i = 0; i < shown; ++i) {
    const analysis::WeakProblem& p = problems[i];
    const bool imported = p.suite.hash == store::kImportedSuite;
    const stats::CoverStep* best = p.cover.empty() ? nullptr : &p.cover.front();
    const std::string arguments = best ? arguments_of(p, best->test, tests) : "";
    any_imported |= imported;
    any_unknown |= best && arguments.empty();
    table.add({p.suite.task_id, p.suite.dataset, std::to_string(p.accepted),
               std::to_string(p.wrong), std::to_string(p.programs),
               imported ? "–" : fmt::format("{} of {}", p.cover.size(), p.tests),
               best ? std::to_string(best->test) : "–", best ? std::to_string(best->catches) : "–",
               arguments});
  }
  std::string text = fmt::format(
      "{}\naccepted, wrong: samples. tests needed: the tests of {} that together catch all of "
      "them (greedy set cover).\n",
      table.text(), options.suite.empty() ? "the suite that caught them" : options.suite);
  if (any_imported)
    text += "–: these verdicts were imported, without the results of single tests.\n";
  if (any_unknown)
    text +=
        fmt::format("Blank arguments: {}\n",
                    tests.remarks().empty() ? "of these tests no witness is stored."
                                            : fmt::format("{}", fmt::join(tests.remarks(), "; ")));
  if (problems.size() > shown)
    text += fmt::format("... and {} more problems with weak tests (--top, --json)\n",
                        problems.size() - shown);
  return text;
}

static nlohmann::json unpassed_json(const std::vector<analysis::Unpassed>& unpassed) {
  nlohmann::json rows = nlohmann::json::array();
  for (const analysis::Unpassed& one : unpassed)
    rows.push_back({{"dataset", one.dataset},
                    {"task_id", one.task_id},
                    {"suite", one.suite},
                    {"programs", one.programs},
                    {"samples", one.samples},
                    {"models", one.models},
                    {"status", one.status},
                    {"so", one.so},
                    {"message", one.message}});
  return rows;
}

/// Empty where every suite has passed a program.
static std::string unpassed_text(const std::vector<analysis::Unpassed>& unpassed, std::size_t top) {
  if (unpassed.empty()) return "";
  Table table(
      {"problem", "dataset", "suite", "samples", "programs", "most end as", "so many", "such as"});
  for (const std::size_t left : {1, 2, 5, 7}) table.left_align(left);
  const std::size_t shown = std::min(top, unpassed.size());
  for (std::size_t i = 0; i < shown; ++i) {
    const analysis::Unpassed& one = unpassed[i];
    table.add({one.task_id, one.dataset, one.suite, std::to_string(one.samples),
               std::to_string(one.programs), one.status, std::to_string(one.so),
               cut(one.message, kTextMax)});
  }
  std::string text = fmt::format(
      "\nNo program passes these suites: they are too hard for these models, or the tests are wrong. Read "
      "the tests where nearly all programs end alike.\n{}",
      table.text());
  if (unpassed.size() > shown)
    text += fmt::format("... and {} more (--top, --json)\n", unpassed.size() - shown);
  return text;
}

static int suite(const Common& common, const Options& options) {
  const auto database = store::open_to_read(common.db);
  analysis::refuse_scores(options.selection);
  const std::string task = analysis::meant_task(*database, options.task);
  const std::vector<store::StoredModel> models =
      store::stored_models(*database, options.selection.dataset, options.selection.models);
  analysis::WeakProblems found(options.suite);
  analysis::Disputes disputed;
  analysis::UnpassedSuites without_pass;
  for (const store::StoredModel& model : models) {
    const analysis::Suites suites = analysis::suites_for(*database, model, options.selection);
    store::for_each_group(*database, model, [&](const store::Tally::Group& group) {
      if (!task.empty() && group.task_id != task) return;
      found.add(*database, model, suites, group);
      disputed.add(*database, model, suites, group);
      without_pass.add(model, suites, group);
    });
  }
  const std::vector<analysis::Dispute> disputes = disputed.list(*database);
  const std::vector<analysis::WeakProblem> problems = analysis::undisputed(found.list(), disputes);
  const std::vector<analysis::Unpassed> unpassed = without_pass.list(*database);
  analysis::StoredTests tests(*database, models);
  if (common.json) {
    nlohmann::json rows = nlohmann::json::array();
    for (const analysis::WeakProblem& problem : problems)
      rows.push_back(problem_json(problem, tests));
    print_json({{"problems", rows},
                {"disputed", disputed_json(disputes)},
                {"unpassed", unpassed_json(unpassed)}});
    return 0;
  }
  if (!problems.empty()) {
    print_text(problems_text(problems, options, tests));
  } else if (disputes.empty()) {
    say("{}\n", nothing_found(models));
  }
  if (!disputes.empty())
    say("{} disputed problem{} left out, since the reference may be wrong there: assay rates "
        "--disputed\n",
        disputes.size(), disputes.size() == 1 ? " is" : "s are");
  print_text(unpassed_text(unpassed, options.top));
  return 0;
}

Act add_suite(CLI::App& command, const Common& common) {
  auto options = std::make_shared<Options>();
  add_selection(command, options->selection);
  command.add_option(
      "--suite", options->suite,
      "The suite whose tests are weighed (default: of the truth the one that caught the "
      "programs)");
  command.add_option("--task", options->task, "Only this problem");
  command.add_option("--top", options->top, "How many problems to print")->capture_default_str();
  command.footer("Example: assay suite --dataset humaneval --top 10");
  return [&common, options] { return suite(common, *options); };
}

}  // namespace assay::cli
