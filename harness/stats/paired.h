// Differences in accuracy between the models of one dataset, each over the problems that both cover.
//
// Among m models there are m(m-1)/2 differences, and of twenty equal models nearly every table calls
// some pair different when each interval holds by itself. So each difference has two intervals: by
// itself (harness/stats/interval.h), and one that holds for all pairs at once: max-t (Romano and Wolf,
// Econometrica 73, 2005). In each replicate of the bootstrap the largest |difference - estimate| /
// error over all pairs is taken; what 95% of replicates stay below replaces the normal quantile, and
// stands on each pair's own t scale. Where two models agree on every problem, Bonferroni's bound.
// Errors: those of check(counts). Pure; thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/stats/bootstrap.h"
#include "harness/stats/rates.h"

namespace assay::stats {

/// Every pair, in the order of the models; `all` is their universe.
std::vector<PairedDifference> paired_differences(const std::vector<const ModelCounts*>& models,
                                                 const Universe& all,
                                                 const BootstrapOptions& options);

/// The same with the more accurate model as `a`.
PairedDifference upward(PairedDifference pair);

}  // namespace assay::stats
