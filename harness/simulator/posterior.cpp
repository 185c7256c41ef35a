#include "harness/simulator/posterior.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "harness/base/error.h"
#include "harness/base/random.h"
#include "harness/stats/limits_bands.h"
#include "harness/stats/parallel.h"

namespace assay::simulator {
namespace {

using stats::Interval;

constexpr double kForever = std::numeric_limits<double>::infinity();

double mean(std::span<const double> values) {
  double sum = 0;
  for (double v : values) sum += v;
  return sum / static_cast<double>(values.size());
}

stats::Estimate estimate(std::vector<double> values, double level) {
  return {mean(values), stats::percentile_interval(values, level)};
}

/// The draws, held to the exact curves of what was seen.
class Anchored {
 public:
  Anchored(const Posterior& posterior, std::span<const double> weights)
      : posterior_(posterior), weights_(weights) {
    if (posterior.seen.empty()) return;
    ASSAY_INVARIANT(posterior.seen.size() == posterior.problems());
    std::int64_t n = stats::kDrawsMax;
    for (const stats::Counts& c : posterior.seen) n = std::min(n, c.n());
    n_ = static_cast<int>(n);
    for (const stats::Counts& c : posterior.seen) exact_.push_back(stats::problem_curve(c, n_));
    at_n_ = seen_at(n_), drawn_at_n_ = curve_at(posterior, weights, n_);
    const DrawCurve forever = curve_at(posterior, weights, kForever);
    for (std::size_t s = 0; s < posterior.draws; ++s) {
      const double more = forever.accepted[s] - drawn_at_n_.accepted[s];
      const double room = std::max(0.0, 1 - at_n_.accepted[s]);
      share_.push_back(more > room ? room / more : 1);
    }
  }

  /// Samples of the problem that has fewest; 0 where nothing was seen.
  int n() const { return n_; }

  DrawCurve at(double k) const {
    if (k <= n_) return seen_at(static_cast<int>(k));
    DrawCurve out = curve_at(posterior_, weights_, k);
    if (n_ == 0) return out;
    for (std::size_t s = 0; s < posterior_.draws; ++s) {
      const auto onto = [&](double& value, double at_n, double drawn_at_n) {
        value = at_n + share_[s] * (value - drawn_at_n);
      };
      // Draw by draw, what is not accepted yet goes on: the sum of 1 - A_j over j = n to k - 1.
      const double more = (k - n_) * (1 - drawn_at_n_.accepted[s]);
      out.draws[s] = at_n_.draws[s] + (k - n_) * (1 - at_n_.accepted[s]) -
                     share_[s] * (more - (out.draws[s] - drawn_at_n_.draws[s]));
      onto(out.tp[s], at_n_.tp[s], drawn_at_n_.tp[s]);
      onto(out.accepted[s], at_n_.accepted[s], drawn_at_n_.accepted[s]);
    }
    return out;
  }

 private:
  DrawCurve seen_at(int k) const {
    if (n_ == 0) return curve_at(posterior_, weights_, k);
    const auto place = static_cast<std::size_t>(k);
    DrawCurve out;
    for (auto* part : {&out.accepted, &out.tp, &out.draws}) part->resize(posterior_.draws);
    for (std::size_t s = 0, at = 0; s < posterior_.draws; ++s)
      for (std::size_t i = 0; i < exact_.size(); ++i, ++at) {
        out.accepted[s] += weights_[at] * exact_[i].accepted[place];
        out.tp[s] += weights_[at] * exact_[i].tp[place];
        out.draws[s] += weights_[at] * exact_[i].draws[place];
      }
    // The mean over finitely many random weights is near that of equal ones, and what was seen has that.
    const auto centre = [&](std::vector<double>& values, std::vector<double> stats::Curve::*part) {
      double exact = 0;
      for (const stats::Curve& one : exact_)
        exact += (one.*part)[place] / static_cast<double>(exact_.size());
      const double more = exact - mean(values);
      for (double& value : values) value += more;
    };
    centre(out.accepted, &stats::Curve::accepted), centre(out.tp, &stats::Curve::tp);
    centre(out.draws, &stats::Curve::draws);
    return out;
  }

