// The bootstrap's sums of differences between two quantities of the same problems, for many pairs.
//
// Of m models there are m(m-1)/2 pairs, and a weighted sum for each would be most of a report's work. The
// sum of differences over the problems that both cover is the difference of two sums, less what only one
// of the two covers: so each quantity is summed once, and a pair costs a subtraction a replicate.
// Internal to harness/stats. Not thread-safe: what is first asked for is kept.
#pragma once

#include <cmath>
#include <cstddef>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "harness/stats/bootstrap.h"
#include "harness/stats/counts.h"

namespace assay::stats {

/// Correct of all samples.
double accuracy(const Counts& counts);

/// Over all problems of a universe: what is said of each (0 where nothing is), and 1 where something is.
struct Covering {
  std::vector<double> value, covered;
  explicit Covering(std::size_t problems) : value(problems), covered(problems) {}
};

/// What the samples say of each problem of a model; `at`: its problems' places in the universe.
template <typename Value>
Covering covering(const ModelCounts& counts, const std::vector<std::size_t>& at,
                  std::size_t problems, Value value) {
  Covering out(problems);
  for (std::size_t i = 0; i < at.size(); ++i)
    out.value[at[i]] = value(counts.problems[i]), out.covered[at[i]] = 1;
  return out;
}

class PairedSums {
 public:
  /// `resamples` must outlive this.
  PairedSums(std::vector<Covering> quantities, const Resamples& resamples, int threads);

  /// Calls use(top, each): top(r) is the sum of a's values less b's over the problems that both cover, in
  /// replicate r; each[r] is one over the number of these that it drew, NaN where it drew none.
  template <typename Use>
  void difference(std::size_t a, std::size_t b, Use use) {
    const std::span<const double> of_a = tops_[a], of_b = tops_[b];
    const Cover& cover = cover_of(a, b);
    if (cover.differs.empty())
      return use([&](std::size_t r) { return of_a[r] - of_b[r]; }, cover.each);
    const std::vector<double> top = on_both(a, b, cover.differs);
    use([&](std::size_t r) { return top[r]; }, cover.each);
  }

 private:
  /// What two models cover: the problems that one of them lacks, and `each` of the others.
  struct Cover {
    std::vector<std::size_t> differs;
    std::vector<double> each;
  };
  const Cover& cover_of(std::size_t a, std::size_t b);
  std::vector<double> on_both(std::size_t a, std::size_t b,
                              const std::vector<std::size_t>& differs);
  /// How often each replicate drew this problem.
  const std::vector<double>& weights_of(std::size_t problem);

  const Resamples& resamples_;
  std::vector<Covering> quantities_;
  Columns columns_;
  std::vector<std::span<const double>> tops_, drawn_;  ///< a quantity, over the replicates
  /// Of two sums of covered problems, which are the same where what is covered is.
  std::map<std::pair<const double*, const double*>, Cover> covers_;
  std::vector<std::vector<double>> weights_;  ///< a problem; empty: not asked for yet
};

}  // namespace assay::stats
