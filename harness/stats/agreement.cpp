#include "harness/stats/agreement.h"

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <numeric>

#include "harness/base/error.h"

namespace assay::stats {

double codet_score(double samples, double weight) {
  // One root of the product, which is exact where weights are whole; and cut, so that sums of others
  // that are the same but for rounding tie as well.
  static constexpr int kBits = 40;
  int exponent = 0;
  const double mantissa = std::frexp(std::sqrt(samples * weight * weight), &exponent);
  return std::ldexp(std::nearbyint(std::ldexp(mantissa, kBits)), exponent - kBits);
}

Agreement agreement(const ProblemTests& problem, std::span<const double> weights) {
  ASSAY_INVARIANT(weights.size() == problem.tests);
  const double all = std::accumulate(weights.begin(), weights.end(), 0.0);
  Agreement out;
  std::map<std::pair<std::vector<std::uint32_t>, std::uint32_t>, std::int64_t> sets;
  std::vector<double> sizes;
  for (const SampleTests& sample : problem.samples) {
    ASSAY_INVARIANT(sample.unjudged <= sample.failed.size());
    double failed = 0, unjudged = 0;
    for (std::size_t i = 0; i < sample.failed.size(); ++i) {
      const std::uint32_t test = sample.failed[i];
      if (test >= problem.tests)
        throw Error(
            fmt::format("problem {}: test {} failed of {}", problem.task_id, test, problem.tests));
      (i + sample.unjudged < sample.failed.size() ? failed : unjudged) += weights[test];
    }
    // Nothing, and not what rounding leaves of it.
    out.weight.push_back(sample.failed.size() == problem.tests ? 0 : all - failed - unjudged);
    if (problem.tests > 0) out.share.push_back(out.weight.back() / (all - unjudged));
    const auto [found, is_new] =
        sets.try_emplace({sample.failed, sample.unjudged}, static_cast<std::int64_t>(sets.size()));
    if (is_new) sizes.push_back(0);
    out.set.push_back(found->second);
    sizes[static_cast<std::size_t>(found->second)] += static_cast<double>(sample.copies);
  }
  for (std::size_t i = 0; i < out.set.size(); ++i)
    out.codet.push_back(codet_score(sizes[static_cast<std::size_t>(out.set[i])], out.weight[i]));
  return out;
}

}  // namespace assay::stats
