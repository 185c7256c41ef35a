#include "harness/train/thinking.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/base/crew.h"
#include "harness/base/error.h"
#include "harness/models/gpt.h"
#include "harness/models/lessons.h"
#include "harness/models/token_policy.h"

namespace assay::train {

using search::Problem;

namespace {

constexpr int kTokensMax = 64;         ///< of an answer with its thought
constexpr std::size_t kTogether = 32;  ///< problems that are answered in one batch

/// A whole answer is one step.
search::StepRule whole() {
  return {.delimiter = std::string(1, '\0'), .tokens_max = kTokensMax, .steps_max = 1};
}

class Answering {
 public:
  Answering(const models::OwnModel& model, const explore::Thinking& thinking, double temperature,
            double top_p)
      : gpt_(std::make_shared<models::Gpt>(models::Model{model.weights, model.tokenizer})),
        tokenizer_(*model.tokenizer),
        mark_(thinking.mark),
        policy_(gpt_, whole(), {temperature, top_p}) {}

  /// `samples` answers that begin with `given`, the first of them greedy.
  std::vector<Thought> answers(const std::vector<std::string>& prompts, const std::string& given,
                               int samples, const std::string& purpose, std::uint64_t seed) {
    std::vector<search::Ask> asks;
    for (const std::string& prompt : prompts) {
      Problem problem;
      problem.task_id = prompt;
      problem.prompt = prompt + given;
      const search::Prefix root = policy_.open(problem);
      for (int i = 0; i < samples; ++i)
        asks.push_back(
            {root, RandomStream(seed, fmt::format("{} {} {}", purpose, i, prompt)), i == 0});
    }
    std::vector<Thought> out;
    for (const search::Prefix& end : policy_.extend(asks)) out.push_back(parted(given, *end));
    return out;
  }

  /// The chance of the answer behind what is before it.
  double chance(const std::string& before, const std::string& answer) const {
    return probability(*gpt_, tokenizer_, before, answer);
  }

 private:
  Thought parted(const std::string& given, const search::Node& end) const {
    Thought out;
    out.text = given + end.text;
    const std::size_t mark = out.text.find(mark_);
    const auto tokens = tokenizer_.encode(out.text.substr(0, mark));
    if (!tokens || end.finish != search::Finish::complete || mark == out.text.npos) return out;
    out.tokens = static_cast<int>(tokens->size());
    out.answer = out.text.substr(mark + mark_.size());
    if (!tokenizer_.encode(out.answer)) out.answer.clear();
    return out;
  }

