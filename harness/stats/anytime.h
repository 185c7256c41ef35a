// An interval for a share that may be looked at after every trial, and acted upon: it holds at all numbers of
// trials at once, so that a rule which stops by it does not spoil it. An interval for a fixed number of trials
// would, since the rule picks the moment at which it looks best.
//
// Prior-posterior ratios under a uniform prior: of k successes in n trials the values p with
// p^k (1-p)^(n-k) / B(k+1, n-k+1) > 1 - level. With the chance `level` the true p is among them for every n
// (Ville's inequality). Source: Waudby-Smith and Ramdas, Confidence sequences for sampling without replacement,
// 2020, section 2. Pure; throws nothing; thread-safe.
#pragma once

#include <cstdint>

#include "harness/stats/interval.h"

namespace assay::stats {

/// REQUIRES: 0 <= successes <= trials, 0 < level < 1. All of [0, 1] where there was no trial.
Interval anytime_interval(std::int64_t successes, std::int64_t trials, double level);

}  // namespace assay::stats
