#include "harness/verify/appended.h"

#include <algorithm>

#include "datasets/go_text.h"
#include "harness/verify/outcome_text.h"

namespace assay::verify {

using sandbox::End;

/// Whether it ended by an assertion, as far as its last words tell: a wrong answer, rather than an error. Go's tests
/// write what failed and go on.
static bool is_assertion(const sandbox::Outcome& outcome, const std::string& output) {
  if (outcome.end == End::exited) return output.starts_with("--- FAIL: ");
  if (outcome.end != End::raised) return false;
  const std::string& type = outcome.exception_type;
  return type == "assert" || type == "AssertionError" || type == "java.lang.AssertionError" ||
         (type == "panic" && outcome.message.starts_with("assertion failed"));
}

static sandbox::ScriptJob job_of(const datasets::Problem& problem, const datasets::Suite& suite,
                                 const std::string& program, const sandbox::Limits& limits) {
  const auto& text = std::get<datasets::AppendedSuite>(suite.tests);
  sandbox::ScriptJob job;
  job.language = problem.language;
  job.program = text.before;
  job.program += text.go_imports ? datasets::with_go_imports(text.before, program) : program;
  job.program += "\n" + text.after;
  job.with_tests = true;
  job.limits = limits;
  return job;
}

AppendedVerifier::AppendedVerifier(const datasets::Problem& problem, const datasets::Suite& suite,
                                   const Demands& demands)
    : problem_(problem), suite_(suite), demands_(demands) {}

TriedReference AppendedVerifier::learn(sandbox::Executor& executor) const {
  TriedReference tried;
  tried.run.lane = "in_process";
  if (!problem_.reference.empty()) {
    sandbox::ScriptJob job = job_of(problem_, suite_, problem_.reference, reference_limits());
    job.trusted = true;
    std::string output;
    const sandbox::Outcome outcome = executor.script(job, output);
    if (!add_script(tried, outcome, output.size()) && tried.fault != Fault::none)
      tried.run.trouble = "the reference does not pass the tests: " + describe(outcome);
  }
  decide_limits(tried.run);
  return tried;
}

std::string AppendedVerifier::doubt(sandbox::Executor&, const store::ReferenceRun&) const {
  return "";
}

Prepared AppendedVerifier::prepare(store::ReferenceRun learnt) const {
  if (!learnt.trouble.empty()) return {learnt.trouble, nullptr};
  const ProgramLimits limits = limits_of_programs(learnt, demands_.limits);
  return {"", [this, limits](sandbox::Executor& executor, const std::string& program, Scope) {
            Judgement judgement;
            std::string output;
            const sandbox::Outcome outcome =
                executor.script(job_of(problem_, suite_, program, limits.limits), output);
            add_costs(outcome, judgement);
            store::Verdict& verdict = judgement.verdict;
            verdict.status =
                is_assertion(outcome, output) ? store::Status::fail : status_of(outcome.end);
            verdict.message = describe(outcome);
            verdict.forgeable = true;
            verdict.raised_limits = limits.raised;
            if (outcome.end == End::missing) return judgement;
            verdict.judged = 1;
            verdict.passed = outcome.end == End::completed ? 1 : 0;
            if (verdict.passed == 0) verdict.failing = {0};
            return judgement;
          }};
}

}  // namespace assay::verify
