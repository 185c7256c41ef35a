#include "harness/stats/limits_bands.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "harness/stats/choice.h"
#include "harness/stats/parallel.h"
#include "harness/stats/rates.h"

namespace assay::stats {
namespace {

constexpr std::size_t kBlock = 32;      // values of K computed at once
constexpr double kFirstTooRare = 1e-9;  // a first acceptance rarer than this is rounding, not data

/// Per-problem TP_K, FP_K, N_K for one block of K after another.
class CurveBlocks {
 public:
  CurveBlocks(const ModelCounts& counts, const std::vector<std::size_t>& place, std::size_t size)
      : counts_(counts), place_(place), size_(size), state_(counts.problems.size()) {}

  /// x[p][3 * i + {0,1,2}] for the next `width` values of K, starting at K = 1.
  std::vector<double> next(std::size_t width) {
    std::vector<double> x(size_ * 3 * width);
    for (std::size_t i = 0; i < state_.size(); ++i) {
      const Counts& c = counts_.problems[i];
      const double n = static_cast<double>(c.n()), m = static_cast<double>(c.accepted());
      const double correct = m > 0 ? static_cast<double>(c.tp) / m : 0;
      State& s = state_[i];
      double* out = &x[place_[i] * 3 * width];
      for (std::size_t j = 0; j < width; ++j) {
        const double left = n - static_cast<double>(k_ + j);
        s.draws += s.tail;
        s.accepted += s.tail * m / left;
        s.tail *= std::max(0.0, left - m) / left;
        out[3 * j] = correct * s.accepted;
        out[3 * j + 1] = (1 - correct) * s.accepted;
        out[3 * j + 2] = s.draws;
      }
    }
    k_ += width;
    return x;
  }

 private:
  struct State {
    double tail = 1, accepted = 0, draws = 0;
  };
  const ModelCounts& counts_;
  const std::vector<std::size_t>& place_;
  std::size_t size_, k_ = 0;
  std::vector<State> state_;
};

/// The best K so far of every replicate, for one cost.
struct RunningBest {
  std::vector<double> utility, last;  ///< at the best K, and at the last one looked at
  std::vector<char> draws;            ///< whether it is above 0
};

/// One cost: what each problem earns at the best K, and which K are as good.
struct AsGood {
  std::vector<double> best;
  std::vector<char> k;  ///< no vector<bool>: threads write to neighbours
};

/// What each problem earns at the K that is best so far for all others, for one cost.
struct LeftOut {
  std::vector<double> others, own;
};

/// Whether the replicates are asked at this K: at the first 32, then an eighth further each, and towards the last as
/// from the first. Between two that are so near their mean worth, a sum of smooth curves, has no peak of its own.
bool asks_replicates(std::size_t k, std::size_t k_max) {
  constexpr std::size_t kEach = 32, kNear = 8;
  const auto on_grid = [](std::size_t at) {
    return at <= kEach || at % (std::bit_floor(at) / kNear) == 0;
  };
  return on_grid(k) || on_grid(k_max - k + 1);
}

/// One value of K: the replicates' means (where no problem was drawn, they are NaN).
struct ReplicateMeans {
  std::vector<double> tp, fp, draws;
};

/// One value of K: what each problem says (nothing where the model does not cover it).
struct ProblemValues {
  std::vector<double> tp, fp, draws;
};

ProblemValues problem_values(const std::vector<double>& x, std::size_t width, std::size_t j) {
  ProblemValues out;
  for (std::size_t at = 3 * j; at < x.size(); at += 3 * width) {
    out.tp.push_back(x[at]), out.fp.push_back(x[at + 1]), out.draws.push_back(x[at + 2]);
  }
  return out;
}

/// x[p][3 * i + {0,1,2}], of each value of K its TP_K, FP_K, N_K.
std::vector<double> side_by_side(const std::vector<ProblemValues>& values, std::size_t problems) {
  std::vector<double> x;
  x.reserve(3 * values.size() * problems);
  for (std::size_t p = 0; p < problems; ++p)
    for (const ProblemValues& at_k : values)
      x.insert(x.end(), {at_k.tp[p], at_k.fp[p], at_k.draws[p]});
  return x;
}

/// one + factor * other, problem by problem.
std::vector<double> sum_of(std::vector<double> one, double factor,
                           const std::vector<double>& other) {
  for (std::size_t p = 0; p < one.size(); ++p) one[p] += factor * other[p];
  return one;
}

class BandPass {
 public:
  /// `own`: 1 for each problem of the model; `covered`: how many of these each replicate drew;
  /// `at_best`: what each problem says at the best K, a cost.
  BandPass(const std::vector<double>& own, const std::vector<double>& covered,
           const std::vector<ProblemValues>& at_best, const BootstrapOptions& options,
           LimitsRow& row)
      : options_(options),
        row_(row),
        own_(own),
        covered_(covered),
        replicates_(covered.size()),
        fp_shows_(!fp_impossible(row.proxy, row.gold)) {
    for (Band* band : {&row.accepted, &row.tp, &row.fp, &row.draws}) start(*band, 0.0);
    for (Band* band : {&row.fdr, &row.precision}) start(*band, std::nullopt);
    for (UtilityCurve& u : row.utility) start(u.band, 0.0);
    const std::vector<double> none(replicates_);
    best_.assign(row.utility.size(), {none, none, std::vector<char>(replicates_)});
    for (std::size_t i = 0; i < at_best.size(); ++i) {
      as_good_.push_back(
          {earned(row.utility[i].costs, at_best[i]), std::vector<char>(row.k.size())});
      as_good_[i].k[0] = as_good(i, std::vector<double>(own.size()));
    }
    left_out_.assign(row.utility.size(),
                     {std::vector<double>(own.size()), std::vector<double>(own.size())});
  }

