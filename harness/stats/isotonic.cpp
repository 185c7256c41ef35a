#include "harness/stats/isotonic.h"

#include <algorithm>

#include "harness/base/error.h"

namespace assay::stats {
namespace {

struct Pool {
  double low, high, right, weight;
  double value(bool prior) const { return prior ? (right + .5) / (weight + 1) : right / weight; }
};

}  // namespace

Isotonic::Isotonic(std::vector<Scored> points, bool prior) {
  ASSAY_INVARIANT(!points.empty());
  std::sort(points.begin(), points.end(),
            [](const Scored& a, const Scored& b) { return a.score < b.score; });
  std::vector<Pool> pools;
  for (std::size_t i = 0; i < points.size();) {
    Pool pool{points[i].score, points[i].score, 0, 0};
    for (; i < points.size() && points[i].score == pool.low; ++i) {
      pool.right += points[i].right;
      pool.weight += 1;
    }
    // Also what is equal before the prior, which would draw a few points further than many.
    while (!pools.empty() && (pools.back().value(prior) >= pool.value(prior) ||
                              pools.back().value(false) >= pool.value(false))) {
      pool = {pools.back().low, pool.high, pools.back().right + pool.right,
              pools.back().weight + pool.weight};
      pools.pop_back();
    }
    pools.push_back(pool);
  }
  for (const Pool& pool : pools) blocks_.push_back({pool.low, pool.high, pool.value(prior)});
}

double Isotonic::operator()(double score) const {
  const auto above = std::lower_bound(blocks_.begin(), blocks_.end(), score,
                                      [](const Block& block, double x) { return block.high < x; });
  if (above == blocks_.end()) return blocks_.back().value;
  if (above == blocks_.begin() || score >= above->low) return above->value;
  const Block& below = *(above - 1);
  const double share = (score - below.high) / (above->low - below.high);
  return below.value + share * (above->value - below.value);
}

}  // namespace assay::stats
