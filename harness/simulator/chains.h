// Draws from a density known up to a constant, by chains that learn from each other (differential
// evolution, ter Braak 2006): a chain proposes a step along the difference of two others, so the
// steps take the density's own shape, skewed or with several humps. Begin them spread about as the
// density is. Seeded. Pure.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "harness/base/random.h"

namespace assay::simulator {

/// -infinity where the density is zero.
using LogDensity = std::function<double(std::span<const double> x)>;

struct ChainOptions {
  int warm_up = 80;  ///< steps of every chain before the first draw
  int every = 15;    ///< steps between draws
};

/// `count` draws, the chains in turn. REQUIRES: at least four starts, one density above zero.
std::vector<std::vector<double>> run_chains(const LogDensity& target,
                                            std::vector<std::vector<double>> starts, int count,
                                            const ChainOptions& options, RandomStream& random);

}  // namespace assay::simulator