  std::shared_ptr<const models::Gpt> gpt_;
  const models::PieceTokenizer& tokenizer_;
  const std::string mark_;
  models::TokenPolicy policy_;
};

bool metareasons(Keeps keeps) { return keeps == Keeps::best || keeps == Keeps::advantage; }

/// What the filter says of a candidate, and what it is worth.
void judge(Thought& one, const Problem& problem, const explore::Thinking& thinking,
           const Answering& answering, const ThinkingOptions& options) {
  const std::string right = thinking.right(problem);
  one.right = one.answer == right;
  one.accepted = !one.answer.empty() && options.filter.accepts(problem, one.answer, one.right);
  const std::size_t mark = one.text.find(thinking.mark);
  if (!one.accepted && options.hint && mark != one.text.npos) {
    one.text = one.text.substr(0, mark) + thinking.mark + right;
    one.answer = right;
    one.told = true;
  }
  // What a refused answer is worth nobody knows: it is no right answer that its thought leads to.
  if (!metareasons(options.keeps) || !(one.accepted || one.told) || one.tokens == 0) return;
  const std::string thought = one.text.substr(0, mark);
  one.worth =
      options.worth.of(answering.chance(problem.prompt + thought + thinking.mark, one.answer),
                       answering.chance(problem.prompt + thinking.mark, one.answer), one.tokens);
}

/// By problem.
std::vector<std::vector<Thought>> candidates(const models::OwnModel& model,
                                             const explore::Thinking& thinking,
                                             const std::vector<Problem>& problems,
                                             const ThinkingOptions& options, int round,
                                             const std::atomic<bool>& stop) {
  Answering answering(model, thinking, options.temperature, options.top_p);
  const std::uint64_t seed = options.train.seed;
  const auto samples = static_cast<std::size_t>(options.samples);
  std::vector<std::vector<Thought>> out(problems.size());
  for_each_stretch(
      problems.size(), kTogether, options.jobs, stop, [&](std::size_t begin, std::size_t end) {
        std::vector<std::string> prompts;
        for (std::size_t i = begin; i < end; ++i) prompts.push_back(problems[i].prompt);
        const std::vector<Thought> drawn =
            answering.answers(prompts, "", options.samples, fmt::format("round {}", round), seed);
        std::vector<Thought> direct;
        if (options.direct && options.keeps != Keeps::first)
          direct = answering.answers(prompts, thinking.mark, 1, "direct", seed);
        for (std::size_t i = begin; i < end; ++i) {
          const auto first = drawn.begin() + static_cast<std::ptrdiff_t>((i - begin) * samples);
          out[i].assign(first, first + options.samples);
          if (!direct.empty()) {
            out[i].push_back(direct[i - begin]);
            out[i].back().drawn = false;
          }
          for (Thought& one : out[i]) judge(one, problems[i], thinking, answering, options);
        }
      });
  return out;
}

Round summary(const std::vector<std::vector<Thought>>& all) {
  Round out;
  double drawn = 0, accepted = 0, wrong = 0;
  for (const std::vector<Thought>& of_one : all)
    for (const Thought& one : of_one) {
      if (!one.drawn) continue;
      ++drawn, accepted += one.accepted, wrong += one.accepted && !one.right;
      out.tokens += one.tokens;
    }
  out.accepted = accepted / std::max(1.0, drawn);
  out.tokens /= std::max(1.0, drawn);
  if (accepted > 0) out.fdr = wrong / accepted;
  return out;
}

}  // namespace

bool Filter::accepts(const Problem& problem, const std::string& answer, bool right) const {
  RandomStream stream(seed, fmt::format("filter {} {}", problem.prompt, answer));
  const double drawn = stream.uniform();
  return right ? drawn >= fnr : drawn < fpr;
}

double Worth::of(double p_with, double p_without, int tokens) const {
  const double cost = linear ? gamma * tokens : gamma * std::log(tokens + 1.0);
  return std::log((p_with + epsilon) / (p_without + epsilon)) - cost;
}

double probability(const models::TokenModel& model, const models::PieceTokenizer& tokenizer,
                   const std::string& prompt, const std::string& text) {
  auto tokens = models::prompt_tokens(tokenizer, prompt);
  const auto asked = tokenizer.encode(text);
  ASSAY_INVARIANT(tokens && asked);
  const std::size_t begin = tokens->size() - 1;
  tokens->insert(tokens->end(), asked->begin(), asked->end());
  std::vector<float> logits;
  model.read(models::chain(nullptr, *tokens), &logits);
  const auto vocabulary = static_cast<std::size_t>(tokenizer.size());
  double sum = 0;
  for (std::size_t i = begin; i < tokens->size(); ++i) {
    const std::int32_t next = i + 1 < tokens->size() ? (*tokens)[i + 1] : tokenizer.end();
    sum +=
        models::log_softmax({&logits[i * vocabulary], vocabulary})[static_cast<std::size_t>(next)];
  }
  return std::exp(sum);
}

std::vector<std::size_t> kept(const std::vector<Thought>& candidates, Keeps keeps) {
  const bool accepted = std::any_of(candidates.begin(), candidates.end(),
                                    [](const Thought& one) { return one.accepted; });
  // What no thought answers says nothing of which thought is worth its length.
  if (metareasons(keeps) && !accepted) return {};
  double sum = 0;
  std::size_t answered = 0;  // of those that are worth something
  for (const Thought& one : candidates)
    if (one.accepted || one.told) sum += one.worth, ++answered;
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const Thought& one = candidates[i];
    const bool told = one.told && (!metareasons(keeps) ? !accepted : one.worth >= 0);
    if (!one.accepted && !told) continue;
    if (keeps == Keeps::advantage) {
      if (one.worth >= sum / static_cast<double>(answered)) out.push_back(i);
    } else if (out.empty()) {
      out.push_back(i);
    } else {
      const Thought& held = candidates[out[0]];
      if (keeps == Keeps::shortest ? one.tokens < held.tokens
                                   : keeps == Keeps::best && one.worth > held.worth)
        out[0] = i;
    }
  }
  return out;
}

