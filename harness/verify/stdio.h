// Judges programs as scripts: each test is a process of its own, which reads the test's input and whose
// output is compared here, outside, with those that are right. It never holds one of these.
#pragma once

#include "harness/verify/verifier.h"

namespace assay::verify {

class StdioVerifier final : public Verifier {
 public:
  /// REQUIRES: the suite is a StdioSuite. Keeps references to `problem` and `suite`.
  StdioVerifier(const datasets::Problem& problem, const datasets::Suite& suite,
                const Demands& demands);
  /// Where the problem has a reference, it must pass, and programs get what it needs. Without one the
  /// outputs are what there is to go by.
  TriedReference learn(sandbox::Executor& executor) const override;
  std::string doubt(sandbox::Executor& executor, const store::ReferenceRun& learnt) const override;
  Prepared prepare(store::ReferenceRun learnt) const override;

 private:
  const datasets::Problem& problem_;
  const datasets::Suite& suite_;
  const Demands demands_;
};

}  // namespace assay::verify
