// Tests that nobody vouches for, as a verifier of samples: by how many of them a sample passes, and by
// how samples and tests agree (CodeT, arXiv 2207.10397).
//
// Samples of a problem that pass exactly the same tests are a consensus set. CodeT ranks a set by
// sqrt(samples in it) * weight of the tests that they pass, and every sample by its set. The paper writes
// the product of both numbers; the root is in the code that its figures were made with, so that many
// alike wrong samples weigh less against tests, and is what is meant here. A test written n times
// weighs n there. Pure; thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "harness/stats/suite_size.h"

namespace assay::stats {

/// Per sample what it passes of the tests, by weight. Tests that did not judge it are in no share, and
/// it is alike only to samples that the same tests did not judge.
struct Agreement {
  std::vector<double> share;      ///< of all weight that judged it; empty where there is no test
  std::vector<double> weight;     ///< that it passes
  std::vector<std::int64_t> set;  ///< number of its consensus set
  std::vector<double> codet;      ///< among all the samples here
};
/// REQUIRES: a weight above 0 for each test. Throws Error where a failed test is none of them.
Agreement agreement(const ProblemTests& problem, std::span<const double> weights);

/// The score of a consensus set.
double codet_score(double samples, double weight);

}  // namespace assay::stats
