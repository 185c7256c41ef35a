#include "harness/explore/fidelity.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "harness/stats/auc.h"

namespace assay::explore {

namespace {

using Point = stats::Ranked;  ///< a judged sample at one step

constexpr int kBins = 10;

/// Value and interval of a statistic of weighted problems; `of` gives none where it is undefined.
template <typename Of>
stats::Estimate bootstrapped(std::size_t problems, const stats::Resamples& resamples,
                             const stats::BootstrapOptions& options, const Of& of) {
  stats::Estimate out;
  out.value = of(std::vector<double>(problems, 1));
  if (!out.value || problems < 2) return out;
  std::vector<double> values, weight(problems);
  for (std::size_t r = 0; r < resamples.replicates; ++r) {
    for (std::size_t p = 0; p < problems; ++p) weight[p] = resamples.weight[r * problems + p];
    if (const auto value = of(weight)) values.push_back(*value);
  }
  // As for ratios: where more than one replicate in ten says nothing, neither does the interval.
  if (10 * values.size() >= 9 * resamples.replicates)
    out.interval = stats::percentile_interval(values, options.level);
  // Where no draw differs, nothing is known of other problems.
  if (out.interval && out.interval->hi - out.interval->lo <= stats::kAgreementWidth)
    out.interval.reset();
  return out;
}

Fidelity measure(std::vector<Point> points, std::size_t problems, double threshold,
                 const stats::BootstrapOptions& options, const stats::Resamples& resamples) {
  Fidelity out;
  out.samples = static_cast<std::int64_t>(points.size());
  std::sort(points.begin(), points.end(),
            [](const Point& a, const Point& b) { return a.score < b.score; });
  std::vector<std::vector<double>> sums(4, std::vector<double>(problems));
  std::vector<double> errors(problems), counts(problems);
  struct Bin {
    std::vector<double> score, right;
  };
  std::vector<Bin> bins(kBins, {std::vector<double>(problems), std::vector<double>(problems)});
  for (const Point& point : points) {
    const bool accepted = point.score >= threshold;
    sums[0][point.problem] += accepted * point.right;
    sums[1][point.problem] += point.right;
    sums[2][point.problem] += accepted * (1 - point.right);
    sums[3][point.problem] += 1 - point.right;
    // The mean square of a score against a right or wrong answer, whichever it will be.
    errors[point.problem] += point.right * (1 - point.score) * (1 - point.score) +
                             (1 - point.right) * point.score * point.score;
    counts[point.problem] += 1;
    Bin& bin =
        bins[static_cast<std::size_t>(std::min(kBins - 1, static_cast<int>(point.score * kBins)))];
    bin.score[point.problem] += point.score;
    bin.right[point.problem] += point.right;
  }
  const auto ratios = stats::ratio_estimates(
      {{sums[0], sums[1]}, {sums[2], sums[3]}, {errors, counts}}, options.level);
  out.tpr = ratios[0];
  out.fpr = ratios[1];
  out.brier = ratios[2];
  stats::Auc auc = stats::auc(points, problems, options.level);
  out.auc = auc.pooled, out.auc_within = auc.within;
  out.ece = bootstrapped(problems, resamples, options,
                         [&](const std::vector<double>& weight) -> std::optional<double> {
                           double total = 0, gap = 0;
                           for (std::size_t p = 0; p < problems; ++p)
                             total += weight[p] * counts[p];
                           if (total <= 0) return std::nullopt;
                           for (const Bin& bin : bins) {
                             double difference = 0;
                             for (std::size_t p = 0; p < problems; ++p)
                               difference += weight[p] * (bin.score[p] - bin.right[p]);
                             gap += std::abs(difference);
                           }
                           return gap / total;
                         });
  return out;
}

/// C(a, k) / C(n, k).
double choose_ratio(std::size_t a, std::size_t n, std::size_t k) {
  if (a < k) return 0;
  double out = 1;
  for (std::size_t i = 0; i < k; ++i)
    out *= static_cast<double>(a - i) / static_cast<double>(n - i);
  return out;
}

/// P(the best of n is right), n of these drawn without replacement; ties share.
double best_of(const std::vector<Point>& sorted, std::size_t n) {
  double accuracy = 0;
  for (std::size_t begin = 0; begin < sorted.size();) {
    std::size_t end = begin;
    double right = 0;
    for (; end < sorted.size() && sorted[end].score == sorted[begin].score; ++end)
      right += sorted[end].right;
    const double here = choose_ratio(end, sorted.size(), n) - choose_ratio(begin, sorted.size(), n);
    accuracy += here * right / static_cast<double>(end - begin);
    begin = end;
  }
  return accuracy;
}

/// Draws until one is accepted, n at most: `accepts` gives each sample's chance.
template <typename Accepts>
double until_accepted(const std::vector<Point>& points, int n, const Accepts& accepts) {
  double accepted = 0, right = 0;
  for (const Point& point : points) {
    accepted += accepts(point.score) / static_cast<double>(points.size());
    right += accepts(point.score) * point.right / static_cast<double>(points.size());
  }
  return accepted > 0 ? right / accepted * (1 - std::pow(1 - accepted, n)) : 0;
}

}  // namespace

std::vector<Fidelity> fidelity(const Task& task, const std::vector<Sampled>& samples,
                               double threshold, const stats::BootstrapOptions& options) {
  std::size_t steps = 0;
  for (const Sampled& one : samples) steps = std::max(steps, one.scores.size());
  const std::size_t problems = task.problems.size();
  const stats::Resamples resamples = stats::resample_problems(problems, options, task.name);
  std::vector<Fidelity> out;
  for (std::size_t step = 0; step <= steps; ++step) {
    std::vector<Point> points;
    std::int64_t not_judged = 0;
    for (const Sampled& one : samples) {
      if (one.scores.size() < std::max<std::size_t>(1, step)) continue;
      const search::Score& score = step ? one.scores[step - 1] : one.scores.back();
      if (score.judged)
        points.push_back({one.problem, score.value, one.truth});
      else
        ++not_judged;
    }
    out.push_back(measure(std::move(points), problems, threshold, options, resamples));
    out.back().step = static_cast<int>(step);
    out.back().not_judged = not_judged;
  }
  return out;
}

std::vector<Foretold> foretold(const Task& task, const Plan& plan,
                               const std::vector<Sampled>& samples) {
  std::vector<Foretold> out;
  for (std::size_t s = 0; s < plan.strategies.size(); ++s) {
    const search::Strategy& strategy = plan.strategies[s];
    std::vector<std::vector<Point>> by_problem(task.problems.size());
    for (const Sampled& one : samples)  // what was not judged comes behind all that was
      by_problem[one.problem].push_back(
          {one.problem, standing(strategy, one).value_or(-1), one.truth});
    for (std::vector<Point>& points : by_problem)
      std::sort(points.begin(), points.end(),
                [](const Point& a, const Point& b) { return a.score < b.score; });
    for (const int n : plan.n) {
      double sum = 0;
      bool known = true;
      for (const std::vector<Point>& points : by_problem) {
        switch (strategy.kind) {
          case search::Kind::sample:
            for (const Point& point : points)
              sum += point.right / static_cast<double>(points.size());
            break;
          case search::Kind::best_of:
            known &= static_cast<std::size_t>(n) <= points.size();
            if (known) sum += best_of(points, static_cast<std::size_t>(n));
            break;
          case search::Kind::rejection:
            sum += until_accepted(points, n, [](double r) { return std::max(0.0, r); });
            break;
          case search::Kind::first_accepted:
            sum += until_accepted(points, n,
                                  [&](double r) { return r >= strategy.threshold ? 1.0 : 0.0; });
            break;
          default:
            known = false;
        }
      }
      if (known) out.push_back({s, n, sum / static_cast<double>(task.problems.size())});
    }
  }
  return out;
}

}  // namespace assay::explore
