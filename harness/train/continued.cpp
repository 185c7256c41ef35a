#include "harness/train/continued.h"

#include <fmt/format.h>

#include <set>

#include "harness/base/crew.h"
#include "harness/base/error.h"
#include "harness/models/lessons.h"
#include "harness/search/weights.h"

namespace assay::train {

using search::Problem;

constexpr std::size_t kTogether = 8;  ///< problems that are told in one batch

Continued::Continued(explore::Continuation task, std::vector<Problem> problems,
                     std::shared_ptr<const models::TokenModel> judge,
                     std::shared_ptr<const models::Tokenizer> tokenizer, double floor, bool told)
    : task_(std::move(task)),
      problems_(std::move(problems)),
      judge_(std::move(judge)),
      tokenizer_(std::move(tokenizer)),
      floor_(floor) {
  for (std::int32_t token = 0; token < tokenizer_->size(); ++token)
    (tokenizer_->ends(token) ? ends_ : moves_).push_back(token);
  const auto most = static_cast<std::size_t>(judge_->context());
  for (const Problem& problem : problems_) {
    const std::string before = told ? task_.told(problem) : "";
    auto plain = models::prompt_tokens(*tokenizer_, problem.prompt);
    auto with = models::prompt_tokens(*tokenizer_, before + problem.prompt);
    if (!plain || !with)
      throw Error(fmt::format("the model has no token for a prompt of the task: `{}{}`", before,
                              problem.prompt));
    const std::size_t needed = with->size() + static_cast<std::size_t>(task_.tokens_max);
    if (needed > most)
      throw Error(
          fmt::format("the task's texts may have {} tokens, and the model reads {}", needed, most));
    plain_.push_back(*std::move(plain)), told_.push_back(*std::move(with));
  }
}

std::string Continued::text_of(const Trajectory& trajectory) const {
  std::string out;
  for (const std::int32_t token : trajectory.actions) out += tokenizer_->text(token, 0);
  return out;
}

bool Continued::right(const Trajectory& trajectory) const {
  return task_.right(problems_[trajectory.question], text_of(trajectory));
}

double Continued::log_chance(const Trajectory& trajectory) const {
  return trajectory.log_reward.back() + (trajectory.accepted ? 0 : floor_);
}

models::Lesson Continued::lesson(const Trajectory& trajectory, const Problem& asked) const {
  auto tokens = models::prompt_tokens(*tokenizer_, task_.told(asked) + asked.prompt);
  ASSAY_INVARIANT(tokens);  // as the constructor found for the like
  const std::size_t begin = tokens->size();
  tokens->insert(tokens->end(), trajectory.actions.begin(), trajectory.actions.end());
  if (!trajectory.memo.back()) tokens->push_back(tokenizer_->end());
  return models::lesson_behind(*tokens, begin);
}

Trajectory Continued::start(std::size_t question) const {
  Trajectory out;
  out.question = question;
  out.text = told_[question];
  out.at = {out.text.size() - 1};
  out.memo = {false};
  return out;
}

/// A state's memo: whether the text is over there.
Moves Continued::moves(const Trajectory& trajectory, std::size_t state) const {
  Moves out;
  if (!trajectory.memo[state]) out.tokens = moves_;
  out.stop = true;
  return out;
}

void Continued::go(Trajectory& trajectory, std::int32_t token) const {
  trajectory.actions.push_back(token);
  trajectory.text.push_back(token);
  trajectory.at.push_back(trajectory.text.size() - 1);
  trajectory.memo.push_back(trajectory.actions.size() >=
                                static_cast<std::size_t>(task_.tokens_max) ||
                            task_.over(text_of(trajectory)));
}

void Continued::judge(std::span<Trajectory> trajectories) const {
  std::vector<std::shared_ptr<models::Past>> tokens;
  std::vector<std::size_t> begins;  ///< of each, where the prompt's last token stands
  for (const Trajectory& one : trajectories) {
    std::vector<std::int32_t> text = plain_[one.question];
    begins.push_back(tokens.size() + text.size() - 1);
    text.insert(text.end(), one.actions.begin(), one.actions.end());
    const auto chain = models::chain(nullptr, text);
    tokens.insert(tokens.end(), chain.begin(), chain.end());
  }
  std::vector<float> logits;
  judge_->read(tokens, &logits);
  const std::size_t vocabulary = logits.size() / tokens.size();
  for (std::size_t row = 0; row < trajectories.size(); ++row) {
    Trajectory& one = trajectories[row];
    one.log_reward.clear();
    double so_far = 0;
    std::string text;
    for (std::size_t state = 0; state < one.at.size(); ++state) {
      const auto logs =
          models::log_softmax({logits.data() + (begins[row] + state) * vocabulary, vocabulary});
      std::vector<double> ends;
      for (const std::int32_t token : ends_) ends.push_back(logs[static_cast<std::size_t>(token)]);
      one.accepted = task_.accepted(problems_[one.question], text);
      one.log_reward.push_back(so_far + (one.memo[state] ? 0 : search::log_sum_exp(ends)) -
                               (one.accepted ? 0 : floor_));
      if (state == one.actions.size()) break;
      so_far += logs[static_cast<std::size_t>(one.actions[state])];
      text += tokenizer_->text(one.actions[state], 0);
    }
  }
}

namespace {

/// `draws` texts of each problem of a stretch, one problem behind the other, judged.
std::vector<Trajectory> texts(const Continued& game, const models::TokenModel& model,
                              std::size_t begin, std::size_t end, int draws, std::uint64_t seed,
                              const char* purpose) {
  std::vector<std::size_t> questions;
  std::vector<RandomStream> streams;
  for (std::size_t question = begin; question < end; ++question)
    for (int i = 0; i < draws; ++i) {
      questions.push_back(question);
      streams.emplace_back(seed,
                           fmt::format("{} {} {}", purpose, game.problem(question).task_id, i));
    }
  auto out = draw(game, model, questions, std::vector<double>(questions.size(), 1), streams);
  game.judge(out);
  return out;
}

}  // namespace

std::vector<Told> tell(const Continued& game, const models::TokenModel& model, int samples,
                       std::uint64_t seed, int jobs, const std::atomic<bool>& stop) {
  std::vector<Told> out(game.questions());
  for_each_stretch(out.size(), kTogether, jobs, stop, [&](std::size_t begin, std::size_t end) {
    const auto drawn = texts(game, model, begin, end, samples, seed, "tell");
    for (std::size_t question = begin; question < end; ++question) {
      Told& told = out[question];
      Solved& one = told.solved;
      one.task_id = game.problem(question).task_id;
      one.difficulty = game.task().difficulty(game.problem(question));
      one.samples = samples;
      std::set<std::string> different;
      for (int i = 0; i < samples; ++i) {
        const Trajectory& row = drawn[(question - begin) * static_cast<std::size_t>(samples) +
                                      static_cast<std::size_t>(i)];
        const bool right = game.right(row);
        if (i == 0) one.chain = game.text_of(row), one.right = right;
        one.accepted += row.accepted, one.wrong_accepted += row.accepted && !right;
        one.right_answers += right, one.right_chains += right;
        one.actions += static_cast<int>(row.actions.size());
        told.log_chance += game.log_chance(row);
        different.insert(game.text_of(row));
      }
      told.different = different.size();
    }
  });
  return out;
}

std::vector<models::Lesson> hindsight(const Continued& game, const models::TokenModel& model,
                                      int draws, std::uint64_t seed, int jobs,
                                      const std::atomic<bool>& stop) {
  std::vector<std::vector<models::Lesson>> found(game.questions());
  for_each_stretch(found.size(), 1, jobs, stop, [&](std::size_t question, std::size_t end) {
    const Problem& problem = game.problem(question);
    RandomStream stream(seed, fmt::format("hindsight {}", problem.task_id));
    for (const Trajectory& one : texts(game, model, question, end, draws, seed, "hindsight"))
      if (const auto asked = game.task().answered(problem, game.text_of(one), stream))
        found[question].push_back(game.lesson(one, *asked));
  });
  std::vector<models::Lesson> out;
  for (auto& lessons : found)
    out.insert(out.end(), std::make_move_iterator(lessons.begin()),
               std::make_move_iterator(lessons.end()));
  return out;
}

std::vector<Posterior> posterior(const Continued& game, const models::TokenModel& prior, int draws,
                                 double temperature, std::uint64_t seed, int jobs,
                                 const std::atomic<bool>& stop) {
  std::vector<Posterior> out(game.questions());
  for_each_stretch(out.size(), 1, jobs, stop, [&](std::size_t question, std::size_t end) {
    const auto drawn = texts(game, prior, question, end, draws, seed, "posterior");
    out[question] = weighed(game, prior, drawn, temperature,
                            [&](const Trajectory& one) { return game.right(one); });
    out[question].task_id = game.problem(question).task_id;
    out[question].difficulty = game.task().difficulty(game.problem(question));
  });
  return out;
}

}  // namespace assay::train
