// Makes a database of many judged samples through the store, to time the reading commands on:
//   cmake --build --preset release --target stored_samples
//   build/release/stored_samples DB MODELS PROBLEMS SAMPLES PROGRAMS
// PROGRAMS: distinct ones per problem and model, half of them shared by all models. The built-in
// dataset's name stands for nothing here; texts are 40 lines. Verdicts by base and plus of 10 and 30
// tests; of three programs one is wrong, and base lets one of four wrong ones pass.
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <random>

#include "harness/store/facts.h"
#include "harness/store/judging.h"

using namespace assay;

namespace {

constexpr int kBaseTests = 10, kPlusTests = 30;

std::string text_of(int problem, int owner, int program) {
  std::string text = fmt::format("def solve(x):\n    y = {} + {}\n", owner, program);
  for (int line = 0; line < 40; ++line) {
    text += fmt::format("    y = (y * {} + x) % {}\n", 3 + (problem + line) % 17,
                        1000 + 31 * ((program + line) % 29));
  }
  return text + "    return y\n";
}

store::Verdict verdict_of(bool passes, int tests, std::mt19937& random) {
  store::Verdict verdict;
  verdict.status = passes ? store::Status::pass : store::Status::fail;
  verdict.judged = tests;
  for (int test = 0; !passes && test < tests; ++test) {
    if (random() % 3 == 0 || test == tests - 1) {
      verdict.failing.push_back(static_cast<std::uint32_t>(test));
    }
  }
  verdict.passed = tests - static_cast<std::int64_t>(verdict.failing.size());
  if (!passes) verdict.witness = store::Witness{verdict.failing.front(), "(17,)", "4", "5"};
  return verdict;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 6) {
    std::fputs("usage: stored_samples DB MODELS PROBLEMS SAMPLES PROGRAMS\n", stderr);
    return 2;
  }
  const auto number = [&](int i) { return std::atoi(arguments[i]); };
  const int models = number(2), problems = number(3), samples = number(4), programs = number(5);
  const auto database = store::open(arguments[1], true);
  store::Transaction transaction(*database);
  const std::int64_t dataset_id = store::put_dataset(*database, "made", "1", "Made for timing.");
  const std::int64_t condition_id = store::put_condition(*database, {"{}", "strict", "3.11"});
  const std::int64_t run_id =
      store::begin_run(*database, {dataset_id, condition_id, "full", "assay run", "{}", "{}"});
  std::mt19937 random(1);
  for (int p = 0; p < problems; ++p) {
    datasets::Problem problem;
    problem.task_id = fmt::format("Made/{}", p);
    problem.entry_point = "solve";
    const std::int64_t problem_id = store::put_problem(*database, dataset_id, p, problem);
    const std::int64_t base = store::put_suite(*database, problem_id, "base", "b", kBaseTests);
    const std::int64_t plus = store::put_suite(*database, problem_id, "plus", "p", kPlusTests);
    for (int m = 0; m < models; ++m) {
      const std::int64_t model_id = store::put_model(*database, fmt::format("model-{:02}", m));
      store::put_run_model(*database, run_id, model_id);
      for (int s = 0; s < samples; ++s) {
        const int program = static_cast<int>(random() % static_cast<unsigned>(programs));
        store::SampleRow row{problem_id, model_id, std::to_string(s)};
        row.program = row.given = text_of(p, program % 2 == 0 ? 0 : m + 1, program);
        row.form = "solution";
        store::put_sample(*database, row);
        if (s >= programs && s % 16 != 0) continue;  // most programs have come by now
        const bool right = program % 3 != 0;
        store::Verdict verdict = verdict_of(right || program % 12 == 0, kBaseTests, random);
        verdict.program_id = store::put_program(*database, row.program);
        verdict.condition_id = condition_id;
        verdict.run_id = run_id;
        verdict.suite_id = base;
        store::put_verdict(*database, verdict);
        store::Verdict second = verdict_of(right, kPlusTests, random);
        second.program_id = verdict.program_id;
        second.condition_id = condition_id;
        second.run_id = run_id;
        second.suite_id = plus;
        store::put_verdict(*database, second);
      }
    }
    std::fprintf(stderr, "\r%d of %d problems", p + 1, problems);
  }
  transaction.commit();
  std::fputc('\n', stderr);
}
