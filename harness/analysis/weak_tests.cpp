#include "harness/analysis/weak_tests.h"

#include <algorithm>

namespace assay::analysis {

static constexpr std::size_t kQuotedBytesMax = 2000;  ///< nobody reads more of a call

/// From the witness of the first program of the group.
static void quote(store::Database& database, const store::StoredModel& model,
                  const store::Tally::Group& group, const store::StoredVerdict& verdict,
                  WeakProblem& facts) {
  if (!verdict.verdict.witness) return;
  const std::int64_t test = verdict.verdict.witness->test;
  if (test < 0 || facts.quoted.contains(test)) return;
  const store::ShownProgram shown = store::shown_program(
      database, model, group.problem_id, group.members.front().program_id, verdict.suite);
  if (const auto& witness = shown.stored.verdict.witness)
    facts.quoted[test] = {witness->input.substr(0, kQuotedBytesMax),
                          witness->expected.substr(0, kQuotedBytesMax)};
}

void WeakProblems::add(store::Database& database, const store::StoredModel& model,
                       const Suites& suites, const store::Tally::Group& group) {
  Problem& problem = problems_[{model.dataset, group.task_id}];
  const store::StoredVerdict* verdict = suite_.empty() ? nullptr : group.verdict(suite_);
  // Whatever program it caught, a witness of the suite asked for shows what one of its tests is.
  if (verdict) quote(database, model, group, *verdict, problem.suites[suite_].facts);
  const std::optional<bool> right = right_if_accepted(group, suites);
  if (!right) return;
  const auto samples = group.samples;
  problem.entry_point = group.entry_point;
  problem.accepted += samples;
  if (*right) return;
  if (suite_.empty()) verdict = &caught_by(group, suites);
  Weighed& weighed = problem.suites[verdict ? verdict->suite : suite_];
  weighed.facts.wrong += samples;
  if (!verdict) return;
  quote(database, model, group, *verdict, weighed.facts);
  if (verdict->verdict.status == store::Status::timeout) weighed.facts.too_slow += samples;
  weighed.facts.tests = verdict->tests;
  weighed.facts.suite.hash = verdict->suite_hash;
  const std::vector<std::uint32_t> failing =
      store::unpack_failing(database, verdict->failing_stored);
  for (const store::Tally::Member& member : group.members) {
    const auto [at, is_new] = weighed.programs.try_emplace(member.program_id, stats::Wrong{0, {}});
    if (is_new) {
      at->second.failing = failing;
      weighed.facts.partly_judged += verdict->verdict.judged < verdict->tests;
    }
    at->second.samples += member.samples;
  }
}

std::vector<WeakProblem> WeakProblems::list() const {
  std::vector<WeakProblem> out;
  for (const auto& [key, problem] : problems_)
    for (const auto& [name, weighed] : problem.suites) {
      if (weighed.facts.wrong == 0) continue;
      WeakProblem& weak = out.emplace_back(weighed.facts);
      weak.suite = {key.first, key.second, name, weighed.facts.suite.hash};
      weak.entry_point = problem.entry_point;
      weak.accepted = problem.accepted;
      weak.programs = static_cast<std::int64_t>(weighed.programs.size());
      std::vector<stats::Wrong> wrong;
      for (const auto& [id, program] : weighed.programs) wrong.push_back(program);
      weak.cover = stats::greedy_cover(wrong);
      weak.catches_alone = stats::catches_per_test(wrong);
      weak.uncaught = weak.wrong;
      for (const stats::CoverStep& step : weak.cover) weak.uncaught -= step.catches;
    }
  std::stable_sort(out.begin(), out.end(),
                   [](const auto& a, const auto& b) { return a.wrong > b.wrong; });
  return out;
}

}  // namespace assay::analysis
