// What is written token by token, and what it is worth: a beginning, what may come next, and the reward
// of stopping there. A model of tokens plays it, and learns from that.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace assay::train {

/// A text on its way. It stands in a state wherever it is the model's turn: what a tool puts in belongs to
/// the state behind it, and is no action.
struct Trajectory {
  std::size_t question = 0;
  std::vector<std::int32_t> text;     ///< what a model reads, from the token that begins a text on
  std::vector<std::size_t> at;        ///< of each state, its last token in `text`
  std::vector<std::int32_t> actions;  ///< the token that leads from each state to the next
  std::vector<std::size_t> memo;      ///< of each state, what the game remembers of it
  /// Of stopping in each state, once it was judged; minus infinity where it may not stop.
  std::vector<double> log_reward;
  bool accepted = false;  ///< what a verifier says of its end, once it was judged
};

/// What may be done in a state: write one of these tokens, or stop.
struct Moves {
  std::vector<std::int32_t> tokens;
  bool stop = false;
};

inline constexpr double kNoReward = -std::numeric_limits<double>::infinity();

/// Immutable; thread-safe.
class Game {
 public:
  virtual ~Game() = default;
  virtual std::size_t questions() const = 0;
  virtual Trajectory start(std::size_t question) const = 0;
  /// In the state behind so many actions. Where nothing may be done, the trajectory is over.
  virtual Moves moves(const Trajectory& trajectory, std::size_t state) const = 0;
  virtual void go(Trajectory& trajectory, std::int32_t token) const = 0;
  /// Says what each of their states is worth.
  virtual void judge(std::span<Trajectory> trajectories) const = 0;
  /// The tokens that stop, all of them alike.
  virtual const std::vector<std::int32_t>& ends() const = 0;

  Trajectory played(std::size_t question, std::span<const std::int32_t> actions) const {
    Trajectory out = start(question);
    for (const std::int32_t token : actions) go(out, token);
    return out;
  }
};

}  // namespace assay::train
