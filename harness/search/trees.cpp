#include <algorithm>
#include <numeric>
#include <set>

#include "harness/search/strategies.h"

namespace assay::search {

namespace {

/// The best `keep` of them, of equal prefixes one; ties are drawn.
std::vector<Candidate> best(const Search& search, const std::vector<Candidate>& all,
                            std::size_t keep, std::size_t tree) {
  std::vector<std::pair<std::uint64_t, std::size_t>> order;  // a draw, and who it is for
  std::set<std::uint64_t> seen;
  RandomStream stream =
      search.stream("ties", 0, tree, static_cast<std::uint64_t>(all.front().prefix->depth));
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::uint64_t tie = stream.next();
    if (seen.insert(all[i].prefix->key).second) order.emplace_back(tie, i);
  }
  std::sort(order.begin(), order.end());
  const auto worth = [&](std::size_t i) {
    if (all[i].prefix->finish == Finish::refused) return -2.0;  // it answers nothing
    return all[i].judged ? all[i].aggregate : -1;
  };
  std::stable_sort(order.begin(), order.end(),
                   [&](const auto& a, const auto& b) { return worth(a.second) > worth(b.second); });
  std::vector<Candidate> kept;
  for (std::size_t k = 0; k < std::min(keep, order.size()); ++k)
    kept.push_back(all[order[k].second]);
  return kept;
}

/// Each that is open as often as makes `count` in all; finished ones stay once.
std::vector<Candidate> spread(const std::vector<Candidate>& kept, std::size_t count) {
  std::vector<Candidate> out;
  std::size_t open = 0;
  for (const Candidate& one : kept) {
    if (one.prefix->finish == Finish::open)
      ++open;
    else
      out.push_back(one);
  }
  const std::size_t places = count > out.size() ? count - out.size() : 0;
  std::size_t k = 0;
  for (const Candidate& one : kept) {
    if (one.prefix->finish != Finish::open) continue;
    const std::size_t copies = places / open + (k++ < places % open ? 1 : 0);
    out.insert(out.end(), copies, one);
  }
  return out;
}

/// One tree of `count` beams, of which `keep` prefixes are kept after each step.
void tree(const Strategy& strategy, Search& search, std::size_t count, std::size_t keep,
          std::size_t number, std::vector<Candidate>& beams) {
  const std::size_t first_slot = number * count;
  beams.resize(count);
  for (Candidate& one : beams) one.prefix = search.root();
  step(search, strategy, {first_slot}, 0, beams);
  while (any_open(beams)) {
    beams = spread(best(search, beams, keep, number), count);
    step(search, strategy, {first_slot}, 0, beams);
  }
}

}  // namespace

void trees(const Strategy& strategy, std::size_t n, Search& search, Held& held) {
  const std::size_t width = std::min(static_cast<std::size_t>(strategy.width), n);
  if (strategy.kind == Kind::beam) return tree(strategy, search, n, n / width, 0, held.pool);
  for (std::size_t number = 0; number < n / width; ++number) {
    std::vector<Candidate> beams;
    try {
      tree(strategy, search, width, 1, number, beams);
    } catch (const Spent&) {
      held.pool.insert(held.pool.end(), beams.begin(), beams.end());
      throw;
    }
    held.pool.insert(held.pool.end(), beams.begin(), beams.end());
  }
}

}  // namespace assay::search
