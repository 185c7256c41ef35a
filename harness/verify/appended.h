// Judges programs by tests in their own language that stand around them as text: one process, whose exit
// status decides. Who writes the program could write its exit, so every verdict is marked forgeable.
#pragma once

#include "harness/verify/verifier.h"

namespace assay::verify {

class AppendedVerifier final : public Verifier {
 public:
  /// REQUIRES: the suite is an AppendedSuite. Keeps references to `problem` and `suite`.
  AppendedVerifier(const datasets::Problem& problem, const datasets::Suite& suite,
                   const Demands& demands);
  /// Where the problem has a reference, it must pass, and programs get what it needs.
  TriedReference learn(sandbox::Executor& executor) const override;
  std::string doubt(sandbox::Executor& executor, const store::ReferenceRun& learnt) const override;
  Prepared prepare(store::ReferenceRun learnt) const override;

 private:
  const datasets::Problem& problem_;
  const datasets::Suite& suite_;
  const Demands demands_;
};

}  // namespace assay::verify
