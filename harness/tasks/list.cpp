// The list language as a task: programs from examples, judged in the sandbox. The verifier knows the
// visible tests, the truth is the hidden ones.
#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <nlohmann/json.hpp>
#include <span>
#include <thread>

#include "harness/base/error.h"
#include "harness/base/value/value.h"
#include "harness/tasks/judged.h"
#include "harness/tasks/list_policies.h"
#include "harness/tasks/tasks.h"

namespace assay::tasks {

using namespace lists;
using search::Prefix;
using search::Problem;

namespace {

constexpr std::size_t kProblems = 500, kCalibrationProblems = 100;
/// Training targets that the bigrams are counted in.
constexpr std::size_t kBigramTargets = 1000;
/// The suites by the names that public benchmarks give a weak and a strong one.
constexpr const char* kVisibleSuite = "base";
constexpr const char* kHiddenSuite = "plus";

datasets::Suite suite_of(const char* name, std::span<const Test> tests) {
  datasets::DifferentialSuite suite;
  for (const Test& test : tests) {
    std::vector<Value> numbers;
    for (const std::int32_t x : test.input) numbers.push_back(Value::of_int(x));
    suite.inputs.push_back(
        encode(Value::sequence(Kind::tuple, {Value::sequence(Kind::list, std::move(numbers))})));
  }
  return {name, std::move(suite)};
}

/// The problems of one side with their judging.
struct Lists {
  std::vector<Target> targets;
  std::size_t visible = 0;
  std::unique_ptr<Judged> judged;

  std::vector<Test> shown(std::size_t index) const {
    const std::vector<Test>& all = targets[index].visible;
    return {all.begin(), all.begin() + static_cast<std::ptrdiff_t>(visible)};
  }
};

/// What stands behind a problem, whichever side it is of.
struct Behind {
  std::shared_ptr<const Lists> lists;
  std::size_t index = 0;
  std::vector<Test> shown;

  const Target& target() const { return lists->targets[index]; }
};

const Behind& behind(const Problem& problem) {
  return *static_cast<const Behind*>(problem.data.get());
}

std::string task_id_of(Side side, std::uint64_t seed, std::size_t index) {
  return fmt::format("{}/{}/{}", side == Side::tests ? "List" : "ListCalibration", seed, index);
}

std::shared_ptr<const Lists> made(Side side, std::size_t visible, const Options& options) {
  auto lists = std::make_shared<Lists>();
  lists->targets = targets(side, options.problems, options.seed);
  lists->visible = visible;
  std::vector<datasets::Problem> problems;
  for (std::size_t i = 0; i < lists->targets.size(); ++i) {
    datasets::Problem problem;
    problem.task_id = task_id_of(side, options.seed, i);
    problem.entry_point = "f";
    problem.reference = python_of(lists->targets[i].program);
    problem.suites = {suite_of(kVisibleSuite, lists->shown(i)),
                      suite_of(kHiddenSuite, lists->targets[i].hidden)};
    problems.push_back(std::move(problem));
  }
  lists->judged = std::make_unique<Judged>(
      std::move(problems), std::max(1u, std::thread::hardware_concurrency()), launch_worker);
  return lists;
}

/// By a suite; what is no program is wrong without being run.
std::optional<bool> passes(const Problem& problem, const char* suite, const Prefix& answer) {
  const std::optional<Program> program = parse(search::text_of(answer));
  if (!program) return false;
  return behind(problem).lists->judged->passes(behind(problem).index, suite, python_of(*program));
}

class VisibleSuite : public search::PrefixVerifier {
 public:
  search::Stage stage() const override { return search::Stage::answers; }
  std::vector<search::Score> score(const Problem& problem,
                                   std::span<const Prefix> prefixes) override {
    std::vector<search::Score> scores;
    for (const Prefix& prefix : prefixes) {
      std::optional<bool> passed;
      if (prefix->finish != search::Finish::open) passed = passes(problem, kVisibleSuite, prefix);
      const bool lost = prefix->finish != search::Finish::open && !passed;
      scores.push_back({passed.value_or(false) ? 1. : 0., passed.has_value(), lost});
    }
    return scores;
  }
};

/// Counted when it is first asked for.
class SharedBigrams {
 public:
  explicit SharedBigrams(std::uint64_t seed) : seed_(seed) {}
  std::shared_ptr<const Bigrams> get() {
    std::call_once(once_, [&] { bigrams_ = std::make_shared<Bigrams>(kBigramTargets, seed_); });
    return bigrams_;
  }

