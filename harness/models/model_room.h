// The models' door to libtorch: training, and TorchScript modules in place of a model of ours. What
// needs torch is added here and in libmodel_room.h, and defined in a file of the library
// (harness/base/torch_library.h).
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "harness/base/random.h"
#include "harness/models/token_model.h"
#include "harness/models/weights.h"
#include "harness/search/verifier.h"

namespace assay::models {

/// A text to learn from: of its positions those count whose target is at least 0.
struct Lesson {
  std::vector<std::int32_t> tokens;  ///< at least one
  /// What is to be foretold behind each token: the next one; for a value head 1 or 0. -1: nothing.
  std::vector<std::int32_t> targets;
};

/// Where a training stands, for another one of the same start and options to go on from.
struct Halfway {
  std::vector<float> learned, mean, square;  ///< all numbers that are learned, and AdamW's moments
  std::vector<double> loss;                  ///< of the steps so far
};

/// A step that was taken.
struct Step {
  int done;                      ///< steps so far
  double loss;                   ///< of this one
  std::function<Halfway()> now;  ///< where it stands, as a copy
};

struct TrainOptions {
  int steps = 1000, batch = 64;
  double learning_rate = 5e-3;  ///< behind the warm-up; then half a cosine down to a tenth
  int warm_up = 50;             ///< steps, at most a tenth of all
  double weight_decay = 0.1;    ///< of matrices
  double clip = 1;              ///< of the gradient's norm
  int threads = 1;
  std::uint64_t seed = 1;
  /// LoRA (arXiv 2106.09685): all weights stay but the matrices of attention (queries, keys, values and
  /// what brings them together), to each of which lora_alpha / lora_rank times a product of two matrices
  /// of this rank is added, which begins as 0. A value head is learned whole. 0: all weights are learned.
  int lora_rank = 0;
  double lora_alpha = 16;
  /// Asked after every `checked_every` steps: true ends the training there. Empty: all steps are taken.
  std::function<bool(const Weights&)> enough;
  int checked_every = 10;
  /// Where an earlier training of the same start, options and lessons stood, to go on from there. Null: it
  /// begins.
  std::shared_ptr<const Halfway> from;
  std::function<void(const Step&)> each;  ///< hears of every step
};

struct Trained {
  Weights weights;
  std::vector<double> loss;  ///< mean per counted position, of each step taken; in nats
  bool stopped = false;      ///< `stop` was set before the last step
  Halfway halfway = {};      ///< where it was stopped
  std::int64_t tokens = 0;   ///< of the lessons of these steps, and
  double seconds = 0;        ///< how long they took, those of an earlier training not counted
};

/// The learning rate of a step: a warm-up, then half a cosine down to a tenth.
double rate_at(const TrainOptions& options, int step);

/// A network that learns from a loss which is computed elsewhere, from its logits. Not thread-safe.
class Learner {
 public:
  virtual ~Learner() = default;
  /// The network as it is now: to draw from, and to compare with later. Knows no texts, only tokens.
  virtual std::shared_ptr<const TokenModel> model() const = 0;
  /// The logits of what comes behind each token of each text: [text][position x vocabulary]. No text
  /// is empty.
  virtual std::vector<std::vector<double>> logits(
      const std::vector<std::vector<std::int32_t>>& texts) = 0;
  /// One step against the gradient of the loss by the logits that were asked for last, of the same shape.
  virtual void learn(const std::vector<std::vector<double>>& gradient, double learning_rate) = 0;
};

/// A small GPT as a learner.
class GptLearner : public Learner {
 public:
  virtual Weights weights() const = 0;
  /// Where it stands, and going on from there behind `steps` steps. go_on() throws Error where that is
  /// another model's.
  virtual Halfway halfway() = 0;
  virtual void go_on(const Halfway& from, int steps) = 0;
};

class ModelRoom {
 public:
  virtual ~ModelRoom() = default;

  /// Starts from `start`, whose value head is not looked at. Takes weight decay, clip, threads, LoRA and
  /// the seed of LoRA from `options`, and learns by AdamW as train() does.
  virtual std::unique_ptr<GptLearner> learner(const Weights& start,
                                              const TrainOptions& options) const = 0;

  /// Trains by AdamW on the cross-entropy of lessons drawn by `next`, which is called from
  /// this thread with a stream of each lesson's own: of the next token, or of the value where the
  /// configuration has a value head. The same seed and number of threads give the same weights on the
  /// same machine, also where it was stopped in between and went on. Throws Error where the loss is no longer a number.
  virtual Trained train(const Weights& start, const std::function<Lesson(RandomStream&)>& next,
                        const TrainOptions& options, const std::atomic<bool>& stop,
                        const std::function<void(int done)>& told) const = 0;

  /// A TorchScript causal model, which the user must have named himself: it is a program. Its forward
  /// takes tokens (int64 [B,T]) and gives logits (float [B,T,V]) of what comes behind each. Its tokens
  /// are those of FILE.json, where that lies beside it: {"pieces": [...], "begin": N, "end": N}, the
  /// last two where there are such; else the 256 bytes, then a token that begins and one that ends a
  /// text. It keeps nothing: each step reads the whole text anew. Throws Error where it does not.
  virtual std::shared_ptr<const TokenModel> module_model(const std::string& path) const = 0;
  /// A module as a verifier: its forward takes the tokens of a prompt and what of the answer there is
  /// (int64 [B,T]; texts of one length at a time, so that nothing is padded) and gives scores from 0
  /// to 1 (float [B]).
  virtual std::unique_ptr<search::PrefixVerifier> module_verifier(
      const std::string& path) const = 0;
};

/// The room; throws Error, saying why, where there is none. Loads the library at the first call.
/// Thread-safe.
const ModelRoom& model_room();

inline constexpr char kModelLibraryEntry[] = "assay_model_room";

}  // namespace assay::models

/// Defined in the library.
extern "C" const assay::models::ModelRoom* assay_model_room();
