#include "harness/train/gflownet.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/base/error.h"

namespace assay::train {

namespace {

std::size_t node_of(const Space& space, const std::vector<std::int32_t>& sequence) {
  std::size_t node = 0;
  for (const std::int32_t symbol : sequence) node = space.child(node, symbol);
  return node;
}

/// The mean reward is to grow: a loss of the ends alone, as the others are.
Loss reinforce(const Spread& g, const std::vector<double>& rewards) {
  Loss loss;
  const auto count = static_cast<double>(rewards.size());
  double mean = 0;
  for (const double reward : rewards) mean += reward / count;
  loss.value = -mean;
  for (std::size_t row = 0; row < g.size(); ++row) {
    loss.gradient.emplace_back(g[row].size());
    loss.gradient.back().back() = -(rewards[row] - mean) / count;
  }
  return loss;
}

Loss loss_of(const Spread& g, const std::vector<double>& rewards, const Options& options) {
  switch (options.objective) {
    case Objective::subtb:
      return sub_trajectory_balance(g, options.huber);
    case Objective::vargrad:
      return var_grad(g, options.huber);
    case Objective::both:
      return sum(sub_trajectory_balance(g, options.huber), var_grad(g, options.huber),
                 options.vargrad);
    case Objective::reinforce:
      break;
  }
  return reinforce(g, rewards);
}

}  // namespace

double reward_temperature(const Options& options, int step) {
  const double done =
      step >= options.reward_temperature_steps
          ? 1
          : static_cast<double>(step) / static_cast<double>(options.reward_temperature_steps);
  return options.reward_temperature_first +
         done * (options.reward_temperature_last - options.reward_temperature_first);
}

std::string trouble_of(const Target& target, Objective objective) {
  if (objective != Objective::subtb) return "";
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

Gradient loss_of(const Policy& policy, const std::vector<std::vector<std::int32_t>>& sequences,
                 const std::vector<std::vector<double>>& logits, const Options& options,
                 double temperature) {
  const Target& target = policy.target();
  const auto stop = static_cast<std::size_t>(target.space.symbols);
  Spread g;
  std::vector<double> rewards;
  std::vector<std::vector<std::vector<double>>> actions;  // of each state of each trajectory
  for (std::size_t row = 0; row < sequences.size(); ++row) {
    const auto& sequence = sequences[row];
    const std::size_t words = logits[row].size() / (sequence.size() + 1);
    std::size_t node = 0;
    double log_q = 0;
    g.emplace_back(), actions.emplace_back();
    for (std::size_t i = 0;; ++i) {
      actions[row].push_back(policy.log_actions(node, logits[row].data() + i * words));
      if (policy.may_stop(node))
        g[row].push_back(log_q + actions[row][i][stop] - target.log_reward[node] / temperature);
      if (i == sequence.size()) break;
      log_q += actions[row][i][static_cast<std::size_t>(sequence[i])];
      node = target.space.child(node, sequence[i]);
    }
    ASSAY_INVARIANT(policy.may_stop(node));
    rewards.push_back(target.log_reward[node] / temperature);
  }
  const Loss loss = loss_of(g, rewards, options);
  Gradient out;
  out.loss = loss.value;
  // log q of a symbol stands in the g of every state behind it.
  for (std::size_t row = 0; row < sequences.size(); ++row) {
    out.by_logits.emplace_back(logits[row].size());
    const std::size_t length = sequences[row].size(), words = logits[row].size() / (length + 1);
    const std::vector<double>& by_g = loss.gradient[row];
    double behind = 0;
    std::size_t k = by_g.size();
    for (std::size_t i = length + 1; i-- > 0;) {
      std::vector<double> by_action(stop + 1);
      if (i < length) by_action[static_cast<std::size_t>(sequences[row][i])] = behind;
      if (!std::isinf(actions[row][i][stop])) {
        by_action[stop] = by_g[--k];
        behind += by_g[k];
      }
      policy.add_gradient(actions[row][i], by_action, logits[row].data() + i * words,
                          out.by_logits[row].data() + i * words);
    }
  }
  return out;
}

Batch draw_batch(const Policy& policy, models::Learner& learner, Replay& replay,
                 const Options& options, int step) {
  const auto all = static_cast<std::size_t>(options.train.batch);
  const auto share = [&](double of) {
    return static_cast<std::size_t>(std::llround(of * static_cast<double>(all)));
  };
  Batch batch;
  batch.on_policy = std::min(share(options.on_policy), all);
  RandomStream stream(options.train.seed, fmt::format("replay {}", step));
  const std::size_t wanted = std::min(share(options.replay), all - batch.on_policy);
  for (Replay::Item& item : replay.draw(wanted, stream))
    batch.sequences.push_back(std::move(item.sequence));
  batch.replayed = batch.sequences.size();
  batch.tempered = all - batch.on_policy - batch.replayed;
  std::vector<double> temperatures(batch.on_policy, 1.0);
  std::vector<RandomStream> streams;
  for (std::size_t row = 0; row < all - batch.replayed; ++row) {
    streams.emplace_back(options.train.seed, fmt::format("trajectory {} {}", step, row));
    if (row >= batch.on_policy)
      temperatures.push_back(options.coldest +
                             (options.hottest - options.coldest) * streams.back().uniform());
  }
  for (auto& sequence : policy.draw(learner, temperatures, streams)) {
    replay.offer(sequence, policy.target().log_reward[node_of(policy.target().space, sequence)]);
    batch.sequences.push_back(std::move(sequence));
  }
  return batch;
}

Trained train(const Policy& policy, models::Learner& learner, const Options& options,
              const std::atomic<bool>& stop, const std::function<void(int, double)>& told) {
  Replay replay(options.replay_size, options.replay_nearness);
  Trained out;
  for (int step = 0; step < options.train.steps && !(out.stopped = stop); ++step) {
    const Batch batch = draw_batch(policy, learner, replay, options, step);
    std::vector<std::vector<std::int32_t>> texts;
    for (const auto& sequence : batch.sequences) texts.push_back(policy.text(sequence));
    const auto logits = learner.logits(texts, true);
    const Gradient gradient =
        loss_of(policy, batch.sequences, logits, options, reward_temperature(options, step));
    if (!std::isfinite(gradient.loss))
      throw Error(
          fmt::format("training came to a loss that is no number at step {}; try a smaller "
                      "--learning-rate",
                      step + 1));
    learner.learn(gradient.by_logits, models::rate_at(options.train, step));
    out.loss.push_back(gradient.loss);
    if (told) told(step + 1, gradient.loss);
  }
  return out;
}

}  // namespace assay::train
