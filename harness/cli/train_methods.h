// The parts of `assay train` that every method has, and the methods that learn from examples: base and sft
// from right answers (train_examples.cpp), prm from a policy's own answers (train_prm.cpp).
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/cli/command.h"
#include "harness/cli/train_rewards.h"
#include "harness/cli/train_thinking.h"
#include "harness/explore/task.h"
#include "harness/models/model_room.h"
#include "harness/store/trainings.h"
#include "harness/train/checkpoint.h"

namespace assay::cli {

inline constexpr std::string_view kOurs = "gpt:";  ///< before the file of a policy

struct Training {
  std::string method, task, from, policy, out, described;
  bool force = false;        ///< a model that stands at `out` is replaced
  double keep_seconds = 20;  ///< between two checkpoints
  std::shared_ptr<train::Checkpoint> checkpoint;
  models::Config config;
  models::TrainOptions train;
  std::optional<double> learning_rate;  ///< none: what did well on chains
  std::optional<double> until;          ///< base: the step accuracy that is enough
  std::size_t problems = 0;
  int rollouts = 8, jobs = 0;
  ThinkingWords thinking;
  RewardOptions rewards;  ///< what gflownet has of its own
};

struct Outcome {
  models::Model model;
  models::Trained trained;
  nlohmann::json eval, more = nlohmann::json::object();  ///< `more` stands beside it in --json
  std::vector<store::TrainingAnswer> answers;            ///< what else a report needs
};

/// The model to go on with, or a new one that knows the task's pieces. Throws Error.
models::Model beginning(const Training& options, const explore::Task& task);
/// Opens what an earlier call left, and says so.
void tell_of_checkpoint(const Common& common, const Training& options, const models::Model& model);
/// `what` is trained. Begins where the checkpoint says, where that has this training, and keeps it there
/// while it goes on. Throws Error, and explore::Interrupted.
models::Trained trained(const Common& common, const Training& options, const std::string& what,
                        const models::Weights& start,
                        const std::function<models::Lesson(RandomStream&)>& next,
                        const std::string& figure = "");
/// On the task's right answers. `figure` is the last measurement of what matters, for the progress.
models::Trained trained_on_examples(const Common& common, const Training& options,
                                    const std::string& what, const models::Model& model,
                                    const explore::Task& task, const std::string& figure = "");
/// The part of the options that learning from rewards has.
RewardOptions reward_options(const Training& options);

/// Throw Error, and explore::Interrupted.
Outcome train_base(const Common& common, const Training& options);
Outcome train_sft(const Common& common, const Training& options);
Outcome train_prm(const Common& common, const Training& options);

}  // namespace assay::cli
