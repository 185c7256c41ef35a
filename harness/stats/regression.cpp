#include "harness/stats/regression.h"

#include <array>
#include <cmath>

#include "harness/base/random.h"
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
      at[0] = static_cast<double>(c.correct()) / static_cast<double>(c.n());
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

/// Splits every replicate's problems into two random halves.
std::pair<Resamples, Resamples> halves(const Resamples& whole, const BootstrapOptions& options,
                                       const std::string& stream) {
  std::pair<Resamples, Resamples> out{whole, whole};
  RandomStream random(options.seed, stream);
  for (std::size_t i = 0; i < whole.weight.size(); ++i)
    (random.below(2) ? out.first : out.second).weight[i] = 0;
  return out;
}

std::vector<Line> split_lines(const Resamples& whole, const std::vector<double>& x,
                              std::size_t models, const BootstrapOptions& options,
                              const std::string& stream) {
  const auto [a, b] = halves(whole, options, stream);
  return lines_of(weighted_sums(a, x, 4 * models, options.threads),
                  weighted_sums(b, x, 4 * models, options.threads), models, whole.replicates);
}

Line mean(const std::vector<Line>& lines) {
  Line out;
  for (double Line::*part : kParts) {
    for (const Line& line : lines) out.*part += line.*part;
    out.*part /= static_cast<double>(lines.size());
  }
  return out;
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
  Resamples same{static_cast<std::size_t>(splits), problems, {}};
  same.weight.assign(same.replicates * problems, 1);
  const std::vector<Line> split = split_lines(same, x, count, options, "split");
  if (split.empty()) return out;
  set_values(mean(split), out.split_half);
  set_intervals(split_lines(resamples, x, count, options, "split replicates"), options,
                out.split_half);
  return out;
}

}  // namespace assay::stats
