// Judges programs by a suite's inputs: a program gets all of them in one process, and its answers
// are compared here, outside, with those of the reference.
#pragma once

#include "harness/verify/verifier.h"

namespace assay::verify {

class DifferentialVerifier final : public Verifier {
 public:
  /// REQUIRES: the suite is a DifferentialSuite. Keeps references to `problem` and `suite`.
  DifferentialVerifier(const datasets::Problem& problem, const datasets::Suite& suite,
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
