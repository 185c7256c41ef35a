// What was found and was good: the best sequences of one task, to learn from again. As arXiv 2310.04363
// has it: the best by reward, none that is almost another; drawn by their rewards. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "harness/base/random.h"

namespace assay::train {

class Replay {
 public:
  struct Item {
    std::vector<std::int32_t> sequence;
    double log_reward = 0;  ///< at temperature 1, whatever the temperature was when it was found
  };

  /// `size` of them at most. Two are almost the same where their edit distance is below `nearness` of
  /// their summed lengths: the better one stays, and of equally good ones the first.
  explicit Replay(std::size_t size, double nearness = 0.25) : size_(size), nearness_(nearness) {}

  /// One that goes on with the items of an earlier one.
  Replay(std::size_t size, double nearness, std::vector<Item> items)
      : size_(size), nearness_(nearness), items_(std::move(items)) {}

  void offer(const std::vector<std::int32_t>& sequence, double log_reward);

  /// `count` draws with probabilities in the ratio of the rewards, an item as often as it comes; where
  /// there are fewer items than that, each of them once.
  std::vector<Item> draw(std::size_t count, RandomStream& stream) const;

  const std::vector<Item>& items() const { return items_; }

 private:
  std::size_t size_;
  double nearness_;
  std::vector<Item> items_;  ///< the best first
};

/// The fewest symbols to put in, take out or change.
std::size_t edit_distance(const std::vector<std::int32_t>& a, const std::vector<std::int32_t>& b);

}  // namespace assay::train
