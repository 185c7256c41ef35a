// What a choice rests on: which budgets K the problems cannot tell from the best one, and how surely one
// number over problems reaches another. Both by the t interval of harness/stats/interval.h, since
// percentiles of a choice that is made again on resampled problems often miss: on a flat curve the best K
// of a sample is anywhere, and few problems vary more than their resamples. Coverage: docs/results.md.
// Pure; thread-safe.
#pragma once

#include <span>

#include "harness/stats/interval.h"
#include "harness/stats/optimum.h"

namespace assay::stats {

/// Whether the t interval of the mean over problems of `here` less `best`, what they are worth at one K and
/// at the best, reaches 0. The K that pass hold the K that is best for problems like these. `own`: 1 for
/// each problem that counts; `reach`: the largest difference that there can be.
bool as_good(std::span<const double> here, std::span<const double> best,
             std::span<const double> own, double reach, double level);

/// The largest difference in worth between two K up to `k`.
double worth_reach(const Costs& costs, double k);

/// The confidence that a value is at least `bound`: what the t interval that begins there leaves above.
/// Where all problems agree, 1 or 0. REQUIRES: a value; a finite range around `bound`.
double confidence_above(const Estimate& estimate, double bound, Interval range);

}  // namespace assay::stats
