#include "harness/train/written.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "harness/base/crew.h"
#include "harness/base/error.h"
#include "harness/search/weights.h"

namespace assay::train {

using search::Problem;

namespace {

constexpr std::size_t kTogether = 8;  ///< questions that are answered in one batch
constexpr int kAnswerTokensMax = 16;

std::vector<double> log_chances_at(const std::vector<float>& logits, std::size_t position,
                                   std::size_t vocabulary) {
  return models::log_softmax({logits.data() + position * vocabulary, vocabulary});
}

std::int32_t likeliest(const std::vector<double>& logs) {
  return static_cast<std::int32_t>(std::max_element(logs.begin(), logs.end()) - logs.begin());
}

}  // namespace

Written::Written(explore::Reasoning reasoning, std::vector<Problem> problems,
                 std::shared_ptr<const models::TokenModel> judge,
                 std::shared_ptr<const models::Tokenizer> tokenizer, Reward reward)
    : reasoning_(std::move(reasoning)),
      problems_(std::move(problems)),
      judge_(std::move(judge)),
      tokenizer_(std::move(tokenizer)),
      reward_(reward) {
  for (const std::string& piece : reasoning_.pieces)
    moves_.push_back(tokens_of(piece, "what may be written").front());
  stop_ = {tokens_of(reasoning_.stop, "what ends a chain").front()};
  std::size_t longest = 0;
  for (const Problem& problem : problems_) {
    auto prompt = models::prompt_tokens(*tokenizer_, problem.prompt);
    if (!prompt)
      throw Error(
          fmt::format("the model has no token for a prompt of the task: `{}`; take one that "
                      "was trained for it",
                      problem.prompt));
    prompts_.push_back(*std::move(prompt));
    right_.push_back(tokens_of(reasoning_.right(problem), "an answer"));
    right_.back().push_back(tokenizer_->end());
    longest = std::max(longest, prompts_.back().size() + right_.back().size());
  }
  // A tool puts in at most one token behind each that is written.
  const std::size_t most = longest + 2 * static_cast<std::size_t>(reasoning_.actions_max);
  if (most > static_cast<std::size_t>(judge_->context()))
    throw Error(
        fmt::format("the task's texts may have {} tokens, and the model reads {}; train "
                    "one with a --context of as much",
                    most, judge_->context()));
}

std::vector<std::int32_t> Written::tokens_of(const std::string& text,
                                             const std::string& what) const {
  auto tokens = tokenizer_->encode_rest(text);
  if (!tokens || tokens->empty())
    throw Error(
        fmt::format("the model has no token for {} of the task: `{}`; take one that was trained "
                    "for it",
                    what, text));
  return *std::move(tokens);
}

std::string Written::text_of(std::span<const std::int32_t> tokens) const {
  std::string out;
  for (const std::int32_t token : tokens) out += tokenizer_->text(token, 0);
  return out;
}

std::string Written::chain_of(const Trajectory& trajectory) const {
  return text_of(std::span(trajectory.text).subspan(prompts_[trajectory.question].size()));
}

std::size_t Written::may_stop(const Trajectory& trajectory) const {
  return trajectory.actions.size() >= static_cast<std::size_t>(reasoning_.actions_max) ||
         reasoning_.may_stop(chain_of(trajectory));
}

Trajectory Written::start(std::size_t question) const {
  Trajectory out;
  out.question = question;
  out.text = prompts_[question];
  out.at = {out.text.size() - 1};
  out.memo = {may_stop(out)};
  return out;
}

Moves Written::moves(const Trajectory& trajectory, std::size_t state) const {
  Moves out;
  if (state < static_cast<std::size_t>(reasoning_.actions_max)) out.tokens = moves_;
  out.stop = trajectory.memo[state] != 0;
  return out;
}

void Written::go(Trajectory& trajectory, std::int32_t token) const {
  trajectory.actions.push_back(token);
  trajectory.text.push_back(token);
  const std::string put_in = reasoning_.tool ? reasoning_.tool(chain_of(trajectory)) : "";
  if (!put_in.empty()) trajectory.text.push_back(tokens_of(put_in, "what the tool says").front());
  trajectory.at.push_back(trajectory.text.size() - 1);
  trajectory.memo.push_back(may_stop(trajectory));
}

void Written::judge(std::span<Trajectory> trajectories) const {
  const bool errs = reward_.filter.fpr > 0 || reward_.filter.fnr > 0;
  std::vector<std::shared_ptr<models::Past>> tokens;
  struct Ending {
    std::size_t row, state, from;  ///< its tokens are `tokens[from]` and on
    std::shared_ptr<const models::Past> behind;
  };
  std::vector<Ending> endings;
  std::vector<std::size_t> begins;
  for (std::size_t row = 0; row < trajectories.size(); ++row) {
    const Trajectory& one = trajectories[row];
    const auto text = models::chain(nullptr, one.text);
    begins.push_back(tokens.size());
    tokens.insert(tokens.end(), text.begin(), text.end());
    for (std::size_t state = 0; state < one.at.size(); ++state) {
      if (!one.memo[state]) continue;
      endings.push_back({row, state, tokens.size(), text[one.at[state]]});
      if (errs) continue;
      std::vector<std::int32_t> ending = stop_;
      ending.insert(ending.end(), right_[one.question].begin(), right_[one.question].end() - 1);
      const auto more = models::chain(text[one.at[state]], ending);
      tokens.insert(tokens.end(), more.begin(), more.end());
    }
  }
  std::vector<float> logits;
  judge_->read(tokens, &logits);
  const std::size_t vocabulary = logits.size() / tokens.size();
  std::vector<std::vector<double>> so_far(trajectories.size());
  for (std::size_t row = 0; row < trajectories.size(); ++row) {
    Trajectory& one = trajectories[row];
    one.log_reward.assign(one.at.size(), kNoReward);
    one.accepted = false;
    so_far[row] = {0};
    for (std::size_t state = 0; state < one.actions.size(); ++state) {
      const auto logs = log_chances_at(logits, begins[row] + one.at[state], vocabulary);
      so_far[row].push_back(
          so_far[row].back() +
          std::max(logs[static_cast<std::size_t>(one.actions[state])], -reward_.token_floor));
    }
  }
  std::vector<Reply> given;
  if (errs) {
    std::vector<std::shared_ptr<const models::Past>> behind;
    for (const Ending& ending : endings) behind.push_back(ending.behind);
    given = replies(std::move(behind));
  }
  for (std::size_t k = 0; k < endings.size(); ++k) {
    const Ending& ending = endings[k];
    Trajectory& one = trajectories[ending.row];
    const Problem& problem = problems_[one.question];
    double log_answer = 0;
    bool accepted = true;
    if (errs) {
      const bool right = given[k].text == reasoning_.right(problem);
      accepted = reward_.filter.accepts(problem, given[k].text, right);
      log_answer = accepted ? given[k].log_chance : -reward_.answer_floor;
    } else {
      const auto& right = right_[one.question];
      log_answer = log_chances_at(logits, begins[ending.row] + one.at[ending.state],
                                  vocabulary)[static_cast<std::size_t>(stop_.front())];
      for (std::size_t i = 0; i < right.size(); ++i) {
        const auto logs = log_chances_at(logits, ending.from + i, vocabulary);
        log_answer += logs[static_cast<std::size_t>(right[i])];
        accepted &= likeliest(logs) == right[i];
      }
    }
    one.log_reward[ending.state] = (reward_.joint ? so_far[ending.row][ending.state] : 0) +
                                   std::max(log_answer, -reward_.answer_floor);
    if (ending.state + 1 == one.at.size()) one.accepted = accepted;
  }
}

std::optional<Trajectory> Written::trajectory(std::size_t question,
                                              const std::string& chain) const {
  const auto tokens = tokenizer_->encode_rest(chain);
  if (!tokens) return std::nullopt;
  Trajectory out = start(question);
  const std::size_t prompt = out.text.size();
  while (out.text.size() - prompt < tokens->size()) {
    const std::int32_t token = (*tokens)[out.text.size() - prompt];
    if (std::find(moves_.begin(), moves_.end(), token) == moves_.end() ||
        out.actions.size() >= static_cast<std::size_t>(reasoning_.actions_max))
      return std::nullopt;
    go(out, token);
  }
  if (chain_of(out) != chain || !out.memo.back()) return std::nullopt;
  judge({&out, 1});
  return out;
}

std::vector<Written::Reply> Written::replies(
    std::vector<std::shared_ptr<const models::Past>> behind) const {
  std::vector<Reply> out(behind.size());
  std::vector<std::size_t> going(behind.size());
  for (std::size_t row = 0; row < going.size(); ++row) going[row] = row;
  // What stops the chain has a chance too, which stands behind its last token: that is read once more.
  std::vector<std::shared_ptr<models::Past>> last;
  for (const auto& past : behind) last.push_back(models::behind(past->before, past->token));
  for (int step = -1; step < kAnswerTokensMax && !going.empty(); ++step) {
    std::vector<float> logits;
    judge_->read(last, &logits);
    const std::size_t vocabulary = logits.size() / last.size();
    std::vector<std::shared_ptr<models::Past>> read;
    std::vector<std::size_t> still;
    for (std::size_t k = 0; k < going.size(); ++k) {
      const auto logs = log_chances_at(logits, k, vocabulary);
      const std::int32_t token = step < 0 ? stop_.front() : likeliest(logs);
      Reply& reply = out[going[k]];
      reply.log_chance += logs[static_cast<std::size_t>(token)];
      if (step >= 0 && tokenizer_->ends(token)) continue;
      if (step >= 0) reply.text += tokenizer_->text(token, 0);
      read.push_back(models::behind(last[k], token));
      still.push_back(going[k]);
    }
    last = std::move(read), going = std::move(still);
  }
  return out;
}

std::vector<std::string> Written::answers(std::span<const Trajectory> trajectories) const {
  std::vector<std::shared_ptr<models::Past>> tokens;
  std::vector<std::shared_ptr<const models::Past>> last;
  for (const Trajectory& one : trajectories) {
    const auto text = models::chain(nullptr, one.text);
    tokens.insert(tokens.end(), text.begin(), text.end());
    last.push_back(tokens.back());
  }
  judge_->read(tokens, nullptr);
  std::vector<std::string> out;
  for (Reply& reply : replies(std::move(last))) out.push_back(std::move(reply.text));
  return out;
}

/// `draws` chains of each question of a stretch, one question behind the other.
static std::vector<Trajectory> chains(const Written& game, const models::TokenModel& model,
                                      std::size_t begin, std::size_t end, int draws,
                                      double temperature, std::uint64_t seed, const char* purpose) {
  std::vector<std::size_t> questions;
  std::vector<RandomStream> streams;
  for (std::size_t question = begin; question < end; ++question)
    for (int i = 0; i < draws; ++i) {
      questions.push_back(question);
      streams.emplace_back(seed,
                           fmt::format("{} {} {}", purpose, game.problem(question).prompt, i));
    }
  return draw(game, model, questions, std::vector<double>(questions.size(), temperature), streams);
}

std::vector<Solved> solve(const Written& game, const models::TokenModel& model, int samples,
                          double temperature, std::uint64_t seed, int jobs,
                          const std::atomic<bool>& stop) {
  const explore::Reasoning& reasoning = game.reasoning();
  std::vector<Solved> out(game.questions());
  for_each_stretch(out.size(), kTogether, jobs, stop, [&](std::size_t begin, std::size_t end) {
    const auto drawn = chains(game, model, begin, end, samples, temperature, seed, "solve");
    const std::vector<std::string> answers = game.answers(drawn);
    for (std::size_t question = begin; question < end; ++question) {
      const Problem& problem = game.problem(question);
      const std::string right = reasoning.right(problem);
      Solved& one = out[question];
      one.task_id = problem.task_id, one.difficulty = reasoning.difficulty(problem);
      one.samples = samples;
      std::map<std::string, int> votes;
      for (int i = 0; i < samples; ++i) {
        const std::size_t row =
            (question - begin) * static_cast<std::size_t>(samples) + static_cast<std::size_t>(i);
        const std::string chain = game.chain_of(drawn[row]);
        if (i == 0) one.chain = chain, one.answer = answers[row];
        ++votes[answers[row]];
        const bool is_right = answers[row] == right;
        const bool accepted =
            !answers[row].empty() && game.filter().accepts(problem, answers[row], is_right);
        const bool right_chain = is_right && reasoning.right_chain(problem, chain);
        one.right_answers += is_right, one.accepted += accepted;
        one.right_chains += right_chain, one.wrong_accepted += accepted && !right_chain;
        one.actions += static_cast<int>(drawn[row].actions.size());
        const explore::Calls calls = reasoning.calls(chain);
        one.calls += calls.all, one.invalid_calls += calls.invalid;
      }
      const auto most = std::max_element(votes.begin(), votes.end(),
                                         [](auto& a, auto& b) { return a.second < b.second; });
      one.right = most->first == right;
    }
  });
  return out;
}

Posterior weighed(const Game& game, const models::TokenModel& prior,
                  const std::vector<Trajectory>& drawn, double temperature,
                  const std::function<bool(const Trajectory&)>& right) {
  const auto logits = logits_of(prior, drawn);
  std::vector<double> log_weights;
  for (std::size_t row = 0; row < drawn.size(); ++row) {
    const auto logs = log_chances(game, drawn[row], logits[row].data(),
                                  logits[row].size() / drawn[row].text.size());
    log_weights.push_back(drawn[row].log_reward.back() / temperature -
                          std::accumulate(logs.begin(), logs.end(), 0.));
  }
  const std::vector<double> weights = search::normalised(log_weights);
  Posterior out;
  double squares = 0;
  for (std::size_t row = 0; row < drawn.size(); ++row) {
    const bool accepted = drawn[row].accepted, is_right = accepted && right(drawn[row]);
    out.drawn_accepted += accepted * 1. / static_cast<double>(drawn.size());
    out.drawn_right += is_right * 1. / static_cast<double>(drawn.size());
    out.accepted += accepted ? weights[row] : 0;
    out.right += is_right ? weights[row] : 0;
    squares += weights[row] * weights[row];
  }
  out.effective = 1 / squares;
  return out;
}

std::vector<Posterior> posterior(const Written& game, const models::TokenModel& prior, int draws,
                                 double temperature, std::uint64_t seed, int jobs,
                                 const std::atomic<bool>& stop) {
  std::vector<Posterior> out(game.questions());
  for_each_stretch(out.size(), 1, jobs, stop, [&](std::size_t question, std::size_t end) {
    auto drawn = chains(game, prior, question, end, draws, 1, seed, "posterior");
    game.judge(drawn);
    const Problem& problem = game.problem(question);
    out[question] = weighed(game, prior, drawn, temperature, [&](const Trajectory& one) {
      return game.reasoning().right_chain(problem, game.chain_of(one));
    });
    out[question].task_id = problem.task_id;
    out[question].difficulty = game.reasoning().difficulty(problem);
  });
  return out;
}

}  // namespace assay::train
