// Texts that go on from a prompt and please a verifier, as a game: a text is worth its chance in a
// language model that reads the prompt alone, and exp(-floor) times that where the verifier rejects it. The
// posterior at temperature 1, with a floor without end, is the language model given that the verifier accepts.
// A model that learns is told before the prompt what the verifier asks for.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "harness/explore/task.h"
#include "harness/models/model_room.h"
#include "harness/models/token_model.h"
#include "harness/models/weights.h"
#include "harness/train/policy.h"
#include "harness/train/written.h"

namespace assay::train {

/// A text ends where the task says so, and anywhere that the model ends it, which has its chance too: no
/// ended text is the beginning of another, and the chances of all of them in the language model sum to 1.
class Continued final : public Game {
 public:
  /// `judge` is the language model, whose tokens are those of `tokenizer`. `told`: what is asked for stands
  /// before the prompt. Keeps what it is given. Throws Error where the model has no token for a prompt, or
  /// cannot read so much.
  Continued(explore::Continuation task, std::vector<search::Problem> problems,
            std::shared_ptr<const models::TokenModel> judge,
            std::shared_ptr<const models::Tokenizer> tokenizer, double floor, bool told = true);

  std::size_t questions() const override { return problems_.size(); }
  Trajectory start(std::size_t question) const override;
  Moves moves(const Trajectory& trajectory, std::size_t state) const override;
  void go(Trajectory& trajectory, std::int32_t token) const override;
  void judge(std::span<Trajectory> trajectories) const override;
  const std::vector<std::int32_t>& ends() const override { return ends_; }

  const search::Problem& problem(std::size_t question) const { return problems_[question]; }
  const explore::Continuation& task() const { return task_; }
  /// What stands behind the prompt.
  std::string text_of(const Trajectory& trajectory) const;
  bool right(const Trajectory& trajectory) const;
  /// The text behind what another problem of the same prompt asks for, to learn from.
  models::Lesson lesson(const Trajectory& trajectory, const search::Problem& asked) const;
  /// In the language model, of one that was judged, its end included.
  double log_chance(const Trajectory& trajectory) const;

 private:
  const explore::Continuation task_;
  const std::vector<search::Problem> problems_;
  const std::shared_ptr<const models::TokenModel> judge_;
  const std::shared_ptr<const models::Tokenizer> tokenizer_;
  const double floor_;
  std::vector<std::vector<std::int32_t>> plain_, told_;  ///< prompts: the judge's, the game's
  std::vector<std::int32_t> moves_, ends_;
};

/// How a model goes on from a problem in so many samples at temperature 1. Of Solved, the answer is right where
/// the text is.
struct Told {
  Solved solved;
  double log_chance = 0;      ///< in the language model, summed over the samples
  std::size_t different = 0;  ///< texts among the samples
};
std::vector<Told> tell(const Continued& game, const models::TokenModel& model, int samples,
                       std::uint64_t seed, int jobs, const std::atomic<bool>& stop);

/// What a model itself writes in that game, each behind what is asked for by a problem that it is right for: examples
/// that nobody has to write, of how a text follows from what is asked. `draws` texts of each problem, of
/// which those are left out that are right for none.
std::vector<models::Lesson> hindsight(const Continued& game, const models::TokenModel& model,
                                      int draws, std::uint64_t seed, int jobs,
                                      const std::atomic<bool>& stop);

/// What the posterior R^(1/temperature) / Z holds, from texts that a model draws in that game, as
/// posterior() of chains.
std::vector<Posterior> posterior(const Continued& game, const models::TokenModel& prior, int draws,
                                 double temperature, std::uint64_t seed, int jobs,
                                 const std::atomic<bool>& stop);

}  // namespace assay::train
