#include "harness/analysis/disputed.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace assay::analysis {

static void keep_each_once(std::vector<std::uint64_t>& codes) {
  std::sort(codes.begin(), codes.end());
  codes.erase(std::unique(codes.begin(), codes.end()), codes.end());
}

void Disputes::add(const store::Database& database, const store::StoredModel& model,
                   const Suites& suites, const store::Tally::Group& group) {
  const bool wrong = right_if_accepted(group, suites) == std::optional(false);
  const std::vector<std::string>& proxy = suites.proxy;
  for (const std::string& name : suites.gold) {
    // What accepts a program never calls it wrong.
    if (std::find(proxy.begin(), proxy.end(), name) != proxy.end()) continue;
    const store::StoredVerdict* stored = group.verdict(name);
    if (!stored || stored->verdict.status == store::Status::missing) continue;
    const store::Verdict& verdict = stored->verdict;
    Suite& suite = suites_[{model.dataset, group.task_id, name}];
    suite.hash = stored->suite_hash;
    suite.entry_point = group.entry_point;
    Group& here = suite.groups.emplace_back();
    here.model = &model;
    here.problem_id = group.problem_id, here.program_id = group.members.front().program_id;
    for (const store::Tally::Member& member : group.members) here.codes.push_back(member.code);
    here.passes = verdict.status == store::Status::pass;
    here.judged = verdict.judged;
    here.failing = store::unpack_failing(database, stored->failing_stored);
    // An exception or a limit is no answer.
    if (verdict.status != store::Status::fail || !verdict.witness || verdict.witness->test < 0)
      continue;
    here.answer = {verdict.witness->test, verdict.witness->actual};
    if (wrong) suite.wrong[*here.answer] += group.samples;
  }
}

bool Disputes::Group::passes_test(std::int64_t test) const {
  return passes || (test < judged && !failing.empty() &&
                    !std::binary_search(failing.begin(), failing.end(), test));
}

template <typename IsOne>
Disputes::Side Disputes::side_of(const Suite& suite, const IsOne& is_one) {
  Side side;
  for (const Group& group : suite.groups) {
    if (!is_one(group)) continue;
    Codes& of_model = side.of_model[group.model->model];
    of_model.insert(of_model.end(), group.codes.begin(), group.codes.end());
  }
  for (auto& [model, codes] : side.of_model) {
    keep_each_once(codes);
    side.codes.insert(side.codes.end(), codes.begin(), codes.end());
  }
  keep_each_once(side.codes);
  return side;
}

template <typename IsOne>
std::size_t Disputes::programs_of(const Suite& suite, const IsOne& is_one) {
  std::size_t programs = 0;
  for (const Group& group : suite.groups) programs += is_one(group) ? group.codes.size() : 0;
  return programs;
}

/// Of the group with most programs.
template <typename IsOne>
std::size_t Disputes::distinct_of_largest(const Suite& suite, const IsOne& is_one) {
  const Group* largest = nullptr;
  for (const Group& group : suite.groups)
    if (is_one(group) && (!largest || group.codes.size() > largest->codes.size())) largest = &group;
  if (!largest) return 0;
  Codes codes = largest->codes;
  keep_each_once(codes);
  return codes.size();
}

/// In voices: one a model, which its programs on both sides share.
double Disputes::majority(const Side& others, const Side& reference) {
  double out = 0;
  for (const auto& [model, codes] : others.of_model) {
    const auto at = reference.of_model.find(model);
    const auto other = static_cast<double>(codes.size()),
               same = at == reference.of_model.end() ? 0 : static_cast<double>(at->second.size());
    out += (other - same) / (other + same);
  }
  for (const auto& [model, codes] : reference.of_model) out -= !others.of_model.contains(model);
  return out;
}

