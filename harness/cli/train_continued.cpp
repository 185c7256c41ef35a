// Learning from rewards on texts that go on from a prompt: a language model says what a text is worth,
// and a verifier that it knows nothing of what is asked for.
#include <fmt/format.h>

#include <map>

#include "harness/base/error.h"
#include "harness/cli/interrupt.h"
#include "harness/cli/output.h"
#include "harness/cli/train_rewards.h"
#include "harness/explore/experiment.h"
#include "harness/models/gpt.h"
#include "harness/tasks/tasks.h"
#include "harness/train/continued.h"

namespace assay::cli {

using nlohmann::json;

namespace {

constexpr int kSamples = 8;           ///< texts a problem
constexpr int kShownSamples = 2;      ///< and on the way
constexpr std::size_t kShown = 50;    ///< held-out problems that are told on the way
constexpr int kHindsightDraws = 20;   ///< texts behind each prompt that sft may learn from
constexpr int kPosteriorDraws = 100;  ///< a held-out problem, for what the posterior holds

json figures_of(const std::vector<train::Told>& all) {
  struct Sums {
    double samples = 0, right = 0, accepted = 0, tokens = 0;
  };
  std::map<int, Sums> by_words;
  Sums sums;
  double wrong_accepted = 0, log_chance = 0, different = 0;
  for (const train::Told& told : all) {
    const train::Solved& one = told.solved;
    for (Sums* into : {&sums, &by_words[one.difficulty]}) {
      into->samples += one.samples, into->right += one.right_answers;
      into->accepted += one.accepted, into->tokens += one.actions;
    }
    wrong_accepted += one.wrong_accepted;
    log_chance += told.log_chance, different += static_cast<double>(told.different);
  }
  json right = json::object(), accepted = json::object(), tokens = json::object();
  for (const auto& [words, part] : by_words) {
    const std::string key = std::to_string(words);
    right[key] = ratio(part.right, part.samples);
    accepted[key] = ratio(part.accepted, part.samples);
    tokens[key] = ratio(part.tokens, part.samples);
  }
  return {{"problems", all.size()},
          {"accuracy", ratio(sums.right, sums.samples)},
          {"accuracy_by_difficulty", right},
          {"accepted", ratio(sums.accepted, sums.samples)},
          {"accepted_by_difficulty", accepted},
          {"tokens", ratio(sums.tokens, sums.samples)},
          {"tokens_by_difficulty", tokens},
          {"purity", ratio(sums.accepted - wrong_accepted, sums.accepted)},
          {"fpr", ratio(wrong_accepted, sums.samples - sums.right)},
          {"log_chance", ratio(log_chance, sums.samples)},
          {"different", ratio(different, sums.samples)}};
}

}  // namespace

RewardTask continued_task(const Common&, const RewardOptions& options,
                          const train::Options& learning) {
  if (options.from.empty())
    throw Error(fmt::format("--task {}: {} goes on with a model that tells stories; give it as "
                            "--from FILE or llama2c:FILE,TOKENIZER",
                            options.task, options.method),
                ExitCode::usage);
  if (options.filter != "exact")
    throw Error(fmt::format("--filter {}: on {} the verifier `letters` accepts, which errs of "
                            "itself; leave --filter away",
                            options.filter, options.task),
                ExitCode::usage);
  const auto task = std::make_shared<explore::Task>(
      tasks::open(options.task, {.problems = options.problems, .seed = 1}));
  const explore::Continuation& continuation = *task->continuation;
  RewardTask out;
  out.model = models::load_own(options.from);
  const models::Model judge = options.judge.empty() ? out.model : models::load_own(options.judge);
  if (!models::same_tokens(*judge.tokenizer, *out.model.tokenizer))
    throw Error(
        fmt::format("--judge {}: its tokens are not those of {}", options.judge, options.from));
  const auto reader = std::make_shared<models::Gpt>(judge);
  const auto game = [&](std::vector<search::Problem> problems, bool told) {
    return std::make_unique<train::Continued>(continuation, std::move(problems), reader,
                                              judge.tokenizer,
                                              options.floor.value_or(kContinuedFloor), told);
  };
  out.game = game(continuation.training, true);
  auto few = continuation.held_out;
  few.resize(std::min(kShown, few.size()));
  const auto held =
      train::posterior(*game(few, false), *reader, kPosteriorDraws,
                       learning.reward_temperature_last, 1, options.jobs, stop_on_signals());
  if (stop_on_signals()) throw explore::Interrupted();
  const Purity purity = purity_of(held, kPosteriorDraws);
  out.more["posterior"] = purity.record;
  out.told = purity.told;
  out.solved = std::make_shared<std::vector<std::vector<train::Solved>>>();
  const bool test = options.eval_on == "test";
  const std::shared_ptr<const train::Continued> whole =
      game(test ? task->problems : continuation.held_out, true);
  out.eval = [whole, options, target_purity = purity.record["purity"],
              all = out.solved](const models::TokenModel& model) {
    const auto told =
        train::tell(*whole, model, kSamples, options.train.seed, options.jobs, stop_on_signals());
    if (stop_on_signals()) throw explore::Interrupted();
    all->emplace_back();
    for (const train::Told& one : told) all->back().push_back(one.solved);
    json figures = figures_of(told);
    figures["target_purity"] = target_purity;
    return figures;
  };
  const std::shared_ptr<const train::Continued> shown = game(few, true);
  out.figures = [shown, options](const models::TokenModel& model) {
    const json all = figures_of(train::tell(*shown, model, kShownSamples, options.train.seed,
                                            options.jobs, stop_on_signals()));
    return json{{"held_out", all["accuracy"]},
                {"held_out_accepted", all["accepted"]},
                {"held_out_log_chance", all["log_chance"]}};
  };
  return out;
}

std::vector<models::Lesson> hindsight_lessons(const RewardOptions& options,
                                              const models::Model& model) {
  const explore::Task task = tasks::open(options.task, {.problems = options.problems, .seed = 1});
  const train::Continued game(*task.continuation, task.continuation->training,
                              std::make_shared<models::Gpt>(model), model.tokenizer, 0, false);
  auto out = train::hindsight(game, models::Gpt(model), kHindsightDraws, options.train.seed,
                              options.jobs, stop_on_signals());
  if (stop_on_signals()) throw explore::Interrupted();
  if (out.empty())
    throw Error(
        fmt::format("{}: of {} texts that it wrote none holds words that the task {} asks "
                    "for, so that there is nothing to learn from; sft needs a model that "
                    "tells stories",
                    options.from, kHindsightDraws * game.questions(), options.task));
  return out;
}

}  // namespace assay::cli
