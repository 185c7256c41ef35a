#include "harness/stats/agreement.h"

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <numeric>

#include "harness/base/error.h"

namespace assay::stats {

double codet_score(double samples, double weight) { return std::sqrt(samples) * weight; }

Agreement agreement(const ProblemTests& problem, std::span<const double> weights) {
  ASSAY_INVARIANT(weights.size() == problem.tests);
  const double all = std::accumulate(weights.begin(), weights.end(), 0.0);
  Agreement out;
  std::map<std::vector<std::uint32_t>, std::int64_t> sets;
  std::vector<double> sizes;
  for (const SampleTests& sample : problem.samples) {
    double failed = 0;
    for (const std::uint32_t test : sample.failed) {
      if (test >= problem.tests)
        throw Error(
            fmt::format("problem {}: test {} failed of {}", problem.task_id, test, problem.tests));
      failed += weights[test];
    }
    // Nothing, and not what rounding leaves of it.
    out.weight.push_back(sample.failed.size() == problem.tests ? 0 : all - failed);
    if (problem.tests > 0) out.share.push_back(out.weight.back() / all);
    const auto [found, is_new] =
        sets.try_emplace(sample.failed, static_cast<std::int64_t>(sets.size()));
    if (is_new) sizes.push_back(0);
    out.set.push_back(found->second);
    ++sizes[static_cast<std::size_t>(found->second)];
  }
  for (std::size_t i = 0; i < out.set.size(); ++i)
    out.codet.push_back(codet_score(sizes[static_cast<std::size_t>(out.set[i])], out.weight[i]));
  return out;
}

}  // namespace assay::stats
