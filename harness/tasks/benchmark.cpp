// Benchmarks as tasks: an answer is what a model wrote behind a problem's prompt, and stands for
// the program that `assay run` makes of it. The suites are verifiers of finished answers; those of
// gold together are the truth.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "datasets/python_text.h"
#include "datasets/registry.h"
#include "harness/base/error.h"
#include "harness/samples/intake.h"
#include "harness/tasks/judged.h"
#include "harness/tasks/tasks.h"

namespace assay::tasks {

using search::Finish;
using search::Prefix;
using search::Problem;

namespace {

constexpr const char* kOfficial = "official";

/// The programs that texts stand for, each read once. Thread-safe.
class Programs {
 public:
  Programs(samples::Reading reading, std::size_t problems)
      : reading_(reading), known_(problems), mutexes_(problems) {}

  /// Of finished answers to one problem, in order.
  std::vector<std::string> of(Judged& judged, std::size_t problem,
                              std::span<const Prefix> answers) {
    const std::lock_guard lock(mutexes_[problem]);
    std::unordered_map<std::string, std::string>& known = known_[problem];
    std::vector<std::string> keys;
    std::vector<std::size_t> unknown;
    for (const Prefix& answer : answers) {
      keys.push_back((answer->alone ? "s" : "c") + search::text_of(answer));
      if (known.try_emplace(keys.back()).second) unknown.push_back(keys.size() - 1);
    }
    if (!unknown.empty()) {
      std::vector<samples::Answer> texts;
      for (const std::size_t i : unknown)
        texts.push_back(
            {&judged.problem(problem), !answers[i]->alone, std::string_view(keys[i]).substr(1)});
      judged.lend([&](sandbox::Executor& executor) {
        static const std::atomic<bool> kNever = false;
        std::vector<samples::Found> found =
            samples::Intake(reading_, {&executor}, kNever).read(texts);
        for (std::size_t k = 0; k < unknown.size(); ++k)
          known[keys[unknown[k]]] = std::move(found[k].program);
      });
    }
    std::vector<std::string> programs;
    for (const std::string& key : keys) programs.push_back(known[key]);
    return programs;
  }

 private:
  const samples::Reading reading_;
  std::vector<std::unordered_map<std::string, std::string>> known_;  ///< by problem, form and text
  std::vector<std::mutex> mutexes_;                                  ///< by problem
};

/// A benchmark with its judging, shared by the tasks that are made of its parts.
struct Bench {
  std::string name, version;
  std::vector<std::string> suites, gold;
  std::string proxy;
  bool chat = false;
  std::unique_ptr<Judged> judged;
  std::unique_ptr<Programs> programs;
};

/// What stands behind a problem, whichever part of the benchmark it is in.
struct Behind {
  std::shared_ptr<const Bench> bench;
  std::size_t index = 0;
};
const Behind& behind(const Problem& problem) {
  return *static_cast<const Behind*>(problem.data.get());
}

std::vector<std::string> programs_of(const Problem& problem, std::span<const Prefix> answers) {
  const auto& [bench, index] = behind(problem);
  return bench->programs->of(*bench->judged, index, answers);
}

/// White space at its end does not make it another answer.
std::string answer_of(std::string program) {
  const std::size_t last = program.find_last_not_of(" \t\r\n");
  program.resize(last == program.npos ? 0 : last + 1);
  return program;
}

std::string program_of(const Problem& problem, const Prefix& answer) {
  if (answer->finish == Finish::refused) return "";
  return programs_of(problem, std::span(&answer, 1)).front();
}

/// By a suite that the problem has; where there is no program, it is wrong without being run.
std::optional<bool> passes(const Problem& problem, const std::string& suite,
                           const std::string& program) {
  if (program.empty()) return false;
  return behind(problem).bench->judged->passes(behind(problem).index, suite, program);
}

class SuiteVerifier : public search::PrefixVerifier {
 public:
  explicit SuiteVerifier(std::string suite) : suite_(std::move(suite)) {}
  search::Stage stage() const override { return search::Stage::answers; }
  std::vector<search::Score> score(const Problem& problem,
                                   std::span<const Prefix> prefixes) override {
    std::vector<search::Score> scores(prefixes.size());
    const auto& [bench, index] = behind(problem);
    if (!datasets::find_suite(bench->judged->problem(index), suite_)) return scores;
    std::vector<Prefix> answers;
    std::vector<std::size_t> which;
    for (std::size_t i = 0; i < prefixes.size(); ++i) {
      if (prefixes[i]->finish == Finish::open || prefixes[i]->finish == Finish::refused) continue;
      answers.push_back(prefixes[i]);
      which.push_back(i);
    }
    const std::vector<std::string> programs = programs_of(problem, answers);
    for (std::size_t k = 0; k < which.size(); ++k) {
      const std::optional<bool> passed = passes(problem, suite_, programs[k]);
      scores[which[k]] = {passed.value_or(false) ? 1. : 0., passed.has_value(), !passed};
    }
    return scores;
  }

