#include "harness/train/rewards.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/train/policy.h"

namespace assay::train {

namespace {

/// Rows of each question, in the order in which they come.
std::vector<std::vector<std::size_t>> by_question(const std::vector<Trajectory>& batch) {
  std::vector<std::vector<std::size_t>> out;
  std::vector<std::size_t> questions;
  for (std::size_t row = 0; row < batch.size(); ++row) {
    const auto found = std::find(questions.begin(), questions.end(), batch[row].question);
    const auto at = static_cast<std::size_t>(found - questions.begin());
    if (found == questions.end()) questions.push_back(batch[row].question), out.emplace_back();
    out[at].push_back(row);
  }
  return out;
}

/// What a batch is learned from: of each trajectory its states' moves, and log q of what was done there
/// and of stopping.
struct Read {
  std::vector<std::vector<Moves>> moves;
  std::vector<std::vector<std::vector<double>>> logs;
  std::vector<std::vector<std::size_t>> done;  ///< which of them it was
  double log_done(std::size_t row, std::size_t state) const {
    return logs[row][state][done[row][state]];
  }
};

Read read_of(const Game& game, const std::vector<Trajectory>& batch,
             const std::vector<std::vector<double>>& logits) {
  Read out;
  for (std::size_t row = 0; row < batch.size(); ++row) {
    const Trajectory& one = batch[row];
    const std::size_t vocabulary = logits[row].size() / one.text.size();
    out.moves.emplace_back(), out.logs.emplace_back(), out.done.emplace_back();
    for (std::size_t state = 0; state < one.at.size(); ++state) {
      out.moves[row].push_back(game.moves(one, state));
      out.logs[row].push_back(log_actions(out.moves[row].back(), game.ends(),
                                          logits[row].data() + one.at[state] * vocabulary));
      out.done[row].push_back(done_in(one, state, out.moves[row].back()));
    }
  }
  return out;
}

/// The gradient by log q of each action, and as the last by that of stopping at the end; states before it
/// may have one by stopping there, `by_stop`.
struct ByLog {
  double loss = 0;
  std::vector<std::vector<double>> by_action, by_stop;
};

ByLog zero(const std::vector<Trajectory>& batch) {
  ByLog out;
  for (const Trajectory& one : batch) {
    out.by_action.emplace_back(one.actions.size());
    out.by_stop.emplace_back(one.at.size());
  }
  return out;
}

/// log q of a symbol stands in the g of every state behind it.
ByLog balance(const std::vector<Trajectory>& batch, const Read& read, const Options& options,
              double temperature) {
  Spread g;
  for (std::size_t row = 0; row < batch.size(); ++row) {
    double log_q = 0;
    g.emplace_back();
    for (std::size_t state = 0; state < batch[row].at.size(); ++state) {
      if (batch[row].log_reward[state] != kNoReward)
        g[row].push_back(log_q + read.logs[row][state].back() -
                         batch[row].log_reward[state] / temperature);
      if (state < batch[row].actions.size()) log_q += read.log_done(row, state);
    }
    ASSAY_INVARIANT(batch[row].log_reward.back() != kNoReward);
  }
  Loss loss;
  loss.gradient.resize(g.size());
  // Z is a question's own.
  const auto vargrad = [&] {
    for (const auto& rows : by_question(batch)) {
      Spread of_one;
      for (const std::size_t row : rows) of_one.push_back(g[row]);
      const Loss part = var_grad(of_one, options.huber);
      const double share = static_cast<double>(rows.size()) / static_cast<double>(batch.size());
      loss.value += share * part.value;
      for (std::size_t k = 0; k < rows.size(); ++k) {
        loss.gradient[rows[k]] = part.gradient[k];
        for (double& x : loss.gradient[rows[k]]) x *= share;
      }
    }
  };
  if (options.objective != Objective::subtb) vargrad();
  if (options.objective == Objective::subtb)
    loss = sub_trajectory_balance(g, options.huber);
  else if (options.objective == Objective::both)
    loss = sum(sub_trajectory_balance(g, options.huber), loss, options.vargrad);
  ByLog out = zero(batch);
  out.loss = loss.value;
  for (std::size_t row = 0; row < batch.size(); ++row) {
    double behind = 0;
    std::size_t k = loss.gradient[row].size();
    for (std::size_t state = batch[row].at.size(); state-- > 0;) {
      if (state < batch[row].actions.size()) out.by_action[row][state] = behind;
      if (batch[row].log_reward[state] == kNoReward) continue;
      out.by_stop[row][state] = loss.gradient[row][--k];
      behind += loss.gradient[row][k];
    }
  }
  return out;
}

/// Of each trajectory what it is worth more than its question's mean, in nats.
std::vector<double> advantages(const std::vector<Trajectory>& batch,
                               const std::vector<double>& log_q, double temperature,
                               const Options& options, const std::vector<double>& log_prior,
                               double* mean_reward) {
  std::vector<double> out;
  for (std::size_t row = 0; row < batch.size(); ++row) {
    const double away = log_prior.empty() ? 0 : options.kl * (log_q[row] - log_prior[row]);
    out.push_back(batch[row].log_reward.back() / temperature - away);
  }
  *mean_reward = std::accumulate(out.begin(), out.end(), 0.) / static_cast<double>(out.size());
  for (const auto& rows : by_question(batch)) {
    double mean = 0;
    for (const std::size_t row : rows) mean += out[row] / static_cast<double>(rows.size());
    for (const std::size_t row : rows) out[row] -= mean;
  }
  return out;
}

/// Goes up by the likelihood of trajectories, each as far as its weight says.
ByLog upward(const std::vector<Trajectory>& batch, const std::vector<double>& weights) {
  ByLog out = zero(batch);
  for (std::size_t row = 0; row < batch.size(); ++row) {
    for (double& x : out.by_action[row]) x = -weights[row];
    out.by_stop[row].back() = -weights[row];
  }
  return out;
}

ByLog climb(const std::vector<Trajectory>& batch, const Read& read, const Options& options,
            double temperature, const std::vector<std::vector<double>>& began,
            const std::vector<double>& log_prior) {
  const auto count = static_cast<double>(batch.size());
  std::vector<double> log_q(batch.size());
  for (std::size_t row = 0; row < batch.size(); ++row)
    for (std::size_t state = 0; state < batch[row].at.size(); ++state)
      log_q[row] += began.empty() ? read.log_done(row, state) : began[row][state];
  double mean = 0;
  const auto worth = advantages(batch, log_q, temperature, options, log_prior, &mean);
  std::vector<double> weights;
  for (const double x : worth) weights.push_back(x / count);
  ByLog out = upward(batch, weights);
  out.loss = -mean;
  if (began.empty()) return out;
  for (std::size_t row = 0; row < batch.size(); ++row)
    for (std::size_t state = 0; state < batch[row].at.size(); ++state) {
      const double ratio = std::exp(read.log_done(row, state) - began[row][state]);
      const bool clipped = worth[row] > 0 ? ratio > 1 + options.clip : ratio < 1 - options.clip;
      double& slope =
          state < batch[row].actions.size() ? out.by_action[row][state] : out.by_stop[row].back();
      slope *= clipped ? 0 : ratio;
    }
  return out;
}

/// Of each question the first draw that is accepted.
ByLog imitate(const std::vector<Trajectory>& batch, const Read& read) {
  std::vector<double> weights(batch.size());
  double kept = 0;
  for (const auto& rows : by_question(batch))
    for (const std::size_t row : rows) {
      if (!batch[row].accepted) continue;
      weights[row] = 1, ++kept;
      break;
    }
  double loss = 0;
  for (std::size_t row = 0; row < batch.size(); ++row) {
    weights[row] /= std::max(1., kept);
    for (std::size_t state = 0; weights[row] > 0 && state < batch[row].at.size(); ++state)
      loss -= weights[row] * read.log_done(row, state);
  }
  ByLog out = upward(batch, weights);
  out.loss = loss;
  return out;
}

std::vector<std::size_t> questions_of(const Game& game, const Options& options, int step) {
  if (options.draws == 0) return {0};
  const int count = std::max(1, options.train.batch / options.draws);
  RandomStream stream(options.train.seed, fmt::format("questions {}", step));
  std::vector<std::size_t> out;
  for (int i = 0; i < count; ++i)
    out.push_back(stream.below(static_cast<std::uint32_t>(game.questions())));
  return out;
}

std::vector<double> log_sums(const Game& game, const std::vector<Trajectory>& batch,
                             const models::TokenModel& model,
                             std::vector<std::vector<double>>* by_action) {
  const auto logits = logits_of(model, batch);
  std::vector<double> out;
  for (std::size_t row = 0; row < batch.size(); ++row) {
    const auto logs = log_chances(game, batch[row], logits[row].data(),
                                  logits[row].size() / batch[row].text.size());
    out.push_back(std::accumulate(logs.begin(), logs.end(), 0.));
    if (by_action) by_action->push_back(logs);
  }
  return out;
}

}  // namespace

bool balances(Objective objective) {
  return objective == Objective::subtb || objective == Objective::vargrad ||
         objective == Objective::both;
}

double reward_temperature(const Options& options, int step) {
  const double done =
      step >= options.reward_temperature_steps
          ? 1
          : static_cast<double>(step) / static_cast<double>(options.reward_temperature_steps);
  return options.reward_temperature_first +
         done * (options.reward_temperature_last - options.reward_temperature_first);
}

Gradient loss_of(const Game& game, const std::vector<Trajectory>& batch,
                 const std::vector<std::vector<double>>& logits, const Options& options,
                 double temperature, const std::vector<std::vector<double>>& began,
                 const std::vector<double>& log_prior) {
  const Read read = read_of(game, batch, logits);
  const ByLog by = balances(options.objective) ? balance(batch, read, options, temperature)
                   : options.objective == Objective::star
                       ? imitate(batch, read)
                       : climb(batch, read, options, temperature, began, log_prior);
  Gradient out;
  out.loss = by.loss;
  for (std::size_t row = 0; row < batch.size(); ++row) {
    const Trajectory& one = batch[row];
    out.by_logits.emplace_back(logits[row].size());
    const std::size_t vocabulary = logits[row].size() / one.text.size();
    for (std::size_t state = 0; state < one.at.size(); ++state) {
      const Moves& moves = read.moves[row][state];
      std::vector<double> by_action(moves.tokens.size() + 1);
      if (state < one.actions.size()) by_action[read.done[row][state]] = by.by_action[row][state];
      if (moves.stop) by_action.back() += by.by_stop[row][state];
      const std::size_t from = one.at[state] * vocabulary;
      add_gradient(moves, game.ends(), read.logs[row][state], by_action, logits[row].data() + from,
                   out.by_logits[row].data() + from);
      if (options.rules > 0)
        rules_loss(moves, game.ends(), std::span(logits[row]).subspan(from, vocabulary),
                   options.rules / static_cast<double>(batch.size()),
                   out.by_logits[row].data() + from);
    }
  }
  return out;
}

Batch draw_batch(const Game& game, const models::TokenModel& model, std::vector<Replay>& replays,
                 const Options& options, int step) {
  const std::vector<std::size_t> asked = questions_of(game, options, step);
  const auto each = static_cast<std::size_t>(options.draws ? options.draws : options.train.batch);
  const bool mixed = balances(options.objective);
  const auto share = [&](double of) {
    return static_cast<std::size_t>(std::llround(of * static_cast<double>(each)));
  };
  const std::size_t on_policy = mixed ? std::min(share(options.on_policy), each) : each;
  const std::size_t wanted = std::min(share(options.replay), each - on_policy);
  Batch batch;
  std::vector<std::size_t> questions;
  std::vector<double> temperatures;
  std::vector<RandomStream> streams;
  for (std::size_t k = 0; k < asked.size(); ++k) {
    RandomStream stream(options.train.seed, fmt::format("replay {} {}", step, k));
    const auto replayed = replays[asked[k]].draw(wanted, stream);
    for (const Replay::Item& item : replayed)
      batch.trajectories.push_back(game.played(asked[k], item.sequence));
    batch.replayed += replayed.size(), batch.on_policy += on_policy;
    batch.tempered += each - on_policy - replayed.size();
    for (std::size_t row = 0; row < each - replayed.size(); ++row) {
      questions.push_back(asked[k]);
      streams.emplace_back(options.train.seed, fmt::format("trajectory {} {} {}", step, k, row));
      temperatures.push_back(row < on_policy
                                 ? 1
                                 : options.coldest + (options.hottest - options.coldest) *
                                                         streams.back().uniform());
    }
  }
  for (Trajectory& one : draw(game, model, questions, temperatures, streams))
    batch.trajectories.push_back(std::move(one));
  game.judge(batch.trajectories);
  for (std::size_t row = batch.replayed; mixed && row < batch.trajectories.size(); ++row) {
    const Trajectory& one = batch.trajectories[row];
    replays[one.question].offer(one.actions, one.log_reward.back());
  }
  return batch;
}

Standing train(const Game& game, models::Learner& learner, const Options& options,
               const std::vector<Trajectory>& given, const std::optional<Standing>& from,
               const std::atomic<bool>& stop,
               const std::function<void(int, double, const std::vector<Replay>&)>& told) {
  std::vector<Replay> replays(game.questions(),
                              Replay(options.replay_size, options.replay_nearness));
  for (const Trajectory& one : given)
    replays[one.question].offer(one.actions, one.log_reward.back());
  Standing out;
  if (from) {
    out.loss = from->loss;
    for (std::size_t i = 0; i < replays.size(); ++i)
      replays[i] = Replay(options.replay_size, options.replay_nearness, from->replays[i]);
  }
  std::shared_ptr<const models::TokenModel> prior = options.prior;
  if (options.kl > 0 && !prior) prior = learner.model();
  if (options.kl == 0) prior = nullptr;
  for (int step = static_cast<int>(out.loss.size());
       step < options.train.steps && !(out.stopped = stop); ++step) {
    const auto begun = kSteadyClock.now();
    const auto now = learner.model();
    const std::vector<Trajectory> batch =
        draw_batch(game, *now, replays, options, step).trajectories;
    std::vector<std::vector<double>> began;
    if (options.objective == Objective::ppo) log_sums(game, batch, *now, &began);
    std::vector<double> log_prior;
    if (prior) log_prior = log_sums(game, batch, *prior, nullptr);
    std::vector<std::vector<std::int32_t>> texts;
    for (const Trajectory& one : batch) texts.push_back(one.text);
    const int passes = options.objective == Objective::ppo ? options.passes : 1;
    double loss = 0;
    for (int pass = 0; pass < passes; ++pass) {
      const auto logits = learner.logits(texts);
      const Gradient gradient = loss_of(game, batch, logits, options,
                                        reward_temperature(options, step), began, log_prior);
      if (!std::isfinite(gradient.loss))
        throw Error(
            fmt::format("training came to a loss that is no number at step {}; try a smaller "
                        "--learning-rate",
                        step + 1));
      if (pass == 0) loss = gradient.loss;
      learner.learn(gradient.by_logits, models::rate_at(options.train, step));
    }
    out.loss.push_back(loss);
    for (const auto& text : texts) out.tokens += static_cast<std::int64_t>(text.size());
    out.seconds += kSteadyClock.seconds_since(begun);
    if (told) told(step + 1, loss, replays);
  }
  for (const Replay& replay : replays) out.replays.push_back(replay.items());
  return out;
}

}  // namespace assay::train
