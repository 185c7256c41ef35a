// Judges one program by one suite: sends it the inputs, compares its answers outside, and says the
// verdict. The only place where a sandbox's Outcome becomes a verdict.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "datasets/problem.h"
#include "harness/store/judging.h"
#include "harness/verify/answers.h"
#include "harness/verify/compare/compare.h"
#include "sandbox/sandbox.h"

namespace assay::verify {

/// How far a suite is judged, in ascending order: up to the first test that fails; every test of
/// one process, which a timeout or a crash ends; every test, the process being started again behind
/// the input that ended it (a few times: each may cost a whole time limit).
enum class Scope { first_failure, one_process, full };
const char* name_of(Scope scope);
/// Lowest for a name it does not know.
Scope scope_named(std::string_view name);
/// How far `plus` is judged, by the status of `base`; empty where that is not asked for.
Scope scope_after_base(std::string_view base_status);

/// Everything needed to judge programs by one suite of one problem. Immutable; shared by threads.
struct PreparedSuite {
  std::string name;
  std::int64_t suite_id = 0;
  std::string entry_point;
  std::string trouble;  ///< why nothing can be judged by it; empty where it can
  sandbox::Limits limits;
  std::string raised_limits;  ///< those beyond the user's, as JSON; empty: none

  // differential
  const datasets::DifferentialSuite* differential = nullptr;  ///< owned by the dataset
  std::shared_ptr<const sandbox::Inputs> inputs;
  std::shared_ptr<const Answers> answers;
  std::vector<double> test_cpu_s_max;
  datasets::Rule rule = datasets::Rule::equal;
  double atol = 0;

  // test code
  const datasets::CheckerSuite* checker = nullptr;  ///< owned by the dataset
  bool in_process = false;
};

/// Joins what the dataset says, the user's limits, and the least limits that the reference asks for:
/// of the two the larger counts.
PreparedSuite prepare(const datasets::Problem& problem, const datasets::Suite& source,
                      std::int64_t suite_id, store::ReferenceRun reference,
                      const sandbox::Limits& limits);

struct Judgement {
  store::Verdict verdict;  ///< without its ids; status `missing` is our own trouble
  bool wall_only = false;  ///< a timeout by wall clock alone: to be run again alone
  /// With status `missing`: the failure that was seen before the process was lost. It counts where
  /// a second try is lost too, so that no program falls out of the rates by getting itself killed.
  std::optional<store::Verdict> failed_before;
};
Judgement judge(sandbox::Executor& executor, const std::string& program, const PreparedSuite& suite,
                Scope scope, Mode mode);

}  // namespace assay::verify
