#include "harness/explore/verifiers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/base/random.h"

namespace assay::explore {

using search::Prefix;
using search::Score;

std::vector<Score> Truth::score(const search::Problem& problem, std::span<const Prefix> prefixes) {
  std::vector<Score> scores;
  for (const Prefix& prefix : prefixes) {
    if (prefix->finish != search::Finish::open)
      scores.push_back({truth_(problem, prefix), true});
    else
      scores.push_back({fault_ && fault_(problem, prefix) ? 0. : 1., static_cast<bool>(fault_)});
  }
  return scores;
}

std::vector<Score> Noisy::score(const search::Problem& problem, std::span<const Prefix> prefixes) {
  std::vector<Score> scores = inner_.score(problem, prefixes);
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (!scores[i].judged) continue;
    // A verifier that is certain has log odds without end: they are bounded, so that noise can tell.
    const double r = std::clamp(scores[i].value, 1e-6, 1 - 1e-6);
    RandomStream stream(seed_, fmt::format("noise {}", prefixes[i]->key));
    const double odds = std::log(r) - std::log1p(-r) + sigma_ * stream.normal();
    scores[i].value = 1 / (1 + std::exp(-odds));
  }
  return scores;
}

std::vector<Score> Systematic::score(const search::Problem& problem,
                                     std::span<const Prefix> prefixes) {
  std::vector<Score> scores = inner_.score(problem, prefixes);
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const auto fault = scores[i].judged ? fault_(problem, prefixes[i]) : std::nullopt;
    if (!fault) continue;
    RandomStream stream(seed_, fmt::format("fault {} {}", problem.task_id, *fault));
    if (stream.uniform() < share_) scores[i].value = kFooled;
  }
  return scores;
}

std::vector<Score> Cached::score(const search::Problem& problem, std::span<const Prefix> prefixes) {
  std::vector<Score> scores(prefixes.size());
  std::vector<Prefix> unknown;
  std::vector<std::size_t> where;
  {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < prefixes.size(); ++i) {
      const auto found = known_.find(prefixes[i]->key);
      if (found != known_.end()) {
        scores[i] = found->second;
        continue;
      }
      unknown.push_back(prefixes[i]);
      where.push_back(i);
    }
  }
  if (unknown.empty()) return scores;
  const std::vector<Score> fresh = inner_.score(problem, unknown);
  const std::lock_guard lock(mutex_);
  for (std::size_t k = 0; k < fresh.size(); ++k) {
    scores[where[k]] = fresh[k];
    known_[unknown[k]->key] = fresh[k];
  }
  return scores;
}

}  // namespace assay::explore