Thinker learn_to_think(const models::OwnModel& model, const explore::Task& task,
                       const ThinkingOptions& options, const models::ModelRoom& room,
                       const std::atomic<bool>& stop,
                       const std::function<void(int done, const Round&)>& told) {
  const explore::Thinking& thinking = *task.thinking;
  Thinker out;
  out.weights = model.weights;
  std::vector<models::Lesson> lessons;
  for (int round = 0; round < options.rounds && !out.stopped; ++round) {
    std::vector<Problem> problems;
    for (int i = 0; i < options.questions; ++i) {
      RandomStream stream(options.train.seed, fmt::format("question {} {}", round, i));
      problems.push_back(thinking.question(stream));
    }
    const models::OwnModel now{out.weights, model.tokenizer};
    const auto all = candidates(now, thinking, problems, options, round, stop);
    if ((out.stopped = stop)) break;
    Round summed = summary(all);
    if (options.continual) lessons.clear();
    for (std::size_t i = 0; i < problems.size(); ++i)
      for (const std::size_t k : kept(all[i], options.keeps)) {
        lessons.push_back(models::lesson_of(model, problems[i].prompt, all[i][k].text));
        ++summed.rows;
      }
    if (lessons.empty())
      throw Error(
          "none of the model's answers is accepted, so there is nothing to learn from: more --questions, or a base of more --base-steps");
    models::TrainOptions train = options.train;
    train.seed = RandomStream(options.train.seed, fmt::format("round {}", round)).next();
    train.steps = std::max(
        1, static_cast<int>(options.epochs * static_cast<double>(lessons.size()) / train.batch));
    const models::Trained taught =
        room.train(options.continual ? out.weights : model.weights,
                   [&](RandomStream& stream) {
                     return lessons[stream.below(static_cast<std::uint32_t>(lessons.size()))];
                   },
                   train, stop, {});
    if ((out.stopped = taught.stopped)) break;
    out.weights = taught.weights;
    out.loss.insert(out.loss.end(), taught.loss.begin(), taught.loss.end());
    summed.loss = taught.loss.back();
    out.rounds.push_back(summed);
    if (told) told(round + 1, summed);
  }
  return out;
}

std::vector<Answered> answer_all(const models::OwnModel& model, const explore::Task& task,
                                 const std::string& style, int jobs,
                                 const std::atomic<bool>& stop) {
  const explore::Thinking& thinking = *task.thinking;
  Answering answering(model, thinking, 1, 1);
  std::vector<Answered> out(task.problems.size());
  for_each_stretch(out.size(), kTogether, jobs, stop, [&](std::size_t begin, std::size_t end) {
    std::vector<std::string> prompts;
    for (std::size_t i = begin; i < end; ++i) prompts.push_back(style + task.problems[i].prompt);
    const std::vector<Thought> greedy = answering.answers(prompts, "", 1, "greedy", 0);
    for (std::size_t i = begin; i < end; ++i) {
      const Problem& problem = task.problems[i];
      const Thought& one = greedy[i - begin];
      const bool right = one.answer == thinking.right(problem);
      out[i] = {problem.task_id,
                thinking.difficulty(problem),
                one.tokens,
                right,
                right && thinking.right_chain(problem, one.text),
                one.answer};
    }
  });
  return out;
}

}  // namespace assay::train
