// Learning from what trajectories are worth: the posterior in proportion to the reward (GFlowNet
// fine-tuning, arXiv 2310.04363), and, to be held against it, the highest mean reward (REINFORCE, PPO)
// and what a verifier accepts (STaR, arXiv 2203.14465). Draws trajectories, computes a loss in plain
// numbers, and lets a learner go down by it: this room knows no libtorch.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/models/model_room.h"
#include "harness/train/game.h"
#include "harness/train/losses.h"
#include "harness/train/replay.h"

namespace assay::train {

enum class Objective {
  subtb,      ///< modified sub-trajectory balance
  vargrad,    ///< VarGrad trajectory balance
  both,       ///< the first and `vargrad` times the second
  reinforce,  ///< the mean reward in nats, against the mean of the question's draws; on-policy
  ppo,        ///< the same with several steps a batch and clipped ratios (arXiv 1707.06347)
  star,       ///< the likelihood of each question's first accepted draw; on-policy
};
/// Whether it learns a posterior, from draws of all kinds.
bool balances(Objective objective);

struct Options {
  models::TrainOptions train;  ///< steps, batch, learning rate, warm-up, seed
  Objective objective = Objective::subtb;
  int draws = 0;       ///< trajectories of each question in a batch; 0: it is of one question
  double vargrad = 1;  ///< both
  double huber = 0;    ///< residuals beyond it count as a straight line does; 0: none do
  /// Shares of a batch; the rest is drawn at temperatures uniform between `coldest` and `hottest`.
  double on_policy = 0.25, replay = 0.25;
  double coldest = 0.5, hottest = 2;
  std::size_t replay_size = 50;  ///< of each question
  double replay_nearness = 0.25;
  /// log R is divided by a temperature that goes from the first to the last in so many steps.
  double reward_temperature_first = 1, reward_temperature_last = 1;
  int reward_temperature_steps = 0;
  /// What a nat of rules_loss counts beside the loss, a trajectory's states added up: a search masks nothing.
  double rules = 0;
  /// reinforce and ppo: what a nat of log q / p costs, p being the policy that training began with.
  double kl = 0;
  double clip = 0.2;  ///< ppo: of the ratio of an action's chance to that when it was drawn
  int passes = 4;     ///< ppo: steps a batch
  /// reinforce and ppo: the policy that training began with; null: the learner as it is when it begins.
  std::shared_ptr<const models::TokenModel> prior;
};

double reward_temperature(const Options& options, int step);

struct Gradient {
  double loss = 0;  ///< that of the rules not counted
  std::vector<std::vector<double>> by_logits;
};
/// The loss of a batch of trajectories that were judged, from the logits of their texts. `began`: their
/// log_chances when they were drawn (ppo). `log_prior`: their log chances in the policy that training began
/// with, where a nat away from it costs something.
Gradient loss_of(const Game& game, const std::vector<Trajectory>& batch,
                 const std::vector<std::vector<double>>& logits, const Options& options,
                 double reward_temperature, const std::vector<std::vector<double>>& began = {},
                 const std::vector<double>& log_prior = {});

/// By kinds within each question, the replayed first. What the buffer lacks is drawn tempered.
struct Batch {
  std::vector<Trajectory> trajectories;  ///< judged
  std::size_t replayed = 0, on_policy = 0, tempered = 0;
};
/// `replays`: one a question.
Batch draw_batch(const Game& game, const models::TokenModel& model, std::vector<Replay>& replays,
                 const Options& options, int step);

/// Where a training stands between two steps, besides what its learner holds.
struct Standing {
  std::vector<double> loss;                        ///< of each batch so far
  std::vector<std::vector<Replay::Item>> replays;  ///< of each question
  bool stopped = false;                            ///< `stop` was set before the last step
  /// Of the steps of this run: the tokens of their texts, and how long drawing, judging and learning took.
  std::int64_t tokens = 0;
  double seconds = 0;
};
/// Goes through the steps; `told` hears of each that is done. `given`: trajectories, judged, that the
/// buffers begin with. `from`: where an earlier training stood, which the learner goes on from too. The same
/// seed gives the same weights, with a learner that does, also where it was stopped in between. Throws
/// Error where the loss is no longer a number.
Standing train(const Game& game, models::Learner& learner, const Options& options,
               const std::vector<Trajectory>& given, const std::optional<Standing>& from,
               const std::atomic<bool>& stop,
               const std::function<void(int done, double loss, const std::vector<Replay>&)>& told);

}  // namespace assay::train
