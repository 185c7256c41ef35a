#include <algorithm>
#include <cmath>
#include <numeric>

#include "harness/base/error.h"
#include "harness/search/strategies.h"

namespace assay::search {

void complete_answers(Search& search, const Strategy& strategy, std::size_t count,
                      std::size_t first_slot, bool scored, std::vector<Candidate>& pool) {
  const std::size_t begin = pool.size();
  pool.resize(begin + count);
  for (std::size_t i = begin; i < pool.size(); ++i) pool[i].prefix = search.root();
  const bool every_step =
      scored && search.scores_prefixes() &&
      (strategy.aggregate == Aggregate::min || strategy.aggregate == Aggregate::prod);
  do {
    step(search, strategy, {first_slot, 0, every_step}, begin, pool);
  } while (any_open(pool));
  std::vector<std::size_t> all(count);
  std::iota(all.begin(), all.end(), begin);
  if (scored && !every_step) score(search, strategy, all, 1, pool);
}

namespace {

/// Accepts a draw with the probability that its score says; the first that is accepted is the
/// answer.
void rejection(const Strategy& strategy, std::size_t n, Search& search, Held& held) {
  held.decided = true;  // where a cap ends it, nothing was accepted
  for (std::size_t slot = 0; slot < n; ++slot) {
    complete_answers(search, strategy, 1, slot, true, held.pool);
    const Candidate& one = held.pool.back();
    if (!one.judged || search.stream("accept", 0, slot, 0).uniform() >= one.aggregate) continue;
    held.chosen = held.pool.size() - 1;
    break;
  }
}

/// What another draw is worth after `rejected` of them were not accepted: the myopic value of
/// computation.
double worth_of_another(const Strategy& strategy, const Belief& belief, std::size_t rejected) {
  double total = 0, worth = 0;
  for (std::size_t i = 0; i < belief.accepted_right.size(); ++i) {
    const double right = belief.accepted_right[i], wrong = belief.accepted_wrong[i];
    const double weight = std::pow(std::max(0.0, 1 - right - wrong), static_cast<double>(rejected));
    total += weight;
    worth += weight * (right - strategy.lambda * wrong);
  }
  return (total > 0 ? worth / total : 0) - strategy.cost;
}

void until_accepted(const Strategy& strategy, std::size_t n, Search& search, const Belief* belief,
                    Held& held) {
  held.decided = true;  // where a cap ends it, nothing was accepted
  for (std::size_t slot = 0; slot < n; ++slot) {
    if (belief && worth_of_another(strategy, *belief, slot) <= 0) break;
    complete_answers(search, strategy, 1, slot, true, held.pool);
    const Candidate& one = held.pool.back();
    if (!one.judged || one.aggregate < strategy.threshold) continue;
    held.chosen = held.pool.size() - 1;
    break;
  }
}

}  // namespace

void sampling(const Strategy& strategy, std::size_t n, Search& search, const Belief* belief,
              Held& held) {
  switch (strategy.kind) {
    case Kind::greedy:
    case Kind::sample:
      complete_answers(search, strategy, 1, 0, false, held.pool);
      return;
    case Kind::rejection:
      return rejection(strategy, n, search, held);
    case Kind::first_accepted:
      return until_accepted(strategy, n, search, nullptr, held);
    case Kind::rational:
      return until_accepted(strategy, n, search, belief, held);
    default: {
      const bool scored = strategy.kind != Kind::majority;
      if (!search.ledger().caps_tokens())
        return complete_answers(search, strategy, n, 0, scored, held.pool);
      // One after the other, so that what the tokens pay for is whole answers.
      for (std::size_t slot = 0; slot < n; ++slot)
        complete_answers(search, strategy, 1, slot, scored, held.pool);
    }
  }
}

}  // namespace assay::search
