// Bands of the curves in K (harness/stats/interval.h) and the bootstrap of the best K: one pass over K in
// blocks, so that memory stays at a few megabytes whatever K is. Internal to harness/stats; used by limits.cpp and the benchmarks.
#pragma once

#include <vector>

#include "harness/stats/bootstrap.h"
#include "harness/stats/limits.h"

namespace assay::stats {

/// Exact curves beyond this many draws are not printed; the fitted model serves there.
inline constexpr int kDrawsMax = 100'000;

/// Fills the bands of `row`, and of its utilities what the best K is worth, which K are as good, and, with
/// the argmax over K redone in each replicate, how often it is the last.
/// `place` says where each of the model's problems is in the resamples. REQUIRES: row.mean and
/// row.utility are filled in for row.k.
void add_bands(const ModelCounts& counts, const std::vector<std::size_t>& place,
               const Resamples& resamples, const BootstrapOptions& options, LimitsRow& row);

}  // namespace assay::stats
