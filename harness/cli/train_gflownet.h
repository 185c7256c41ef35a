// The part of `assay train` that learns from rewards on tasks whose sequences can be counted out.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/cli/command.h"
#include "harness/models/model_room.h"
#include "harness/train/gflownet.h"

namespace assay::cli {

struct RewardOptions {
  std::string method, task, from;
  models::Config config;       ///< of a new model
  models::TrainOptions train;  ///< steps, batch, learning rate, seed
  train::Options gflownet;     ///< the rest
  double floor = 8;            ///< nats that a sequence loses which the verifier rejects
  std::string loss = "both";
};

/// --loss and what else belongs to `gflownet` alone; `options` must outlive `command`.
void add_gflownet_options(CLI::App& command, RewardOptions& options);

struct LearnedPolicy {
  models::OwnModel model;
  std::vector<double> loss;
  nlohmann::json eval, more;  ///< how far it is from the posterior; what else `--json` has
};
/// Methods gflownet and reinforce. Throws Error, and explore::Interrupted.
LearnedPolicy learn_from_rewards(const Common& common, const RewardOptions& options);

}  // namespace assay::cli
