// Isotonic regression: the non-decreasing function of a score that fits what was observed best, by
// pooling adjacent violators (Ayer et al. 1955). It turns scores into probabilities whatever their
// scale. Pure; thread-safe.
#pragma once

#include <vector>

namespace assay::stats {

struct Scored {
  double score = 0;  ///< any finite number
  double right = 0;  ///< 0 or 1, or a chance
};

class Isotonic {
 public:
  /// With the prior Beta(1/2, 1/2) in each pooled block, so that no probability is 0 or 1: a block of n
  /// with k right is worth (k + 1/2) / (n + 1). `prior` false leaves it at k / n, the least-squares
  /// fit. REQUIRES: not empty, finite scores.
  explicit Isotonic(std::vector<Scored> points, bool prior = true);

  /// Between two blocks the line that joins them; beyond the ends what stands there.
  double operator()(double score) const;

  struct Block {
    double low = 0, high = 0;  ///< scores
    double value = 0;
  };
  const std::vector<Block>& blocks() const { return blocks_; }

 private:
  std::vector<Block> blocks_;  ///< ascending in score and in value
};

}  // namespace assay::stats
