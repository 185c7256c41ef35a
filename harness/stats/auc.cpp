#include "harness/stats/auc.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "harness/base/error.h"

namespace assay::stats {
namespace {

/// By problem: its right and wrong ones, and the pairs in order of its right ones with all wrong ones, of
/// all right ones with its wrong ones, and of its own.
struct Sums {
  std::vector<double> right, wrong, of_right, of_wrong, within;
};

Sums sums_of(std::vector<Ranked> samples, std::size_t problems) {
  Sums out;
  for (auto* sum : {&out.right, &out.wrong, &out.of_right, &out.of_wrong, &out.within})
    sum->resize(problems);
  std::sort(samples.begin(), samples.end(),
            [](const Ranked& a, const Ranked& b) { return a.score < b.score; });
  double above = 0, below = 0;  // right ones, and wrong ones
  for (const Ranked& one : samples) {
    ASSAY_INVARIANT(one.problem < problems);
    above += one.right;
  }
  for (std::size_t begin = 0; begin < samples.size();) {
    std::size_t end = begin;
    double right = 0, wrong = 0;
    for (; end < samples.size() && samples[end].score == samples[begin].score; ++end)
      right += samples[end].right, wrong += 1 - samples[end].right;
    above -= right;
    for (std::size_t i = begin; i < end; ++i)
      out.wrong[samples[i].problem] += (1 - samples[i].right) / 2;
    for (std::size_t i = begin; i < end; ++i) {
      const Ranked& one = samples[i];
      out.right[one.problem] += one.right;
      out.of_right[one.problem] += one.right * (below + wrong / 2);
      out.of_wrong[one.problem] += (1 - one.right) * (above + right / 2);
      out.within[one.problem] += one.right * out.wrong[one.problem];
    }
    for (std::size_t i = begin; i < end; ++i)
      out.wrong[samples[i].problem] += (1 - samples[i].right) / 2;
    below += wrong;
    begin = end;
  }
  return out;
}

double total(const std::vector<double>& numbers) {
  return std::accumulate(numbers.begin(), numbers.end(), 0.0);
}

/// The exact bound by the problems of one side; nothing with fewer than two.
std::optional<Interval> agreed(double value, const std::vector<double>& side, double level) {
  const auto clusters = static_cast<std::size_t>(
      std::count_if(side.begin(), side.end(), [](double count) { return count > 0; }));
  if (clusters < 2) return std::nullopt;
  const double largest = *std::max_element(side.begin(), side.end());
  return agreed_interval(value, {0, 1}, clusters, level,
                         largest * static_cast<double>(clusters) / total(side));
}

Estimate pooled(const Sums& sums, double level) {
  const double right = total(sums.right), wrong = total(sums.wrong), pairs = right * wrong;
  Estimate out;
  if (pairs <= 0) return out;
  const double ordered = total(sums.of_right), value = ordered / pairs;
  out.value = value;
  std::vector<double> pulls, without;
  for (std::size_t p = 0; p < sums.right.size(); ++p) {
    const double of_right = sums.right[p], of_wrong = sums.wrong[p];
    // Less than a billionth of a sample is what rounding has left of none.
    const double others = (right - of_right) * (wrong - of_wrong);
    if (others <= 1e-9) return out;
    const double left = ordered - sums.of_right[p] - sums.of_wrong[p] + sums.within[p];
    without.push_back(of_right + of_wrong > 0 ? left / others - value : 0);
    pulls.push_back((sums.of_right[p] - value * of_right * wrong + sums.of_wrong[p] -
                     value * right * of_wrong) /
                    pairs);
  }
  const auto moves = [](double x) { return std::abs(x) > kAgreementWidth; };
  if (std::none_of(without.begin(), without.end(), moves)) {
    const auto by_right = agreed(value, sums.right, level),
               by_wrong = agreed(value, sums.wrong, level);
    if (by_right && by_wrong)
      out.interval = {std::min(by_right->lo, by_wrong->lo), std::max(by_right->hi, by_wrong->hi)};
    return out;
  }
  std::vector<double> samples(pulls.size());
  for (std::size_t p = 0; p < samples.size(); ++p) samples[p] = sums.right[p] + sums.wrong[p];
  out.basis = basis_of_pulls(pulls, without, samples, std::min(kish(sums.right), kish(sums.wrong)));
  out.interval = t_interval(value, *out.basis, {0, 1}, level);
  return out;
}

}  // namespace

Auc auc(std::vector<Ranked> samples, std::size_t problems, double level) {
  const Sums sums = sums_of(std::move(samples), problems);
  std::vector<double> pairs(problems);
  for (std::size_t p = 0; p < problems; ++p) pairs[p] = sums.right[p] * sums.wrong[p];
  return {pooled(sums, level), ratio_estimate(sums.within, pairs, {0, 1}, level)};
}

}  // namespace assay::stats
