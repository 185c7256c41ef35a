// Learning the posterior of a target (GFlowNet fine-tuning, arXiv 2310.04363), and, to be held against
// it, maximising the reward (REINFORCE). Draws trajectories of three kinds, computes a loss in plain
// numbers, and lets a learner go down by it: this room knows no libtorch.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "harness/train/losses.h"
#include "harness/train/policy.h"
#include "harness/train/replay.h"

namespace assay::train {

enum class Objective {
  subtb,      ///< modified sub-trajectory balance
  vargrad,    ///< VarGrad trajectory balance
  both,       ///< the first and `vargrad` times the second
  reinforce,  ///< the mean reward in nats, against its mean over the batch; on-policy only
};

struct Options {
  models::TrainOptions train;  ///< steps, batch, learning rate, warm-up, seed
  Objective objective = Objective::subtb;
  double vargrad = 1;
  double huber = 0;  ///< residuals beyond it count as a straight line does; 0: none do
  /// Shares of a batch; the rest is drawn at temperatures uniform between `coldest` and `hottest`.
  double on_policy = 0.25, replay = 0.25;
  double coldest = 0.5, hottest = 2;
  std::size_t replay_size = 50;
  double replay_nearness = 0.25;
  /// log R is divided by a temperature that goes from the first to the last in so many steps.
  double reward_temperature_first = 1, reward_temperature_last = 1;
  int reward_temperature_steps = 0;
};

double reward_temperature(const Options& options, int step);

/// Why the loss leaves something undetermined on this target; empty: it does not. Sub-trajectories end
/// where a policy may stop: what leads to a fork where it may not is tied by VarGrad alone.
std::string trouble_of(const Target& target, Objective objective);

struct Gradient {
  double loss = 0;
  std::vector<std::vector<double>> by_logits;
};
/// The loss of a batch of whole sequences, from the logits of their texts. REQUIRES: the policy may stop
/// at each.
Gradient loss_of(const Policy& policy, const std::vector<std::vector<std::int32_t>>& sequences,
                 const std::vector<std::vector<double>>& logits, const Options& options,
                 double reward_temperature);

/// A batch by kinds, the replayed first. What the buffer lacks is drawn tempered.
struct Batch {
  std::vector<std::vector<std::int32_t>> sequences;
  std::size_t replayed = 0, on_policy = 0, tempered = 0;
};
Batch draw_batch(const Policy& policy, models::Learner& learner, Replay& replay,
                 const Options& options, int step);

struct Trained {
  std::vector<double> loss;  ///< of each step
  bool stopped = false;      ///< `stop` was set before the last step
};
/// Goes through the steps; `told` hears of each that is done, with its loss. The same seed gives the same
/// weights, with a learner that does. Throws Error where the loss is no longer a number.
Trained train(const Policy& policy, models::Learner& learner, const Options& options,
              const std::atomic<bool>& stop,
              const std::function<void(int done, double loss)>& told);

}  // namespace assay::train
