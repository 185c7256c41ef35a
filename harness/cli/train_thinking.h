// The part of `assay train` that learns when to think: star, shortest, metareason.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/cli/command.h"
#include "harness/explore/task.h"
#include "harness/store/trainings.h"
#include "harness/train/thinking.h"

namespace assay::cli {

struct ThinkingWords {
  train::ThinkingOptions options;
  std::string keep = "advantage", cost = "log", filter = "exact", answers;
  int base_steps = 1500;  ///< of the base that is trained first where none is given
};

/// What belongs to these methods alone; `words` must outlive `command`.
void add_thinking_options(CLI::App& command, ThinkingWords& words);
/// The task as these methods have it: `chains` is `thoughts:chain`. Throws Error where its answers have
/// no thoughts.
explore::Task thinking_task(const std::string& name, std::size_t problems);

struct LearnedToThink {
  models::Weights weights;
  std::vector<double> loss;
  nlohmann::json eval, more;                   ///< how it answers; what else `--json` has
  std::vector<store::TrainingAnswer> answers;  ///< of what `eval` and `more` are made
};
/// `model` is what it begins with. Throws Error, and explore::Interrupted.
LearnedToThink learn_to_think(const Common& common, const std::string& method,
                              const explore::Task& task, const models::OwnModel& model,
                              ThinkingWords words, std::size_t problems);

}  // namespace assay::cli
