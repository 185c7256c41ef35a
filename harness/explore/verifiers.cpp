#include "harness/explore/verifiers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/base/error.h"
#include "harness/base/random.h"
#include "harness/explore/experiment.h"

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

std::vector<Score> Bounded::score(const search::Problem& problem,
                                  std::span<const Prefix> prefixes) {
  const double high = 1 / (1 + std::exp(-log_odds_max_));
  std::vector<Score> scores = inner_.score(problem, prefixes);
  for (Score& score : scores) score.value = std::clamp(score.value, 1 - high, high);
  return scores;
}

std::vector<Score> Threshold::score(const search::Problem& problem,
                                    std::span<const Prefix> prefixes) {
  std::vector<Score> scores = inner_.score(problem, prefixes);
  for (Score& score : scores)
    if (score.judged) score.value = score.value >= least_ ? 1 : 0;
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

Calibrated::Calibrated(search::PrefixVerifier& inner, const Task& calibration,
                       search::Policy& policy, int samples, std::uint64_t seed, int jobs,
                       const std::atomic<bool>& stop)
    : inner_(inner) {
  Experiment experiment(calibration, policy, inner);
  std::map<int, std::vector<stats::Scored>> prefixes;
  std::vector<stats::Scored> answers;
  for (const Sampled& one : experiment.sample(samples, seed, jobs, stop)) {
    const search::Problem& problem = calibration.problems[one.problem];
    for (Prefix prefix = one.answer; prefix->depth > 0; prefix = prefix->parent) {
      const Score& score = one.scores[static_cast<std::size_t>(prefix->depth - 1)];
      if (!score.judged) continue;
      if (prefix == one.answer)
        answers.push_back({score.value, one.truth});
      else
        prefixes[prefix->depth].push_back(
            {score.value, calibration.tells_prefixes
                              ? (calibration.fault(problem, prefix) ? 0. : 1.)
                              : one.truth});
    }
  }
  if (answers.empty())
    throw Error("+calibrated: the verifier judged none of the answers to calibrate it on");
  answers_.emplace(std::move(answers));
  for (auto& [depth, points] : prefixes) prefixes_.emplace(depth, std::move(points));
}

const stats::Isotonic* Calibrated::fit_of(const search::Node& prefix) const {
  if (prefix.finish != search::Finish::open) return &*answers_;
  if (prefixes_.empty()) return nullptr;
  const auto found = prefixes_.lower_bound(prefix.depth);
  return &(found == prefixes_.end() ? std::prev(found) : found)->second;
}

std::vector<Score> Calibrated::score(const search::Problem& problem,
                                     std::span<const Prefix> prefixes) {
  std::vector<Score> scores = inner_.score(problem, prefixes);
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const stats::Isotonic* fit = fit_of(*prefixes[i]);
    scores[i].judged &= fit != nullptr;
    if (scores[i].judged) scores[i].value = (*fit)(scores[i].value);
  }
  return scores;
}

std::vector<Score> Cached::score(const search::Problem& problem, std::span<const Prefix> prefixes) {
  // Two tasks may share the name of a problem, as those to calibrate on do.
  const std::uint64_t prompt = std::hash<std::string>()(problem.prompt);
  std::vector<std::uint64_t> keys;
  std::unordered_map<std::uint64_t, Score> here;
  std::vector<Prefix> unknown;
  std::vector<std::uint64_t> asked;
  {
    const std::lock_guard lock(mutex_);
    for (const Prefix& prefix : prefixes) {
      keys.push_back((prefix->key * 0x9e3779b97f4a7c15ULL ^ prompt) +
                     static_cast<std::uint64_t>(prefix->finish));
      const auto found = known_.find(keys.back());
      const auto [place, added] =
          here.try_emplace(keys.back(), found == known_.end() ? Score() : found->second);
      if (!added || found != known_.end()) continue;
      unknown.push_back(prefix);
      asked.push_back(keys.back());
    }
  }
  if (!unknown.empty()) {
    const std::vector<Score> fresh = inner_.score(problem, unknown);
    const std::lock_guard lock(mutex_);
    for (std::size_t k = 0; k < fresh.size(); ++k) {
      here[asked[k]] = fresh[k];
      if (!fresh[k].lost) known_[asked[k]] = fresh[k];
    }
  }
  std::vector<Score> scores;
  for (const std::uint64_t key : keys) scores.push_back(here.at(key));
  return scores;
}

}  // namespace assay::explore
