#include "harness/simulator/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>

#include "harness/base/error.h"
#include "harness/stats/curves.h"

namespace assay::simulator {
namespace {

constexpr const char* kNames[] = {"first", "best-of", "majority", "rational"};

constexpr std::int64_t kUrnMax = 1'000'000;  // samples of a problem: 32 MB

RuleCurve zeros(std::size_t size) {
  const std::vector<double> zero(size);
  return {zero, zero, zero};
}

int last_of(std::span<const int> k) { return k.empty() ? 0 : k.back(); }

void require_samples(const Urn& urn, std::span<const int> k) {
  if (last_of(k) > static_cast<int>(urn.samples.size()))
    throw Error(fmt::format("{} has {} samples; drawing {} needs a fitted model (--from fit)",
                            urn.task_id, urn.samples.size(), last_of(k)));
}

/// C(part, K) / C(all, K) for K = 0, 1, ..., last: no sample outside the part among K.
std::vector<double> none_outside(std::size_t part, std::size_t all, int last) {
  std::vector<double> out{1};
  for (int k = 0; k < last; ++k)
    out.push_back(out.back() * std::max(0.0, static_cast<double>(part) - k) /
                  (static_cast<double>(all) - k));
  return out;
}

/// Votes among the accepted samples drawn so far, of behaviours that are numbered from 0.
class Ballot {
 public:
  explicit Ballot(std::size_t behaviours) : votes_(behaviours) {}
  void clear() {
    for (const std::uint32_t behaviour : drawn_) votes_[behaviour] = {};
    drawn_.clear();
  }
  void add(std::uint32_t behaviour, bool correct) {
    Votes& own = votes_[behaviour];
    if (own.votes == 0) {
      own = {static_cast<std::uint32_t>(drawn_.size()), 0, correct};
      drawn_.push_back(behaviour);
    }
    ++own.votes;
    if (drawn_.size() == 1) leader_ = behaviour;
    const Votes& most = votes_[leader_];
    // Between equals the one whose first sample came first.
    if (own.votes > most.votes || (own.votes == most.votes && own.place < most.place))
      leader_ = behaviour;
  }
  bool empty() const { return drawn_.empty(); }
  /// REQUIRES: not empty.
  bool leader_is_right() const { return votes_[leader_].first_is_right; }

