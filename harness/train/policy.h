// A model of tokens as a policy in a game: in each state it goes on by a token or stops. What it may not
// do is left out, and the rest normalised. Pure; thread-safe.
#pragma once

#include <vector>

#include "harness/base/random.h"
#include "harness/models/token_model.h"
#include "harness/train/game.h"

namespace assay::train {

/// log q of each of the moves' tokens and, as the last, of stopping (minus infinity where it may not).
/// `logits`: those behind the state's last token. Where nothing may be done, all are minus infinity.
std::vector<double> log_actions(const Moves& moves, const std::vector<std::int32_t>& ends,
                                const double* logits);
/// Adds the gradient by the logits. `by_action`: that by each of the log_actions.
void add_gradient(const Moves& moves, const std::vector<std::int32_t>& ends,
                  const std::vector<double>& log_actions, const std::vector<double>& by_action,
                  const double* logits, double* by_logits);

/// What a model that nobody masks keeps to: -log of its chance of anything that may be done, all tokens
/// counted. Adds `weight` times the gradient by the logits. Where nothing may be done it is 0.
double rules_loss(const Moves& moves, const std::vector<std::int32_t>& ends,
                  std::span<const double> logits, double weight, double* by_logits);

/// Which of the log_actions a trajectory did in a state, the last being that it stopped.
std::size_t done_in(const Trajectory& trajectory, std::size_t state, const Moves& moves);

/// Draws a trajectory for each question: each action with the probability q^(1/temperature), normalised;
/// at temperature 0 the likeliest. They are not judged.
std::vector<Trajectory> draw(const Game& game, const models::TokenModel& model,
                             const std::vector<std::size_t>& questions,
                             const std::vector<double>& temperatures,
                             std::vector<RandomStream>& streams);

/// log q of each action of a trajectory and, as the last, of stopping behind them, from the logits of its
/// text: [position][vocabulary].
std::vector<double> log_chances(const Game& game, const Trajectory& trajectory,
                                const double* logits, std::size_t vocabulary);

/// The logits of trajectories' texts, as a model gives them: [text][position x vocabulary].
std::vector<std::vector<double>> logits_of(const models::TokenModel& model,
                                           const std::vector<Trajectory>& trajectories);

}  // namespace assay::train
