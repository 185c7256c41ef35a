// Makes a database of many judged samples through the store, to time the reading commands on:
//   cmake --build --preset release --target stored_samples
//   build/release/stored_samples DB MODELS PROBLEMS SAMPLES PROGRAMS
// PROGRAMS: distinct ones per problem and model, half of them shared by all models. The built-in
// dataset's name stands for nothing here; texts are 20 lines. Verdicts by base and plus of 10 and 30
// tests; of three programs one is wrong, in one of 12 ways, of which base lets three pass. Each problem is
// one transaction. Says at the end how many samples and verdicts it wrote a second, their bytes, and how long
// counting them took, as every command that judges does at its end.
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <set>

#include "harness/store/facts.h"
#include "harness/store/judging.h"
#include "harness/store/tally.h"

using namespace assay;

namespace {

constexpr int kBaseTests = 10, kPlusTests = 30, kWays = 12;

std::string text_of(int problem, int owner, int program) {
  std::string text = fmt::format("def solve(x):\n    y = {} + {} + {}\n", problem, owner, program);
  for (int line = 0; line < 18; ++line) {
    text += fmt::format("    y = (y * {} + x) % {}\n", 3 + (problem + line) % 17,
                        1000 + 31 * ((program + line) % 29));
  }
  return text + "    return y\n";
}

/// What a program does: right, or wrong in one of some ways, which many programs share as those of models do.
/// Base lets one of four ways pass. The tests that fail follow from the problem and the way.
store::Verdict verdict_of(int problem, int way, int tests) {
  const bool passes = way == 0 || (tests == kBaseTests && way % 4 == 0);
  store::Verdict verdict;
  verdict.status = passes ? store::Status::pass : store::Status::fail;
  verdict.judged = tests;
  std::mt19937 random(static_cast<unsigned>(problem * 100 + way));
  for (int test = 0; !passes && test < tests; ++test) {
    if (random() % 3 == 0 || test == tests - 1) {
      verdict.failing.push_back(static_cast<std::uint32_t>(test));
    }
  }
  verdict.passed = tests - static_cast<std::int64_t>(verdict.failing.size());
  if (!passes)
    verdict.witness = store::Witness{verdict.failing.front(), "(17,)", "4", std::to_string(way)};
  return verdict;
}

/// Of three programs one is wrong; each way is half as common as the one before, up to the last.
int way_of(int program) {
  if (program % 3 != 0) return 0;
  int way = 1;
  for (int bits = program / 3; bits % 2 == 1 && way < kWays; bits /= 2) ++way;
  return way;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 6) {
    std::fputs("usage: stored_samples DB MODELS PROBLEMS SAMPLES PROGRAMS\n", stderr);
    return 2;
  }
  const auto number = [&](int i) { return std::atoi(arguments[i]); };
  const int models = number(2), problems = number(3), samples = number(4), programs = number(5);
  const auto began = std::chrono::steady_clock::now();
  std::int64_t verdicts = 0;
  {
    const auto database = store::open(arguments[1], true);
    const std::int64_t dataset_id = store::put_dataset(*database, "made", "1", "Made for timing.");
    const std::int64_t condition_id = store::put_condition(*database, {"{}", "strict", "3.11"});
    const std::int64_t run_id =
        store::begin_run(*database, {dataset_id, condition_id, "full", "assay run", "{}", "{}"});
    std::mt19937 random(1);
    for (int p = 0; p < problems; ++p) {
      store::Transaction transaction(*database);
      datasets::Problem problem;
      problem.task_id = fmt::format("Made/{}", p);
      problem.entry_point = "solve";
      const std::int64_t problem_id = store::put_problem(*database, dataset_id, p, problem);
      const std::int64_t base = store::put_suite(*database, problem_id, "base", "b", kBaseTests);
      const std::int64_t plus = store::put_suite(*database, problem_id, "plus", "p", kPlusTests);
      std::set<std::pair<int, int>> judged;  // owner and number of a program
      for (int m = 0; m < models; ++m) {
        const std::int64_t model_id = store::put_model(*database, fmt::format("model-{:02}", m));
        store::put_run_model(*database, run_id, model_id);
        for (int s = 0; s < samples; ++s) {
          const int program = static_cast<int>(random() % static_cast<unsigned>(programs));
          const int owner = program % 2 == 0 ? 0 : m + 1;
          store::SampleRow row{problem_id, model_id, std::to_string(s)};
          row.program = row.given = text_of(p, owner, program);
          row.form = "solution";
          store::put_sample(*database, row);
          if (!judged.emplace(owner, program).second) continue;
          const int way = way_of(program);
          store::Verdict verdict = verdict_of(p, way, kBaseTests);
          verdict.program_id = store::put_program(*database, row.program);
          verdict.condition_id = condition_id;
          verdict.run_id = run_id;
          verdict.suite_id = base;
          store::put_verdict(*database, verdict);
          store::Verdict second = verdict_of(p, way, kPlusTests);
          second.program_id = verdict.program_id;
          second.condition_id = condition_id;
          second.run_id = run_id;
          second.suite_id = plus;
          store::put_verdict(*database, second);
          verdicts += 2;
        }
      }
      transaction.commit();
      std::fprintf(stderr, "\r%d of %d problems, %lld verdicts", p + 1, problems,
                   static_cast<long long>(verdicts));
    }
  }
  const auto seconds_since = [](std::chrono::steady_clock::time_point from) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - from).count();
  };
  const double seconds = seconds_since(began);
  const double rows = static_cast<double>(verdicts);
  const double bytes = static_cast<double>(std::filesystem::file_size(arguments[1]));
  const std::int64_t all = std::int64_t{models} * problems * samples;
  fmt::print(
      "\n{} samples and {} verdicts in {:.0f} s: {:.0f} verdicts a second; {:.1f} GB, {:.0f} bytes "
      "a verdict\n",
      all, verdicts, seconds, rows / seconds, bytes / 1e9, bytes / rows);
  const auto counting = std::chrono::steady_clock::now();
  store::keep_tallies(*store::open(arguments[1], false));
  fmt::print("counted in {:.0f} s\n", seconds_since(counting));
}
