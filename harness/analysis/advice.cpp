#include "harness/analysis/advice.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "harness/analysis/offered_tests.h"

namespace assay::analysis {

static constexpr std::size_t kTextMax = 5000;  ///< of a call that is only read

/// "f([1, 2], 3)" of "([1, 2], 3)".
static std::string call_text(const std::string& entry_point, const std::string& arguments) {
  std::string_view inner = arguments;
  if (!inner.starts_with('(') || !inner.ends_with(')')) return entry_point + "(*" + arguments + ")";
  inner = inner.substr(1, inner.size() - 2);
  if (inner.ends_with(',')) inner.remove_suffix(1);
  return fmt::format("{}({})", entry_point, inner);
}

static SuiteAdvice advice_on(const WeakProblem& problem, StoredTests& tests) {
  SuiteAdvice out{problem.suite.dataset, problem.suite.task_id, problem.suite.name,
                  problem.entry_point,   problem.accepted,      problem.wrong,
                  problem.uncaught,      problem.too_slow};
  std::vector<StoredTest> known;
  for (const stats::CoverStep& step : problem.cover) {
    AdvisedTest& advised = out.tests.emplace_back(AdvisedTest{step.test, step.catches, "", ""});
    if (auto test = tests.find(problem.suite, step.test)) {
      advised.call = call_text(problem.entry_point, repr(test->arguments, kTextMax));
      advised.expected = repr(test->expected, kTextMax);
      known.push_back(std::move(*test));
    } else if (const auto quoted = problem.quoted.find(step.test); quoted != problem.quoted.end()) {
      advised.call = call_text(problem.entry_point, quoted->second.arguments);
      advised.expected = quoted->second.expected;
    }
  }
  out.code = check_function(known);
  return out;
}

std::vector<SuiteAdvice> advice(const std::vector<WeakProblem>& problems, StoredTests& tests) {
  std::vector<SuiteAdvice> out;
  for (const WeakProblem& problem : problems) out.push_back(advice_on(problem, tests));
  return out;
}

}  // namespace assay::analysis
