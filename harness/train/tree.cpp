#include "harness/train/tree.h"

#include <algorithm>
#include <cmath>

namespace assay::train {

constexpr std::size_t kNodesTogether = 1024;  ///< read at once

Tree::Tree(const Target& target, Words words)
    : target_(target), words_(std::move(words)), alive_(alive(target)) {}

Trajectory Tree::trajectory(const std::vector<std::int32_t>& sequence) const {
  Trajectory out = start(0);
  for (const std::int32_t symbol : sequence)
    go(out, words_.symbols[static_cast<std::size_t>(symbol)]);
  judge({&out, 1});
  return out;
}

Trajectory Tree::start(std::size_t) const {
  return {.text = {words_.begin}, .at = {0}, .memo = {0}};
}

Moves Tree::moves_at(std::size_t node) const {
  Moves out;
  out.stop = may_stop(node);
  for (int s = 0; node < target_.space.inner() && s < target_.space.symbols; ++s)
    if (alive_[target_.space.child(node, s)])
      out.tokens.push_back(words_.symbols[static_cast<std::size_t>(s)]);
  return out;
}

Moves Tree::moves(const Trajectory& trajectory, std::size_t state) const {
  return moves_at(trajectory.memo[state]);
}

void Tree::go(Trajectory& trajectory, std::int32_t token) const {
  const auto symbol = std::find(words_.symbols.begin(), words_.symbols.end(), token);
  trajectory.memo.push_back(target_.space.child(trajectory.memo.back(),
                                                static_cast<int>(symbol - words_.symbols.begin())));
  trajectory.text.push_back(token);
  trajectory.actions.push_back(token);
  trajectory.at.push_back(trajectory.text.size() - 1);
}

void Tree::judge(std::span<Trajectory> trajectories) const {
  for (Trajectory& one : trajectories) {
    one.log_reward.clear();
    for (const std::size_t node : one.memo) one.log_reward.push_back(target_.log_reward[node]);
    const std::size_t end = one.memo.back();
    one.accepted = target_.accepted.empty() ? may_stop(end) : target_.accepted[end] >= 0.5;
  }
}

std::vector<double> Tree::distribution(const models::TokenModel& model) const {
  const Space& space = target_.space;
  std::vector<double> reached(space.size(), kNoReward), out(space.size(), kNoReward);
  std::vector<std::shared_ptr<models::Past>> pasts(space.inner());
  reached[0] = 0;
  std::vector<std::size_t> some;
  const auto read = [&] {
    std::vector<std::shared_ptr<models::Past>> tokens;
    for (const std::size_t node : some) tokens.push_back(pasts[node]);
    std::vector<float> logits;
    model.read(tokens, &logits);
    const std::size_t vocabulary = logits.size() / tokens.size();
    for (std::size_t k = 0; k < some.size(); ++k) {
      const std::size_t node = some[k];
      const auto here = logits.begin() + static_cast<std::ptrdiff_t>(k * vocabulary);
      const std::vector<double> plain(here, here + static_cast<std::ptrdiff_t>(vocabulary));
      const Moves moves = moves_at(node);
      const auto logs = log_actions(moves, words_.ends, plain.data());
      std::size_t move = 0;
      for (int s = 0; s < space.symbols; ++s) {
        const std::size_t child = space.child(node, s);
        if (alive_[child]) reached[child] = reached[node] + logs[move++];
      }
      out[node] = reached[node] + logs.back();
    }
    some.clear();
  };
  // A node's parent is read before it, in this call or in an earlier one.
  for (std::size_t node = 0; node < space.inner(); ++node) {
    if (!alive_[node]) continue;
    const auto symbols = static_cast<std::size_t>(space.symbols);
    const std::size_t parent = node ? (node - 1) / symbols : 0;
    pasts[node] = models::behind(node ? pasts[parent] : nullptr,
                                 node ? words_.symbols[(node - 1) % symbols] : words_.begin);
    // What is read at once is of one length: a node's chance stands on its parent's.
    const bool same = some.empty() || pasts[some.front()]->length == pasts[node]->length;
    if (some.size() == kNodesTogether || !same) read();
    some.push_back(node);
  }
  read();
  std::copy(reached.begin() + static_cast<std::ptrdiff_t>(space.inner()), reached.end(),
            out.begin() + static_cast<std::ptrdiff_t>(space.inner()));
  return out;
}

std::string trouble_of_subtb(const Target& target) {
  const std::vector<bool> reaches = alive(target);
  for (std::size_t node = 0; node < target.space.inner(); ++node) {
    if (!reaches[node] || !std::isinf(target.log_reward[node])) continue;
    int ways = 0;
    for (int s = 0; s < target.space.symbols; ++s) ways += reaches[target.space.child(node, s)];
    if (ways < 2) continue;
    return "the task has sequences that have no reward and fork into some that do; there subtb alone "
           "leaves undetermined what goes which way: take both or vargrad";
  }
  return "";
}

}  // namespace assay::train