 private:
  struct Votes {
    std::uint32_t place = 0;  ///< among the behaviours drawn
    std::uint32_t votes = 0;
    bool first_is_right = false;  ///< the one that would be submitted
  };
  std::vector<Votes> votes_;
  std::vector<std::uint32_t> drawn_;
  std::uint32_t leader_ = 0;
};

/// A sample as the ballot sees it: 0 where it was not accepted, else 1 + 2 * its behaviour + whether it is right.
/// Small, so that all samples of a problem stay in the nearest cache.
using Vote = std::uint32_t;

/// Of each sample. `behaviours`: how many there are.
std::vector<Vote> votes_of(const std::vector<Trial>& samples, std::size_t& behaviours) {
  std::unordered_map<std::int64_t, std::uint32_t> numbers;
  std::vector<Vote> out;
  out.reserve(samples.size());
  for (const Trial& trial : samples) {
    if (!trial.accepted) {
      out.push_back(0);
      continue;
    }
    const auto next = static_cast<std::uint32_t>(numbers.size());
    const std::uint32_t number = numbers.try_emplace(trial.behaviour, next).first->second;
    out.push_back(1 + 2 * number + trial.correct);
  }
  behaviours = numbers.size();
  return out;
}

/// Adds the ballot's outcome to every K from `from` on that is at most `drawn`; returns the next.
std::size_t tally(const Ballot& ballot, std::span<const int> k, std::size_t from, int drawn,
                  RuleCurve& out) {
  for (; from < k.size() && k[from] <= drawn; ++from)
    if (!ballot.empty()) (ballot.leader_is_right() ? out.tp : out.fp)[from] += 1;
  return from;
}

void finish(std::span<const int> k, int orders, RuleCurve& out) {
  for (auto* part : {&out.tp, &out.fp})
    for (double& v : *part) v /= orders;
  out.draws.assign(k.begin(), k.end());
}

}  // namespace

const char* name_of(Rule rule) { return kNames[static_cast<std::size_t>(rule)]; }

std::optional<Rule> rule_named(std::string_view name) {
  for (const Rule rule : {Rule::first, Rule::best_of, Rule::majority, Rule::rational})
    if (name == name_of(rule)) return rule;
  return std::nullopt;
}

stats::Counts Urn::counts() const {
  stats::Counts out;
  for (const Trial& t : samples)
    ++(t.accepted ? (t.correct ? out.tp : out.fp) : t.correct ? out.fn : out.tn);
  return out;
}

Urn urn_of(const std::string& task_id, const stats::Counts& counts, int wrong_ways) {
  if (counts.n() > kUrnMax)
    throw Error(
        fmt::format("{} has {} samples, too many to hold one by one; simulate on a fit "
                    "(--from fit)",
                    task_id, counts.n()));
  Urn out{task_id, {}};
  const auto add = [&](std::int64_t count, const Trial& trial) {
    out.samples.insert(out.samples.end(), static_cast<std::size_t>(count), trial);
  };
  add(counts.tp, {true, true, 1, 0});
  for (std::int64_t i = 0; i < counts.fp; ++i) add(1, {true, false, 1, 1 + i % wrong_ways});
  add(counts.fn, {false, true, 0, 0});
  add(counts.tn, {false, false, 0, 0});
  return out;
}

RuleCurve first_curve(const Urn& urn, std::span<const int> k) {
  require_samples(urn, k);
  const stats::Curve all = stats::problem_curve(urn.counts(), last_of(k));
  RuleCurve out;
  for (const int at : k) {
    const auto i = static_cast<std::size_t>(at);
    out.tp.push_back(all.tp[i]), out.fp.push_back(all.fp[i]), out.draws.push_back(all.draws[i]);
  }
  return out;
}

RuleCurve best_of_curve(const Urn& urn, std::span<const int> k) {
  require_samples(urn, k);
  std::vector<Trial> samples = urn.samples;
  std::sort(samples.begin(), samples.end(), [](auto& a, auto& b) { return a.score < b.score; });
  RuleCurve out = zeros(k.size());
  out.draws.assign(k.begin(), k.end());
  const std::size_t n = samples.size();
  std::vector<double> below = none_outside(0, n, last_of(k));
  below[0] = 0;  // of no sample none is the best
  for (std::size_t begin = 0, end = 0; begin < n; begin = end) {
    double right = 0;
    for (; end < n && samples[end].score == samples[begin].score; ++end)
      right += samples[end].correct;
    right /= static_cast<double>(end - begin);
    // The best of K lies in this group: all K lie in it or below, and not all of them below.
    std::vector<double> upto = none_outside(end, n, last_of(k));
    upto[0] = 0;
    for (std::size_t i = 0; i < k.size(); ++i) {
      const auto at = static_cast<std::size_t>(k[i]);
      const double here = std::max(0.0, upto[at] - below[at]);
      out.tp[i] += here * right, out.fp[i] += here * (1 - right);
    }
    below = std::move(upto);
  }
  return out;
}

RuleCurve majority_curve(const Urn& urn, std::span<const int> k, int orders, RandomStream& random) {
  require_samples(urn, k);
  const stats::Counts counts = urn.counts();
  if (counts.tp == 0 || counts.fp == 0) {  // whoever leads, it is right, or it is wrong
    RuleCurve out = first_curve(urn, k);
    out.draws.assign(k.begin(), k.end());
    return out;
  }
  RuleCurve out = zeros(k.size());
  std::size_t behaviours = 0;
  std::vector<Vote> samples = votes_of(urn.samples, behaviours);
  Ballot ballot(behaviours);
  for (int order = 0; order < orders; ++order) {
    ballot.clear();
    std::size_t next = tally(ballot, k, 0, 0, out);
    for (int drawn = 0; drawn < last_of(k); ++drawn) {
      const auto left =
          static_cast<std::uint32_t>(samples.size()) - static_cast<std::uint32_t>(drawn);
      const auto at = static_cast<std::size_t>(drawn);
      std::swap(samples[at], samples[at + random.below(left)]);
      if (const Vote vote = samples[at]; vote > 0) ballot.add((vote - 1) / 2, (vote - 1) % 2 != 0);
      next = tally(ballot, k, next, drawn + 1, out);
    }
  }
  finish(k, orders, out);
  return out;
}

RuleCurve first_curve(const Rates& rates, std::span<const int> k) {
  const bool never = rates.log_reject == 0;
  RuleCurve out = zeros(k.size());
  for (std::size_t i = 0; i < k.size(); ++i) {
    const double hit = never || k[i] == 0 ? 0 : -std::expm1(k[i] * rates.log_reject);
    out.tp[i] = rates.precision * hit;
    out.fp[i] = hit - out.tp[i];
    out.draws[i] = never ? k[i] : hit / -std::expm1(rates.log_reject);
  }
  return out;
}

RuleCurve best_of_curve(const Rates& rates, std::span<const int> k) {
  RuleCurve out = first_curve(rates, k);
  for (std::size_t i = 0; i < k.size(); ++i) {
    const double none = k[i] == 0 ? 0 : 1 - out.tp[i] - out.fp[i];
    out.tp[i] += none * rates.rejected_correct;
    out.fp[i] += none * (1 - rates.rejected_correct);
    out.draws[i] = k[i];
  }
  return out;
}

RuleCurve majority_curve(const Rates& rates, std::span<const int> k, int orders, int wrong_ways,
                         RandomStream& random) {
  RuleCurve out = zeros(k.size());
  const int last = last_of(k);
  Ballot ballot(1 + static_cast<std::size_t>(wrong_ways));
  for (int order = 0; order < orders && rates.log_reject != 0; ++order) {
    ballot.clear();
    std::size_t next = 0;
    for (double drawn = 0; next < k.size();) {
      // From one acceptance to the next the gap is geometric.
      drawn += std::max(1.0, std::ceil(std::log(random.uniform()) / rates.log_reject));
      next = tally(ballot, k, next, static_cast<int>(std::min(drawn - 1, double(last))), out);
      const bool right = random.uniform() < rates.precision;
      const auto way = 1 + random.below(static_cast<std::uint32_t>(wrong_ways));
      ballot.add(right ? 0 : way, right);
    }
  }
  finish(k, orders, out);
  return out;
}

}  // namespace assay::simulator
