// Verifiers are judged too: what passes everything measures nothing. A problem's reference must pass
// each of its suites, again and again; wrong programs must not. All of it goes through the judging
// that samples meet (verifier.h), so that a finding here is what a sample would have met.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "datasets/problem.h"
#include "harness/verify/verifier.h"
#include "sandbox/sandbox.h"

namespace assay::verify {

/// What can be wrong with a verifier; name_of() is what users read.
enum class Flaw {
  reference_fails,             ///< no program can be judged by the suite
  checker_fails,               ///< the checker of outputs fails, or rejects a right output
  unstable,                    ///< the reference, run once more, is not right
  incomparable,                ///< an answer that is not even equal to itself
  no_tests,                    ///< no input, no statement
  never_run,                   ///< a test is defined and nothing runs it
  asserts_nothing,             ///< a comparison is computed, and nothing asks for its result
  accepts_anything,            ///< a program passes that raises, or answers None
  accepts_constant,            ///< a program passes that answers every call as the first
  tolerance_accepts_anything,  ///< every number may be twice itself and one more
};
const char* name_of(Flaw flaw);

struct Finding {
  Flaw flaw = Flaw::reference_fails;
  std::string suite;
  Fault fault = Fault::suite;  ///< of reference_fails: where it lies
  std::string what;            ///< one sentence
};

/// Everything found in one problem, suite by suite. `first` judges; the reference is also a sample
/// in each of `others`, jails of another sandbox::Config::seed: what rests on the order of a set, on
/// chance or on the clock is found where it differs there. `call_s`: reference_limits().
/// Throws Error where a jail is lost twice.
std::vector<Finding> audit(sandbox::Executor& first, std::span<sandbox::Executor* const> others,
                           const datasets::Problem& problem, double call_s);

/// The findings that take no run: no_tests.
std::vector<Finding> plain_findings(const datasets::Suite& suite);

/// What a run can afford to find where a reference has passed: answers that nothing equals, tests that
/// are not run or assert nothing, a test text that a program passes which raises on every call. One
/// sentence; empty where none of it is.
std::string doubt_of(sandbox::Executor& executor, const datasets::Problem& problem,
                     const datasets::Suite& suite, const store::ReferenceRun& learnt);
/// That program, and the one that reads a test text in the jail.
std::string raising_stub(const datasets::Problem& problem);
std::string text_reader();

}  // namespace assay::verify
