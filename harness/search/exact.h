// What each strategy tends to with ever more draws, enumerated on a table: the distribution of the
// sequence that it answers with, and the accuracy that this makes, its ceiling.
#pragma once

#include <map>
#include <string>

#include "harness/search/strategy.h"
#include "harness/search/table.h"

namespace assay::search {

struct Exact {
  std::map<std::string, double> target;  ///< probability that the answer is this sequence
  double ceiling = 0;                    ///< the sum of target times truth
  double abstains = 0;                   ///< the probability of no answer at all
};

/// n without end; of strategies with weights, on what a proposal of the problem can draw. Where several sequences share the best score, they share the answer as their weights
/// say. For `rational` it is the limit of a rule that never gives up. Throws assay::Error where the problem has more than `sequences_max`
/// sequences, or lacks an entry that is needed.
Exact exact(const Strategy& strategy, const TableProblem& problem,
            std::size_t sequences_max = 2'000'000);

}  // namespace assay::search
