#include "harness/analysis/searches.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "harness/base/error.h"

namespace assay::analysis {

using nlohmann::json;

namespace {

/// What stands at a cell of a problem, by replicate from 0.
using Kept = std::map<std::tuple<std::string, std::string, std::int64_t>,
                      std::vector<const store::SearchAnswer*>>;

Kept by_cell(const std::vector<store::SearchAnswer>& answers) {
  Kept out;
  for (const store::SearchAnswer& one : answers)  // ascending in replicate
    out[{one.task_id, one.strategy, one.n}].push_back(&one);
  return out;
}

explore::Task task_of(const std::string& name, const std::vector<std::string>& ids) {
  explore::Task task;
  task.name = name;
  for (const std::string& id : ids) {
    search::Problem problem;
    problem.task_id = id;
    problem.index = task.problems.size();
    task.problems.push_back(std::move(problem));
  }
  return task;
}

/// Takes out of `tried` what was tried on less than half of the problems that another strategy was
/// tried on, which would leave too few that all have answered. Gives how many.
std::int64_t leave_out_trials(const Kept& kept, std::set<std::pair<std::string, int>>& tried) {
  std::map<std::pair<std::string, int>, std::size_t> problems;
  std::size_t most = 0;
  for (const auto& [cell, answers] : kept) {
    const auto& [id, strategy, n] = cell;
    most = std::max(most, ++problems[{strategy, static_cast<int>(n)}]);
  }
  return static_cast<std::int64_t>(
      std::erase_if(tried, [&](const auto& cell) { return 2 * problems[cell] < most; }));
}

/// From which score on the search counted an answer as accepted.
double accepts_at(const store::SearchRow& row) {
  const json options = json::parse(row.options, nullptr, false);
  const explore::Plan plan;
  if (!options.is_object()) return plan.accepts_at;
  const auto found = options.find("accept_at");
  return found == options.end() || !found->is_number() ? plan.accepts_at : found->get<double>();
}

std::optional<Searched> read(store::Database& database, const store::StoredSearch& search,
                             const stats::BootstrapOptions& options) {
  const std::vector<store::SearchAnswer> all = store::search_answers(database, search.id);
  std::set<std::string> strategies, ids;
  std::set<int> budgets;
  std::set<std::pair<std::string, int>> tried;  // not each strategy at each budget
  for (const store::SearchAnswer& one : all) {
    strategies.insert(one.strategy);
    tried.emplace(one.strategy, static_cast<int>(one.n));
    ids.insert(one.task_id);
    budgets.insert(static_cast<int>(one.n));
  }
  Searched out{search.row.task, search.row.policy, search.row.verifier, ""};
  out.strategies.assign(strategies.begin(), strategies.end());
  out.n.assign(budgets.begin(), budgets.end());
  explore::Plan plan;
  plan.n = out.n;
  plan.accepts_at = accepts_at(search.row);
  try {
    for (const std::string& name : out.strategies)
      plan.strategies.push_back(search::parse_strategy(name));
  } catch (const Error&) {
    store::refuse_damaged(database, "a search has a strategy that is none");
  }
  const Kept kept = by_cell(all);
  out.trials = leave_out_trials(kept, tried);
  // Problems that lack a cell would make strategies incomparable, and so would repetitions.
  std::vector<std::string> whole;
  std::size_t repeats = all.size();
  for (const std::string& id : ids) {
    std::size_t least = all.size();
    for (const auto& [strategy, n] : tried) {
      const auto found = kept.find({id, strategy, n});
      least = std::min(least, found == kept.end() ? 0 : found->second.size());
    }
    if (least == 0) continue;
    whole.push_back(id);
    repeats = std::min(repeats, least);
  }
  if (whole.empty()) return std::nullopt;
  out.problems = static_cast<std::int64_t>(whole.size());
  out.unfinished = static_cast<std::int64_t>(ids.size() - whole.size());
  plan.repeats = static_cast<int>(repeats);
  const explore::Task task = task_of(search.row.task, whole);
  std::vector<explore::Answer> answers;
  for (std::size_t i = 0; i < whole.size(); ++i)
    for (std::size_t s = 0; s < out.strategies.size(); ++s)
      for (const int n : out.n)
        for (std::size_t r = 0; tried.contains({out.strategies[s], n}) && r < repeats; ++r) {
          answers.push_back({i, s, n, static_cast<int>(r)});
          read_answer(database, *kept.at({whole[i], out.strategies[s], n})[r], answers.back());
        }
  out.rows = explore::rows(task, plan, answers, options);
  std::erase_if(out.rows, [&](const explore::Row& row) {
    return !tried.contains({out.strategies[row.strategy], row.n});
  });
  const bool all_at_all = tried.size() == out.strategies.size() * out.n.size();
  const std::size_t reference = explore::reference_of(plan);
  if (all_at_all && reference < plan.strategies.size())
    out.scaling =
        explore::scaling(task, plan, answers, reference, explore::compared_at(plan.n), options);
  std::vector<explore::Sampled> samples;
  for (const store::SearchSample& one : store::search_samples(database, search.id)) {
    const auto at = std::lower_bound(whole.begin(), whole.end(), one.task_id);
    if (at != whole.end() && *at == one.task_id)
      samples.push_back(to_sampled(database, one, static_cast<std::size_t>(at - whole.begin())));
  }
  if (!samples.empty())
    out.fidelity = explore::fidelity(task, samples, plan.accepts_at, options).front();
  return out;
}

/// In words: the options of `search` that another one of its name has otherwise, or its number.
std::string distinction_of(const store::StoredSearch& search,
                           const std::vector<store::StoredSearch>& all) {
  const json mine = json::parse(search.row.options, nullptr, false);
  std::set<std::string> differ;
  bool alone = true;
  for (const store::StoredSearch& other : all) {
    if (other.id == search.id || other.row.task != search.row.task ||
        other.row.policy != search.row.policy || other.row.verifier != search.row.verifier)
      continue;
    alone = false;
    const json theirs = json::parse(other.row.options, nullptr, false);
    if (!mine.is_object() || !theirs.is_object()) continue;
    for (const auto& [key, value] : mine.items())
      if (!theirs.contains(key) || theirs[key] != value) differ.insert(key);
  }
  if (alone) return "";
  std::string out = fmt::format("search {}", search.id);
  for (const std::string& key : differ) out += fmt::format(", {} {}", key, mine[key].dump());
  return out;
}

}  // namespace

std::vector<Searched> searched(store::Database& database, const stats::BootstrapOptions& options) {
  std::vector<Searched> out;
  const std::vector<store::StoredSearch> all = store::stored_searches(database);
  for (const store::StoredSearch& search : all) {
    std::optional<Searched> one = read(database, search, options);
    if (!one) continue;
    one->distinction = distinction_of(search, all);
    out.push_back(std::move(*one));
  }
  return out;
}

void read_answer(const store::Database& database, const store::SearchAnswer& kept,
                 explore::Answer& cell) {
  cell.abstained = !kept.answer;
  cell.answer = kept.answer.value_or("");
  cell.truth = kept.truth;
  cell.spent = kept.spent;
  cell.judged = kept.accepted.has_value();
  cell.accepted = kept.accepted.value_or(false);
  cell.generations = kept.generations;
  cell.tokens = kept.tokens;
  cell.tokens_read = kept.tokens_read;
  cell.calls = kept.calls;
  cell.log_z = kept.log_z;
  try {
    const json trace = json::parse(kept.trace);
    cell.effective_size = trace.at("effective_size").get<std::vector<double>>();
    cell.ancestors = trace.at("ancestors").get<std::vector<std::size_t>>();
    cell.tokens_scored = trace.value("tokens_scored", std::int64_t{0});
  } catch (const json::exception&) {
    store::refuse_damaged(database, "the trace of a search's answer is none");
  }
}

store::SearchAnswer to_row(const explore::Answer& answer, const std::string& task_id,
                           const std::string& strategy) {
  store::SearchAnswer row;
  row.task_id = task_id;
  row.strategy = strategy;
  row.n = answer.n;
  row.replicate = answer.replicate;
  if (!answer.abstained) row.answer = answer.answer;
  row.truth = answer.truth;
  row.spent = answer.spent;
  if (answer.judged) row.accepted = answer.accepted;
  row.generations = answer.generations;
  row.tokens = answer.tokens;
  row.tokens_read = answer.tokens_read;
  row.calls = answer.calls;
  row.log_z = answer.log_z;
  json trace = {{"effective_size", answer.effective_size}, {"ancestors", answer.ancestors}};
  if (answer.tokens_scored > 0) trace["tokens_scored"] = answer.tokens_scored;
  row.trace = trace.dump();
  return row;
}

explore::Sampled to_sampled(const store::Database& database, const store::SearchSample& kept,
                            std::size_t problem) {
  explore::Sampled out{problem, kept.truth, {}, nullptr};
  try {
    for (const json& score : json::parse(kept.scores))
      out.scores.push_back({score.is_null() ? 0 : score.get<double>(), !score.is_null()});
  } catch (const json::exception&) {
    store::refuse_damaged(database, "the scores of a search's sample are none");
  }
  if (out.scores.empty()) store::refuse_damaged(database, "a search's sample has no step");
  return out;
}

store::SearchSample to_row(const explore::Sampled& sample, const std::string& task_id,
                           std::int64_t number) {
  json scores = json::array();
  for (const search::Score& score : sample.scores)
    scores.push_back(score.judged ? json(score.value) : json());
  return {task_id, number, sample.truth, scores.dump()};
}

}  // namespace assay::analysis