  const Posterior& posterior_;
  std::span<const double> weights_;
  int n_ = 0;
  std::vector<stats::Curve> exact_;
  DrawCurve at_n_, drawn_at_n_;
  std::vector<double> share_;  ///< of what a draw adds, so that no more is accepted than there is
};

/// All curves on the search grid, and at infinity.
struct Curves {
  std::vector<int> k;
  std::vector<DrawCurve> at;
  DrawCurve forever;
};

Curves curves(const Anchored& anchored) {
  Curves out{k_grid(kSearchMax), {}, anchored.at(kForever)};
  out.at.resize(out.k.size());
  stats::parallel_for(out.k.size(), 0, [&](std::size_t i) { out.at[i] = anchored.at(out.k[i]); });
  return out;
}

double utility(const DrawCurve& c, std::size_t s, const stats::Costs& costs) {
  const double earned = c.tp[s] - costs.lambda * (c.accepted[s] - c.tp[s]);
  return costs.kappa == 0 ? earned : earned - costs.kappa * c.draws[s];  // draws may be without end
}

double mean_utility(const DrawCurve& c, const stats::Costs& costs) {
  double sum = 0;
  for (std::size_t s = 0; s < c.tp.size(); ++s) sum += utility(c, s, costs);
  return sum / static_cast<double>(c.tp.size());
}

/// The best whole K between the neighbours of the best grid point; utility has one hump there.
int refine(const Anchored& anchored, const stats::Costs& costs, int lo, int best, int hi) {
  const auto at = [&](int k) { return mean_utility(anchored.at(k), costs); };
  while (hi - lo > 2) {
    const int a = lo + (hi - lo) / 3, b = hi - (hi - lo) / 3;
    if (at(a) >= at(b) - stats::kTieWidth)
      hi = b;
    else
      lo = a;
  }
  double best_value = at(best);
  for (int k = lo; k <= hi; ++k)
    if (const double v = at(k); v > best_value + stats::kTieWidth) best = k, best_value = v;
  return best;
}

/// Grid index of the best K of one utility, ties to the smallest.
std::size_t best_index(std::span<const double> values) {
  return static_cast<std::size_t>(
      std::find_if(values.begin(), values.end(),
                   [top = *std::max_element(values.begin(), values.end())](double v) {
                     return v >= top - stats::kTieWidth;
                   }) -
      values.begin());
}

/// True where utility rises to its limit: no finite K attains it, however close doubles come. Equal
/// to the last bit means that a finite K has nothing left to gain.
bool only_the_limit(double limit, double best) {
  return limit != best && limit >= best - stats::kTieWidth;
}

stats::UtilityCurve optimum(const Anchored& anchored, const Curves& all, const stats::Costs& costs,
                            double level) {
  stats::UtilityCurve out;
  out.costs = costs;
  std::vector<double> means;
  for (const DrawCurve& c : all.at) means.push_back(mean_utility(c, costs));
  const std::size_t best = best_index(means), last = means.size() - 1;
  const bool bounded =
      costs.kappa > 0;  // otherwise the draws cost nothing and infinity is a choice
  const double forever = bounded ? -kForever : mean_utility(all.forever, costs);
  out.infinite = only_the_limit(forever, means[best]);
  out.censored = !out.infinite && best == last;
  if (!out.infinite)
    out.k_opt = refine(anchored, costs, all.k[best > 0 ? best - 1 : 0], all.k[best],
                       all.k[std::min(best + 1, last)]);
  const DrawCurve chosen = out.infinite ? all.forever : anchored.at(*out.k_opt);
  const std::size_t draws = chosen.tp.size();
  out.utility_opt = mean_utility(chosen, costs);
  std::vector<double> worths;
  for (std::size_t s = 0; s < draws; ++s) worths.push_back(utility(chosen, s, costs));
  out.worth = {out.utility_opt, stats::percentile_interval(worths, level), {}};
  std::size_t lo = out.infinite ? last : best, hi = lo;
  while (lo > 0 && means[lo - 1] >= out.utility_opt - stats::kRegret) --lo;
  while (hi < last && means[hi + 1] >= out.utility_opt - stats::kRegret) ++hi;
  out.regret_lo = all.k[lo];
  if (hi < last || bounded) out.regret_hi = all.k[hi];
  std::vector<double> best_ks, values(means.size());
  for (std::size_t s = 0; s < draws; ++s) {
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = utility(all.at[i], s, costs);
    const std::size_t here = best_index(values);
    const double limit = bounded ? -kForever : utility(all.forever, s, costs);
    const bool infinite = only_the_limit(limit, values[here]);
    out.probability_infinite += infinite;
    out.probability_censored += !infinite && here == last;
    best_ks.push_back(infinite ? kSearchMax : all.k[here]);
  }
  out.probability_infinite /= static_cast<double>(draws);
  out.probability_censored /= static_cast<double>(draws);
  out.k_interval = stats::percentile_interval(best_ks, level);
  return out;
}

/// Curves, bands and utilities at the printed values of K.
void add_curves(const Curves& all, const PosteriorOptions& options, FittedLimits& out) {
  const auto add = [&](std::vector<double>& means, stats::Band& band, auto value) {
    for (std::size_t i = 0; i < out.k.size(); ++i) {
      std::vector<double> draws;
      for (std::size_t s = 0; s < all.at[i].tp.size(); ++s) draws.push_back(value(all.at[i], s));
      means.push_back(mean(draws));
      const Interval interval = stats::percentile_interval(draws, options.level);
      band.lo.emplace_back(interval.lo);
      band.hi.emplace_back(interval.hi);
    }
  };
  add(out.mean.accepted, out.accepted, [](auto& c, std::size_t s) { return c.accepted[s]; });
  add(out.mean.tp, out.tp, [](auto& c, std::size_t s) { return c.tp[s]; });
  add(out.mean.fp, out.fp, [](auto& c, std::size_t s) { return c.accepted[s] - c.tp[s]; });
  add(out.mean.draws, out.draws, [](auto& c, std::size_t s) { return c.draws[s]; });
  for (stats::UtilityCurve& u : out.utility)
    add(u.value, u.band, [&](auto& c, std::size_t s) { return utility(c, s, u.costs); });
}

/// A band at the last K that the samples tell of, and how much what they leave open can add to it,
/// and take from it, by each further draw or at once.
struct Open {
  Interval within;
  double gain = 0, loss = 0, by_draw = 0;
  Interval at(double k_more) const {
    const double more = by_draw == 0 ? 0 : by_draw * k_more;
    return {within.lo - loss + std::min(0.0, more), within.hi + gain + std::max(0.0, more)};
  }
};

/// Takes the bands beyond kReach n, and the ceiling's, to what the samples leave open.
void open_bands(const Anchored& anchored, double level, FittedLimits& out) {
  if (anchored.n() == 0) return;
  const int reach = static_cast<int>(
      std::min<std::int64_t>(static_cast<std::int64_t>(kReach) * anchored.n(), kSearchMax));
  const DrawCurve c = anchored.at(reach);
  const auto at_reach = [&](auto value) {
    std::vector<double> draws;
    for (std::size_t s = 0; s < c.tp.size(); ++s) draws.push_back(value(s));
    return stats::percentile_interval(draws, level);
  };
  const Interval accepted = at_reach([&](std::size_t s) { return c.accepted[s]; });
  const Interval right = at_reach([&](std::size_t s) { return c.tp[s]; });
  const double left = std::max(0.0, 1 - accepted.lo);  // may still come, or never
  if (left <= stats::kRegret) return;
  out.identified = reach;
  const auto open = [&](stats::Band& band, const Open& what) {
    for (std::size_t i = 0; i < out.k.size(); ++i)
      if (out.k[i] > reach) {
        const Interval here = what.at(out.k[i] - reach);
        band.lo[i] = here.lo, band.hi[i] = here.hi;
      }
  };
  const auto share = [&](Interval within) {
    return Open{{within.lo, std::min(within.hi, 1 - left)}, left, 0, 0};
  };
  open(out.accepted, share(accepted)), open(out.tp, share(right));
  open(out.fp, share(at_reach([&](std::size_t s) { return c.accepted[s] - c.tp[s]; })));
  open(out.draws, {at_reach([&](std::size_t s) { return c.draws[s]; }), 0, 0, left});
  for (stats::UtilityCurve& u : out.utility)
    open(u.band, {at_reach([&](std::size_t s) { return utility(c, s, u.costs); }), left,
                  u.costs.lambda * left, -u.costs.kappa * left});
  out.ceiling.interval = share(right).at(0);
}

/// The draws restricted to the problems of `other`.
Posterior restricted(const Posterior& posterior, const Posterior& other) {
  Posterior out{posterior.dataset, posterior.model, posterior.method, {}, posterior.draws};
  const bool seen = !posterior.seen.empty();
  std::vector<std::size_t> kept;
  for (std::size_t i = 0; i < posterior.problems(); ++i)
    if (std::binary_search(other.task_ids.begin(), other.task_ids.end(), posterior.task_ids[i])) {
      kept.push_back(i);
      out.task_ids.push_back(posterior.task_ids[i]);
      if (seen) out.seen.push_back(posterior.seen[i]);
    }
  for (std::size_t s = 0; s < posterior.draws; ++s)
    for (std::size_t i : kept) {
      const std::size_t at = s * posterior.problems() + i;
      out.log_reject.push_back(posterior.log_reject[at]);
      out.precision.push_back(posterior.precision[at]);
      out.rejected_correct.push_back(posterior.rejected_correct[at]);
    }
  return out;
}

/// Accuracy of one sample, per draw.
std::vector<double> accuracy(const Posterior& posterior, std::span<const double> weights) {
  std::vector<double> out(posterior.draws);
  for (std::size_t s = 0, at = 0; s < posterior.draws; ++s)
    for (std::size_t i = 0; i < posterior.problems(); ++i, ++at) {
      const double reject = std::exp(posterior.log_reject[at]);
      out[s] += weights[at] *
                ((1 - reject) * posterior.precision[at] + reject * posterior.rejected_correct[at]);
    }
  return out;
}

}  // namespace

std::vector<int> k_grid(int last) {
  std::vector<int> out;
  for (int k = 0; k <= std::min(30, last); ++k) out.push_back(k);
  for (double k = 30; k < last;) {
    k = std::max(k + 1, k * std::pow(10.0, 1.0 / 24));
    out.push_back(static_cast<int>(std::min<double>(std::floor(k), last)));
  }
  return out;
}

DrawCurve curve_at(const Posterior& posterior, std::span<const double> weights, double k) {
  DrawCurve out;
  for (auto* part : {&out.accepted, &out.tp, &out.draws}) part->resize(posterior.draws);
  for (std::size_t s = 0, at = 0; s < posterior.draws; ++s)
    for (std::size_t i = 0; i < posterior.problems(); ++i, ++at) {
      const double log_reject = posterior.log_reject[at];
      const bool never = log_reject == 0;
      const double hit = never || k == 0 ? 0 : -std::expm1(k * log_reject);
      out.accepted[s] += weights[at] * hit;
      out.tp[s] += weights[at] * posterior.precision[at] * hit;
      out.draws[s] += weights[at] * (never ? k : hit / -std::expm1(log_reject));
    }
  return out;
}

std::vector<double> problem_weights(const Posterior& posterior, const PosteriorOptions& options) {
  const std::size_t problems = posterior.problems();
  std::vector<double> out(posterior.draws * problems, 1.0 / static_cast<double>(problems));
  if (options.estimand == Estimand::these) return out;
  for (std::size_t i = 0; i < problems; ++i) {
    RandomStream random(options.seed, "weight " + posterior.dataset + "\n" + posterior.task_ids[i]);
    for (std::size_t s = 0; s < posterior.draws; ++s)
      out[s * problems + i] = -std::log(random.uniform());
  }
  for (std::size_t s = 0; s < posterior.draws; ++s) {
    const std::span row(out.data() + s * problems, problems);
    const double sum = mean(row) * static_cast<double>(problems);
    for (double& w : row) w /= sum;
  }
  return out;
}

FittedLimits fitted_limits(const Posterior& posterior, const PosteriorOptions& options) {
  if (options.k_max < 0 || options.k_max > kSearchMax)
    throw Error(fmt::format("K up to {} was asked for; the fitted model answers for 0 to {}",
                            options.k_max, kSearchMax));
  ASSAY_INVARIANT(posterior.draws > 0 && posterior.problems() > 0);
  FittedLimits out;
  out.method = posterior.method;
  out.notes = posterior.notes;
  const std::vector<double> weights = problem_weights(posterior, options);
  const Anchored anchored(posterior, weights);
  Curves all = curves(anchored);
  for (const stats::Costs& costs : options.costs) {
    stats::check(costs);
    out.utility.push_back(optimum(anchored, all, costs, options.level));
  }
  out.ceiling = estimate(all.forever.tp, options.level);
  out.k = k_grid(options.k_max);
  const bool on_grid = std::binary_search(all.k.begin(), all.k.end(), options.k_max);
  if (!on_grid) all.at[out.k.size() - 1] = anchored.at(options.k_max);
  add_curves(all, options, out);
  open_bands(anchored, options.level, out);
  return out;
}

stats::Match match(const Posterior& weak, const Posterior& strong,
                   const PosteriorOptions& options) {
  stats::Match out;
  out.strong = strong.model;
  const Posterior w = restricted(weak, strong), s = restricted(strong, weak);
  if (w.problems() == 0 || w.draws != s.draws) return out;
  const std::vector<double> weights = problem_weights(w, options);
  const std::vector<double> target = accuracy(s, weights);
  const Anchored anchored(w, weights);
  const std::vector<double> ceiling = anchored.at(kForever).tp;
  double reached = 0;
  for (std::size_t i = 0; i < w.draws; ++i) reached += ceiling[i] >= target[i] - stats::kTieWidth;
  out.probability = reached / static_cast<double>(w.draws);
  const double mean_target = mean(target) - stats::kTieWidth;
  const auto reaches = [&](int k) { return mean(anchored.at(k).tp) >= mean_target; };
  out.problems = static_cast<std::int64_t>(w.problems());
  out.target = mean(target);
  out.infinite = mean(ceiling) < mean_target;
  if (out.infinite || !reaches(kSearchMax))
    return out;  // finite but beyond the search: k stays empty
  int lo = 0, hi = 1;
  while (hi < kSearchMax && !reaches(hi)) lo = hi, hi = std::min(hi * 2, kSearchMax);
  while (hi - lo > 1) {
    const int middle = lo + (hi - lo) / 2;
    (reaches(middle) ? hi : lo) = middle;
  }
  out.k = reaches(0) ? 0 : hi;
  return out;
}

}  // namespace assay::simulator
