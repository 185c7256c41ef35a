// A model of tokens as a policy over sequences: at each node of the space it goes on by a symbol or
// stops. What it may not do is left out, and the rest normalised: to stop where there is no reward, and to
// go where no reward can be reached. Immutable once made; thread-safe.
#pragma once

#include <cstdint>
#include <vector>

#include "harness/base/random.h"
#include "harness/models/model_room.h"
#include "harness/train/target.h"

namespace assay::train {

/// Which tokens of a model stand for what.
struct Words {
  std::vector<std::int32_t> symbols;
  std::int32_t begin = 0;
  std::vector<std::int32_t> ends;  ///< a text stops at any of them, as in a search
};

class Policy {
 public:
  /// Keeps a reference to `target`.
  Policy(const Target& target, Words words);

  const Target& target() const { return target_; }
  /// Whether it may stop at a node: there is a reward.
  bool may_stop(std::size_t node) const;
  bool may_go(std::size_t node, int symbol) const;

  /// log q of each symbol at `node` and, as the last, of stopping; minus infinity where it may not.
  /// `logits`: those behind the node's last token.
  std::vector<double> log_actions(std::size_t node, const double* logits) const;
  /// Adds the gradient by the logits. `by_action`: that by each of log_actions(node, logits), 0 where
  /// it may not.
  void add_gradient(const std::vector<double>& log_actions, const std::vector<double>& by_action,
                    const double* logits, double* by_logits) const;

  /// What the model reads of a sequence.
  std::vector<std::int32_t> text(const std::vector<std::int32_t>& sequence) const;

  /// Draws a sequence for each temperature: each action with the probability q^(1/temperature), normalised.
  std::vector<std::vector<std::int32_t>> draw(models::Learner& learner,
                                              const std::vector<double>& temperatures,
                                              std::vector<RandomStream>& streams) const;

  /// log q of each node: that it goes there and stops.
  std::vector<double> distribution(models::Learner& learner) const;

 private:
  std::vector<double> end_logits(const double* logits) const;

  const Target& target_;
  Words words_;
  std::vector<bool> alive_;
};

}  // namespace assay::train
