// Learning when to think, by expert iteration: a model answers problems, some of its answers are kept, and
// it learns from those. What is kept makes the method: whatever a filter accepts (STaR, arXiv 2203.14465),
// the shortest of that, or what is worth its length (Rational Metareasoning, arXiv 2410.05563). The filter
// may err, as the tests of a benchmark do. Without libtorch, which a teacher brings.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/explore/task.h"
#include "harness/models/model_room.h"
#include "harness/models/weights.h"

namespace assay::train {

/// What says whether an answer is right, with chosen errors: the same for the same answer to the same
/// problem, whenever it is asked.
struct Filter {
  double fpr = 0, fnr = 0;  ///< of wrong answers it accepts, of right ones it refuses
  std::uint64_t seed = 1;
  bool accepts(const search::Problem& problem, const std::string& answer, bool right) const;
};

/// What a thought z of `tokens` tokens is worth: log((p(y|x,z) + eps) / (p(y|x) + eps)) less its cost,
/// gamma log(tokens + 1) or, `linear`, gamma tokens (arXiv 2410.05563). The empty thought is worth 0.
struct Worth {
  double gamma = 0.1, epsilon = 1e-6;
  bool linear = false;
  double of(double p_with, double p_without, int tokens) const;
};

enum class Keeps {
  first,      ///< STaR: of each problem the first answer that is accepted
  shortest,   ///< the accepted answer with the shortest thought
  best,       ///< metareasoning as first published: the one that is worth most
  advantage,  ///< and as later: all that are worth at least the mean of the problem's
};

struct Thinker;

struct ThinkingOptions {
  Keeps keeps = Keeps::best;
  int rounds = 3, questions = 1024;  ///< new ones in each round
  int samples = 8;                   ///< of each: a greedy one, the others drawn
  double temperature = 0.5, top_p = 0.9;
  bool direct = false;  ///< the answer without a thought is asked for, too; never for STaR
  /// Of answers that are refused, the thought with the right answer behind it is a candidate: takes a
  /// filter that never errs.
  bool hint = false;
  bool continual =
      false;  ///< goes on from the last round's weights with its rows alone, not from the first with all
  Filter filter;
  Worth worth;
  double epochs = 2;           ///< over the rows, in each round
  models::TrainOptions train;  ///< batch, learning rate, seed, threads; steps follow from the rows
  int jobs = 1;                ///< threads that answer
  /// Where an earlier learning of the same model, task and options stood, to go on from there. Null: it
  /// begins.
  std::shared_ptr<const Thinker> from;
  /// Asked between steps whether `keep` is to hear where it stands; where it is stopped, it hears anyway.
  std::function<bool()> due;
  std::function<void(const Thinker&)> keep;
};

/// A text that is learned from.
struct Row {
  std::string prompt, text;
};

/// A candidate of a problem.
struct Thought {
  std::string text;    ///< thought, mark and answer
  std::string answer;  ///< empty where there is none
  int tokens = 0;      ///< of the thought
  bool accepted = false, right = false;
  bool told = false;  ///< the right answer was put behind the thought (a hint)
  bool drawn = true;  ///< false: the answer without a thought that is always asked for
  double worth = 0;   ///< where it is asked for
};

/// Which of a problem's candidates are learned from, as indices.
std::vector<std::size_t> kept(const std::vector<Thought>& candidates, Keeps keeps);

/// The model's chance of `text` behind `prompt`, all its tokens and the end. REQUIRES: it has tokens for them.
double probability(const models::TokenModel& model, const models::Tokenizer& tokenizer,
                   const std::string& prompt, const std::string& text);

/// What a round came to.
struct Round {
  std::size_t rows = 0;        ///< kept, those of earlier rounds not counted
  double accepted = 0;         ///< share of the drawn answers
  std::optional<double> fdr;   ///< wrong of the accepted; none where none is
  double tokens = 0;           ///< of the thoughts drawn
  std::optional<double> loss;  ///< of its last steps
};

/// What comes of the rounds, and where they stand in between.
struct Thinker {
  models::Weights weights;    ///< behind the last round that is done
  std::vector<Round> rounds;  ///< the last one may still be learned from
  std::vector<double> loss;   ///< of all steps of rounds that are done, one round behind the other
  bool stopped = false;
  std::vector<models::Lesson> lessons;     ///< what is learned from
  std::optional<models::Halfway> halfway;  ///< in the last round
  std::int64_t tokens = 0;                 ///< as models::Trained has them
  double seconds = 0;
};

/// Goes through the rounds. `told` hears of each step: how many rounds are done, and what the last one came
/// to so far. The same seed gives the same weights on any number of threads that answer, also where it was
/// stopped in between and went on. Throws Error where nothing is accepted in the first round, and as
/// models::ModelRoom::train does.
Thinker learn_to_think(const models::Model& model, const explore::Task& task,
                       const ThinkingOptions& options, const models::ModelRoom& room,
                       const std::atomic<bool>& stop,
                       const std::function<void(int done, const Round&)>& told);

/// How a model answers a task's problems, greedily.
struct Answered {
  std::string task_id;
  int difficulty = 0, tokens = 0;  ///< of the thought
  bool right = false, right_chain = false;
  std::string answer;  ///< empty where there is none
};
/// `style`: what each prompt begins with, one of the task's or nothing.
std::vector<Answered> answer_all(const models::Model& model, const explore::Task& task,
                                 const std::string& style, int jobs, const std::atomic<bool>& stop);

}  // namespace assay::train
