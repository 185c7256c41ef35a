#include <algorithm>

#include "harness/search/strategies.h"

namespace assay::search {

bool any_open(const std::vector<Candidate>& all) {
  return std::any_of(all.begin(), all.end(),
                     [](const Candidate& one) { return one.prefix->finish == Finish::open; });
}

void move(Candidate& one, Prefix prefix) {
  one.log_weight += prefix->log_ratio;
  one.log_ratio += prefix->log_ratio;
  one.prefix = std::move(prefix);
}

void score(Search& search, const Strategy& strategy, const std::vector<std::size_t>& which,
           double inverse_temperature, std::vector<Candidate>& all) {
  std::vector<Prefix> prefixes;
  for (const std::size_t i : which) prefixes.push_back(all[i].prefix);
  const std::vector<Score> scores = search.score(prefixes);
  for (std::size_t k = 0; k < which.size(); ++k) {
    all[which[k]] = advanced(all[which[k]], prefixes[k], scores[k], strategy.weighting,
                             strategy.aggregate, inverse_temperature);
  }
}

void step(Search& search, const Strategy& strategy, const Stepping& how, std::size_t from,
          std::vector<Candidate>& all) {
  std::vector<Prefix> before;
  for (std::size_t i = from; i < all.size(); ++i) before.push_back(all[i].prefix);
  const std::vector<Prefix> after =
      search.extend(before, how.first_slot, how.round, strategy.kind == Kind::greedy);
  std::vector<std::size_t> moved;
  for (std::size_t i = from; i < all.size(); ++i) {
    if (after[i - from] == before[i - from]) continue;
    move(all[i], after[i - from]);
    moved.push_back(i);
  }
  if (how.scored) score(search, strategy, moved, how.inverse_temperature, all);
}

}  // namespace assay::search
