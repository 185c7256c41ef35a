// The part of `assay train` that learns when to think: star, shortest, metareason.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/cli/command.h"
#include "harness/explore/task.h"
#include "harness/store/trainings.h"
#include "harness/train/checkpoint.h"
#include "harness/train/thinking.h"

namespace assay::cli {

struct ThinkingWords {
  train::ThinkingOptions options;
  std::string keep = "best", cost = "log", filter = "exact", answers;
  int base_steps = 1500;         ///< of the base that is trained first where none is given
  std::string eval_on = "test";  ///< or calibration
};

/// --filter: "exact", or "fpr=0.15" and "fpr=0.15,fnr=0.05". Throws Error.
train::Filter filter_of(const std::string& text, std::uint64_t seed);

/// Those of them that the weights follow from, for `method`.
nlohmann::json thinking_recipe(const std::string& method, const ThinkingWords& words);

/// What belongs to these methods alone; `words` must outlive `command`.
void add_thinking_options(CLI::App& command, ThinkingWords& words);
/// The task as these methods have it: `chains` is `thoughts:chain`, and its problems are those of
/// `eval_on`, the first `problems` of them (0: all). Throws Error where its answers have no thoughts.
explore::Task thinking_task(const std::string& name, std::size_t problems,
                            const std::string& eval_on);

struct LearnedToThink {
  models::Trained trained;
  nlohmann::json eval, more;                   ///< how it answers; what else `--json` has
  std::vector<store::TrainingAnswer> answers;  ///< of what `eval` and `more` are made
};
/// `model` is what it begins with, unless `checkpoint` has more. Throws Error, and explore::Interrupted.
LearnedToThink learn_to_think(const Common& common, const std::string& method,
                              const explore::Task& task, const models::Model& model,
                              ThinkingWords words, std::size_t problems,
                              train::Checkpoint& checkpoint);

}  // namespace assay::cli
