// The part of `assay train` that learns from rewards: gflownet, reinforce, ppo, and star where the chain
// before an answer is what is learned. On tasks whose sequences can be counted out (enumerated), on chains of
// steps (reasoning), and on texts that go on from a prompt (continued).
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/cli/command.h"
#include "harness/explore/task.h"
#include "harness/models/model_room.h"
#include "harness/store/trainings.h"
#include "harness/train/checkpoint.h"
#include "harness/train/rewards.h"
#include "harness/train/written.h"

namespace assay::cli {

/// Whether a task's chains are learned from, and not sequences that can be counted out.
bool is_reasoning(const std::string& task);
/// The same for texts that go on from a prompt.
bool is_continued(const std::string& task);
/// Whether a language model judges what is written: one of the two.
bool is_written(const std::string& task);
constexpr double kContinuedFloor = 8;  ///< nats

struct RewardOptions {
  std::string method, task, from;
  models::Config config;       ///< of a new model
  models::TrainOptions train;  ///< steps, batch, learning rate, seed
  train::Options learning;     ///< the rest
  int jobs = 1;                ///< threads that answer
  std::string loss = "both";
  std::optional<double> floor;  ///< nats that what the verifier rejects loses; none: the task's own
  train::Reward reward;         ///< reasoning
  std::string worth = "joint";  ///< reasoning: joint or answer
  std::string filter = "exact";  ///< reasoning: what says whether an answer is right
  std::string judge, answers;    ///< not enumerated: the reward's language model; a file of answers
  std::size_t problems = 0;
  std::string eval_on = "test";  ///< not enumerated: or calibration, the questions held out
};

/// A model that knows these pieces and nothing yet. Throws Error where there can be none of that shape.
models::Model new_model(models::Config config, const std::vector<std::string>& pieces,
                        std::uint64_t seed);

/// What belongs to these methods alone; `options` must outlive `command`.
void add_reward_options(CLI::App& command, RewardOptions& options);

/// What is learned on, by what model, and how far one is.
struct RewardTask {
  models::Model model;  ///< that begins
  std::unique_ptr<train::Game> game;
  std::vector<train::Trajectory> given;
  std::string told;     ///< of the target, before training
  nlohmann::json more;  ///< what else `--json` has
  /// All figures, and the few that are shown on the way.
  std::function<nlohmann::json(const models::TokenModel&)> eval;
  std::function<nlohmann::json(const models::TokenModel&)> figures;
  /// Not enumerated: how the models that `eval` was asked for answered, the first of them before training.
  std::shared_ptr<std::vector<std::vector<train::Solved>>> solved = {};
};
/// Null where there is nothing to divide by.
inline nlohmann::json ratio(double of, double all) {
  return all > 0 ? nlohmann::json(of / all) : nlohmann::json(nullptr);
}

/// What the posterior holds on some problems, as JSON, and in a line: the shares of the language model's draws that
/// are accepted and right, those of the posterior, and C, the second over the first, with 95% intervals
/// over the problems.
struct Purity {
  nlohmann::json record;
  std::string told;
};
Purity purity_of(const std::vector<train::Posterior>& held, int draws);
/// The same of what a model draws at temperature 1, to hold beside it.
nlohmann::json drawn_shares(const std::vector<train::Solved>& all);

/// `learning`: the options as they are used. Throw Error, and explore::Interrupted.
RewardTask enumerated_task(const Common& common, const RewardOptions& options,
                           const train::Options& learning);
RewardTask reasoning_task(const Common& common, const RewardOptions& options,
                          const train::Options& learning);
RewardTask continued_task(const Common& common, const RewardOptions& options,
                          const train::Options& learning);

/// What sft learns from on texts that go on from a prompt: the model's own, each behind what it happens to hold. Throws Error
/// where there are none, and explore::Interrupted.
std::vector<models::Lesson> hindsight_lessons(const RewardOptions& options,
                                              const models::Model& model);

/// How a model solves the task's problems, by `judge`; as figures, as rows of a database, and as lines of
/// a file.
std::vector<train::Solved> solved(const explore::Task& task, const models::TokenModel& model,
                                  const models::Model& judge, const RewardOptions& options);
nlohmann::json figures_of(const std::vector<train::Solved>& all);
std::vector<store::TrainingAnswer> rows_of(const std::vector<train::Solved>& all,
                                           const std::string& who, const std::string& task);
void write_answers(const std::vector<train::Solved>& all, const std::string& path);

/// All that these methods' weights follow from, besides what others have too. Throws Error where options
/// do not go together.
nlohmann::json reward_recipe(const RewardOptions& options);

struct LearnedPolicy {
  models::Model model;
  std::vector<double> loss;
  std::int64_t tokens = 0;    ///< of this run, and
  double seconds = 0;         ///< how long they took
  nlohmann::json eval, more;  ///< how far it is; what else `--json` has
  std::vector<store::TrainingAnswer> answers;
};
/// Goes on from the checkpoint, and keeps there where it stands. Throws Error, and explore::Interrupted.
LearnedPolicy learn_from_rewards(const Common& common, const RewardOptions& options,
                                 train::Checkpoint& checkpoint);

}  // namespace assay::cli
