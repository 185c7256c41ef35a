// Assertions that somebody wrote without the reference at hand: read, and run against programs.
//
// Where one call's answer decides, the program gets the arguments alone, all calls in one process, and
// its answers are compared here; every other assertion runs as the benchmark's own test code does, in a
// process that calls the program (checker.h), one process for each. So no assertion can change what
// another one finds, and no program sees what is expected of it. Nothing here trusts the assertions:
// the reference is one more program to them, and raises no limit.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "datasets/forms/written_tests.h"
#include "harness/verify/verifier.h"

namespace assay::verify {

/// CPU seconds that the reference gets for one assertion: one that takes it longer says nothing of it.
inline constexpr double kAssertionReferenceS = 5;

struct ReadTest {
  datasets::Assertion assertion;
  std::string trouble;  ///< why the text is no assertion on the problem's entry point; or empty
};
/// Python's own parser reads them, in the executor's jail: for each of `written` what it came to. Whole
/// texts are cut as CodeT cuts the completion of a prompt that ends in "assert". Throws Error where
/// the jail is lost.
std::vector<std::vector<ReadTest>> read_tests(sandbox::Executor& executor,
                                              const datasets::Problem& problem,
                                              const std::vector<datasets::WrittenTest>& written);
/// The problem's prompt, or nothing where it cannot be executed.
std::string setup_of(sandbox::Executor& executor, const datasets::Problem& problem);

class AssertionVerifier final : public Verifier {
 public:
  /// REQUIRES: the suite is an AssertionSuite. Keeps references to `problem` and `suite`.
  AssertionVerifier(const datasets::Problem& problem, const datasets::Suite& suite,
                    const Demands& demands);
  TriedReference learn(sandbox::Executor& executor) const override;
  std::string doubt(sandbox::Executor& executor, const store::ReferenceRun& learnt) const override;
  Prepared prepare(store::ReferenceRun learnt) const override;

 private:
  const datasets::Problem& problem_;
  const datasets::Suite& suite_;
  const Demands demands_;
};

}  // namespace assay::verify
