#include "harness/stats/regression.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "harness/base/random.h"
#include "harness/stats/parallel.h"
#include "harness/stats/rates.h"

namespace assay::stats {
namespace {

constexpr std::size_t kModelsMin = 3;  // a line through two points says nothing

/// Four columns a model: accuracy and its count, precision of the solved and their count.
std::vector<double> columns(const std::vector<const ModelCounts*>& models, const Universe& all) {
  const std::size_t width = 4 * models.size();
  std::vector<double> x(all.task_ids.size() * width);
  for (std::size_t m = 0; m < models.size(); ++m)
    for (std::size_t i = 0; i < models[m]->problems.size(); ++i) {
      const Counts& c = models[m]->problems[i];
      double* at = &x[all.index[m][i] * width + 4 * m];
      at[0] = c.accuracy();
      at[1] = 1;
      if (c.accepted() == 0) continue;
      at[2] = static_cast<double>(c.tp) / static_cast<double>(c.accepted());
      at[3] = 1;
    }
  return x;
}

/// The line of one replicate; x from `first`, y from `second`. Models undefined there are left out.
std::optional<Line> line_of(const std::vector<double>& first, const std::vector<double>& second,
                            std::size_t models, std::size_t replicates, std::size_t r) {
  std::vector<double> x, y;
  for (std::size_t m = 0; m < models; ++m) {
    const auto at = [&](const std::vector<double>& sums, std::size_t c) {
      return sums[(4 * m + c) * replicates + r];
    };
    if (at(first, 1) <= 0 || at(second, 3) <= 0) continue;
    x.push_back(at(first, 0) / at(first, 1));
    y.push_back(at(second, 2) / at(second, 3));
  }
  return least_squares(x, y);
}

constexpr std::array<double Line::*, 4> kParts{&Line::slope, &Line::intercept, &Line::r, &Line::r2};
constexpr std::array<Estimate LineEstimate::*, 4> kEstimates{
    &LineEstimate::slope, &LineEstimate::intercept, &LineEstimate::r, &LineEstimate::r2};

void set_values(const Line& line, LineEstimate& out) {
  for (std::size_t part = 0; part < 4; ++part) out.*kEstimates[part] = {line.*kParts[part], {}};
}

void set_intervals(const std::vector<Line>& lines, const BootstrapOptions& options,
                   LineEstimate& out) {
  if (lines.size() * 10 < static_cast<std::size_t>(options.replicates) * 9) return;
  std::vector<double> values(lines.size());
  for (std::size_t part = 0; part < 4; ++part) {
    for (std::size_t i = 0; i < lines.size(); ++i) values[i] = lines[i].*kParts[part];
    (out.*kEstimates[part]).interval = percentile_interval(values, options.level);
  }
}

std::vector<Line> lines_of(const std::vector<double>& first, const std::vector<double>& second,
                           std::size_t models, std::size_t replicates) {
  std::vector<Line> lines;
  for (std::size_t r = 0; r < replicates; ++r)
    if (const auto line = line_of(first, second, models, replicates, r)) lines.push_back(*line);
  return lines;
}

std::optional<Line> mean(const std::vector<Line>& lines) {
  if (lines.empty()) return std::nullopt;
  Line out;
  for (double Line::*part : kParts) {
    for (const Line& line : lines) out.*part += line.*part;
    out.*part /= static_cast<double>(lines.size());
  }
  return out;
}

/// The problems in two random halves, many times over; x of one half, y of the other.
class SplitHalves {
 public:
  SplitHalves(const std::vector<double>& x, std::size_t models, std::size_t problems, int splits,
              const BootstrapOptions& options)
      : x_(x), models_(models), threads_(options.threads) {
    const Resamples none{static_cast<std::size_t>(splits), problems,
                         std::vector<std::uint16_t>(static_cast<std::size_t>(splits) * problems)};
    first_ = second_ = none;
    RandomStream random(options.seed, "split");
    for (std::size_t i = 0; i < first_.weight.size(); ++i)
      (random.below(2) ? second_ : first_).weight[i] = 1;
    first_sums_ = weighted_sums(first_, x, 4 * models, threads_);
    second_sums_ = weighted_sums(second_, x, 4 * models, threads_);
  }

  std::optional<Line> line() const {
    return mean(lines_of(first_sums_, second_sums_, models_, first_.replicates));
  }

  /// Without one problem of every `groups`, in the same splits, for each of the `groups`.
  std::vector<std::optional<Line>> without(std::size_t groups) const {
    std::vector<std::optional<Line>> out(groups);
    parallel_for(groups, threads_, [&](std::size_t g) {
      std::vector<double> first = first_sums_, second = second_sums_;
      for (std::size_t p = g; p < first_.problems; p += groups)
        take_out(first_, p, first), take_out(second_, p, second);
      out[g] = mean(lines_of(first, second, models_, first_.replicates));
    });
    return out;
  }

