#include "harness/analysis/false_positives.h"

#include <algorithm>
#include <iterator>
#include <mutex>
#include <set>
#include <tuple>

#include "harness/analysis/nearest.h"
#include "harness/stats/parallel.h"

namespace assay::analysis {

namespace {

/// With so many correct programs of its problem a wrong one is compared at least, and so many pairs are compared
/// in all.
constexpr std::size_t kCandidatesMin = 1000, kPairsMax = 10'000'000;
constexpr std::size_t kAtOnce = 16;  ///< problems whose texts are in memory

FalsePositive facts_of(const std::string& dataset, const std::string& task_id,
                       store::ShownProgram shown) {
  const store::Verdict& verdict = shown.stored.verdict;
  FalsePositive facts;
  facts.dataset = dataset;
  facts.task_id = task_id;
  facts.source = std::move(shown.text);
  facts.kind = store::name_of(verdict.status);
  facts.suite = shown.stored.suite;
  facts.message = verdict.message;
  facts.tests_failed = verdict.judged - verdict.passed;
  facts.tests_judged = verdict.judged;
  facts.all_judged = verdict.judged == shown.stored.tests;
  if (verdict.witness) {
    if (verdict.witness->test >= 0) facts.test = verdict.witness->test;
    facts.input = verdict.witness->input;
    facts.expected = verdict.witness->expected;
    facts.actual = verdict.witness->actual;
  }
  return facts;
}

std::int64_t sum_of(const std::vector<Copies>& all) {
  std::int64_t n = 0;
  for (const Copies& copies : all) n += copies.count;
  return n;
}

/// The wrong programs of one problem, and the correct ones that they are compared with.
struct Compared {
  std::vector<FalsePositive> wrong;
  std::set<std::string> correct;
  bool left_out = false;  ///< there are more correct ones

  void find_nearest() {
    const Candidates candidates(correct);
    for (FalsePositive& fp : wrong) {
      const Candidates::Nearest nearest = candidates.nearest_to(fp.source);
      if (nearest.text) fp.nearest_correct = *nearest.text;
      fp.nearest_capped = nearest.capped || left_out;
    }
    correct.clear();
  }
};

}  // namespace

std::int64_t copies_of(const FalsePositive& program) { return sum_of(program.copies); }

void AcceptedPrograms::add(const store::StoredModel& model, const Suites& suites,
                           const store::Tally::Group& group) {
  const std::optional<bool> right = right_if_accepted(group, suites);
  if (!right) return;
  const auto [at, is_new] = problems_[model.dataset].try_emplace(group.task_id);
  if (is_new) order_[model.dataset].push_back(&*at);
  Problem& problem = at->second;
  problem.id = group.problem_id;
  for (const store::Tally::Member& member : group.members) {
    all_.push_back({&model, &at->first, member.program_id, member.samples, *right});
    if (*right) {
      problem.correct.push_back(member.program_id);
      continue;
    }
    const auto [wrong, is_first] = problem.wrong.try_emplace(member.program_id);
    if (is_first) {
      const store::StoredVerdict& caught = caught_by(group, suites);
      wrong->second = {&model, caught.suite, store::name_of(caught.verdict.status), {}};
    }
    wrong->second.copies.push_back({model.model, member.samples});
  }
}

std::size_t AcceptedPrograms::problems() const {
  std::size_t n = 0;
  for (const auto& [dataset, problems] : problems_) n += problems.size();
  return n;
}

std::int64_t AcceptedPrograms::wrong_programs() const {
  std::int64_t n = 0;
  for (const auto& [dataset, problems] : problems_)
    for (const auto& [task_id, problem] : problems)
      n += static_cast<std::int64_t>(problem.wrong.size());
  return n;
}

std::map<std::pair<std::string, std::string>, std::map<std::string, std::int64_t>>
AcceptedPrograms::wrong_kinds() const {
  std::map<std::pair<std::string, std::string>, std::map<std::string, std::int64_t>> kinds;
  for (const auto& [dataset, problems] : problems_)
    for (const auto& [task_id, problem] : problems)
      for (const auto& [id, wrong] : problem.wrong)
        for (const Copies& copies : wrong.copies)
          kinds[{dataset, copies.model}][wrong.kind] += copies.count;
  return kinds;
}

std::vector<AcceptedPrograms::Listed> AcceptedPrograms::listed(std::size_t max) const {
  struct Ranked {
    std::int64_t copies;
    std::size_t problem, order;
    std::int64_t id;
    /// Most copies first; then as they come.
    bool operator<(const Ranked& other) const {
      return std::tuple(-copies, problem, order) <
             std::tuple(-other.copies, other.problem, other.order);
    }
  };
  std::vector<Listed> out;
  std::vector<Ranked> ranked;
  for (const auto& [dataset, places] : order_)
    for (const Place* place : places) {
      std::size_t order = 0;
      for (const auto& [id, wrong] : place->second.wrong)
        ranked.push_back({sum_of(wrong.copies), out.size(), order++, id});
      out.push_back({place, {}});
    }
  std::sort(ranked.begin(), ranked.end());
  if (max > 0 && ranked.size() > max) ranked.resize(max);
  for (const Ranked& one : ranked) out[one.problem].wrong.push_back(one.id);
  return out;
}

std::vector<FalsePositive> AcceptedPrograms::false_positives(
    store::Database& database, std::size_t max, const std::function<void()>& step) const {
  const std::vector<Listed> problems = listed(max);
  std::size_t wrong_listed = 0;
  for (const Listed& one : problems) wrong_listed += one.wrong.size();
  const std::size_t candidates_max =
      std::max(kCandidatesMin, kPairsMax / std::max<std::size_t>(wrong_listed, 1));
  const auto texts_of = [&](const Listed& one) {
    Compared compared;
    const auto& [task_id, problem] = *one.place;
    for (const std::int64_t id : one.wrong) {
      const Wrong& wrong = problem.wrong.at(id);
      compared.wrong.push_back(
          facts_of(wrong.model->dataset, task_id,
                   store::shown_program(database, *wrong.model, problem.id, id, wrong.suite)));
      compared.wrong.back().copies = wrong.copies;
    }
    if (one.wrong.empty()) return compared;
    std::vector<std::int64_t> correct = problem.correct;
    std::sort(correct.begin(), correct.end());
    correct.erase(std::unique(correct.begin(), correct.end()), correct.end());
    compared.left_out = correct.size() > candidates_max;
    for (const std::int64_t id : correct) {
      if (compared.correct.size() == candidates_max) break;
      compared.correct.insert(store::program_text(database, id));
    }
    return compared;
  };
  std::vector<FalsePositive> out;
  std::mutex stepping;
  for (std::size_t begin = 0; begin < problems.size(); begin += kAtOnce) {
    const std::size_t end = std::min(begin + kAtOnce, problems.size());
    std::vector<Compared> here;
    for (std::size_t i = begin; i < end; ++i) here.push_back(texts_of(problems[i]));
    stats::parallel_for(here.size(), 0, [&](std::size_t i) {
      here[i].find_nearest();
      const std::lock_guard lock(stepping);
      if (step) step();
    });
    for (Compared& one : here)
      std::move(one.wrong.begin(), one.wrong.end(), std::back_inserter(out));
  }
  return out;
}

}  // namespace assay::analysis
