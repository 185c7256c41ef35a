#include "harness/train/policy.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "harness/search/weights.h"

namespace assay::train {

namespace {

constexpr double kNever = -std::numeric_limits<double>::infinity();
constexpr std::size_t kTextsMax = 1024;  ///< read at once

}  // namespace

Policy::Policy(const Target& target, Words words)
    : target_(target), words_(std::move(words)), alive_(alive(target)) {}

bool Policy::may_stop(std::size_t node) const { return target_.log_reward[node] != kNever; }

bool Policy::may_go(std::size_t node, int symbol) const {
  return node < target_.space.inner() && alive_[target_.space.child(node, symbol)];
}

std::vector<double> Policy::log_actions(std::size_t node, const double* logits) const {
  std::vector<double> out;
  for (int s = 0; s < target_.space.symbols; ++s)
    out.push_back(may_go(node, s) ? logits[words_.symbols[static_cast<std::size_t>(s)]] : kNever);
  out.push_back(may_stop(node) ? search::log_sum_exp(end_logits(logits)) : kNever);
  const double sum = search::log_sum_exp(out);
  for (double& x : out) x -= sum;
  return out;
}

std::vector<double> Policy::end_logits(const double* logits) const {
  std::vector<double> out;
  for (const std::int32_t token : words_.ends) out.push_back(logits[token]);
  return out;
}

void Policy::add_gradient(const std::vector<double>& log_actions,
                          const std::vector<double>& by_action, const double* logits,
                          double* by_logits) const {
  const double sum = std::accumulate(by_action.begin(), by_action.end(), 0.0);
  const auto pull = [&](std::size_t action) {
    return by_action[action] - std::exp(log_actions[action]) * sum;
  };
  for (std::size_t s = 0; s < words_.symbols.size(); ++s) by_logits[words_.symbols[s]] += pull(s);
  const std::vector<double> share = search::normalised(end_logits(logits));
  for (std::size_t i = 0; i < share.size(); ++i)
    by_logits[words_.ends[i]] += share[i] * pull(words_.symbols.size());
}

std::vector<std::int32_t> Policy::text(const std::vector<std::int32_t>& sequence) const {
  std::vector<std::int32_t> out = {words_.begin};
  for (const std::int32_t symbol : sequence)
    out.push_back(words_.symbols[static_cast<std::size_t>(symbol)]);
  return out;
}

std::vector<std::vector<std::int32_t>> Policy::draw(models::Learner& learner,
                                                    const std::vector<double>& temperatures,
                                                    std::vector<RandomStream>& streams) const {
  std::vector<std::vector<std::int32_t>> out(temperatures.size());
  std::vector<std::size_t> nodes(out.size()), going(out.size());
  for (std::size_t row = 0; row < going.size(); ++row) going[row] = row;
  while (!going.empty()) {
    std::vector<std::vector<std::int32_t>> texts;
    for (const std::size_t row : going) texts.push_back(text(out[row]));
    const auto logits = learner.logits(texts, false);
    std::vector<std::size_t> still;
    for (std::size_t k = 0; k < going.size(); ++k) {
      const std::size_t row = going[k], words = logits[k].size() / texts[k].size();
      std::vector<double> logs =
          log_actions(nodes[row], logits[k].data() + logits[k].size() - words);
      for (double& x : logs) x /= temperatures[row];
      const auto action =
          static_cast<std::int32_t>(search::drawn(search::normalised(logs), streams[row]));
      if (action == target_.space.symbols) continue;
      out[row].push_back(action);
      nodes[row] = target_.space.child(nodes[row], action);
      if (nodes[row] < target_.space.inner()) still.push_back(row);  // else it can only stop
    }
    going = std::move(still);
  }
  return out;
}

std::vector<double> Policy::distribution(models::Learner& learner) const {
  const Space& space = target_.space;
  std::vector<double> reached(space.size(), kNever), out(space.size(), kNever);
  reached[0] = 0;
  std::vector<std::size_t> some;
  std::vector<std::vector<std::int32_t>> texts;
  const auto read = [&] {
    const auto logits = learner.logits(texts, false);
    for (std::size_t k = 0; k < some.size(); ++k) {
      const std::size_t node = some[k], words = logits[k].size() / texts[k].size();
      const auto logs = log_actions(node, logits[k].data() + logits[k].size() - words);
      for (int s = 0; s < space.symbols; ++s)
        reached[space.child(node, s)] = reached[node] + logs[static_cast<std::size_t>(s)];
      out[node] = reached[node] + logs.back();
    }
    some.clear(), texts.clear();
  };
  // A node's parent is read before it: in another call, for texts of one length are read together.
  for (std::size_t node = 0; node < space.inner(); ++node) {
    if (!alive_[node]) continue;
    std::vector<std::int32_t> next = text(space.sequence(node));
    if (!texts.empty() && (texts.size() == kTextsMax || texts.back().size() != next.size())) read();
    some.push_back(node);
    texts.push_back(std::move(next));
  }
  read();
  std::copy(reached.begin() + static_cast<std::ptrdiff_t>(space.inner()), reached.end(),
            out.begin() + static_cast<std::ptrdiff_t>(space.inner()));
  return out;
}

}  // namespace assay::train