 private:
  void take_out(const Resamples& half, std::size_t p, std::vector<double>& sums) const {
    for (std::size_t c = 0; c < 4 * models_; ++c)
      for (std::size_t r = 0; r < half.replicates; ++r)
        sums[c * half.replicates + r] -=
            half.weight[r * half.problems + p] * x_[p * 4 * models_ + c];
  }

  const std::vector<double>& x_;
  std::size_t models_;
  int threads_;
  Resamples first_, second_;
  std::vector<double> first_sums_, second_sums_;
};

/// Jackknife intervals of the mean split line: problems are left out, the splits stay.
void set_intervals(const SplitHalves& halves, std::size_t problems, double level,
                   LineEstimate& out) {
  constexpr std::size_t kGroupsMax = 200;  // of more problems, groups are left out
  const std::size_t groups = std::min(problems, kGroupsMax);
  const std::vector<std::optional<Line>> without = halves.without(groups);
  if (std::count(without.begin(), without.end(), std::nullopt) > 0) return;
  constexpr std::array<Interval, 4> kRanges{
      {{-INFINITY, INFINITY}, {-INFINITY, INFINITY}, {-1, 1}, {0, 1}}};
  for (std::size_t part = 0; part < 4; ++part) {
    Estimate& estimate = out.*kEstimates[part];
    std::vector<double> pseudo;
    for (const auto& line : without)
      pseudo.push_back(static_cast<double>(groups) * *estimate.value -
                       static_cast<double>(groups - 1) * (*line).*kParts[part]);
    const auto basis =
        ratio_estimate(pseudo, std::vector<double>(groups, 1), kRanges[0], level).basis;
    if (basis) estimate.interval = t_interval(*estimate.value, *basis, kRanges[part], level);
  }
}

}  // namespace

std::optional<Line> least_squares(std::span<const double> x, std::span<const double> y) {
  if (x.size() < kModelsMin || x.size() != y.size()) return std::nullopt;
  const double n = static_cast<double>(x.size());
  double mean_x = 0, mean_y = 0, xx = 0, xy = 0, yy = 0;
  for (double v : x) mean_x += v / n;
  for (double v : y) mean_y += v / n;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xx += (x[i] - mean_x) * (x[i] - mean_x);
    xy += (x[i] - mean_x) * (y[i] - mean_y);
    yy += (y[i] - mean_y) * (y[i] - mean_y);
  }
  constexpr double kFlat = 1e-24;  // squared rounding error: no spread at all
  if (xx <= kFlat || yy <= kFlat) return std::nullopt;
  const double slope = xy / xx, r = xy / std::sqrt(xx * yy);
  return Line{slope, mean_y - slope * mean_x, r, r * r};
}

Regression regression(const std::vector<const ModelCounts*>& models,
                      const BootstrapOptions& options, int splits) {
  check(options);
  Regression out;
  std::vector<const ModelCounts*> used;
  for (const ModelCounts* m : models) {
    check(*m);
    out.dataset = m->dataset;
    std::int64_t accepted = 0;
    for (const Counts& c : m->problems) accepted += c.accepted();
    if (accepted == 0) continue;
    used.push_back(m);
    out.models.push_back(m->model);
  }
  if (used.size() < kModelsMin) {
    out.notes.emplace_back("a line needs at least three models with an accepted sample");
    return out;
  }
  const Universe all = universe(used);
  const std::size_t problems = all.task_ids.size(), count = used.size();
  const std::vector<double> x = columns(used, all);
  const Resamples once{1, problems, std::vector<std::uint16_t>(problems, 1)};
  const std::vector<double> sums = weighted_sums(once, x, 4 * count);
  const std::optional<Line> line = line_of(sums, sums, count, 1, 0);
  if (!line) {
    out.notes.emplace_back("the models do not differ in accuracy or in precision: no line");
    return out;
  }
  set_values(*line, out.line);
  const Resamples resamples = resample_problems(problems, options, out.dataset);
  const std::vector<double> replicate_sums =
      weighted_sums(resamples, x, 4 * count, options.threads);
  set_intervals(lines_of(replicate_sums, replicate_sums, count, resamples.replicates), options,
                out.line);
  const SplitHalves halves(x, count, problems, splits, options);
  const std::optional<Line> split = halves.line();
  if (!split) return out;
  set_values(*split, out.split_half);
  set_intervals(halves, problems, options.level, out.split_half);
  return out;
}

}  // namespace assay::stats
