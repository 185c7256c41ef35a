// What is kept of a training while it goes on, in a file beside the one that it is to write: the same
// command goes on from there after a kill, and comes to the same weights to the last bit. The file is
// safetensors under a checksum, always there whole, and holds besides the numbers the recipe: what the
// weights follow from. Nothing of what is read is trusted. A method of training adds what it has to keep
// to Kept. Not thread-safe.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "harness/base/clock.h"
#include "harness/train/replay.h"
#include "harness/train/thinking.h"

namespace assay::train {

struct Kept {
  std::optional<models::Weights> base;      ///< that was trained first, and is done
  std::optional<models::Halfway> training;  ///< on examples
  std::optional<Thinker> thinker;
  struct Rewarded {
    models::Halfway halfway;  ///< of the learner; its losses are those of the batches
    std::vector<std::vector<Replay::Item>> replays;
  };
  std::optional<Rewarded> rewarded;  ///< from rewards
};

/// The recipe that a text of a file is, without what lies deeper than any recipe does; null where it is no
/// object.
nlohmann::json recipe_in(const std::string& text);

/// Whether a file begins as a checkpoint does, whole or damaged.
bool is_checkpoint(const std::string& path);

class Checkpoint {
 public:
  /// Nothing is read yet. It is due every `seconds`.
  Checkpoint(std::string path, nlohmann::json recipe, double seconds,
             const Clock& clock = kSteadyClock);

  /// Fills `kept` with what an earlier training of the same recipe left. Says in a sentence what there was
  /// and whether it is used; empty: there was nothing. `config` is that of the model in training.
  std::string open(const models::Config& config);

  bool due() const { return clock_.seconds_since(last_) >= seconds_; }
  /// Writes `kept`; `where` says where the training stands. Throws Error where it cannot be written.
  void write(const std::string& where);
  /// What the file says of where the training stands; empty where there is none that is of use.
  const std::string& where() const { return where_; }
  const std::string& path() const { return path_; }
  /// The training is done.
  void remove();

  Kept kept;

 private:
  const std::string path_;
  const nlohmann::json recipe_;
  const double seconds_;
  const Clock& clock_;
  Clock::Time last_;
  std::string where_;
  bool opened_ = false;
};

}  // namespace assay::train
