#include "harness/stats/paired.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numbers>
#include <span>
#include <utility>

namespace assay::stats {
namespace {

constexpr Interval kDifferences = {-1, 1};

/// Accuracy of a minus accuracy of b on the problems both cover.
Ratio difference(const ModelCounts& a, const ModelCounts& b, const std::vector<std::size_t>& at_a,
                 const std::vector<std::size_t>& at_b, std::size_t size) {
  Ratio out{std::vector<double>(size), std::vector<double>(size), kDifferences};
  for (std::size_t i = 0, j = 0; i < at_a.size() && j < at_b.size();) {
    if (at_a[i] == at_b[j]) {
      out.numerator[at_a[i]] = a.problems[i].accuracy() - b.problems[j].accuracy();
      out.denominator[at_a[i]] = 1;
      ++i, ++j;
    } else {
      ++(at_a[i] < at_b[j] ? i : j);
    }
  }
  return out;
}

/// Raises `largest`, one a replicate, to the distances of a difference from its estimate, in its errors:
/// `top` is the sum of the differences in a replicate, `each` one over the number of problems in it (NaN
/// where there is none, which raises nothing).
template <typename Top>
void raise(const Estimate& estimate, Top top, const std::vector<double>& each,
           std::vector<double>& largest) {
  if (!estimate.basis) return;
  const double value = *estimate.value, scale = 1 / estimate.basis->error;
  for (std::size_t r = 0; r < largest.size(); ++r)
    largest[r] = std::max(largest[r], std::abs(top(r) * each[r] - value) * scale);
}

/// Over all problems of a universe: what is said of each (0 where nothing is), and 1 where something is.
struct Covering {
  std::vector<double> value, covered;
};

/// The accuracies of a model; `at`: its problems' places in the universe.
Covering accuracies(const ModelCounts& counts, const std::vector<std::size_t>& at,
                    std::size_t size) {
  Covering out{std::vector<double>(size), std::vector<double>(size)};
  for (std::size_t i = 0; i < at.size(); ++i)
    out.value[at[i]] = counts.problems[i].accuracy(), out.covered[at[i]] = 1;
  return out;
}

std::vector<double> inverse(std::span<const double> drawn) {
  std::vector<double> out;
  out.reserve(drawn.size());
  for (const double problems : drawn)
    out.push_back(problems > 0 ? 1 / problems : std::numeric_limits<double>::quiet_NaN());
  return out;
}

/// The bootstrap's sums of differences, for all pairs: the sum over the problems that both cover is the
/// difference of two sums, less what only one of the two covers, so that each model is summed once.
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

PairedSums::PairedSums(std::vector<Covering> quantities, const Resamples& resamples, int threads)
    : resamples_(resamples), quantities_(std::move(quantities)), weights_(resamples.problems) {
  for (const Covering& quantity : quantities_)
    columns_.add(quantity.value), columns_.add(quantity.covered);
  columns_.sum(resamples, threads);
  for (const Covering& quantity : quantities_) {
    tops_.push_back(columns_.sums(quantity.value));
    drawn_.push_back(columns_.sums(quantity.covered));
  }
}

const PairedSums::Cover& PairedSums::cover_of(std::size_t a, std::size_t b) {
  const auto [at, is_new] = covers_.try_emplace({drawn_[a].data(), drawn_[b].data()});
  Cover& out = at->second;
  if (!is_new) return out;
  const std::vector<double>&in_a = quantities_[a].covered, &in_b = quantities_[b].covered;
  std::vector<double> drawn(drawn_[a].begin(), drawn_[a].end());
  for (std::size_t p = 0; p < in_a.size(); ++p) {
    if (in_a[p] == in_b[p]) continue;
    out.differs.push_back(p);
    const std::vector<double>& weight = weights_of(p);
    for (std::size_t r = 0; r < drawn.size(); ++r) drawn[r] -= weight[r] * in_a[p];
  }
  out.each = inverse(drawn);
  return out;
}

std::vector<double> PairedSums::on_both(std::size_t a, std::size_t b,
                                        const std::vector<std::size_t>& differs) {
  std::vector<double> top(resamples_.replicates);
  for (std::size_t r = 0; r < top.size(); ++r) top[r] = tops_[a][r] - tops_[b][r];
  for (const std::size_t p : differs) {
    const double difference = quantities_[a].value[p] - quantities_[b].value[p];
    if (difference == 0) continue;
    const std::vector<double>& weight = weights_of(p);
    for (std::size_t r = 0; r < top.size(); ++r) top[r] -= weight[r] * difference;
  }
  return top;
}

const std::vector<double>& PairedSums::weights_of(std::size_t problem) {
  std::vector<double>& out = weights_[problem];
  if (out.empty())
    for (std::size_t r = 0; r < resamples_.replicates; ++r)
      out.push_back(resamples_.weight[r * resamples_.problems + problem]);
  return out;
}

/// The share of a normal distribution that lies as near to its middle as `level` of the replicates.
double level_of(const std::vector<double>& largest, double level) {
  constexpr double kFar = 7;  // beyond it 1 - share is rounding
  const double reach = std::min(kFar, percentile_interval(largest, 2 * level - 1).hi);
  return std::max(level, std::erf(reach / std::numbers::sqrt2));
}

}  // namespace

std::vector<PairedDifference> paired_differences(const std::vector<const ModelCounts*>& models,
                                                 const Universe& all,
                                                 const BootstrapOptions& options) {
  std::vector<PairedDifference> out;
  if (models.size() < 2) return out;
  const std::size_t size = all.task_ids.size();
  const Resamples resamples = resample_problems(size, options, models[0]->dataset);
  std::vector<Covering> quantities;
  for (std::size_t m = 0; m < models.size(); ++m)
    quantities.push_back(accuracies(*models[m], all.index[m], size));
  PairedSums sums(std::move(quantities), resamples, options.threads);
  std::vector<double> largest(resamples.replicates, 0);
  for (std::size_t a = 0; a < models.size(); ++a) {
    for (std::size_t b = a + 1; b < models.size(); ++b) {
      const Ratio ratio = difference(*models[a], *models[b], all.index[a], all.index[b], size);
      const PairedDifference& pair = out.emplace_back(PairedDifference{
          models[a]->dataset,
          "accuracy",
          models[a]->model,
          models[b]->model,
          std::count(ratio.denominator.begin(), ratio.denominator.end(), 1.0),
          ratio_estimate(ratio.numerator, ratio.denominator, ratio.range, options.level),
          {}});
      sums.difference(a, b, [&](auto top, const std::vector<double>& each) {
        raise(pair.difference, top, each, largest);
      });
    }
  }
  const double together = level_of(largest, options.level);
  const double bonferroni = 1 - (1 - options.level) / static_cast<double>(out.size());
  for (PairedDifference& pair : out) {
    const Estimate& estimate = pair.difference;
    if (estimate.basis)
      pair.simultaneous = t_interval(*estimate.value, *estimate.basis, kDifferences, together);
    else if (estimate.interval)
      pair.simultaneous = agreed_interval(*estimate.value, kDifferences,
                                          static_cast<std::size_t>(pair.problems), bonferroni);
  }
  return out;
}

PairedDifference upward(PairedDifference pair) {
  if (pair.difference.value.value_or(0) >= 0) return pair;
  const auto turn = [](std::optional<Interval>& interval) {
    if (interval) interval = Interval{-interval->hi, -interval->lo};
  };
  std::swap(pair.a, pair.b);
  pair.difference.value = -*pair.difference.value;
  turn(pair.difference.interval), turn(pair.simultaneous);
  return pair;
}

}  // namespace assay::stats