 private:
  const std::string suite_;
};

double truth(const Problem& problem, const Prefix& answer) {
  const std::string program = program_of(problem, answer);
  for (const std::string& suite : behind(problem).bench->gold) {
    const std::optional<bool> passed = passes(problem, suite, program);
    if (!passed)
      throw Error(
          fmt::format("{}: the sandbox lost a program twice; see `assay doctor`", problem.task_id));
    if (!*passed) return 0;
  }
  return 1;
}

/// Whether a completion is over, as far as its text tells: behind the body of the entry point a
/// statement begins at the margin. A text that begins there itself must define the entry point
/// first, since it is a whole program; one that lost the indent of its first line goes on.
bool is_over(const std::string& prompt, const std::string& name, std::string_view text) {
  std::size_t first = 0;  // of what is no comment
  while (first < text.size() && (text[first] == '\n' || text[first] == '\r' || text[first] == '#'))
    first = text[first] == '#' ? std::min(text.find('\n', first), text.size()) : first + 1;
  const bool indented = first < text.size() && (text[first] == ' ' || text[first] == '\t');
  bool inside = indented && datasets::defines_at_margin(prompt, name);
  for (const std::string_view line : datasets::statements_at_margin(text)) {
    if (inside) return true;
    inside = datasets::defines_at_margin(line, name);
  }
  return false;
}

/// The problems from `begin` up to `end`.
explore::Task part(const std::shared_ptr<const Bench>& bench, std::size_t begin, std::size_t end) {
  explore::Task task;
  task.name = bench->name;
  task.version = bench->version;
  for (std::size_t i = begin; i < end; ++i) {
    const datasets::Problem& of = bench->judged->problem(i);
    Problem problem;
    problem.task_id = of.task_id;
    problem.prompt = of.prompt;
    problem.answer = [bench, i](const Prefix& answer) {
      if (answer->finish == Finish::refused) return std::string();
      return answer_of(bench->programs->of(*bench->judged, i, std::span(&answer, 1)).front());
    };
    // Chat text may hold anything around its program.
    if (!bench->chat)
      problem.whole = [prompt = of.prompt, name = std::string(datasets::defined_name(of))](
                          std::string_view text) { return is_over(prompt, name, text); };
    problem.index = i - begin;
    problem.data = std::make_shared<const Behind>(Behind{bench, i});
    task.problems.push_back(std::move(problem));
  }
  task.truth = truth;
  for (const std::string& suite : bench->suites)
    task.verifiers["suite:" + suite] = [suite] { return std::make_unique<SuiteVerifier>(suite); };
  task.usual_verifier = "suite:" + bench->proxy;
  task.benchmark = {nullptr, program_of};
  return task;
}

bool lacks(const datasets::Problem& problem, const std::vector<std::string>& suites) {
  return std::any_of(suites.begin(), suites.end(),
                     [&](const std::string& name) { return !datasets::find_suite(problem, name); });
}

std::shared_ptr<const Bench> bench_of(const std::string& name, const Options& options) {
  datasets::Dataset dataset = datasets::load(name);
  auto bench = std::make_shared<Bench>();
  bench->name = name;
  bench->version = dataset.version;
  bench->suites = datasets::suite_names(dataset);
  bench->gold = options.gold;
  bench->chat = options.extract;
  for (const std::string& suite : options.gold) {
    if (std::find(bench->suites.begin(), bench->suites.end(), suite) == bench->suites.end())
      throw Error(fmt::format("--gold {}: no problem of dataset {} has it; it has {}", suite,
                              dataset.name, fmt::join(bench->suites, ", ")),
                  ExitCode::usage);
  }
  // As `assay rates` has it: all suites decide but `official`, which is another form of `base`.
  std::vector<std::string> others;
  std::copy_if(bench->suites.begin(), bench->suites.end(), std::back_inserter(others),
               [](const std::string& suite) { return suite != kOfficial; });
  if (others.empty()) others = {kOfficial};
  bench->proxy = others.front();
  if (bench->gold.empty()) bench->gold = others;
  const auto left_out = std::erase_if(dataset.problems, [&](const datasets::Problem& problem) {
    return lacks(problem, bench->gold);
  });
  if (dataset.problems.empty())
    throw Error(fmt::format("--task {}: no problem has all of the suites {}, which decide what is "
                            "right; --gold names others",
                            name, fmt::join(bench->gold, ", ")),
                ExitCode::usage);
  if (left_out > 0 && options.tell)
    options.tell(
        fmt::format("{} problems of {} are left out: they lack one of the suites {}, which "
                    "decide what is right",
                    left_out, name, fmt::join(bench->gold, ", ")));
  if (!dataset.note.empty() && options.tell) options.tell(dataset.note);
  bench->programs = std::make_unique<Programs>(
      options.extract ? samples::Reading::chat : samples::Reading::repaired,
      dataset.problems.size());
  bench->judged =
      std::make_unique<Judged>(std::move(dataset.problems),
                               std::max(1u, std::thread::hardware_concurrency()), launch_worker);
  return bench;
}

}  // namespace

explore::Task benchmark_task(const std::string& name, const Options& options) {
  const std::shared_ptr<const Bench> bench = bench_of(name, options);
  const std::size_t all = bench->judged->size(),
                    count = options.problems ? std::min(options.problems, all) : all;
  explore::Task task = part(bench, 0, count);
  if (count < all) task.calibration = [=] { return part(bench, count, all); };
  return task;
}

}  // namespace assay::tasks
