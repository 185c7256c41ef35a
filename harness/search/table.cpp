#include "harness/search/table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/base/error.h"
#include "harness/base/json_text.h"
#include "harness/base/words.h"
#include "harness/search/weights.h"

namespace assay::search {

using nlohmann::json;

namespace {

constexpr int kSymbolsMax = 4096, kStepsMax = 4096;
constexpr double kSumTolerance = 1e-6;  ///< probabilities are written with few digits

std::string shown(const std::string& prefix) {
  return prefix.empty() ? "the empty prefix" : "prefix " + prefix;
}

int whole(const json& problem, const char* key, int most, const std::string& where) {
  const auto found = problem.find(key);
  if (found == problem.end() || !found->is_number_integer() || *found < 1 || *found > most)
    throw Error(fmt::format("{}: `{}` must be a whole number from 1 to {}", where, key, most));
  return found->get<int>();
}

/// How many symbols a key has, each below `symbols`.
std::size_t length_of(const std::string& key, int symbols, const std::string& where) {
  const std::vector<std::string> parts = split(key, ',');
  for (const std::string& part : parts) {
    const bool digits = !part.empty() && part.size() < 6 &&
                        part.find_first_not_of("0123456789") == part.npos &&
                        (part.size() == 1 || part[0] != '0');
    if (!digits || std::stoi(part) >= symbols)
      throw Error(fmt::format("{}: `{}` is not made of symbols from 0 to {}, joined by commas",
                              where, key, symbols - 1));
  }
  return parts.size();
}

void read_policy(const json& rows, const char* key, const TableProblem& problem,
                 TableProblem::Rows& into, const std::string& where) {
  for (const auto& [prefix, row] : rows.items()) {
    const std::string here = fmt::format("{}: `{}`, {}", where, key, shown(prefix));
    if (length_of(prefix, problem.symbols, here) >= static_cast<std::size_t>(problem.steps))
      throw Error(fmt::format("{}: sequences have {} symbols", here, problem.steps));
    if (!row.is_array() || row.size() != static_cast<std::size_t>(problem.symbols))
      throw Error(fmt::format("{}: there must be {} probabilities", here, problem.symbols));
    std::vector<double> probabilities;
    double sum = 0;
    for (const json& p : row) {
      if (!p.is_number() || p.get<double>() < 0)
        throw Error(fmt::format("{}: a probability is a number of at least 0", here));
      probabilities.push_back(p.get<double>());
      sum += probabilities.back();
    }
    if (!(std::abs(sum - 1) <= kSumTolerance))
      throw Error(fmt::format("{}: the probabilities sum to {:g}, not 1", here, sum));
    for (double& p : probabilities) p /= sum;
    into.emplace(prefix, std::move(probabilities));
  }
}

void read_numbers(const json& rows, const char* key, const TableProblem& problem,
                  std::map<std::string, double>& into, const std::string& where) {
  for (const auto& [prefix, value] : rows.items()) {
    const std::string here = fmt::format("{}: `{}`, {}", where, key, shown(prefix));
    const std::size_t length = length_of(prefix, problem.symbols, here);
    if (std::string_view(key) == "truth" && length != static_cast<std::size_t>(problem.steps)) {
      throw Error(fmt::format("{}: it has {} symbols; the truth is of whole sequences, of {}", here,
                              length, problem.steps));
    }
    if (length < 1 || length > static_cast<std::size_t>(problem.steps))
      throw Error(
          fmt::format("{}: it has {} symbols; there are 1 to {}", here, length, problem.steps));
    if (!value.is_number() || value.get<double>() < 0 || value.get<double>() > 1)
      throw Error(fmt::format("{}: it must be a number from 0 to 1", here));
    into.emplace(prefix, value.get<double>());
  }
}

}  // namespace

std::string joined(const std::vector<std::int32_t>& symbols) {
  return fmt::format("{}", fmt::join(symbols, ","));
}

const std::vector<double>& TableProblem::probabilities(const std::string& prefix,
                                                       Rows TableProblem::*of) const {
  const Rows& rows = this->*of;
  const auto found = rows.find(prefix);
  if (found == rows.end())
    throw Error(fmt::format("{}: problem {}: `{}` has no probabilities after {}", source, task_id,
                            of == &TableProblem::proposal ? "proposal" : "policy", shown(prefix)));
  return found->second;
}

double TableProblem::score_of(const std::string& prefix) const {
  const auto found = score.find(prefix);
  if (found == score.end())
    throw Error(
        fmt::format("{}: problem {}: `score` has none of {}", source, task_id, shown(prefix)));
  return found->second;
}

double TableProblem::truth_of(const std::string& sequence) const {
  const auto found = truth.find(sequence);
  return found == truth.end() ? 0 : found->second;
}

const TableProblem& Table::problem(const std::string& task_id) const {
  const auto found = std::find_if(problems.begin(), problems.end(),
                                  [&](const TableProblem& one) { return one.task_id == task_id; });
  ASSAY_INVARIANT(found != problems.end());
  return *found;
}

Table parse_table(const std::string& text, const std::string& source) {
  const json root = json_of(text, source);
  const auto rows = root.is_object() ? root.find("problems") : root.end();
  if (root.is_object() && root.contains("log_reward"))
    throw Error(
        fmt::format("{}: it has the log reward of every sequence, which `assay train` "
                    "gflownet, reinforce and ppo learn from; what is searched, and what base "
                    "learns from, is a table with `problems`",
                    source));
  if (!root.is_object() || rows == root.end() || !rows->is_array() || rows->empty())
    throw Error(
        fmt::format("{}: it must be an object with `problems`, an array of at least one", source));
  Table table;
  std::set<std::string> seen;
  for (std::size_t i = 0; i < rows->size(); ++i) {
    const json& row = (*rows)[i];
    std::string where = fmt::format("{}: problem {} of {}", source, i + 1, rows->size());
    if (!row.is_object() || !row.contains("task_id") || !row["task_id"].is_string())
      throw Error(fmt::format("{}: `task_id` must be a text", where));
    TableProblem problem;
    problem.source = source;
    problem.task_id = row["task_id"].get<std::string>();
    if (const auto trouble = trouble_of_name(problem.task_id); trouble || problem.task_id.empty())
      throw Error(fmt::format("{}: `task_id` {}", where, trouble.value_or("is empty")));
    if (!seen.insert(problem.task_id).second)
      throw Error(fmt::format("{}: `task_id` {} stands twice", where, problem.task_id));
    where += fmt::format(" ({})", problem.task_id);
    for (const auto& [key, value] : row.items()) {
      static const std::set<std::string> known = {"task_id",  "symbols", "steps", "policy",
                                                  "proposal", "score",   "truth"};
      if (!known.contains(key))
        throw Error(fmt::format("{}: there is no key `{}`; there is {}", where, key,
                                fmt::join(known, ", ")));
    }
    problem.symbols = whole(row, "symbols", kSymbolsMax, where);
    problem.steps = whole(row, "steps", kStepsMax, where);
    for (const auto& [key, needed] :
         {std::pair{"policy", true}, {"score", true}, {"proposal", false}, {"truth", false}}) {
      if (row.contains(key) ? !row[key].is_object() : needed)
        throw Error(fmt::format("{}: `{}` must be an object", where, key));
    }
    read_policy(row["policy"], "policy", problem, problem.policy, where);
    if (row.contains("proposal"))
      read_policy(row["proposal"], "proposal", problem, problem.proposal, where);
    read_numbers(row["score"], "score", problem, problem.score, where);
    if (row.contains("truth")) read_numbers(row["truth"], "truth", problem, problem.truth, where);
    table.problems.push_back(std::move(problem));
  }
  return table;
}

std::optional<std::string> never_proposed(const TableProblem& table) {
  std::vector<std::pair<std::string, int>> open = {{"", 0}};  // prefixes, and their lengths
  while (!open.empty()) {
    const auto [prefix, length] = open.back();
    open.pop_back();
    const std::vector<double>& p = table.probabilities(prefix);
    const std::vector<double>& q = table.probabilities(prefix, &TableProblem::proposal);
    for (std::size_t symbol = 0; symbol < p.size(); ++symbol) {
      const std::string longer = (prefix.empty() ? "" : prefix + ",") + std::to_string(symbol);
      if (p[symbol] <= 0 || table.score_of(longer) <= 0) continue;
      if (q[symbol] <= 0) return longer;
      if (length + 1 < table.steps) open.emplace_back(longer, length + 1);
    }
  }
  return std::nullopt;
}

Problem problem_of(const TableProblem& table) {
  return {table.task_id, "", [](const Prefix& prefix) { return joined(tokens_of(prefix)); },
          table.steps,   {}, 0};
}

Prefix TablePolicy::open(const Problem& problem) {
  return make_root(problem.task_id,
                   std::make_shared<const TableProblem*>(&table_.problem(problem.task_id)));
}

std::vector<Prefix> TablePolicy::extend(std::span<Ask> asks) {
  std::vector<Prefix> out;
  for (Ask& ask : asks) {
    const auto& problem = **std::static_pointer_cast<const TableProblem*>(ask.prefix->state);
    const std::vector<double>& p = problem.probabilities(joined(tokens_of(ask.prefix)), rows_);
    const std::size_t symbol =
        ask.given    ? static_cast<std::size_t>(ask.given->tokens.at(0))
        : ask.greedy ? static_cast<std::size_t>(std::max_element(p.begin(), p.end()) - p.begin())
                     : drawn(p, ask.stream);
    Node step;
    step.tokens = {static_cast<std::int32_t>(symbol)};
    step.text = (ask.prefix->depth ? "," : "") + std::to_string(symbol);
    step.tokens_out = 1;
    step.log_probability = std::log(p.at(symbol));
    step.log_drawn = ask.greedy ? 0 : *step.log_probability;
    step.state = ask.prefix->state;
    step.finish = p[symbol] <= 0                           ? Finish::refused
                  : ask.prefix->depth + 1 == problem.steps ? Finish::complete
                                                           : Finish::open;
    out.push_back(behind(ask.prefix, std::move(step)));
  }
  return out;
}

std::vector<Score> TableVerifier::score(const Problem& problem, std::span<const Prefix> prefixes) {
  const TableProblem& table = table_.problem(problem.task_id);
  std::vector<Score> out;
  for (const Prefix& prefix : prefixes)
    out.push_back({table.score_of(joined(tokens_of(prefix))), true});
  return out;
}

}  // namespace assay::search
