#include "harness/stats/roc.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "harness/base/error.h"
#include "harness/base/random.h"
#include "harness/stats/auc.h"
#include "harness/stats/isotonic.h"
#include "harness/stats/optimum.h"

namespace assay::stats {
namespace {

constexpr std::size_t kBins = 10;

/// A scored sample.
struct Point {
  std::size_t problem = 0;
  double score = 0;
  bool right = false;
};

/// What all of the figures are made of: the samples by descending score, and per problem how many.
struct Sorted {
  std::vector<Point> points;
  std::vector<double> right, wrong;  ///< by problem
  double n(std::size_t problem) const { return right[problem] + wrong[problem]; }
};

Sorted sorted(const ScoredSamples& scored) {
  Sorted out;
  out.right.resize(scored.problems), out.wrong.resize(scored.problems);
  for (const ScoredSample& one : scored.samples) {
    ASSAY_INVARIANT(one.problem < scored.problems);
    if (!one.score) continue;
    out.points.push_back({one.problem, *one.score, one.right});
    ++(one.right ? out.right : out.wrong)[one.problem];
  }
  std::stable_sort(out.points.begin(), out.points.end(),
                   [](const Point& a, const Point& b) { return a.score > b.score; });
  return out;
}

/// Calls `take(begin, end)` for each run of equal scores.
template <typename Take>
void for_each_tie(const std::vector<Point>& points, const Take& take) {
  for (std::size_t begin = 0; begin < points.size();) {
    std::size_t end = begin;
    while (end < points.size() && points[end].score == points[begin].score) ++end;
    take(begin, end);
    begin = end;
  }
}

/// As for ratios: where more than one replicate in ten says nothing, neither does the interval.
std::optional<Interval> interval_of(const std::vector<double>& values, const Resamples& resamples,
                                    const BootstrapOptions& options) {
  if (10 * values.size() < 9 * resamples.replicates) return std::nullopt;
  return percentile_interval(values, options.level);
}

Auc auc_of(const Sorted& all, double level) {
  std::vector<Ranked> ranked;
  for (const Point& point : all.points)
    ranked.push_back({point.problem, point.score, point.right ? 1.0 : 0.0});
  return auc(std::move(ranked), all.right.size(), level);
}

// ---- the points of the ROC

void add_points(const Sorted& all, double level, Roc& out) {
  const std::size_t problems = all.right.size();
  std::vector<std::size_t> ends;  // accepted so far
  for_each_tie(all.points, [&](std::size_t, std::size_t end) { ends.push_back(end); });
  std::vector<std::size_t> shown;
  if (ends.size() <= kRocPointsMax) {
    shown = ends;
  } else {
    for (std::size_t i = 0; i < kRocPointsMax; ++i)
      shown.push_back(ends[i * (ends.size() - 1) / (kRocPointsMax - 1)]);
    out.notes.push_back(fmt::format("{} different scores: {} of them are shown as thresholds",
                                    ends.size(), kRocPointsMax));
  }
  std::vector<Ratio> ratios;
  std::vector<double> tp(problems), fp(problems), accepted(problems);
  std::size_t at = 0;
  for (const std::size_t end : shown) {
    for (; at < end; ++at) {
      ++(all.points[at].right ? tp : fp)[all.points[at].problem];
      ++accepted[all.points[at].problem];
    }
    out.points.push_back({all.points[end - 1].score, static_cast<std::int64_t>(end), {}, {}, {}});
    ratios.push_back({tp, all.right});
    ratios.push_back({fp, all.wrong});
    ratios.push_back({fp, accepted});
  }
  const std::vector<Estimate> estimates = ratio_estimates(ratios, level);
  for (std::size_t i = 0; i < out.points.size(); ++i) {
    out.points[i].tpr = estimates[3 * i];
    out.points[i].fpr = estimates[3 * i + 1];
    out.points[i].fdr = estimates[3 * i + 2];
  }
}

// ---- calibration

/// Whether the replicates are one value but for rounding: problems that agree say nothing of others.
bool agree(const std::vector<double>& values) {
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  return values.empty() || *most - *least <= kTieWidth;
}

struct Calibration {
  Estimate ece, brier;
  std::vector<ReliabilityBin> bins;
};

/// `chance[i]` is what is said of points[i].
Calibration calibration(const Sorted& all, const std::vector<double>& chance,
                        const Resamples& resamples, const BootstrapOptions& options) {
  const std::size_t problems = resamples.problems, replicates = resamples.replicates;
  Calibration out;
  out.bins.resize(kBins);
  std::vector<double> gap(problems * kBins), error(problems), count(problems);
  for (std::size_t i = 0; i < all.points.size(); ++i) {
    const Point& point = all.points[i];
    const double truth = point.right;
    const std::size_t b = std::min(kBins - 1, static_cast<std::size_t>(chance[i] * kBins));
    gap[point.problem * kBins + b] += chance[i] - truth;
    error[point.problem] += (chance[i] - truth) * (chance[i] - truth);
    ++count[point.problem];
    ReliabilityBin& bin = out.bins[b];
    ++bin.samples, bin.chance += chance[i], bin.right += truth;
  }
  double sum = 0;
  for (ReliabilityBin& bin : out.bins) {
    sum += std::abs(bin.chance - bin.right);
    if (bin.samples == 0) continue;
    bin.chance /= static_cast<double>(bin.samples), bin.right /= static_cast<double>(bin.samples);
  }
  out.brier = ratio_estimates({{error, count}}, options.level).front();
  out.ece.value = sum / static_cast<double>(all.points.size());
  const std::vector<double> gaps = weighted_sums(resamples, gap, kBins, options.threads),
                            counts = weighted_sums(resamples, count, 1, options.threads);
  std::vector<double> values;
  for (std::size_t r = 0; r < replicates; ++r) {
    double here = 0;
    for (std::size_t b = 0; b < kBins; ++b) here += std::abs(gaps[b * replicates + r]);
    if (counts[r] > 0) values.push_back(here / counts[r]);
  }
  if (!out.brier.interval) return out;
  out.ece.interval = interval_of(values, resamples, options);
  if (!out.ece.interval) return out;
  // Gaps that cancel within a bin in all problems do less so in a draw, which can lift all draws
  // above the value.
  out.ece.interval->lo = std::min(out.ece.interval->lo, *out.ece.value);
  out.ece.interval->hi = std::max(out.ece.interval->hi, *out.ece.value);
  if (agree(values)) out.ece.interval.reset();
  return out;
}

/// What isotonic regression on the other half of the problems says of each point; empty where a half
/// has none.
std::vector<double> held_out_chances(const Sorted& all, const std::vector<int>& half) {
  std::vector<Scored> of_half[2];
  for (const Point& point : all.points)
    of_half[half[point.problem]].push_back({point.score, point.right ? 1.0 : 0.0});
  if (of_half[0].empty() || of_half[1].empty()) return {};
  const Isotonic fitted[2] = {Isotonic(of_half[0]), Isotonic(of_half[1])};
  std::vector<double> chance;
  for (const Point& point : all.points)
    chance.push_back(fitted[1 - half[point.problem]](point.score));
  return chance;
}

void add_calibration(const Sorted& all, const std::vector<int>& half, const Resamples& resamples,
                     const BootstrapOptions& options, Roc& out) {
  const std::vector<double> chance = held_out_chances(all, half);
  if (chance.empty()) {
    out.notes.emplace_back("calibration needs scored samples in both halves of the problems");
  } else {
    Calibration fitted = calibration(all, chance, resamples, options);
    out.ece = fitted.ece, out.brier = fitted.brier;
    out.reliability = std::move(fitted.bins);
  }
  std::vector<double> raw;
  for (const Point& point : all.points) {
    if (point.score < 0 || point.score > 1) return;
    raw.push_back(point.score);
  }
  const Calibration as_is = calibration(all, raw, resamples, options);
  out.ece_raw = as_is.ece, out.brier_raw = as_is.brier;
}

// ---- thresholds

struct Chosen {
  std::optional<double> threshold;
  double worth = 0;
};

/// The threshold of the highest worth on the problems of `half` (or all: -1), ties to the highest. To
/// accept none is worth 0.
Chosen choose(const Sorted& all, const std::vector<int>& half, int which, double lambda) {
  double problems = 0, worth = 0;
  for (std::size_t p = 0; p < half.size(); ++p)
    problems += all.n(p) > 0 && (which < 0 || half[p] == which);
  Chosen best;
  for_each_tie(all.points, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const Point& point = all.points[i];
      if (which >= 0 && half[point.problem] != which) continue;
      worth += (point.right ? 1 : -lambda) / all.n(point.problem) / problems;
    }
    if (worth > best.worth + kTieWidth) best = {all.points[begin].score, worth};
  });
  return best;
}

