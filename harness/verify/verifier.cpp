#include "harness/verify/verifier.h"

#include <algorithm>

#include "harness/verify/appended.h"
#include "harness/verify/assertions.h"
#include "harness/verify/checker.h"
#include "harness/verify/differential.h"
#include "harness/verify/stdio.h"

namespace assay::verify {

const char* name_of(Scope scope) {
  switch (scope) {
    case Scope::first_failure:
      return "first_failure";
    case Scope::one_process:
      return "one_process";
    case Scope::full:
      return "full";
  }
  return "";
}

Scope scope_named(std::string_view name) {
  for (const Scope scope : {Scope::full, Scope::one_process}) {
    if (name == name_of(scope)) return scope;
  }
  return Scope::first_failure;
}

std::unique_ptr<Verifier> verifier_of(const datasets::Problem& problem,
                                      const datasets::Suite& suite, const Demands& demands) {
  if (std::holds_alternative<datasets::CheckerSuite>(suite.tests)) {
    return std::make_unique<CheckerVerifier>(problem, suite, demands);
  }
  if (std::holds_alternative<datasets::AssertionSuite>(suite.tests)) {
    return std::make_unique<AssertionVerifier>(problem, suite, demands);
  }
  if (std::holds_alternative<datasets::StdioSuite>(suite.tests)) {
    return std::make_unique<StdioVerifier>(problem, suite, demands);
  }
  if (std::holds_alternative<datasets::AppendedSuite>(suite.tests)) {
    return std::make_unique<AppendedVerifier>(problem, suite, demands);
  }
  return std::make_unique<DifferentialVerifier>(problem, suite, demands);
}

void add_costs(const sandbox::Outcome& outcome, Judgement& judgement) {
  store::Verdict& verdict = judgement.verdict;
  verdict.cpu_ms += outcome.cpu_s * 1e3;
  verdict.wall_ms += outcome.wall_s * 1e3;
  verdict.memory_kib =
      std::max(verdict.memory_kib, static_cast<std::int64_t>(outcome.memory_kib_peak));
  verdict.marginal |= outcome.marginal;
  judgement.wall_only |= outcome.end == sandbox::End::timeout_wall;
}

}  // namespace assay::verify
