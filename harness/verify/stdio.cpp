#include "harness/verify/stdio.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/base/text.h"
#include "harness/verify/compare/output.h"
#include "harness/verify/outcome_text.h"
#include "harness/verify/output_checker.h"

namespace assay::verify {

using store::Status;

/// A witness's parts are cut here; `assay show` and the report cut further.
static constexpr std::size_t kTextMax = 64 << 10;

namespace {

const datasets::StdioSuite& tests_in(const datasets::Suite& suite) {
  return std::get<datasets::StdioSuite>(suite.tests);
}

bool accepts_any(const datasets::StdioSuite& suite, const datasets::StdioTest& test,
                 std::string_view output) {
  return std::ranges::any_of(
      test.outputs, [&](const std::string& right) { return accepts(suite.rule, right, output); });
}

/// What a witness keeps of a program's bytes, which may be no text.
std::string kept(std::string_view text) { return well_formed(head(text, kTextMax)); }

/// Test by test: its outcome, and whether what it wrote is right.
struct Tried {
  sandbox::Outcome outcome;
  std::string output;
  bool right = false;
  bool unchecked = false;  ///< the checker failed, not the program: `said` tells how
  std::string said;        ///< by the checker, where there is one
};

/// Decides on what a script wrote that came to its end.
void decide(sandbox::Executor& executor, const datasets::StdioSuite& suite,
            const datasets::StdioTest& test, Tried& tried) {
  if (suite.checker.source.empty()) {
    tried.right = accepts_any(suite, test, tried.output);
    return;
  }
  Checked checked =
      check_output(executor, suite.checker, test.input, tried.output, test.outputs.front());
  tried.right = checked.says == Checked::Says::right;
  tried.unchecked = checked.says == Checked::Says::nothing;
  tried.said = std::move(checked.message);
}

Tried try_one(sandbox::Executor& executor, const datasets::StdioSuite& suite, std::size_t index,
              sandbox::ScriptJob& job) {
  const datasets::StdioTest& test = suite.tests[index];
  job.input = test.input;
  Tried out;
  out.outcome = executor.script(job, out.output);
  if (out.outcome.end == sandbox::End::completed) decide(executor, suite, test, out);
  return out;
}

/// Why the output of a script that came to its end is not right.
std::string trouble_with(const datasets::StdioSuite& suite, std::size_t index, const Tried& tried) {
  if (tried.outcome.end != sandbox::End::completed) return describe(tried.outcome);
  if (suite.checker.source.empty())
    return well_formed(difference(suite.rule, suite.tests[index].outputs.front(), tried.output));
  const char* what = tried.unchecked ? "the checker failed" : "the checker rejects it";
  return tried.said.empty() ? what : fmt::format("{}: {}", what, tried.said);
}

store::Witness witness_of(const datasets::StdioSuite& suite, std::size_t index,
                          const Tried& tried) {
  const datasets::StdioTest& test = suite.tests[index];
  store::Witness out;
  out.test = static_cast<std::int64_t>(index);
  out.input = kept(test.input);
  out.expected = kept(test.outputs.front());
  out.actual =
      tried.outcome.end == sandbox::End::completed ? kept(tried.output) : describe(tried.outcome);
  return out;
}

Judgement judge(sandbox::Executor& executor, const datasets::StdioSuite& suite,
                sandbox::ScriptJob job, Scope scope) {
  Judgement judgement;
  store::Verdict& verdict = judgement.verdict;
  bool failed = false;
  for (std::size_t i = 0; i < suite.tests.size(); ++i) {
    const Tried tried = try_one(executor, suite, i, job);
    add_costs(tried.outcome, judgement);
    if (tried.outcome.end == sandbox::End::missing || tried.unchecked) {
      Judgement lost;
      if (failed) lost.failed_before = std::move(verdict);
      lost.verdict.status = Status::missing;
      lost.verdict.message =
          tried.unchecked ? trouble_with(suite, i, tried) : tried.outcome.message;
      if (lost.failed_before) lost.failed_before->scope = name_of(Scope::first_failure);
      return lost;
    }
    ++verdict.judged;
    if (tried.right) {
      ++verdict.passed;
      continue;
    }
    verdict.failing.push_back(static_cast<std::uint32_t>(i));
    const bool completed = tried.outcome.end == sandbox::End::completed;
    const Status status = completed ? Status::fail : status_of(tried.outcome.end);
    if (!completed && status != Status::error)
      judgement.ended.push_back(static_cast<std::uint32_t>(i));
    if (!failed) {
      failed = true;
      verdict.status = status;
      verdict.message = trouble_with(suite, i, tried);
      verdict.witness = witness_of(suite, i, tried);
    }
    // A text that does not compile fails every test alike.
    if (tried.outcome.end == sandbox::End::syntax) {
      verdict.judged = static_cast<std::int64_t>(suite.tests.size());
      break;
    }
    if (scope == Scope::first_failure) break;
  }
  if (!failed) verdict.status = Status::pass;
  verdict.scope = name_of(scope);
  return judgement;
}

}  // namespace

StdioVerifier::StdioVerifier(const datasets::Problem& problem, const datasets::Suite& suite,
                             const Demands& demands)
    : problem_(problem), suite_(suite), demands_(demands) {}

TriedReference StdioVerifier::learn(sandbox::Executor& executor) const {
  TriedReference tried;
  tried.run.lane = "stdio";
  tried.run.doubt = "";
  const datasets::StdioSuite& suite = tests_in(suite_);
  // Programs may write as much as is right, whether or not a reference shows it.
  for (const datasets::StdioTest& test : suite.tests)
    for (const std::string& right : test.outputs)
      tried.run.reply_bytes_max =
          std::max(tried.run.reply_bytes_max, static_cast<std::int64_t>(right.size()));
  if (!problem_.reference.empty()) {
    sandbox::ScriptJob job;
    job.language = problem_.language;
    job.program = problem_.reference;
    job.limits = reference_limits();
    job.trusted = true;
    for (std::size_t i = 0; i < suite.tests.size(); ++i) {
      const Tried one = try_one(executor, suite, i, job);
      const bool ours = add_script(tried, one.outcome, one.output.size());
      if (one.right) continue;
      if (!ours) {
        tried.fault = Fault::suite;
        tried.run.trouble =
            fmt::format("the reference does not pass test {}: {}", i, trouble_with(suite, i, one));
      }
      break;
    }
  }
  decide_limits(tried.run);
  return tried;
}

std::string StdioVerifier::doubt(sandbox::Executor&, const store::ReferenceRun&) const {
  return "";
}

Prepared StdioVerifier::prepare(store::ReferenceRun learnt) const {
  if (!learnt.trouble.empty()) return {learnt.trouble, nullptr};
  const datasets::StdioSuite& suite = tests_in(suite_);
  // One limit for all tests, the largest that the reference asks for: a test is a process.
  ProgramLimits limits = limits_of_programs(learnt, demands_.limits);
  for (const double test : limits.test_cpu_s_max)
    limits.limits.test_cpu_s = std::max(limits.limits.test_cpu_s, test);
  return {"", [this, &suite, limits](sandbox::Executor& executor, const std::string& program,
                                     Scope scope) {
            sandbox::ScriptJob job;
            job.language = problem_.language;
            job.program = program;
            job.limits = limits.limits;
            Judgement judgement = judge(executor, suite, std::move(job), scope);
            judgement.verdict.raised_limits = limits.raised;
            if (judgement.failed_before) judgement.failed_before->raised_limits = limits.raised;
            return judgement;
          }};
}

}  // namespace assay::verify