  /// Bands at K = k. `before` is empty at k = 1.
  void add(std::size_t k, const ProblemValues& now, const ProblemValues* before) {
    const double at_most = static_cast<double>(k);
    const auto band = [&](Band& target, Interval range, const std::vector<double>& numerator,
                          const std::vector<double>& denominator) {
      const Estimate found = ratio_estimate(numerator, denominator, range, options_.level, 1);
      if (found.interval) target.lo[k] = found.interval->lo, target.hi[k] = found.interval->hi;
    };
    constexpr Interval kShare = {0, 1};
    const std::vector<double> accepted = sum_of(now.tp, 1, now.fp);
    band(row_.tp, kShare, now.tp, own_);
    if (fp_shows_) band(row_.fp, kShare, now.fp, own_);
    band(row_.accepted, kShare, accepted, own_);
    band(row_.draws, {1, at_most}, now.draws, own_);
    for (std::size_t i = 0; i < row_.utility.size(); ++i) {
      UtilityCurve& u = row_.utility[i];
      const std::vector<double> worths = earned(u.costs, now);
      band(u.band, range_of(u.costs, at_most), worths, own_);
      as_good_[i].k[k] = as_good(i, worths);
    }
    if (!fp_shows_) return;
    if (row_.mean.accepted[k] > kFirstTooRare) band(row_.precision, kShare, now.tp, accepted);
    if (row_.mean.accepted[k] - row_.mean.accepted[k - 1] <= kFirstTooRare) return;
    std::vector<double> first = accepted, wrong = now.fp;
    if (before) first = sum_of(sum_of(first, -1, before->tp), -1, before->fp);
    if (before) wrong = sum_of(wrong, -1, before->fp);
    for (std::size_t p = 0; p < first.size(); ++p) {
      if (first[p] <= kFirstTooRare) first[p] = wrong[p] = 0;
      wrong[p] = std::clamp(wrong[p], 0.0, first[p]);
    }
    band(row_.fdr, kShare, wrong, first);
  }

  /// Must be called for K that grow, up to the last.
  void update_best(std::size_t which, const ReplicateMeans& now) {
    const Costs& costs = row_.utility[which].costs;
    RunningBest& best = best_[which];
    for (std::size_t r = 0; r < replicates_; ++r) {
      const double u = costs.worth(now.tp[r], now.fp[r], now.draws[r]);
      best.last[r] = u;
      if (u > best.utility[r] + kTieWidth) best.utility[r] = u, best.draws[r] = 1;
    }
  }

  /// The same for each problem's others, in the same order.
  void update_left_out(std::size_t which, const ProblemValues& now) {
    const std::vector<double> here = earned(row_.utility[which].costs, now);
    LeftOut& left_out = left_out_[which];
    double all = 0;
    for (const double u : here) all += u;
    for (std::size_t p = 0; p < here.size(); ++p) {
      const double others = (all - here[p]) / static_cast<double>(row_.problems - 1);
      if (own_[p] == 0 || others <= left_out.others[p] + kTieWidth) continue;
      left_out.others[p] = others, left_out.own[p] = here[p];
    }
  }

  void finish() {
    for (std::size_t i = 0; i < best_.size(); ++i) {
      UtilityCurve& u = row_.utility[i];
      u.worth = u.k_opt.value_or(1) > 0
                    ? ratio_estimate(left_out_[i].own, own_, range_of(u.costs, row_.k.back()),
                                     options_.level)
                    : Estimate{0, Interval{0, 0}, {}};  // whatever the problems
      const std::vector<char>& good = as_good_[i].k;
      u.k_interval = {
          static_cast<double>(std::find(good.begin(), good.end(), 1) - good.begin()),
          static_cast<double>(good.rend() - std::find(good.rbegin(), good.rend(), 1)) - 1};
      std::size_t drawn = 0, censored = 0;  // of replicates that drew a problem of this model
      for (std::size_t r = 0; r < replicates_; ++r) {
        if (covered_[r] == 0) continue;
        ++drawn;
        censored += best_[i].draws[r] && unsurpassed(best_[i].last[r], best_[i].utility[r]);
      }
      if (drawn * 10 >= replicates_ * 9)
        u.probability_censored = static_cast<double>(censored) / static_cast<double>(drawn);
    }
  }

