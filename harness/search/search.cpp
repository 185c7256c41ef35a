#include "harness/search/search.h"

#include <fmt/format.h>

#include <limits>

namespace assay::search {

Prefix Search::root() {
  if (!root_) root_ = policy_.open(problem_);
  return root_;
}

RandomStream Search::stream(std::string_view purpose, std::uint64_t round, std::uint64_t slot,
                            std::uint64_t depth) const {
  return {seed_, fmt::format("{}\n{}\n{}\n{}\n{}", purpose, problem_.task_id, round, slot, depth)};
}

std::vector<Prefix> Search::extend(const std::vector<Prefix>& prefixes, std::size_t first_slot,
                                   std::uint64_t round, bool greedy) {
  std::vector<Prefix> out = prefixes;
  std::vector<Ask> asks;
  std::vector<std::size_t> asked;
  std::int64_t begun = 0;
  for (std::size_t i = 0; i < prefixes.size(); ++i) {
    const Prefix& prefix = prefixes[i];
    if (prefix->finish != Finish::open) continue;
    begun += prefix->depth == 0;
    asks.push_back(
        {prefix, stream("step", round, first_slot + i, static_cast<std::uint64_t>(prefix->depth)),
         greedy});
    asked.push_back(i);
  }
  if (asks.empty()) return out;
  ledger_.check_tokens();
  ledger_.begin(begun);
  const std::vector<Prefix> steps = policy_.extend(asks);
  for (std::size_t k = 0; k < steps.size(); ++k) {
    ledger_.made(steps[k]->tokens_out, steps[k]->tokens_before, steps[k]->tokens_scored);
    lost_ |= steps[k]->lost;
    out[asked[k]] = steps[k];
  }
  return out;
}

std::vector<Score> Search::score(const std::vector<Prefix>& prefixes) {
  std::vector<Prefix> asked;
  std::vector<std::size_t> which;
  for (std::size_t i = 0; i < prefixes.size(); ++i) {
    if (prefixes[i]->finish == Finish::refused) continue;
    asked.push_back(prefixes[i]);
    which.push_back(i);
  }
  std::vector<Score> scores(prefixes.size());
  if (asked.empty()) return scores;
  const auto left = static_cast<std::uint64_t>(ledger_.calls_left());
  const std::size_t count = left < asked.size() ? static_cast<std::size_t>(left) : asked.size();
  if (count == 0) throw Spent();
  ledger_.call(static_cast<std::int64_t>(count));
  const std::vector<Score> given = verifier_.score(problem_, std::span(asked).first(count));
  for (std::size_t k = 0; k < count; ++k) {
    scores[which[k]] = given[k];
    lost_ |= given[k].lost;
  }
  return scores;
}

Candidate advanced(const Candidate& from, Prefix prefix, const Score& score, Weighting weighting,
                   Aggregate aggregate, double inverse_temperature) {
  Candidate out = from;
  out.prefix = std::move(prefix);
  out.scores.push_back(score);
  out.judged = score.judged;
  if (out.prefix->finish == Finish::refused)
    out.log_weight = out.log_factors = -std::numeric_limits<double>::infinity();
  if (!score.judged) return out;
  out.aggregate = aggregated(aggregate, from.aggregate, score.value);
  const double factor = log_factor(weighting, out.aggregate);
  out.log_weight += inverse_temperature * factor;
  out.log_factors += factor;
  return out;
}

}  // namespace assay::search
