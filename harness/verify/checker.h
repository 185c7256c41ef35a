// Judges programs by the benchmark's own test code, which runs in a process of its own and calls
// the program through a proxy; where the reference passes only so, in the program's process.
#pragma once

#include "harness/verify/verifier.h"

namespace assay::verify {

class CheckerVerifier final : public Verifier {
 public:
  /// REQUIRES: the suite is a CheckerSuite. Keeps references to `problem` and `suite`.
  CheckerVerifier(const datasets::Problem& problem, const datasets::Suite& suite,
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
