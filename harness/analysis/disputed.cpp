#include "harness/analysis/disputed.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "datasets/python_code.h"
#include "harness/base/hash.h"

namespace assay::analysis {

void Disputes::add(const store::Database& database, const store::StoredModel& model,
                   const Suites& suites, const store::JudgedProgram& program) {
  const bool wrong = right_if_accepted(program, suites) == std::optional(false);
  const std::vector<std::string>& proxy = suites.proxy;
  for (const std::string& name : suites.gold) {
    // What accepts a program never calls it wrong.
    if (std::find(proxy.begin(), proxy.end(), name) != proxy.end()) continue;
    const store::StoredVerdict* stored = program.verdict(name);
    if (!stored || stored->verdict.status == store::Status::missing) continue;
    const store::Verdict& verdict = stored->verdict;
    Suite& suite = suites_[{model.dataset, program.task_id, name}];
    suite.hash = stored->suite_hash;
    suite.entry_point = program.entry_point;
    const auto [at, is_new] = suite.programs.try_emplace(program.program_id);
    at->second.models.insert(model.model);
    if (is_new) {
      at->second.code = sha256(datasets::code_of(program.text));
      at->second.passes = verdict.status == store::Status::pass;
      at->second.judged = verdict.judged;
      at->second.failing = store::unpack_failing(database, stored->failing_stored);
    }
    // An exception or a limit is no answer.
    if (verdict.status != store::Status::fail || !verdict.witness || verdict.witness->test < 0)
      continue;
    const store::Witness& witness = *verdict.witness;
    const Answer answer{witness.test, witness.actual};
    suite.answers[answer].insert(program.program_id);
    suite.shown.try_emplace(witness.test, witness.input, witness.expected);
    if (wrong) suite.wrong[answer] += program.samples;
  }
}

void Disputes::Side::add(const Program& program) {
  codes.insert(program.code);
  for (const std::string& model : program.models) of_model[model].insert(program.code);
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

std::vector<Dispute> Disputes::disputes_of(const Key& key, const Suite& suite) {
  const auto& [dataset, task_id, name] = key;
  std::vector<Dispute> out;
  for (const auto& [answer, wrong] : suite.wrong) {
    Dispute one{{dataset, task_id, name, suite.hash}, suite.entry_point, answer.first};
    std::tie(one.input, one.expected) = suite.shown.at(answer.first);
    one.answer = answer.second;
    one.wrong = wrong;
    Side others, reference;
    for (const std::int64_t id : suite.answers.at(answer)) others.add(suite.programs.at(id));
    for (const auto& [id, program] : suite.programs) {
      const bool passes_it =
          program.passes ||
          (answer.first < program.judged && !program.failing.empty() &&
           !std::binary_search(program.failing.begin(), program.failing.end(), answer.first));
      if (passes_it) reference.add(program);
    }
    one.programs = static_cast<std::int64_t>(others.codes.size());
    one.models = static_cast<std::int64_t>(others.of_model.size());
    one.reference_programs = static_cast<std::int64_t>(reference.codes.size());
    one.reference_models = static_cast<std::int64_t>(reference.of_model.size());
    const bool outvoted =
        one.programs > one.reference_programs && majority(others, reference) > 1e-9;
    if (one.models >= 2 && outvoted) out.push_back(std::move(one));
  }
  return out;
}

std::vector<Dispute> Disputes::list() const {
  std::map<std::pair<std::string, std::string>, Dispute> most;
  for (const auto& [key, suite] : suites_)
    for (Dispute& one : disputes_of(key, suite)) {
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
    store::for_each_program(database, selected.models[i],
                            {.texts = true, .witnesses = true, .failing = true},
                            [&](const store::JudgedProgram& program) {
                              found.add(database, selected.models[i], selected.suites[i], program);
                            });
  return found.list();
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
