#include "harness/stats/selecting.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "harness/base/error.h"
#include "harness/base/random.h"
#include "harness/stats/agreement.h"
#include "harness/stats/parallel.h"

namespace assay::stats {
namespace {

using Samples = std::vector<ScoredSample>;

/// What was not scored stands behind all that was.
double rank_of(const ScoredSample& sample) { return sample.score.value_or(-INFINITY); }

/// Per problem those that have samples, in order.
std::vector<Samples> by_problem(const ScoredSamples& scored) {
  std::vector<Samples> out(scored.problems);
  for (const ScoredSample& one : scored.samples) out[one.problem].push_back(one);
  return out;
}

// ---- votes

/// The behaviours of a problem as they gain votes. Votes never fall, so the leaders are known at once.
class Ballot {
 public:
  /// Without a weight the vote adds nothing, and its behaviour stands behind all that have one.
  void add(std::int64_t behaviour, std::optional<double> weight, bool right) {
    put(behaviour, candidates_[behaviour], weight, right);
  }
  /// The same of consensus sets, whose votes are their scores. A sample without a score stands in a
  /// set that is behind all others.
  void add_to_set(std::int64_t set, std::optional<double> weight, bool right) {
    Candidate& mine = candidates_[set];
    const double size = static_cast<double>(mine.samples + 1);
    mine.votes.sum = 0;
    put(set, mine, weight ? std::optional(codet_score(size, *weight)) : std::nullopt, right);
  }
  /// The chance that the winner is right: those in front share.
  double right() const {
    if (leaders_.empty()) return 0;
    double right = 0;
    for (const std::int64_t leader : leaders_) {
      const Candidate& one = candidates_.at(leader);
      right += static_cast<double>(one.right) / static_cast<double>(one.samples);
    }
    return right / static_cast<double>(leaders_.size());
  }

