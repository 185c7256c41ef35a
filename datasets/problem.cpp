#include "datasets/problem.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <unordered_set>
#include <utility>

#include "harness/base/error.h"
#include "harness/base/hash.h"

namespace assay::datasets {

std::size_t tests_of(const Suite& suite) {
  if (const auto* written = std::get_if<AssertionSuite>(&suite.tests))
    return written->assertions.size();
  if (const auto* stdio = std::get_if<StdioSuite>(&suite.tests)) return stdio->tests.size();
  const auto* calls = std::get_if<DifferentialSuite>(&suite.tests);
  return calls ? calls->inputs.size() : 1;
}

std::string hash_of(const Problem& problem, const Suite& suite) {
  Hasher hasher;
  hasher.add("assay suite, form 1").add(problem.entry_point);
  if (problem.language != "python") hasher.add("language").add(problem.language);
  if (const auto* text = std::get_if<AppendedSuite>(&suite.tests))
    return hasher.add(text->go_imports ? "appended, Go's imports" : "appended")
        .add(problem.reference)
        .add(text->before)
        .add(text->after)
        .hex();
  if (const auto* code = std::get_if<CheckerSuite>(&suite.tests)) {
    return hasher.add(code->setup).add(code->checker).hex();
  }
  if (const auto* written = std::get_if<AssertionSuite>(&suite.tests)) {
    hasher.add("assertions").add(written->setup).add(problem.reference);
    for (const Assertion& one : written->assertions) hasher.add(one.text);
    return hasher.hex();
  }
  if (const auto* stdio = std::get_if<StdioSuite>(&suite.tests)) {
    hasher.add("stdio").add(problem.reference).add(name_of(stdio->rule.compare));
    hasher.add(fmt::format("{} {:d}", stdio->rule.tolerance, stdio->rule.unordered));
    if (!stdio->checker.source.empty())
      hasher.add("checker").add(stdio->checker.language).add(stdio->checker.source);
    for (const StdioTest& test : stdio->tests) {
      hasher.add(test.input).add(fmt::format("{}", test.outputs.size()));
      for (const std::string& output : test.outputs) hasher.add(output);
    }
    return hasher.hex();
  }
  hasher.add(problem.reference).add(fmt::format("{}", problem.atol)).add(name_of(problem.rule));
  const auto& calls = std::get<DifferentialSuite>(suite.tests);
  for (const std::string& input : calls.inputs) hasher.add(input);
  if (!calls.expected.empty()) hasher.add("expected");
  for (const std::string& answer : calls.expected) hasher.add(answer);
  if (!problem.prelude.empty()) hasher.add("prelude").add(problem.prelude);
  if (is_plain(problem, calls)) return hasher.hex();  // as before there were others
  const Calling& calling = problem.calling;
  hasher.add(fmt::format("calling {:d}{:d}{:d}{:d}", calling.result, calling.printed,
                         calling.arguments, calling.operations));
  for (const std::string& type : calls.raises) hasher.add(type);
  return hasher.hex();
}

std::string_view defined_name(const Problem& problem) {
  return std::string_view(problem.entry_point).substr(0, problem.entry_point.find('.'));
}

bool is_plain(const Problem& problem, const DifferentialSuite& calls) {
  const Calling& calling = problem.calling;
  return calling.result && !calling.printed && !calling.arguments && !calling.operations &&
         calls.raises.empty() && problem.entry_point.find('.') == problem.entry_point.npos;
}

static auto named(const std::string_view name) {
  return [name](const Suite& suite) { return suite.name == name; };
}

const Suite* find_suite(const Problem& problem, std::string_view name) {
  const auto found = std::find_if(problem.suites.begin(), problem.suites.end(), named(name));
  return found == problem.suites.end() ? nullptr : &*found;
}

const DifferentialSuite* differential(const Problem& problem, std::string_view name) {
  const Suite* suite = find_suite(problem, name);
  return suite ? std::get_if<DifferentialSuite>(&suite->tests) : nullptr;
}

const CheckerSuite* checker(const Problem& problem, std::string_view name) {
  const Suite* suite = find_suite(problem, name);
  return suite ? std::get_if<CheckerSuite>(&suite->tests) : nullptr;
}

void put_suite(Problem& problem, Suite suite) {
  const auto found = std::find_if(problem.suites.begin(), problem.suites.end(), named(suite.name));
  if (found == problem.suites.end()) {
    problem.suites.push_back(std::move(suite));
  } else {
    *found = std::move(suite);
  }
}

std::vector<std::string> suite_names(const Dataset& dataset) {
  std::vector<std::string> names, others;
  std::unordered_set<std::string> seen;
  for (const Problem& problem : dataset.problems) {
    for (const Suite& suite : problem.suites) {
      if (seen.insert(suite.name).second) others.push_back(suite.name);
    }
  }
  for (const char* known : {"official", "base", "plus"}) {
    if (std::erase(others, known) > 0) names.push_back(known);
  }
  names.insert(names.end(), others.begin(), others.end());
  return names;
}

std::vector<std::string> usual_suites(std::vector<std::string> names) {
  if (names.size() > 1) std::erase(names, "official");
  return names;
}

static std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

ProblemIndex::ProblemIndex(const Dataset& dataset) {
  for (const Problem& problem : dataset.problems) {
    const std::string key = lower(problem.task_id);
    by_key_[key] = &problem;
    const std::size_t slash = key.rfind('/');
    if (slash == key.npos) continue;
    // A number that two problems share names neither.
    const auto [entry, fresh] = by_key_.try_emplace(key.substr(slash + 1), &problem);
    if (!fresh) entry->second = nullptr;
  }
}

const Problem* ProblemIndex::find(std::string_view task_id) const {
  const auto entry = by_key_.find(lower(task_id));
  return entry == by_key_.end() ? nullptr : entry->second;
}

}  // namespace assay::datasets
