#include "datasets/problem.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "harness/base/error.h"
#include "harness/base/hash.h"

namespace assay::datasets {

const DifferentialSuite* differential(const Problem& problem, std::string_view suite_name) {
  if (suite_name == "base") return problem.base ? &*problem.base : nullptr;
  if (suite_name == "plus") return problem.plus ? &*problem.plus : nullptr;
  return nullptr;
}

bool has_suite(const Problem& problem, std::string_view suite_name) {
  return suite_name == "official" ? problem.official.has_value()
                                  : differential(problem, suite_name) != nullptr;
}

std::string hash_of(const Problem& problem, const std::string& suite_name) {
  ASSAY_INVARIANT(has_suite(problem, suite_name));
  Hasher hasher;
  hasher.add("assay suite, form 1").add(problem.entry_point);
  if (suite_name == "official") {
    return hasher.add(problem.official->setup).add(problem.official->checker).hex();
  }
  hasher.add(problem.reference).add(fmt::format("{}", problem.atol)).add(name_of(problem.rule));
  for (const std::string& input : differential(problem, suite_name)->inputs) hasher.add(input);
  return hasher.hex();
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
