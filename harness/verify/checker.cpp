#include "harness/verify/checker.h"

#include "harness/verify/audit.h"
#include "harness/verify/observed.h"
#include "harness/verify/outcome_text.h"

namespace assay::verify {

CheckerVerifier::CheckerVerifier(const datasets::Problem& problem, const datasets::Suite& suite,
                                 const Demands& demands)
    : problem_(problem), suite_(suite), demands_(demands) {}

TriedReference CheckerVerifier::learn(sandbox::Executor& executor) const {
  TriedReference tried = run_reference(executor, problem_, suite_, reference_limits());
  tried.run.doubt = doubt(executor, tried.run);
  return tried;
}

std::string CheckerVerifier::doubt(sandbox::Executor& executor,
                                   const store::ReferenceRun& learnt) const {
  return doubt_of(executor, problem_, suite_, learnt);
}

static Judgement judge(sandbox::Executor& executor, const sandbox::CheckJob& job) {
  Judgement judgement;
  const sandbox::Outcome outcome = executor.check(job);
  add_costs(outcome, judgement);
  store::Verdict& verdict = judgement.verdict;
  verdict.status = status_of(outcome.end);
  verdict.message = describe(outcome);
  verdict.forgeable = job.in_process;
  if (outcome.end == sandbox::End::missing) return judgement;
  verdict.judged = 1;
  verdict.passed = outcome.end == sandbox::End::completed ? 1 : 0;
  if (verdict.passed == 0) verdict.failing = {0};
  return judgement;
}

Prepared CheckerVerifier::prepare(store::ReferenceRun learnt) const {
  if (!learnt.trouble.empty()) return {learnt.trouble, nullptr};
  const ProgramLimits limits = limits_of_programs(learnt, demands_.limits);
  const bool in_process = learnt.lane == "in_process";
  const auto& suite = std::get<datasets::CheckerSuite>(suite_.tests);
  return {"", [this, &suite, limits, in_process](sandbox::Executor& executor,
                                                 const std::string& program, Scope) {
            Judgement judgement =
                judge(executor, check_job(program, std::string(datasets::defined_name(problem_)),
                                          suite, in_process, limits.limits));
            judgement.verdict.raised_limits = limits.raised;
            explain(judgement.verdict, program, problem_.entry_point);
            return judgement;
          }};
}

}  // namespace assay::verify
