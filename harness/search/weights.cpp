#include "harness/search/weights.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "harness/base/error.h"

namespace assay::search {

static constexpr double kNothing = -std::numeric_limits<double>::infinity();

double log_factor(Weighting weighting, double score) {
  switch (weighting) {
    case Weighting::probability:
      return score <= 0 ? kNothing : std::log(score);
    case Weighting::odds: {
      if (score <= 0) return kNothing;
      const double most = std::min(score, kOddsScoreMax);
      return std::log(most) - std::log1p(-most);
    }
    case Weighting::softmax:
      return score;
  }
  return 0;
}

double aggregated(Aggregate aggregate, double so_far, double score) {
  switch (aggregate) {
    case Aggregate::min:
      return std::min(so_far, score);
    case Aggregate::prod:
      return so_far * score;
    case Aggregate::last:
    case Aggregate::model:
      return score;
  }
  return score;
}

double log_sum_exp(const std::vector<double>& logs) {
  double most = kNothing;
  for (const double x : logs) most = std::max(most, x);
  if (most == kNothing) return kNothing;
  double sum = 0;
  for (const double x : logs) sum += std::exp(x - most);
  return most + std::log(sum);
}

std::vector<double> normalised(const std::vector<double>& logs) {
  const double total = log_sum_exp(logs);
  std::vector<double> weights(logs.size(), 1.0 / static_cast<double>(logs.size()));
  if (total == kNothing) return weights;
  for (std::size_t i = 0; i < logs.size(); ++i) weights[i] = std::exp(logs[i] - total);
  return weights;
}

double effective_size(const std::vector<double>& weights) {
  double squares = 0;
  for (const double w : weights) squares += w * w;
  return squares > 0 ? 1 / squares : 0;
}

double entropic_temperature(double share, double progress) {
  if (share >= 0.5 || progress >= 0.5) return 1;
  return std::max(1.0, (1 - progress) / share);
}

std::size_t drawn(const std::vector<double>& weights, RandomStream& stream) {
  ASSAY_INVARIANT(!weights.empty());
  double left = stream.uniform();
  std::size_t last = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] <= 0) continue;
    last = i;
    if (left < weights[i]) return i;
    left -= weights[i];
  }
  return last;  // rounding has left a little
}

/// Whole copies first; the rest of the count by what is left of each weight.
static std::vector<std::size_t> residual(const std::vector<double>& weights, std::size_t count,
                                         RandomStream& stream) {
  std::vector<std::size_t> out;
  std::vector<double> rest(weights.size());
  double total = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double expected = weights[i] * static_cast<double>(count);
    // A whole number that rounding has put just below itself is that number.
    const double whole = std::floor(expected + 1e-12);
    out.insert(out.end(), static_cast<std::size_t>(whole), i);
    rest[i] = std::max(0.0, expected - whole);
    total += rest[i];
  }
  if (out.size() >= count || total <= 0) {
    out.resize(count, out.empty() ? 0 : out.back());
    return out;
  }
  for (double& r : rest) r /= total;
  while (out.size() < count) out.push_back(drawn(rest, stream));
  return out;
}

std::vector<std::size_t> resampled(Resampling scheme, const std::vector<double>& weights,
                                   std::size_t count, RandomStream& stream) {
  if (scheme == Resampling::residual) return residual(weights, count, stream);
  std::vector<std::size_t> out;
  if (scheme == Resampling::multinomial) {
    for (std::size_t i = 0; i < count; ++i) out.push_back(drawn(weights, stream));
    return out;
  }
  const double first = stream.uniform();
  double until = 0;
  std::size_t last = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    until += weights[i] * static_cast<double>(count);
    if (weights[i] > 0) last = i;
    while (out.size() < count && first + static_cast<double>(out.size()) < until) out.push_back(i);
  }
  out.resize(count, last);
  return out;
}

}  // namespace assay::search
