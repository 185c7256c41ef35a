// What is said of tests that nobody has seen, held against tests that were hidden:
//   halves    of each problem's gold tests a random part is kept; what the others newly catch is
//             foretold from the kept ones and then counted, over many splits
//   plus      only base is kept: how many of all samples it accepts though plus rejects them, foretold
//             from how many tests of base catch those that it rejects
// All models of the dataset together; base accepts, base and plus decide.
//   cmake --build --preset release --target unseen_held_out
//   build/release/unseen_held_out DATABASE DATASET [SPLITS]
#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "harness/base/error.h"
#include "harness/base/random.h"
#include "harness/stats/unseen.h"
#include "harness/store/facts.h"
#include "harness/store/queries.h"

using namespace assay;

namespace {

struct Program {
  std::int64_t samples = 0;
  std::vector<std::uint32_t> failing;  ///< of plus
};

struct Problem {
  std::int64_t all = 0, accepted = 0, wrong = 0;  ///< samples
  std::uint32_t tests = 0;                        ///< of plus
  std::map<std::int64_t, Program> programs;       ///< accepted and wrong, by id
  std::map<std::int64_t, stats::Caught> by_base;  ///< rejected by base
};
using Problems = std::map<std::string, Problem>;

void take(store::Database& database, const store::JudgedProgram& program, Problems& problems) {
  const store::StoredVerdict* base = program.verdict("base");
  const store::StoredVerdict* plus = program.verdict("plus");
  if (!base || base->verdict.status == store::Status::missing) return;
  Problem& problem = problems[program.task_id];
  if (base->verdict.status != store::Status::pass) {
    const std::int64_t failed = base->tests - base->verdict.passed;  // what was not reached too
    stats::Caught& caught =
        problem.by_base.try_emplace(program.program_id, stats::Caught{0}).first->second;
    caught.samples += program.samples;
    caught.tests = static_cast<std::uint32_t>(base->tests);
    caught.by = static_cast<std::uint32_t>(failed);
    problem.all += program.samples;
    return;
  }
  if (!plus || plus->verdict.status == store::Status::missing) return;
  problem.all += program.samples;
  problem.accepted += program.samples;
  problem.tests = static_cast<std::uint32_t>(plus->tests);
  if (plus->verdict.status == store::Status::pass) return;
  problem.wrong += program.samples;
  Program& wrong = problem.programs[program.program_id];
  wrong.samples += program.samples;
  wrong.failing = store::unpack_failing(database, plus->failing_stored);
  if (wrong.failing.empty())  // it could not be called at all
    for (std::uint32_t test = 0; test < problem.tests; ++test) wrong.failing.push_back(test);
}

/// Which of `tests` are kept: `kept` of them, at random.
std::vector<bool> kept_tests(std::uint32_t tests, std::uint32_t kept, RandomStream& random) {
  std::vector<bool> out(tests, false);
  for (std::uint32_t test = 0; test < tests; ++test) {  // selection sampling
    if (random.below(tests - test) >= kept) continue;
    out[test] = true;
    --kept;
  }
  return out;
}

struct Split {
  std::vector<stats::ProblemCatches> problems;
  double found = 0;  ///< share of the accepted that only hidden tests catch
};

Split split(const Problems& problems, double more, RandomStream& random) {
  Split out;
  std::int64_t accepted = 0, found = 0;
  for (const auto& [task_id, problem] : problems) {
    const auto kept = static_cast<std::uint32_t>(std::lround(problem.tests / (1 + more)));
    if (kept < 2) continue;
    const std::vector<bool> is_kept = kept_tests(problem.tests, kept, random);
    stats::ProblemCatches& one = out.problems.emplace_back();
    one.accepted = problem.accepted;
    accepted += problem.accepted;
    for (const auto& [id, program] : problem.programs) {
      std::uint32_t by = 0;
      for (const std::uint32_t test : program.failing) by += is_kept[test];
      if (by > 0) one.wrong.push_back({program.samples, kept, by});
      if (by == 0) found += program.samples;
    }
  }
  out.found = static_cast<double>(found) / static_cast<double>(accepted);
  return out;
}

void print_halves(const Problems& problems, double more, int splits) {
  double found = 0, lower = 0, upper = 0;
  int told = 0, held = 0;
  const stats::BootstrapOptions bootstrap = {.replicates = 200};
  for (int i = 0; i < splits; ++i) {
    RandomStream random(static_cast<std::uint64_t>(i), "hidden tests");
    const Split one = split(problems, more, random);
    const stats::Unseen got = stats::unseen(one.problems, {more, 200}, bootstrap, "held out");
    if (!got.more_lower.value) continue;
    ++told;
    found += one.found, lower += *got.more_lower.value, upper += *got.more_upper.value;
    const double lo = got.more_lower.interval ? got.more_lower.interval->lo : *got.more_lower.value;
    const double hi = got.more_upper.interval ? got.more_upper.interval->hi : *got.more_upper.value;
    held += lo <= one.found && one.found <= hi;
  }
  if (told == 0) return;
  fmt::print("| 1/{:.0f} of the gold tests | {:.4f} | {:.4f} to {:.4f} | {} of {} |\n", 1 + more,
             found / told, lower / told, upper / told, held, told);
}

void print_plus(const Problems& problems) {
  std::vector<stats::ProblemCatches> by_base;
  std::int64_t all = 0, found = 0;
  for (const auto& [task_id, problem] : problems) {
    stats::ProblemCatches& one = by_base.emplace_back();
    one.accepted = problem.all;
    bool several = true;
    for (const auto& [id, caught] : problem.by_base) {
      several &= caught.tests > 1;
      one.wrong.push_back(caught);
    }
    if (!several) {
      by_base.pop_back();
      continue;
    }
    all += problem.all, found += problem.wrong;
  }
  const stats::Unseen got = stats::unseen(by_base, {1, 1000}, {}, "base alone");
  if (!got.missed_lower.value || !got.missed_upper.interval) return;
  fmt::print("| base alone, of all samples | {:.4f} | {:.4f} to {:.4f} [{:.4f}, {:.4f}] | |\n",
             static_cast<double>(found) / static_cast<double>(all), *got.missed_lower.value,
             *got.missed_upper.value,
             got.missed_lower.interval ? got.missed_lower.interval->lo : *got.missed_lower.value,
             got.missed_upper.interval->hi);
}

}  // namespace

int main(int count, char** arguments) try {
  if (count < 3 || count > 4) {
    std::fputs("usage: unseen_held_out DATABASE DATASET [SPLITS]\n", stderr);
    return 2;
  }
  const int splits = count > 3 ? std::atoi(arguments[3]) : 20;
  const auto database = store::open_to_read(arguments[1]);
  Problems problems;
  for (const store::StoredModel& model : store::stored_models(*database, arguments[2]))
    store::for_each_program(
        *database, model, {.failing = true},
        [&](const store::JudgedProgram& program) { take(*database, program, problems); });
  fmt::print(
      "| kept | newly caught, found | foretold | within the interval |\n|---|---|---|---|\n");
  for (const double more : {1.0, 3.0, 9.0}) print_halves(problems, more, splits);
  print_plus(problems);
  return 0;
} catch (const Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
