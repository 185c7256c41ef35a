#include "harness/stats/type_mixture.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/base/error.h"

namespace assay::stats {
namespace {

constexpr int kDrawsMax = 10'000'000;  // types of nearly equal rates would be followed for ever

struct Term {
  double gain = 0, beta = 0;  // of one type: share times value of a draw, chance of a rejection
};

std::vector<Term> terms(const TypeMixture& mixture, double lambda) {
  const auto probability = [](const char* name, double value) {
    if (!(value >= 0 && value <= 1))
      throw Error(fmt::format("{} = {}: a probability must be in [0, 1]", name, value));
  };
  probability("soundness", mixture.soundness);
  probability("completeness", mixture.completeness);
  if (!(lambda >= 0 && std::isfinite(lambda)))
    throw Error(fmt::format("lambda = {}: a cost must be a finite number, at least 0", lambda));
  const double s = mixture.soundness, c = mixture.completeness;
  std::vector<Term> out;
  for (const ProblemType& t : mixture.types) {
    probability("share", t.share);
    probability("solve rate", t.solve_rate);
    const double r = t.solve_rate;
    const double gain = t.share * (c * r - (1 - r) * (1 - s) * lambda);
    if (gain != 0) out.push_back({gain, (1 - c) * r + s * (1 - r)});
  }
  std::sort(out.begin(), out.end(), [](auto& a, auto& b) { return a.beta > b.beta; });
  std::vector<Term> merged;  // slowest first, one term for each beta
  for (const Term& t : out) {
    if (!merged.empty() && merged.back().beta == t.beta)
      merged.back().gain += t.gain;
    else
      merged.push_back(t);
    if (merged.back().gain == 0) merged.pop_back();
  }
  return merged;
}

double value(const std::vector<Term>& terms, double k) {
  double sum = 0;
  if (k == 0) return sum;  // where a first draw is always accepted, 0 times log 0 has no value
  for (const Term& t : terms)
    sum += t.gain * (t.beta < 1 ? -std::expm1(k * std::log(t.beta)) / (1 - t.beta) : k);
  return sum;
}

}  // namespace

double expected_value(const TypeMixture& mixture, double lambda, double k) {
  return value(terms(mixture, lambda), k);
}

std::optional<int> optimal_k(const TypeMixture& mixture, double lambda) {
  const std::vector<Term> all = terms(mixture, lambda);
  if (all.empty()) return 0;
  int best = 0, rising_to = 0;
  double best_value = 0;
  // The k-th gain over beta_max^(k-1). Only its sign decides within a run of gains, so a gain too
  // small to change the sum still counts. Once the slowest type outweighs the others' absolute sum
  // the sign stays for ever, and the search ends.
  for (int k = 1; k <= kDrawsMax; ++k) {
    double gain = all[0].gain, others = 0;
    for (std::size_t i = 1; i < all.size(); ++i) {
      const double relative = all[i].gain * std::pow(all[i].beta / all[0].beta, k - 1);
      gain += relative;
      others += std::abs(relative);
    }
    if (gain > 0) rising_to = k;
    const bool settled = others <= std::abs(all[0].gain);
    if ((gain <= 0 || settled) && rising_to > best) {
      const double now = value(all, rising_to);
      if (best == 0 || now > best_value) best = rising_to, best_value = now;
    }
    if (!settled) continue;
    const bool for_ever = all[0].gain > 0 && all[0].beta > 0;
    return for_ever && (best == k || value(all, INFINITY) > best_value) ? std::nullopt
                                                                        : std::optional(best);
  }
  throw Error(fmt::format("the best number of draws is beyond {}", kDrawsMax));
}

}  // namespace assay::stats