 private:
  const std::uint64_t seed_;
  std::once_flag once_;
  std::shared_ptr<const Bigrams> bigrams_;
};

/// A row of assay's own form. The prompt stands in comments, so that a completion behind it is a
/// program.
std::string row_of(const Problem& problem) {
  const Target& target = behind(problem).target();
  const auto calls_of = [](std::span<const Test> tests) {
    nlohmann::json calls = nlohmann::json::array();
    for (const Test& test : tests) {
      nlohmann::json input = nlohmann::json::array();
      for (const std::int32_t x : test.input) input.push_back(x);
      calls.push_back(nlohmann::json::array({input}));
    }
    return calls;
  };
  std::string prompt = "# ";
  for (const char c : problem.prompt) prompt += c == '\n' ? "\n# " : std::string(1, c);
  prompt.resize(prompt.size() - 2);
  const nlohmann::ordered_json row = {{"task_id", problem.task_id},
                                      {"prompt", prompt},
                                      {"entry_point", "f"},
                                      {"reference", python_of(target.program)},
                                      {kVisibleSuite, calls_of(behind(problem).shown)},
                                      {kHiddenSuite, calls_of(target.hidden)}};
  return row.dump();
}

explore::Task side_task(const std::string& name, Side side, std::size_t visible,
                        const Options& options) {
  const std::shared_ptr<const Lists> lists = made(side, visible, options);
  explore::Task task;
  task.name = name;
  for (std::size_t i = 0; i < lists->targets.size(); ++i) {
    Problem problem;
    problem.task_id = lists->judged->problem(i).task_id;
    problem.prompt = prompt_of(lists->targets[i], visible);
    problem.answer = [](const Prefix& prefix) {
      const std::optional<Program> program = parse(search::text_of(prefix));
      return program ? written(*program) : "";
    };
    problem.steps_max = static_cast<int>(kCallsMax) + 1;
    problem.whole = [](std::string_view text) {
      if (text.ends_with('\n')) text.remove_suffix(1);
      return text.substr(text.rfind('\n') + 1) == kEnd;
    };
    problem.index = i;
    problem.data = std::make_shared<const Behind>(Behind{lists, i, lists->shown(i)});
    task.problems.push_back(std::move(problem));
  }
  task.truth = [](const Problem& problem, const Prefix& answer) {
    const std::optional<bool> passed = passes(problem, kHiddenSuite, answer);
    if (!passed)
      throw Error(
          fmt::format("{}: the sandbox lost a program twice; see `assay doctor`", problem.task_id));
    return *passed ? 1. : 0.;
  };
  task.pieces = pieces();
  task.example = [visible](RandomStream& stream) {
    const Target target = random_target(Side::training, stream);
    return explore::Example{prompt_of(target, visible), written(target.program)};
  };
  const auto bigrams = std::make_shared<SharedBigrams>(options.seed);
  task.policies["grammar"] = [bigrams] { return grammar_policy(bigrams->get()); };
  task.policies["guided"] = [bigrams] {
    return guided_policy(bigrams->get(), [](const Problem& problem) -> const std::vector<Test>& {
      return behind(problem).shown;
    });
  };
  task.usual_policy = "guided";
  task.usual_verifier = "suite:visible";
  task.verifiers["suite:visible"] = [] { return std::make_unique<VisibleSuite>(); };
  task.benchmark = {row_of, [](std::string_view answer) {
                      const std::optional<Program> program = parse(answer);
                      return program ? python_of(*program) : "";
                    }};
  return task;
}

}  // namespace

explore::Task list_task(const std::string& name, const Options& options) {
  const std::string visible = name == "list" ? "2" : name.substr(name.find(':') + 1);
  if (visible != "1" && visible != "2" && visible != "4")
    throw Error(fmt::format("--task {}: there is list:1, list:2 and list:4, by the tests that are "
                            "visible; list is list:2",
                            name),
                ExitCode::usage);
  if (options.problems > kTargetsMax)
    throw Error(
        fmt::format("--problems {}: the task {} has up to {}", options.problems, name, kTargetsMax),
        ExitCode::usage);
  const auto shown = static_cast<std::size_t>(visible[0] - '0');
  explore::Task task = side_task(name, Side::tests, shown,
                                 {options.problems ? options.problems : kProblems, options.seed});
  task.calibration = [name, shown, seed = options.seed] {
    return side_task(name, Side::calibration, shown, {kCalibrationProblems, seed});
  };
  return task;
}

}  // namespace assay::tasks