void add_best(const Sorted& all, const std::vector<int>& half, const std::vector<double>& lambdas,
              double level, Roc& out) {
  const std::size_t problems = all.right.size();
  bool in_half[2] = {};
  for (const Point& point : all.points) in_half[half[point.problem]] = true;
  const bool both = in_half[0] && in_half[1];  // else one half has nothing to choose by
  if (!both)
    out.notes.emplace_back("worth on other problems needs scored samples in both halves of them");
  for (const double lambda : lambdas) {
    BestThreshold best;
    best.lambda = lambda;
    const Chosen on_all = choose(all, half, -1, lambda);
    best.threshold = on_all.threshold, best.worth_seen = on_all.worth;
    for (const int which : {0, 1}) best.of_half[which] = choose(all, half, which, lambda).threshold;
    Ratio worth{std::vector<double>(problems), std::vector<double>(problems), {-lambda, 1}};
    for (std::size_t p = 0; p < problems; ++p) worth.denominator[p] = all.n(p) > 0;
    for (const Point& point : all.points) {
      const std::optional<double>& threshold = best.of_half[1 - half[point.problem]];
      if (threshold && point.score >= *threshold)
        worth.numerator[point.problem] += (point.right ? 1 : -lambda) / all.n(point.problem);
    }
    if (both) best.worth = ratio_estimates({worth}, level).front();
    out.best.push_back(best);
  }
}

}  // namespace