 private:
  struct Votes {
    double sum = 0;
    bool weighed = false;
    /// By more than rounding, whatever the scale of the scores.
    bool ahead_of(const Votes& other) const {
      if (weighed != other.weighed) return weighed;
      return sum - other.sum > kTieWidth * sum;
    }
  };
  struct Candidate {
    Votes votes;
    std::int64_t samples = 0, right = 0;
  };
  void put(std::int64_t behaviour, Candidate& mine, std::optional<double> weight, bool right) {
    mine.votes.weighed |= weight.has_value();
    mine.votes.sum += weight.value_or(0);
    ++mine.samples, mine.right += right;
    if (leaders_.empty() || mine.votes.ahead_of(most_)) {
      most_ = mine.votes;
      leaders_ = {behaviour};
    } else if (!most_.ahead_of(mine.votes) &&
               std::find(leaders_.begin(), leaders_.end(), behaviour) == leaders_.end()) {
      leaders_.push_back(behaviour);
    }
  }
  std::map<std::int64_t, Candidate> candidates_;
  std::vector<std::int64_t> leaders_;
  Votes most_;
};

/// Mean and variance of the mean over the orders, for K = 1..k_max. The first K of a random order are a
/// random subset of K.
struct Voted {
  std::vector<double> accuracy, variance;
};

void cast(Ballot& ballot, const ScoredSample& one, Selecting how) {
  if (one.behaviour && how == Selecting::codet)
    ballot.add_to_set(*one.behaviour, one.score, one.right);
  else if (one.behaviour)
    ballot.add(*one.behaviour, how == Selecting::weighted ? one.score : std::optional(1.0),
               one.right);
}

Voted vote(const Samples& samples, Selecting how, int k_max, int orders, RandomStream random) {
  const auto size = static_cast<std::size_t>(k_max);
  std::vector<double> sum(size), squares(size);
  std::vector<std::size_t> order(samples.size());
  std::iota(order.begin(), order.end(), 0);
  for (int o = 0; o < orders; ++o) {
    Ballot ballot;
    for (std::size_t k = 0; k < size; ++k) {
      const std::size_t left = order.size() - k;
      std::swap(order[k], order[k + random.below(static_cast<std::uint32_t>(left))]);
      cast(ballot, samples[order[k]], how);
      const double right = ballot.right();
      sum[k] += right, squares[k] += right * right;
    }
  }
  Voted out;
  for (std::size_t k = 0; k < size; ++k) {
    const double mean = sum[k] / orders;
    out.accuracy.push_back(mean);
    out.variance.push_back(std::max(0.0, squares[k] / orders - mean * mean) / (orders - 1));
  }
  // Of one sample there is nothing to choose, and no order to draw.
  double alone = 0;
  for (const ScoredSample& one : samples) {
    Ballot ballot;
    cast(ballot, one, how);
    alone += ballot.right();
  }
  out.accuracy[0] = alone / static_cast<double>(samples.size()), out.variance[0] = 0;
  return out;
}

// ---- the limit

/// Per problem what the limit is made of.
struct Origin {
  double right = 0, wrong = 0, tp = 0, fp = 0;
  double n() const { return right + wrong; }
  double numerator() const { return n() > 0 ? tp * wrong / n() : 0; }
  double denominator() const { return n() > 0 ? fp * right / n() : 0; }
};

/// The accuracy on a problem, given the slope: what of the top scores is right.
double tends_to(const Origin& origin, double slope) {
  if (origin.right == 0) return 0;
  return origin.right * slope / (origin.right * slope + origin.wrong);
}

OriginLimit limit_of(const ScoredSamples& scored, const Resamples& resamples,
                     const BootstrapOptions& options) {
  std::vector<double> scores;
  for (const ScoredSample& one : scored.samples)
    if (one.score) scores.push_back(*one.score);
  OriginLimit out;
  out.right = std::count_if(scored.samples.begin(), scored.samples.end(),
                            [](const ScoredSample& one) { return one.right; });
  out.scored = static_cast<std::int64_t>(scores.size());
  if (scores.empty()) return out;
  std::sort(scores.begin(), scores.end(), std::greater<>());
  const auto least = std::max(
      kOriginSamplesMin,
      static_cast<std::int64_t>(std::ceil(kOriginShareMin * static_cast<double>(scores.size()))));
  out.threshold = scores[std::min(scores.size(), static_cast<std::size_t>(least)) - 1];
  std::vector<Origin> origins(scored.problems);
  for (const ScoredSample& one : scored.samples) {
    Origin& origin = origins[one.problem];
    const bool accepted = one.score && *one.score >= out.threshold;
    ++(one.right ? origin.right : origin.wrong);
    if (accepted) ++(one.right ? origin.tp : origin.fp);
    out.accepted += accepted;
  }
  // Where the samples are too few for a top, all of them say nothing of one (unless all score the same).
  if (out.accepted == out.scored && scores.front() > scores.back()) return out;
  const auto mean = [&](const auto& weight) -> std::optional<double> {
    double numerator = 0, denominator = 0, problems = 0, sum = 0;
    for (std::size_t p = 0; p < origins.size(); ++p) {
      numerator += weight(p) * origins[p].numerator();
      denominator += weight(p) * origins[p].denominator();
    }
    if (denominator <= 0) return std::nullopt;
    for (std::size_t p = 0; p < origins.size(); ++p) {
      if (origins[p].n() == 0) continue;
      sum += weight(p) * tends_to(origins[p], numerator / denominator);
      problems += weight(p);
    }
    return problems > 0 ? std::optional(sum / problems) : std::nullopt;
  };
  out.accuracy.value = mean([](std::size_t) { return 1.0; });
  if (!out.accuracy.value) return out;
  double numerator = 0, denominator = 0;
  for (const Origin& origin : origins)
    numerator += origin.numerator(), denominator += origin.denominator();
  out.slope = numerator / denominator;
  std::vector<double> values;
  for (std::size_t r = 0; r < resamples.replicates; ++r) {
    const std::uint16_t* row = resamples.weight.data() + r * resamples.problems;
    if (const auto value = mean([&](std::size_t p) { return static_cast<double>(row[p]); }))
      values.push_back(*value);
  }
  if (resamples.problems >= 2 && 10 * values.size() >= 9 * resamples.replicates)
    out.accuracy.interval = percentile_interval(values, options.level);
  return out;
}

/// Mean over problems with its interval, per K.
void add_curve(const std::vector<std::vector<double>>& of_problems, const std::vector<bool>& counts,
               const BootstrapOptions& options, SelectingRow& out) {
  const std::size_t problems = of_problems.size();
  std::vector<Ratio> ratios;
  for (std::size_t k = 0; k < out.k.size(); ++k) {
    Ratio& ratio = ratios.emplace_back();
    for (std::size_t p = 0; p < problems; ++p) {
      ratio.numerator.push_back(counts[p] ? of_problems[p][k] : 0);
      ratio.denominator.push_back(counts[p] ? 1 : 0);
    }
  }
  for (const Estimate& estimate : ratio_estimates(ratios, options.level)) {
    out.accuracy.push_back(estimate.value.value_or(0));
    if (!estimate.interval) continue;
    out.band.lo.emplace_back(estimate.interval->lo);
    out.band.hi.emplace_back(estimate.interval->hi);
  }
}

/// 1 - C(n - right, K) / C(n, K) for K = 1..k_max.
std::vector<double> any_right(const Samples& samples, int k_max) {
  double wrong = 0, none = 1;
  for (const ScoredSample& one : samples) wrong += !one.right;
  std::vector<double> out;
  for (int k = 0; k < k_max; ++k) {
    none *= std::max(0.0, (wrong - k) / (static_cast<double>(samples.size()) - k));
    out.push_back(1 - none);
  }
  return out;
}

}  // namespace

std::vector<double> best_of(std::vector<ScoredSample> samples, int k_max) {
  const auto n = samples.size();
  ASSAY_INVARIANT(k_max >= 0 && static_cast<std::size_t>(k_max) <= n);
  std::stable_sort(samples.begin(), samples.end(),
                   [](const auto& a, const auto& b) { return rank_of(a) < rank_of(b); });
  std::vector<double> out(static_cast<std::size_t>(k_max));
  // below[k - 1] = C(begin, k) / C(n, k): all k are among the `begin` lowest.
  std::vector<double> below(out.size()), up_to(out.size());
  for (std::size_t begin = 0; begin < n;) {
    std::size_t end = begin;
    double right = 0;
    for (; end < n && rank_of(samples[end]) == rank_of(samples[begin]); ++end)
      right += samples[end].right;
    double chance = 1;
    for (std::size_t k = 0; k < out.size(); ++k) {
      chance *= end > k ? static_cast<double>(end - k) / static_cast<double>(n - k) : 0;
      up_to[k] = chance;
      out[k] += (up_to[k] - below[k]) * right / static_cast<double>(end - begin);
    }
    below = up_to;
    begin = end;
  }
  return out;
}

SelectingRow selecting(const ScoredSamples& scored, Selecting how,
                       const SelectingOptions& options) {
  check(options.bootstrap);
  if (options.orders < 2 || options.orders > 1'000'000)
    throw Error(fmt::format("the number of orders is {}; use 2 to 1000000", options.orders));
  const std::vector<Samples> problems = by_problem(scored);
  SelectingRow out;
  out.samples = static_cast<std::int64_t>(scored.samples.size());
  std::vector<bool> counts;
  std::size_t n_min = SIZE_MAX;
  for (const Samples& samples : problems) {
    counts.push_back(!samples.empty());
    if (samples.empty()) continue;
    ++out.problems;
    n_min = std::min(n_min, samples.size());
  }
  for (const ScoredSample& one : scored.samples) {
    out.not_scored += !one.score;
    if (how == Selecting::weighted && one.score && *one.score < 0)
      throw Error(
          fmt::format("{} gives scores below 0, by which votes cannot be weighed; --select best "
                      "takes any scores",
                      scored.verifier));
  }
  if (out.problems == 0) {
    out.notes.emplace_back("no sample has a verdict of gold");
    return out;
  }
  out.n_min = static_cast<int>(n_min);
  const int k_max = options.k_max.value_or(out.n_min);
  if (k_max < 1 || k_max > out.n_min)
    throw Error(
        fmt::format("--k-max {}: a problem has {} samples; use 1 to {}", k_max, n_min, n_min));
  out.k.resize(static_cast<std::size_t>(k_max));
  std::iota(out.k.begin(), out.k.end(), 1);
  if (out.not_scored > 0 && how != Selecting::vote)
    out.notes.push_back(fmt::format(
        "{} of {} samples have no score: {}", out.not_scored, out.samples,
        how == Selecting::best ? "they stand behind all that have one"
                               : "they add nothing, and a behaviour of such samples alone stands "
                                 "behind all that have a score"));

  std::vector<std::vector<double>> of_problems(problems.size());
  std::vector<std::vector<double>> variance(problems.size());
  parallel_for(problems.size(), options.bootstrap.threads, [&](std::size_t p) {
    if (problems[p].empty()) return;
    if (how == Selecting::best) {
      of_problems[p] = best_of(problems[p], k_max);
    } else {
      Voted voted = vote(problems[p], how, k_max, options.orders,
                         RandomStream(options.bootstrap.seed, fmt::format("orders {}", p)));
      of_problems[p] = std::move(voted.accuracy);
      variance[p] = std::move(voted.variance);
    }
  });
  const Resamples resamples = resample_problems(problems.size(), options.bootstrap, scored.dataset);
  add_curve(of_problems, counts, options.bootstrap, out);
  out.oracle.resize(out.k.size());
  if (how != Selecting::best) out.error.resize(out.k.size());
  for (std::size_t p = 0; p < problems.size(); ++p) {
    if (problems[p].empty()) continue;
    const std::vector<double> any = any_right(problems[p], k_max);
    for (std::size_t k = 0; k < out.k.size(); ++k) {
      out.oracle[k] += any[k] / static_cast<double>(out.problems);
      if (how != Selecting::best) out.error[k] += variance[p][k];
    }
  }
  for (double& error : out.error) error = std::sqrt(error) / static_cast<double>(out.problems);
  if (how == Selecting::best) out.limit = limit_of(scored, resamples, options.bootstrap);
  return out;
}

}  // namespace assay::stats