 private:
  /// What the worth of up to `k` draws can be on a problem.
  static Interval range_of(const Costs& costs, double k) {
    return {-costs.lambda - costs.kappa * k, 1 - costs.kappa};
  }
  /// Per problem.
  static std::vector<double> earned(const Costs& costs, const ProblemValues& now) {
    return sum_of(sum_of(now.tp, -costs.lambda, now.fp), -costs.kappa, now.draws);
  }
  bool as_good(std::size_t which, const std::vector<double>& worths) const {
    return stats::as_good(worths, as_good_[which].best, own_,
                          worth_reach(row_.utility[which].costs, row_.k.back()), options_.level);
  }
  void start(Band& band, std::optional<double> at_zero) const {
    band.lo.assign(row_.k.size(), std::nullopt);
    band.hi.assign(row_.k.size(), std::nullopt);
    band.lo[0] = band.hi[0] = at_zero;
  }

  const BootstrapOptions& options_;
  LimitsRow& row_;
  const std::vector<double>&own_, &covered_;
  std::size_t replicates_;
  bool fp_shows_;
  std::vector<RunningBest> best_;
  std::vector<AsGood> as_good_;
  std::vector<LeftOut> left_out_;
};

ProblemValues values_at(const ModelCounts& counts, const std::vector<std::size_t>& place,
                        std::size_t size, int k) {
  const std::vector<double> none(size);
  ProblemValues out{none, none, none};
  for (std::size_t i = 0; i < place.size(); ++i) {
    const Curve curve = problem_curve(counts.problems[i], k);
    out.tp[place[i]] = curve.tp.back(), out.fp[place[i]] = curve.fp.back();
    out.draws[place[i]] = curve.draws.back();
  }
  return out;
}

}  // namespace

void add_bands(const ModelCounts& counts, const std::vector<std::size_t>& place,
               const Resamples& resamples, const BootstrapOptions& options, LimitsRow& row) {
  const std::size_t size = resamples.problems, replicates = resamples.replicates;
  const std::size_t k_max = row.k.size() - 1;
  std::vector<double> own(size, 0);
  for (std::size_t p : place) own[p] = 1;
  const std::vector<double> covered = weighted_sums(resamples, own, 1, options.threads);
  std::vector<ProblemValues> at_best;
  for (const UtilityCurve& u : row.utility)
    at_best.push_back(values_at(counts, place, size, *u.k_opt));
  BandPass pass(own, covered, at_best, options, row);
  CurveBlocks blocks(counts, place, size);
  ProblemValues before;
  std::vector<ProblemValues> asked;  // what the replicates are to be asked, of K that grow
  const auto ask_replicates = [&] {
    const std::vector<double> sums =
        weighted_sums(resamples, side_by_side(asked, size), 3 * asked.size(), options.threads);
    std::vector<ReplicateMeans> means(asked.size());
    parallel_for(asked.size(), options.threads, [&](std::size_t j) {
      const auto mean = [&](std::size_t part) {
        std::vector<double> out(replicates);
        for (std::size_t r = 0; r < replicates; ++r)
          out[r] = sums[(3 * j + part) * replicates + r] / covered[r];  // 0/0 is NaN: not drawn
        return out;
      };
      means[j] = {mean(0), mean(1), mean(2)};
    });
    parallel_for(row.utility.size(), options.threads, [&](std::size_t which) {
      for (const ReplicateMeans& now : means) pass.update_best(which, now);
    });
    asked.clear();
  };
  for (std::size_t k = 1; k <= k_max; k += kBlock) {
    const std::size_t width = std::min(kBlock, k_max + 1 - k);
    const std::vector<double> x = blocks.next(width);
    std::vector<ProblemValues> values(width);
    for (std::size_t j = 0; j < width; ++j) values[j] = problem_values(x, width, j);
    parallel_for(width, options.threads, [&](std::size_t j) {
      pass.add(k + j, values[j], j > 0 ? &values[j - 1] : k > 1 ? &before : nullptr);
    });
    parallel_for(row.utility.size(), options.threads, [&](std::size_t which) {
      for (const ProblemValues& now : values) pass.update_left_out(which, now);
    });
    before = values.back();
    if (row.utility.empty()) continue;
    for (std::size_t j = 0; j < width; ++j)
      if (asks_replicates(k + j, k_max)) asked.push_back(std::move(values[j]));
    if (asked.size() >= kBlock || k + width > k_max) ask_replicates();
  }
  pass.finish();
}

}  // namespace assay::stats