std::vector<Dispute> Disputes::disputes_of(store::Database& database, const Key& key,
                                           const Suite& suite) {
  const auto& [dataset, task_id, name] = key;
  std::vector<Dispute> out;
  if (suite.wrong.empty()) return out;
  // The passing ones are on the reference's side whatever the test: few other programs need not be counted
  // further. Distinct codes are counted only where the programs are enough.
  const auto passes = [](const Group& group) { return group.passes; };
  const std::size_t agree_at_least = distinct_of_largest(suite, passes);
  std::optional<std::size_t> agree;
  for (const auto& offered : suite.wrong) {
    const auto& answer = offered.first;
    const auto gives_it = [&](const Group& group) { return group.answer == answer; };
    if (programs_of(suite, gives_it) <= agree_at_least) continue;
    const Side others = side_of(suite, gives_it);
    if (!agree) agree = side_of(suite, passes).codes.size();
    if (others.codes.size() <= *agree || others.of_model.size() < 2) continue;
    const Side reference =
        side_of(suite, [&](const Group& group) { return group.passes_test(answer.first); });
    if (others.codes.size() <= reference.codes.size() || majority(others, reference) <= 1e-9)
      continue;
    const Group& first = *std::find_if(suite.groups.begin(), suite.groups.end(), gives_it);
    const store::ShownProgram shown =
        store::shown_program(database, *first.model, first.problem_id, first.program_id, name);
    const store::Witness witness = shown.stored.verdict.witness.value_or(store::Witness{});
    Dispute& one = out.emplace_back(
        Dispute{{dataset, task_id, name, suite.hash}, suite.entry_point, answer.first});
    one.input = witness.input, one.expected = witness.expected, one.answer = witness.actual;
    one.wrong = offered.second;
    one.programs = static_cast<std::int64_t>(others.codes.size());
    one.models = static_cast<std::int64_t>(others.of_model.size());
    one.reference_programs = static_cast<std::int64_t>(reference.codes.size());
    one.reference_models = static_cast<std::int64_t>(reference.of_model.size());
  }
  return out;
}

std::vector<Dispute> Disputes::list(store::Database& database) const {
  std::map<std::pair<std::string, std::string>, Dispute> most;
  for (const auto& [key, suite] : suites_)
    for (Dispute& one : disputes_of(database, key, suite)) {
      const auto [at, is_new] = most.try_emplace({one.suite.dataset, one.suite.task_id}, one);
      if (!is_new && one.programs > at->second.programs) at->second = std::move(one);
    }
  std::vector<Dispute> out;
  for (auto& [problem, one] : most) out.push_back(std::move(one));
  return out;
}

std::set<std::pair<std::string, std::string>> problems_of(const std::vector<Dispute>& disputes) {
  std::set<std::pair<std::string, std::string>> out;
  for (const Dispute& one : disputes) out.emplace(one.suite.dataset, one.suite.task_id);
  return out;
}

std::vector<Dispute> disputes(store::Database& database, const Selected& selected) {
  Disputes found;
  for (std::size_t i = 0; i < selected.models.size(); ++i)
    store::for_each_group(database, selected.models[i], [&](const store::Tally::Group& group) {
      found.add(database, selected.models[i], selected.suites[i], group);
    });
  return found.list(database);
}

std::vector<WeakProblem> undisputed(std::vector<WeakProblem> problems,
                                    const std::vector<Dispute>& disputes) {
  const auto left_out = problems_of(disputes);
  std::erase_if(problems, [&](const WeakProblem& problem) {
    return left_out.contains({problem.suite.dataset, problem.suite.task_id});
  });
  return problems;
}

static void drop_problems(stats::ModelCounts& counts,
                          const std::set<std::pair<std::string, std::string>>& problems) {
  std::size_t kept = 0;
  for (std::size_t p = 0; p < counts.task_ids.size(); ++p) {
    if (problems.contains({counts.dataset, counts.task_ids[p]})) continue;
    std::swap(counts.task_ids[kept], counts.task_ids[p]);
    counts.problems[kept++] = counts.problems[p];
  }
  counts.task_ids.resize(kept);
  counts.problems.resize(kept);
}

void leave_out(Selected& selected, std::size_t index, const std::string& why) {
  const store::StoredModel& model = selected.models[index];
  selected.left_out.push_back(fmt::format("{} on {}: {}", model.model, model.dataset, why));
  const auto at = static_cast<std::ptrdiff_t>(index);
  selected.models.erase(selected.models.begin() + at);
  selected.suites.erase(selected.suites.begin() + at);
  selected.counts.erase(selected.counts.begin() + at);
  selected.doubts.erase(selected.doubts.begin() + at);
  selected.unjudged.erase(selected.unjudged.begin() + at);
}

Selected without(Selected selected, const std::vector<Dispute>& disputes) {
  const auto disputed = problems_of(disputes);
  for (std::size_t i = selected.counts.size(); i-- > 0;) {
    drop_problems(selected.counts[i], disputed);
    if (selected.counts[i].problems.empty())
      leave_out(selected, i, "all of its problems are disputed");
  }
  return selected;
}

}  // namespace assay::analysis
