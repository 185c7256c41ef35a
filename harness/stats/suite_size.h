// Fidelity against suite size: what the proxy would accept if its suite had at most t tests, drawn
// at random without replacement from the ones it has.
//
// A sample that fails f of T tests is accepted with probability C(T-f,t)/C(T,t). For one draw that
// is all there is to it. For K > 1 the samples of a problem share the subset, so subsets are drawn
// (seeded) and the exact curve is averaged over them. Needs every test's result (`run --full`).
// A problem with fewer than t tests is judged by all it has.
// Errors: assay::Error where failures do not fit the suite. Pure; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/stats/bootstrap.h"

namespace assay::stats {

struct SampleTests {
  std::vector<std::uint32_t> failed;  ///< which tests failed, in order, each once
  bool correct = false;               ///< by the gold standard
  std::uint32_t unjudged =
      0;                    ///< the last so many of `failed` count as failed, and were not judged
  std::int64_t copies = 1;  ///< so many samples are like this
};

struct ProblemTests {
  std::string task_id;
  std::uint32_t tests = 0;  ///< T of the proxy suite
  std::vector<SampleTests> samples;
  std::int64_t n() const;  ///< samples, with their copies
};

/// Parallel vectors over `tests`, the suite sizes asked for.
struct SuiteSize {
  std::vector<int> tests;
  std::vector<Estimate> acceptance, fdr, fpr, fp_mass, fnr;  ///< means over problems; fdr pooled
  std::vector<Estimate> tp_at_k;                             ///< mean TP_K at the K asked for
  int k = 1;
};

/// C(T-f,t)/C(T,t); t >= T asks for all tests.
double acceptance_probability(std::uint32_t tests, std::uint32_t failed, std::uint32_t drawn);

struct SuiteSizeOptions {
  std::vector<int> tests = {1, 2, 3, 5, 10, 20, 50, 100};
  int k = 10;         ///< TP_K is empty where K is larger than some problem's n
  int subsets = 200;  ///< drawn per problem and size, for K > 1
};

SuiteSize suite_size(const std::vector<ProblemTests>& problems, const SuiteSizeOptions& options,
                     const BootstrapOptions& bootstrap = {});

}  // namespace assay::stats
