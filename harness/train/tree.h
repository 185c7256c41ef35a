// A target whose sequences are counted out, as a game: at each node of the space it goes on by a symbol or
// stops. It may not stop where there is no reward, nor go where none can be reached.
#pragma once

#include "harness/train/policy.h"
#include "harness/train/target.h"

namespace assay::train {

/// Which tokens of a model stand for what.
struct Words {
  std::vector<std::int32_t> symbols;
  std::int32_t begin = 0;
  std::vector<std::int32_t> ends;  ///< a text stops at any of them, as in a search
};

class Tree final : public Game {
 public:
  /// Keeps a reference to `target`.
  Tree(const Target& target, Words words);

  const Target& target() const { return target_; }
  bool may_stop(std::size_t node) const { return target_.log_reward[node] != kNoReward; }
  /// That of a sequence of symbols, judged.
  Trajectory trajectory(const std::vector<std::int32_t>& sequence) const;

  std::size_t questions() const override { return 1; }
  Trajectory start(std::size_t question) const override;
  Moves moves(const Trajectory& trajectory, std::size_t state) const override;
  void go(Trajectory& trajectory, std::int32_t token) const override;
  void judge(std::span<Trajectory> trajectories) const override;
  const std::vector<std::int32_t>& ends() const override { return words_.ends; }

  /// log q of each node: that a model goes there and stops.
  std::vector<double> distribution(const models::TokenModel& model) const;

 private:
  Moves moves_at(std::size_t node) const;

  const Target& target_;
  Words words_;
  std::vector<bool> alive_;
};

/// Why the loss leaves something undetermined on this target; empty: it does not. Sub-trajectories end
/// where a policy may stop: what leads to a fork where it may not is tied by VarGrad alone.
std::string trouble_of_subtb(const Target& target);

}  // namespace assay::train