std::vector<int> halves(std::size_t problems, std::uint64_t seed) {
  RandomStream random(seed, "halves");
  std::vector<std::size_t> order(problems);
  std::iota(order.begin(), order.end(), 0);
  for (std::size_t i = problems; i > 1; --i)
    std::swap(order[i - 1], order[random.below(static_cast<std::uint32_t>(i))]);
  std::vector<int> half(problems);
  for (std::size_t i = 0; i < problems; ++i) half[order[i]] = static_cast<int>(i % 2);
  return half;
}

Roc roc(const ScoredSamples& scored, const RocOptions& options) {
  check(options.bootstrap);
  for (const double lambda : options.lambdas) check(Costs{lambda, 0});
  const Sorted all = sorted(scored);
  Roc out;
  out.samples = static_cast<std::int64_t>(all.points.size());
  out.not_scored = static_cast<std::int64_t>(scored.samples.size()) - out.samples;
  for (const Point& point : all.points) out.right += point.right;
  for (std::size_t p = 0; p < scored.problems; ++p) out.problems += all.n(p) > 0;
  if (all.points.empty()) {
    out.notes.emplace_back("no sample has both a score and a verdict of gold");
    return out;
  }
  if (out.right == 0 || out.right == out.samples)
    out.notes.push_back(fmt::format("all samples are {}: there is nothing to tell apart",
                                    out.right == 0 ? "wrong" : "right"));
  const Resamples resamples = resample_problems(scored.problems, options.bootstrap, scored.dataset);
  const std::vector<int> half = halves(scored.problems, options.bootstrap.seed);
  Auc found = auc_of(all, options.bootstrap.level);
  out.auc = found.pooled, out.auc_within = found.within;
  add_points(all, options.bootstrap.level, out);
  add_calibration(all, half, resamples, options.bootstrap, out);
  add_best(all, half, options.lambdas, options.bootstrap.level, out);
  return out;
}

}  // namespace assay::stats
