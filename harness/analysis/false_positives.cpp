#include "harness/analysis/false_positives.h"

#include <algorithm>
#include <iterator>
#include <mutex>

#include "harness/analysis/nearest.h"
#include "harness/stats/parallel.h"

namespace assay::analysis {

static FalsePositive facts_of(const store::StoredModel& model, const store::JudgedProgram& program,
                              const store::StoredVerdict& caught) {
  const store::Verdict& verdict = caught.verdict;
  FalsePositive facts;
  facts.dataset = model.dataset;
  facts.task_id = program.task_id;
  facts.source = program.text;
  facts.kind = store::name_of(verdict.status);
  facts.suite = caught.suite;
  facts.message = verdict.message;
  facts.tests_failed = verdict.judged - verdict.passed;
  facts.tests_judged = verdict.judged;
  facts.all_judged = verdict.judged == caught.tests;
  if (verdict.witness) {
    if (verdict.witness->test >= 0) facts.test = verdict.witness->test;
    facts.input = verdict.witness->input;
    facts.expected = verdict.witness->expected;
    facts.actual = verdict.witness->actual;
  }
  return facts;
}

std::int64_t copies_of(const FalsePositive& program) {
  std::int64_t n = 0;
  for (const Copies& copies : program.copies) n += copies.count;
  return n;
}

void AcceptedPrograms::add(const store::StoredModel& model, const Suites& suites,
                           const store::JudgedProgram& program) {
  const std::optional<bool> right = right_if_accepted(program, suites);
  if (!right) return;
  const auto [at, is_new] = problems_.try_emplace({model.dataset, program.task_id});
  if (is_new) order_[model.dataset].push_back(program.task_id);
  Problem& problem = at->second;
  const auto copies = program.samples;
  all_.push_back({model.dataset, model.model, program.task_id, program.program_id, copies, *right});
  if (*right) {
    problem.correct.insert(program.text);
    return;
  }
  const auto [wrong, is_first] = problem.wrong.try_emplace(program.program_id);
  if (is_first) wrong->second = facts_of(model, program, caught_by(program, suites));
  wrong->second.copies.push_back({model.model, copies});
}

std::vector<FalsePositive> AcceptedPrograms::wrong_of(const Problem& problem) {
  std::vector<FalsePositive> out;
  if (problem.wrong.empty()) return out;
  const Candidates candidates(problem.correct);
  for (const auto& [program_id, wrong] : problem.wrong) {
    FalsePositive& fp = out.emplace_back(wrong);
    const Candidates::Nearest nearest = candidates.nearest_to(fp.source);
    if (nearest.text) fp.nearest_correct = *nearest.text;
    fp.nearest_capped = nearest.capped;
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const auto& a, const auto& b) { return copies_of(a) > copies_of(b); });
  return out;
}

std::vector<FalsePositive> AcceptedPrograms::false_positives(
    const std::function<void()>& step) const {
  std::vector<const Problem*> problems;
  for (const auto& [dataset, task_ids] : order_)
    for (const std::string& task_id : task_ids)
      problems.push_back(&problems_.at({dataset, task_id}));
  std::vector<std::vector<FalsePositive>> found(problems.size());
  std::mutex stepping;
  stats::parallel_for(problems.size(), 0, [&](std::size_t i) {
    found[i] = wrong_of(*problems[i]);
    const std::lock_guard lock(stepping);
    if (step) step();
  });
  std::vector<FalsePositive> out;
  for (std::vector<FalsePositive>& here : found)
    std::move(here.begin(), here.end(), std::back_inserter(out));
  return out;
}

}  // namespace assay::analysis
