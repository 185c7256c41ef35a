// What a model writes between a prompt and its answer, as a game whose posterior nobody can count out: a
// language model says what a text and the right answer behind it are worth. A tool may put in what it
// computes, which is no action and whose probability is no part of the reward.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/explore/task.h"
#include "harness/models/token_model.h"
#include "harness/models/weights.h"
#include "harness/train/policy.h"
#include "harness/train/thinking.h"

namespace assay::train {

/// What a chain is worth.
struct Reward {
  /// log p(z y | x) of the chain z and the answer y; else log p(y | x z) alone.
  bool joint = true;
  /// A token of the chain costs at most `token_floor` nats, the answer with what stops the chain at most
  /// `answer_floor`: infinite logs would rule every loss. Below log(vocabulary) + 4 the floor itself
  /// attracts mass.
  double token_floor = 10, answer_floor = 8;
  /// What says of an answer that it is right. Where it errs, y is the answer that the language model itself
  /// gives behind the chain, greedily, if it is accepted; else the answer costs `answer_floor`.
  Filter filter = {};
};

class Written final : public Game {
 public:
  /// `judge` is the language model of the reward, whose tokens are those of `tokenizer`. Keeps what it is
  /// given. Throws Error where the model has no token for what the task writes, or cannot read so much.
  Written(explore::Reasoning reasoning, std::vector<search::Problem> problems,
          std::shared_ptr<const models::TokenModel> judge,
          std::shared_ptr<const models::Tokenizer> tokenizer, Reward reward);

  std::size_t questions() const override { return problems_.size(); }
  Trajectory start(std::size_t question) const override;
  Moves moves(const Trajectory& trajectory, std::size_t state) const override;
  void go(Trajectory& trajectory, std::int32_t token) const override;
  /// Reads them by the language model. Accepted is a chain behind whose greedy answer is accepted.
  void judge(std::span<Trajectory> trajectories) const override;
  const std::vector<std::int32_t>& ends() const override { return stop_; }

  const Filter& filter() const { return reward_.filter; }
  const search::Problem& problem(std::size_t question) const { return problems_[question]; }
  const explore::Reasoning& reasoning() const { return reasoning_; }
  /// What stands between prompt and answer.
  std::string chain_of(const Trajectory& trajectory) const;
  /// The chain of an example, as a trajectory, judged; none where the game cannot write it.
  std::optional<Trajectory> trajectory(std::size_t question, const std::string& chain) const;
  /// What the language model answers behind each, greedily.
  std::vector<std::string> answers(std::span<const Trajectory> trajectories) const;

 private:
  struct Reply {
    std::string text;
    double log_chance = 0;  ///< with what stops the chain, and its end
  };
  /// Of the language model, greedily, behind what it read.
  std::vector<Reply> replies(std::vector<std::shared_ptr<const models::Past>> behind) const;
  std::vector<std::int32_t> tokens_of(const std::string& text, const std::string& what) const;
  std::string text_of(std::span<const std::int32_t> tokens) const;
  /// What the game remembers of a state: whether it may stop there.
  std::size_t may_stop(const Trajectory& trajectory) const;

  const explore::Reasoning reasoning_;
  const std::vector<search::Problem> problems_;
  const std::shared_ptr<const models::TokenModel> judge_;
  const std::shared_ptr<const models::Tokenizer> tokenizer_;
  const Reward reward_;
  std::vector<std::vector<std::int32_t>> prompts_, right_;  ///< right: answer and end
  std::vector<std::int32_t> moves_, stop_;
};

/// How a model does on questions, each answered `samples` times by a chain at `temperature`; the reward's
/// language model reads the answers.
struct Solved {
  std::string task_id;
  int difficulty = 0;
  bool right = false;  ///< the commonest answer
  int samples = 0;
  /// Of the samples: accepted, with right answers, by right chains.
  int accepted = 0, right_answers = 0, right_chains = 0;
  int calls = 0, invalid_calls = 0;  ///< of the tool
  int actions = 0;                   ///< tokens written
  int wrong_accepted = 0;            ///< accepted without a right chain
  std::string chain, answer;         ///< of the first sample
};
std::vector<Solved> solve(const Written& game, const models::TokenModel& model, int samples,
                          double temperature, std::uint64_t seed, int jobs,
                          const std::atomic<bool>& stop);

/// What the posterior R^(1/temperature) / Z holds, of each question, from chains that a model draws, each
/// weighed by its reward over its chance. C = P(right chain) / P(accepted) is the ceiling of whatever
/// samples the posterior.
struct Posterior {
  std::string task_id;
  int difficulty = 0;
  double drawn_accepted = 0, drawn_right = 0;  ///< shares of the draws: accepted; right chains
  /// Of the posterior's mass: what is accepted; right chains.
  double accepted = 0, right = 0;
  double effective = 0;  ///< how many draws of equal weights would tell as much
};
/// From draws of one question that were judged, by who says which of the accepted are right.
Posterior weighed(const Game& game, const models::TokenModel& prior,
                  const std::vector<Trajectory>& drawn, double temperature,
                  const std::function<bool(const Trajectory&)>& right);
std::vector<Posterior> posterior(const Written& game, const models::TokenModel& prior, int draws,
                                 double temperature, std::uint64_t seed, int jobs,
                                 const std::atomic<bool>& stop);

}  // namespace assay::train
