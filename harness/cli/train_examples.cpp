#include "harness/cli/train_methods.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <map>

#include "harness/base/error.h"
#include "harness/cli/interrupt.h"
#include "harness/cli/json_output.h"
#include "harness/cli/terminal.h"
#include "harness/explore/experiment.h"
#include "harness/models/gpt.h"
#include "harness/models/lessons.h"
#include "harness/models/token_policy.h"
#include "harness/models/verifiers.h"
#include "harness/tasks/tasks.h"

namespace assay::cli {

using nlohmann::json;

/// The model to go on with, or a new one that knows the task's pieces.
models::Model beginning(const Training& options, const explore::Task& task) {
  if (!options.from.empty()) return models::load_own(options.from);
  return new_model(options.config, task.pieces, options.train.seed);
}

/// `what` is trained. Begins where the checkpoint says, where that has this training, and keeps it there
/// while it goes on.
models::Trained trained(const Common& common, const Training& options, const std::string& what,
                        const models::Weights& start,
                        const std::function<models::Lesson(RandomStream&)>& next,
                        const std::string& figure) {
  train::Checkpoint& checkpoint = *options.checkpoint;
  std::optional<models::Halfway>& kept = checkpoint.kept.training;
  models::TrainOptions train = options.train;
  if (kept) train.from = std::make_shared<models::Halfway>(std::move(*kept));
  kept.reset();
  const auto keep = [&](models::Halfway halfway) {
    kept = std::move(halfway);
    checkpoint.write(fmt::format("step {} of {} of {}", kept->loss.size(), train.steps, what));
    kept.reset();
  };
  ProgressBar bar(common.quiet);
  train.each = [&](const models::Step& step) {
    bar.show(what, step.done, train.steps, fmt::format("loss {:.3f}{}", step.loss, figure));
    if (checkpoint.due()) keep(step.now());
  };
  models::Trained out = models::model_room().train(start, next, train, stop_on_signals(), {});
  bar.clear();
  if (!out.stopped) return out;
  keep(std::move(out.halfway));
  throw explore::Interrupted();
}

/// On the task's right answers. `figure` is the last measurement of what matters, for the progress.
models::Trained trained_on_examples(const Common& common, const Training& options,
                                    const std::string& what, const models::Model& model,
                                    const explore::Task& task, const std::string& figure) {
  const auto next = [&](RandomStream& stream) {
    const explore::Example example = task.example(stream);
    return models::lesson_of(model, example.prompt, example.answer);
  };
  return trained(common, options, what, model.weights, next, figure);
}

/// Opens what an earlier call left, and says so.
void tell_of_checkpoint(const Common& common, const Training& options, const models::Model& model) {
  const std::string found = options.checkpoint->open(model.weights.config);
  if (!found.empty()) remark(common.quiet, found);
}

namespace {

std::optional<double> share(std::int64_t of, std::int64_t all) {
  if (all == 0) return std::nullopt;
  return static_cast<double>(of) / static_cast<double>(all);
}

/// How many of the steps of right answers to new examples it would take itself, all of their tokens
/// being the most probable. The examples are those of `named`.
std::optional<double> step_accuracy(const models::Model& model, const models::Gpt& gpt,
                                    const explore::Task& task, std::uint64_t seed,
                                    std::string_view named) {
  constexpr int kExamples = 500;
  std::int64_t right = 0, all = 0;
  const auto vocabulary = static_cast<std::size_t>(gpt.config().vocabulary);
  std::vector<float> logits;
  for (int i = 0; task.example && i < kExamples; ++i) {
    RandomStream stream(seed, fmt::format("{} {}", named, i));
    const explore::Example example = task.example(stream);
    const models::Lesson lesson = models::lesson_of(model, example.prompt, example.answer);
    gpt.read(models::chain(nullptr, lesson.tokens), &logits);
    bool so_far = true;
    std::string step;
    for (std::size_t k = 0; k < lesson.tokens.size(); ++k) {
      const std::int32_t target = lesson.targets[k];
      if (target < 0 || model.tokenizer->ends(target)) continue;
      const auto here = logits.begin() + static_cast<std::ptrdiff_t>(k * vocabulary);
      so_far &=
          std::max_element(here, here + static_cast<std::ptrdiff_t>(vocabulary)) - here == target;
      step += model.tokenizer->text(target, lesson.tokens[k]);
      const bool last =
          k + 1 == lesson.tokens.size() || model.tokenizer->ends(lesson.targets[k + 1]);
      if (!last && !task.step.delimiter.empty() && step.find(task.step.delimiter) == step.npos)
        continue;
      right += so_far, ++all;
      so_far = true;
      step.clear();
    }
  }
  return share(right, all);
}

/// Whether an answer is right, and so is every prefix on its way.
bool right_all_along(const explore::Task& task, const search::Problem& problem,
                     const search::Prefix& answer) {
  if (task.truth(problem, answer) < 0.5) return false;
  for (search::Prefix at = answer->parent; at; at = at->parent)
    if (task.fault(problem, at)) return false;
  return true;
}

/// Greedy answers to the task's problems, beside the truth. Where the task can tell of prefixes, also
/// how many are right all along: of all, and of the right ones.
json evaluated(const models::Model& model, const explore::Task& task, const Training& options) {
  const auto gpt = std::make_shared<models::Gpt>(model);
  models::TokenPolicy policy(gpt, task.step, {});
  models::GenerativeVerifier none(gpt);  // greedy asks nobody
  explore::Plan plan;
  plan.strategies = {search::parse_strategy("greedy")};
  plan.n = {1};
  plan.jobs = options.jobs;
  std::atomic<std::int64_t> right_chains = 0;
  explore::Task watched = task;
  watched.truth = [&](const search::Problem& problem, const search::Prefix& answer) {
    right_chains += task.tells_prefixes && right_all_along(task, problem, answer);
    return task.truth(problem, answer);
  };
  explore::Experiment experiment(watched, policy, none);
  double accuracy = 0, tokens = 0;
  std::map<int, std::pair<double, std::int64_t>> by_steps;  // tokens, problems
  for (const explore::Answer& answer : experiment.run(plan, stop_on_signals(), {})) {
    accuracy += answer.truth;
    tokens += static_cast<double>(answer.tokens);
    auto& [sum, count] = by_steps[task.problems[answer.problem].steps_max];
    sum += static_cast<double>(answer.tokens), ++count;
  }
  const auto problems = static_cast<double>(task.problems.size());
  json by_difficulty = json::object();
  for (const auto& [steps, sums] : by_steps)
    by_difficulty[std::to_string(steps)] = sums.first / static_cast<double>(sums.second);
  const auto chains = static_cast<double>(right_chains);
  const auto told = [&](double all) {
    return to_json(task.tells_prefixes && all > 0 ? std::optional(chains / all) : std::nullopt);
  };
  return {{"problems", task.problems.size()},
          {"accuracy", accuracy / problems},
          {"tokens", tokens / problems},
          {"tokens_by_difficulty", by_difficulty},
          {"right_chain", told(problems)},
          {"right_chain_of_right", told(accuracy)},
          {"step_accuracy",
           to_json(step_accuracy(model, *gpt, task, options.train.seed, "new example"))}};
}

}  // namespace

Outcome train_base(const Common& common, const Training& options) {
  const explore::Task task = tasks::open(options.task, {options.problems, 1});
  if (!task.example)
    throw Error(fmt::format("--task {}: it has no examples to train on", options.task),
                ExitCode::usage);
  Outcome out;
  out.model = beginning(options, task);
  out.model.weights.config.value = false;  // what a head was worth was another trunk's
  out.model.weights.value.clear();
  tell_of_checkpoint(common, options, out.model);
  Training taught = options;
  bool reached = false;
  std::string figure;
  // Where nobody asks, it is measured a few times for who watches.
  if (!options.until) taught.train.checked_every = std::max(10, options.train.steps / 10);
  if (options.until || ProgressBar(common.quiet).on())
    taught.train.enough = [&](const models::Weights& weights) {
      const models::Gpt now({weights, out.model.tokenizer});
      const double right =
          step_accuracy(out.model, now, task, options.train.seed, "checked example").value_or(0);
      figure = fmt::format(", step accuracy {:.3f}", right);
      return reached = options.until && right >= *options.until;
    };
  out.trained = trained_on_examples(common, taught, "training", out.model, task, figure);
  out.model.weights = out.trained.weights;
  if (options.until) {
    out.more["until_reached"] = reached;
    if (!reached)
      remark(common.quiet, fmt::format("--until {}: not reached in {} batches; --steps gives more",
                                       *options.until, out.trained.loss.size()));
  }
  out.eval = evaluated(out.model, task, options);
  return out;
}

/// On texts that go on from a prompt: those that the model writes itself.
Outcome train_on_hindsight(const Common& common, const Training& options) {
  const RewardOptions rewards = reward_options(options);
  RewardTask task = continued_task(common, rewards, rewards.learning);
  Outcome out;
  out.model = std::move(task.model);
  out.model.weights.config.value = false;
  out.model.weights.value.clear();
  if (!common.json) say("{:15} {}\n", "target", task.told);
  const auto lessons = hindsight_lessons(rewards, out.model);
  remark(common.quiet, fmt::format("assay: {} texts to learn from", lessons.size()));
  tell_of_checkpoint(common, options, out.model);
  out.more = std::move(task.more);
  out.more["texts"] = lessons.size();
  out.more["before"] = task.eval(models::Gpt(out.model));
  out.trained = trained(common, options, "training", out.model.weights, [&](RandomStream& stream) {
    return lessons[stream.below(static_cast<std::uint32_t>(lessons.size()))];
  });
  out.model.weights = out.trained.weights;
  out.eval = task.eval(models::Gpt(out.model));
  out.eval["fpr_before"] = out.more["before"]["fpr"];
  out.answers = rows_of(task.solved->front(), "base", options.task);
  const auto rows = rows_of(task.solved->back(), "trained", options.task);
  out.answers.insert(out.answers.end(), rows.begin(), rows.end());
  if (!rewards.answers.empty()) write_answers(task.solved->back(), rewards.answers);
  return out;
}

/// On the few questions of which a right chain is known.
Outcome train_sft(const Common& common, const Training& options) {
  if (is_continued(options.task)) return train_on_hindsight(common, options);
  const explore::Task task = tasks::open(options.task, {options.problems, 1});
  if (!task.reasoning)
    throw Error(fmt::format("--task {}: it has no demonstrations; there is arithmetic, and stories",
                            options.task),
                ExitCode::usage);
  if (options.from.empty())
    throw Error(
        fmt::format("sft goes on with a model; make one with `assay train base --task {} -o "
                    "base.gpt` and give it as --from",
                    options.task),
        ExitCode::usage);
  const explore::Reasoning& reasoning = *task.reasoning;
  Outcome out;
  out.model = beginning(options, task);
  out.model.weights.config.value = false;
  out.model.weights.value.clear();
  std::vector<models::Lesson> lessons;
  for (const search::Problem& problem : reasoning.demonstrations)
    lessons.push_back(models::lesson_of(
        out.model, problem.prompt,
        reasoning.demonstration(problem) + reasoning.stop + reasoning.right(problem)));
  tell_of_checkpoint(common, options, out.model);
  const models::Model before = out.model;
  out.trained = trained(common, options, "training", out.model.weights, [&](RandomStream& stream) {
    return lessons[stream.below(static_cast<std::uint32_t>(lessons.size()))];
  });
  out.model.weights = out.trained.weights;
  const RewardOptions rewards = reward_options(options);
  const auto was = solved(task, models::Gpt(before), before, rewards),
             is = solved(task, models::Gpt(out.model), out.model, rewards);
  out.more["before"] = figures_of(was);
  out.eval = figures_of(is);
  out.eval["fpr_before"] = out.more["before"]["fpr"];
  out.answers = rows_of(was, "base", options.task);
  const auto rows = rows_of(is, "trained", options.task);
  out.answers.insert(out.answers.end(), rows.begin(), rows.end());
  if (!rewards.answers.empty()) write_answers(is, rewards.answers);
  return out;
}

}  // namespace assay::cli
