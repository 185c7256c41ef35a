// `assay train`: models of our own, trained for a task.
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <thread>

#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/base/hash.h"
#include "harness/base/text_file.h"
#include "harness/base/words.h"
#include "harness/cli/command.h"
#include "harness/cli/interrupt.h"
#include "harness/cli/json_output.h"
#include "harness/cli/terminal.h"
#include "harness/cli/train_memory.h"
#include "harness/cli/train_rewards.h"
#include "harness/cli/train_thinking.h"
#include "harness/explore/experiment.h"
#include "harness/models/gpt.h"
#include "harness/models/lessons.h"
#include "harness/models/model_room.h"
#include "harness/models/token_policy.h"
#include "harness/models/verifiers.h"
#include "harness/tasks/tasks.h"
#include "harness/train/checkpoint.h"

namespace assay::cli {

using nlohmann::json;

namespace {

struct Options {
  std::string method, task, from, policy, out, described;
  bool force = false;        ///< a model that stands at `out` is replaced
  double keep_seconds = 20;  ///< between two checkpoints
  std::shared_ptr<train::Checkpoint> checkpoint;
  models::Config config;
  models::TrainOptions train;
  std::optional<double> learning_rate;  ///< none: what did well on chains
  std::optional<double> until;          ///< base: the step accuracy that is enough
  std::size_t problems = 0;
  int rollouts = 8, jobs = 0;
  ThinkingWords thinking;
  RewardOptions rewards;  ///< what gflownet has of its own
};

/// The model to go on with, or a new one that knows the task's pieces.
models::Model beginning(const Options& options, const explore::Task& task) {
  if (!options.from.empty()) return models::load_own(options.from);
  models::Model model;
  model.tokenizer =
      std::make_shared<models::PieceTokenizer>(models::PieceTokenizer::of(task.pieces));
  models::Config config = options.config;
  config.vocabulary = model.tokenizer->size();
  if (const std::string trouble = models::trouble_of(config); !trouble.empty())
    throw Error(fmt::format("a model with these options {}", trouble), ExitCode::usage);
  model.weights = models::random_weights(config, options.train.seed);
  return model;
}

/// `what` is trained. Begins where the checkpoint says, where that has this training, and keeps it there
/// while it goes on.
models::Trained trained(const Common& common, const Options& options, const std::string& what,
                        const models::Weights& start,
                        const std::function<models::Lesson(RandomStream&)>& next,
                        const std::string& figure = "") {
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
models::Trained trained_on_examples(const Common& common, const Options& options,
                                    const std::string& what, const models::Model& model,
                                    const explore::Task& task, const std::string& figure = "") {
  const auto next = [&](RandomStream& stream) {
    const explore::Example example = task.example(stream);
    return models::lesson_of(model, example.prompt, example.answer);
  };
  return trained(common, options, what, model.weights, next, figure);
}

/// Means of at most a hundred stretches of equal length.
std::vector<double> thinned(const std::vector<double>& loss) {
  const std::size_t points = std::min<std::size_t>(100, loss.size());
  std::vector<double> out;
  for (std::size_t i = 0; i < points; ++i) {
    const std::size_t begin = i * loss.size() / points, end = (i + 1) * loss.size() / points;
    double sum = 0;
    for (std::size_t k = begin; k < end; ++k) sum += loss[k];
    out.push_back(sum / static_cast<double>(end - begin));
  }
  return out;
}

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
json evaluated(const models::Model& model, const explore::Task& task, const Options& options) {
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

/// Opens what an earlier call left, and says so.
void tell_of_checkpoint(const Common& common, const Options& options, const models::Model& model) {
  const std::string found = options.checkpoint->open(model.weights.config);
  if (!found.empty()) remark(common.quiet, found);
}

struct Outcome {
  models::Model model;
  models::Trained trained;
  json eval, more = json::object();            ///< `more` stands beside it in --json
  std::vector<store::TrainingAnswer> answers;  ///< what else a report needs
};

Outcome train_base(const Common& common, const Options& options) {
  const explore::Task task = tasks::open(options.task, {options.problems, 1});
  if (!task.example)
    throw Error(fmt::format("--task {}: it has no examples to train on", options.task),
                ExitCode::usage);
  Outcome out;
  out.model = beginning(options, task);
  out.model.weights.config.value = false;  // what a head was worth was another trunk's
  out.model.weights.value.clear();
  tell_of_checkpoint(common, options, out.model);
  Options taught = options;
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

/// Problems that may be learned from, with the truth about them: those that the task keeps for
/// calibrating, of as many seeds as it takes. Those on which a search is tried are never among them.
std::vector<explore::Task> problems_to_learn(const Options& options) {
  std::vector<explore::Task> out;
  std::set<std::string> seen;
  for (std::size_t added = 1; added > 0 && seen.size() < options.problems;) {
    // Seeds that nobody types: what a verifier is calibrated on later is new to it, where there is more.
    RandomStream seeds(options.train.seed, fmt::format("problems {}", out.size()));
    const explore::Task task = tasks::open(options.task, {0, seeds.next() >> 1});
    if (!task.calibration)
      throw Error(
          fmt::format("--task {}: all of its problems are to be solved, and none is left to "
                      "learn from",
                      options.task),
          ExitCode::usage);
    explore::Task part = task.calibration();
    added = 0;
    std::vector<search::Problem> fresh;
    for (search::Problem& problem : part.problems) {
      if (seen.size() >= options.problems) break;
      if (!seen.insert(problem.prompt.empty() ? problem.task_id : problem.prompt).second) continue;
      fresh.push_back(std::move(problem));
      ++added;
    }
    part.problems = std::move(fresh);
    out.push_back(std::move(part));
  }
  return out;
}

/// Whole answers of the policy to a problem. Throws as the policy does.
std::vector<search::Prefix> answers_of(search::Policy& policy, const search::Problem& problem,
                                       const Options& options) {
  std::vector<search::Prefix> prefixes(static_cast<std::size_t>(options.rollouts),
                                       policy.open(problem));
  for (;;) {
    std::vector<search::Ask> asks;
    std::vector<std::size_t> which;
    for (std::size_t i = 0; i < prefixes.size(); ++i) {
      if (prefixes[i]->finish != search::Finish::open) continue;
      const std::string name = fmt::format("rollout {}\n{}\n{}\n{}", problem.task_id,
                                           problem.prompt, i, prefixes[i]->depth);
      asks.push_back({prefixes[i], RandomStream(options.train.seed, name)});
      which.push_back(i);
    }
    if (asks.empty()) return prefixes;
    const std::vector<search::Prefix> next = policy.extend(asks);
    for (std::size_t k = 0; k < which.size(); ++k) prefixes[which[k]] = next[k];
  }
}

/// An answer with the truth after each of its steps: a prefix is right until its fault, where the task
/// can tell, else where its end is. No targets where the model cannot read it.
models::Lesson judged(const models::Model& model, const explore::Task& task,
                      const search::Problem& problem, const search::Prefix& end) {
  const bool right = task.truth(problem, end) >= 0.5;
  models::Lesson lesson;
  const auto prompt = models::prompt_tokens(*model.tokenizer, problem.prompt);
  if (!prompt) return lesson;
  lesson.tokens = *prompt;
  for (int depth = 1; depth <= end->depth; ++depth) {
    const search::Prefix prefix = search::first_steps(end, depth);
    const auto tokens = models::step_tokens(*model.tokenizer, problem, *prefix);
    if (!tokens) return {};
    if (tokens->empty()) continue;
    lesson.tokens.insert(lesson.tokens.end(), tokens->begin(), tokens->end());
    lesson.targets.resize(lesson.tokens.size(), -1);
    lesson.targets.back() = task.tells_prefixes && prefix->finish == search::Finish::open
                                ? !task.fault(problem, prefix)
                                : right;
  }
  if (lesson.tokens.size() > static_cast<std::size_t>(model.weights.config.context)) return {};
  return lesson;
}

/// How well the value of whole answers and of their prefixes tells right from wrong: the chance that a
/// right one of two scores more.
std::optional<double> auc(std::vector<std::pair<double, bool>> scored) {
  std::sort(scored.begin(), scored.end());
  double below = 0, wins = 0;
  std::int64_t right = 0;
  for (std::size_t begin = 0; begin < scored.size();) {
    std::size_t end = begin;
    double good = 0, bad = 0;
    for (; end < scored.size() && scored[end].first == scored[begin].first; ++end)
      (scored[end].second ? good : bad) += 1;
    wins += good * (below + bad / 2);
    below += bad;
    right += static_cast<std::int64_t>(good);
    begin = end;
  }
  if (right == 0 || below == 0) return std::nullopt;
  return wins / (static_cast<double>(right) * below);
}

constexpr std::string_view kOurs = "gpt:";

Outcome train_prm(const Common& common, const Options& options) {
  const bool ours = options.policy.starts_with(kOurs);
  if (!ours && !options.policy.starts_with(models::kLlama2cPrefix))
    throw Error(fmt::format("--policy {}: write gpt:FILE or {}FILE,TOKENIZER, whose answers are "
                            "learned from",
                            options.policy, models::kLlama2cPrefix),
                ExitCode::usage);
  const std::string path = ours ? options.policy.substr(kOurs.size()) : options.policy;
  Outcome out;
  out.model = models::load_own(options.from.empty() ? path : options.from);
  models::Weights& weights = out.model.weights;
  weights.config.value = true;
  weights.value.resize(static_cast<std::size_t>(weights.config.dim) + 1);
  tell_of_checkpoint(common, options, out.model);
  const auto policy_model = std::make_shared<models::Gpt>(models::load_own(path));
  std::vector<models::Lesson> all;
  // The last tenth of the problems tells how much was learned.
  std::size_t done = 0, kept = 0;
  ProgressBar bar(common.quiet);
  const std::vector<explore::Task> parts = problems_to_learn(options);
  std::size_t problems = 0;
  for (const explore::Task& part : parts) problems += part.problems.size();
  for (const explore::Task& part : parts) {
    models::TokenPolicy policy(policy_model, part.step, {});
    for (const search::Problem& problem : part.problems) {
      if (stop_on_signals()) throw explore::Interrupted();
      for (const search::Prefix& answer : answers_of(policy, problem, options)) {
        models::Lesson lesson = judged(out.model, part, problem, answer);
        if (!lesson.targets.empty()) all.push_back(std::move(lesson));
      }
      if (++done <= problems - problems / 10) kept = all.size();
      bar.show("problems answered", static_cast<std::int64_t>(done),
               static_cast<std::int64_t>(problems));
    }
  }
  bar.clear();
  if (kept == 0)
    throw Error(fmt::format("--task {}: none of the policy's answers can be read by the model",
                            options.task));
  out.trained = trained(common, options, "training", weights, [&](RandomStream& stream) {
    return all[stream.below(static_cast<std::uint32_t>(kept))];
  });
  weights = out.trained.weights;
  const models::Gpt gpt(out.model);
  std::vector<std::pair<double, bool>> scored, answers;
  for (std::size_t i = kept; i < all.size(); ++i) {
    const std::vector<double> values = gpt.values(models::chain(nullptr, all[i].tokens));
    for (std::size_t k = 0; k < values.size(); ++k)
      if (all[i].targets[k] >= 0) scored.emplace_back(values[k], all[i].targets[k] == 1);
    if (!scored.empty()) answers.push_back(scored.back());
  }
  out.eval = {{"rollouts", all.size()},
              {"auc_prefixes", to_json(auc(std::move(scored)))},
              {"auc", to_json(auc(std::move(answers)))}};
  return out;
}

/// star, shortest and metareason, on a base that is trained first where none is given.
Outcome train_to_think(const Common& common, const Options& options) {
  const explore::Task task =
      thinking_task(options.task, options.problems, options.thinking.eval_on);
  Outcome out;
  out.model = beginning(options, task);
  tell_of_checkpoint(common, options, out.model);
  std::optional<models::Weights>& kept_base = options.checkpoint->kept.base;
  if (options.from.empty()) {
    Options base = options;
    base.train.steps = options.thinking.base_steps;
    base.train.learning_rate = 5e-3;
    base.train.batch = 256;
    if (!kept_base)
      kept_base = trained_on_examples(common, base, "training the base", out.model, task).weights;
    out.model.weights = *kept_base;
  }
  ThinkingWords words = options.thinking;
  words.options.train = options.train;
  words.options.jobs = options.jobs;
  LearnedToThink learned = learn_to_think(common, options.method, task, out.model, words,
                                          options.problems, *options.checkpoint);
  out.trained = std::move(learned.trained);
  out.model.weights = out.trained.weights;
  out.eval = std::move(learned.eval), out.more = std::move(learned.more);
  return out;
}

RewardOptions reward_options(const Options& options) {
  RewardOptions rewards = options.rewards;
  rewards.method = options.method, rewards.task = options.task, rewards.from = options.from;
  rewards.config = options.config, rewards.train = options.train, rewards.jobs = options.jobs;
  rewards.problems = options.problems, rewards.answers = options.thinking.answers;
  rewards.eval_on = options.thinking.eval_on, rewards.filter = options.thinking.filter;
  rewards.train.threads = 1;       // so small a model gains nothing from more
  rewards.train.weight_decay = 0;  // which would pull it off the posterior
  rewards.train.warm_up = 20;
  return rewards;
}

Outcome train_by_rewards(const Common& common, const Options& options) {
  LearnedPolicy learned = learn_from_rewards(common, reward_options(options), *options.checkpoint);
  Outcome out;
  out.model = std::move(learned.model);
  out.trained.loss = std::move(learned.loss);
  out.eval = std::move(learned.eval), out.more = std::move(learned.more);
  out.answers = std::move(learned.answers);
  return out;
}

/// Of the families of tasks that star learns on.
Outcome train_star(const Common& common, const Options& options) {
  return is_reasoning(options.task) || is_continued(options.task)
             ? train_by_rewards(common, options)
             : train_to_think(common, options);
}

/// On the few questions of which a right chain is known.
Outcome train_sft(const Common& common, const Options& options) {
  const explore::Task task = tasks::open(options.task, {options.problems, 1});
  if (!task.reasoning)
    throw Error(
        fmt::format("--task {}: it has no demonstrations; there is arithmetic", options.task),
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

struct Method {
  const char* name;
  double learning_rate;  ///< unless another one is asked for
  Outcome (*train)(const Common&, const Options&);
};
constexpr Method kMethods[] = {{"base", 5e-3, train_base},
                               {"sft", 1e-3, train_sft},
                               {"prm", 2e-3, train_prm},
                               {"star", 1e-3, train_star},
                               {"shortest", 1e-3, train_to_think},
                               {"metareason", 1e-3, train_to_think},
                               {"reinforce", 5e-4, train_by_rewards},
                               {"ppo", 5e-4, train_by_rewards},
                               {"gflownet", 2e-3, train_by_rewards}};

bool learns_from_rewards(const Options& options) {
  for (const Method& method : kMethods)
    if (options.method == method.name && method.train == train_by_rewards) return true;
  return options.method == "star" && (is_reasoning(options.task) || is_continued(options.task));
}

bool learns_to_think(const Options& options) {
  return !learns_from_rewards(options) &&
         (options.method == "star" || options.method == "shortest" ||
          options.method == "metareason");
}

/// A file by its name and by what is in it; a model of llama2.c's is two.
json file_of(const std::string& path) {
  if (!path.starts_with(models::kLlama2cPrefix))
    return {{"file", path}, {"sha256", sha256(read_file_bytes(path))}};
  std::string all;
  for (const std::string& part : split(path.substr(std::strlen(models::kLlama2cPrefix)), ','))
    all += sha256(read_file_bytes(part));
  return {{"file", path}, {"sha256", sha256(all)}};
}

/// All that the weights follow from; what only the evaluation depends on is not among it.
json recipe_of(const Options& options) {
  const models::TrainOptions& train = options.train;
  json words = {{"batch", train.batch}, {"learning_rate", train.learning_rate}};
  const bool thinks = learns_to_think(options);
  const bool on_examples =
      options.method == "base" || options.method == "sft" || options.method == "prm";
  if (thinks || on_examples)
    words.update({{"threads", train.threads},
                  {"warm_up", train.warm_up},
                  {"weight_decay", train.weight_decay},
                  {"clip", train.clip}});
  if (!thinks) words["steps"] = train.steps;
  if (thinks) words.update(thinking_recipe(options.method, options.thinking));
  if (learns_from_rewards(options)) words.update(reward_recipe(reward_options(options)));
  if (train.lora_rank > 0) words["lora"] = train.lora_rank, words["lora_alpha"] = train.lora_alpha;
  if (thinks && options.from.empty()) words["base_steps"] = options.thinking.base_steps;
  if (options.method == "base") words["until"] = to_json(options.until);
  if (options.method == "prm")
    words["problems"] = options.problems, words["rollouts"] = options.rollouts;
  const models::Config& config = options.config;
  if (options.from.empty() && options.method != "prm")
    words.update({{"dim", config.dim},
                  {"hidden", config.hidden},
                  {"layers", config.layers},
                  {"heads", config.heads},
                  {"kv_heads", config.kv_heads},
                  {"context", config.context}});
  json recipe = {{"method", options.method},
                 {"task", options.task},
                 {"seed", train.seed},
                 {"version", ASSAY_VERSION},
                 {"options", std::move(words)}};
  if (!options.from.empty()) recipe["from"] = file_of(options.from);
  if (options.policy.starts_with(kOurs))
    recipe["policy"] = file_of(options.policy.substr(kOurs.size()));
  else if (!options.policy.empty())
    recipe["policy"] = file_of(options.policy);
  if (options.task.ends_with(".json")) recipe["task_file"] = file_of(options.task);
  const std::size_t comma = options.task.find(',');
  if (comma != options.task.npos) recipe["task_file"] = file_of(options.task.substr(comma + 1));
  if (!options.rewards.judge.empty() && learns_from_rewards(options))
    recipe["judge"] = file_of(options.rewards.judge);
  return recipe;
}

/// What an earlier training would have to be for this one to go on from it.
json without_names(json recipe) {
  for (const char* file : {"from", "policy", "task_file", "judge"})
    if (recipe.contains(file)) recipe[file].erase("file");
  return recipe;
}

/// Before hours of work, not behind them: that the result can be written, and what it would replace.
void check_output(const Options& options, const json& recipe) {
  namespace fs = std::filesystem;
  const std::string folder = fs::path(options.out).parent_path().string();
  if (access(folder.empty() ? "." : folder.c_str(), W_OK) != 0)
    throw Error(fmt::format("-o {}: its folder is not there, or cannot be written to", options.out),
                ExitCode::usage);
  if (!fs::exists(fs::symlink_status(options.out))) return;
  models::Model there;
  try {
    there = models::load_own(options.out);
  } catch (const Error&) {
    throw Error(fmt::format("-o {}: what is there is no model of assay's, and is not replaced; "
                            "move it away, or choose another name",
                            options.out),
                ExitCode::usage);
  }
  if (options.force || train::recipe_in(there.made) == recipe) return;
  throw Error(fmt::format("-o {}: a model is there that was made in another way; --force replaces "
                          "it, `assay train --describe {}` says how it was made",
                          options.out, options.out),
              ExitCode::usage);
}

/// --describe.
int describe(const Common& common, const std::string& path) {
  const models::Model model = models::load_own(path);
  const json made = train::recipe_in(model.made);
  const models::Config& c = model.weights.config;
  std::int64_t weights = 0;
  for (const models::Part& part : models::parts_of(c)) weights += part.count();
  const json shape = {
      {"dim", c.dim},         {"hidden", c.hidden},     {"layers", c.layers},
      {"heads", c.heads},     {"kv_heads", c.kv_heads}, {"vocabulary", c.vocabulary},
      {"context", c.context}, {"value_head", c.value},  {"weights", weights}};
  if (common.json) {
    print_json({{"file", path}, {"model", shape}, {"made", made}});
    return 0;
  }
  const auto line = [](const std::string& key, const json& value) {
    say("{:15} {}\n", key, value.is_string() ? value.get<std::string>() : json_text(value));
  };
  say("{}\n", path);
  for (const auto& [key, value] : shape.items()) line(key, value);
  if (made.is_null()) say("How it was made, the file does not say.\n");
  for (const auto& [key, value] : made.items())
    if (key != "options") line(key, value);
  if (made.is_object() && made.contains("options") && made["options"].is_object())
    for (const auto& [key, value] : made["options"].items()) line(key, value);
  return 0;
}

/// The most memory that this process has held so far.
double memory_mib() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return static_cast<double>(used.ru_maxrss) / 1024;
}

int train_command(const Common& common, Options options, const CLI::App& command) {
  if (!options.described.empty()) return describe(common, options.described);
  for (const auto& [name, value] : {std::pair{"METHOD", &options.method},
                                    {"--task", &options.task},
                                    {"--output", &options.out}})
    if (value->empty())
      throw Error(fmt::format("{} is required; `assay train --help` has examples", name),
                  ExitCode::usage);
  if (options.jobs == 0)
    options.jobs = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  options.train.threads = options.jobs;
  if (options.train.lora_rank > 0 && options.from.empty() && options.method != "prm")
    throw Error("--lora: it needs a model to add to; name one by --from", ExitCode::usage);
  const Method& method =
      *std::find_if(std::begin(kMethods), std::end(kMethods),
                    [&](const Method& one) { return options.method == one.name; });
  options.train.learning_rate = options.learning_rate.value_or(method.learning_rate);
  if (options.method == "prm" && options.problems == 0) options.problems = 2000;
  json recipe = recipe_of(options);
  check_output(options, recipe);
  options.checkpoint = std::make_shared<train::Checkpoint>(
      options.out + ".partial", without_names(recipe), options.keep_seconds);
  const auto begin = kSteadyClock.now();
  Outcome outcome;
  try {
    outcome = method.train(common, options);
  } catch (const explore::Interrupted&) {
    const std::string& where = options.checkpoint->where();
    remark(false, where.empty()
                      ? "assay: interrupted; nothing was kept, and the same command begins anew"
                      : fmt::format("assay: interrupted; {} keeps {}, and the same command goes on "
                                    "from there",
                                    options.checkpoint->path(), where));
    return static_cast<int>(ExitCode::interrupted);
  }
  const double seconds = kSteadyClock.seconds_since(begin);
  models::save(outcome.model.weights, *outcome.model.tokenizer, options.out, json_text(recipe));
  options.checkpoint->remove();
  const models::Trained& trained = outcome.trained;
  json record = {{"method", options.method},   {"task", options.task},
                 {"seed", options.train.seed}, {"steps", trained.loss.size()},
                 {"seconds", seconds},         {"loss", thinned(trained.loss)},
                 {"eval", outcome.eval},       {"memory_mib", memory_mib()}};
  record["tokens_per_second"] =
      trained.seconds > 0 ? json(static_cast<double>(trained.tokens) / trained.seconds) : json();
  record.update(outcome.more);
  record["options"] = recipe["options"];
  keep_training(common.db, command, record, std::move(outcome.answers));
  if (common.json) {
    print_json(record);
    return 0;
  }
  say("{}: {} steps in {:.1f} s\n", options.out, outcome.trained.loss.size(), seconds);
  if (!outcome.trained.loss.empty())
    say("{:15} {}\n", "loss", number(thinned(outcome.trained.loss).back()));
  for (const auto& [key, value] : outcome.eval.items())
    say("{:15} {}\n", key,
        value.is_number_float() ? number(value.get<double>()) : json_text(value));
  return 0;
}

}  // namespace

Act add_train(CLI::App& command, const Common& common) {
  auto options = std::make_shared<Options>();
  std::vector<std::string> methods;
  for (const Method& method : kMethods) methods.emplace_back(method.name);
  command
      .add_option(
          "method", options->method,
          "base: the next token of right answers; prm: the truth about a policy's own answers, "
          "as a value head; star, shortest, metareason: when to think, from what a filter keeps of its "
          "own answers; gflownet: sequences as often as they are worth; reinforce: those that are worth most")
      ->check(CLI::IsMember(methods));
  command.add_option("--task", options->task, "What it is trained for: as `assay search` has it");
  command.add_option(
      "-o,--output", options->out,
      "The file to write. FILE.partial keeps where the training stands, and the same "
      "command goes on from there");
  command.add_flag(
      "--force", options->force,
      "A model that is there already is replaced, also where it was made in another way");
  command
      .add_option("--keep-every", options->keep_seconds,
                  "Seconds between two writings of FILE.partial (0: after each step)")
      ->check(CLI::Range(0.0, 86400.0))
      ->capture_default_str();
  command.add_option("--describe", options->described,
                     "Trains nothing: says how the model in this file was made");
  command.add_option(
      "--from", options->from,
      "A model to go on with: FILE, or llama2c:FILE,TOKENIZER (default: a new one; prm: "
      "the policy's; on symbols a model of its source, which is the reward's first "
      "factor too)");
  command
      .add_option("--lora", options->train.lora_rank,
                  "Learns what is added to the matrices of attention of --from, as products of "
                  "matrices of this rank (LoRA), and a value head; 0: all weights")
      ->check(CLI::Range(0, 8192))
      ->capture_default_str();
  command
      .add_option("--lora-alpha", options->train.lora_alpha,
                  "--lora: what is added counts alpha/rank times")
      ->check(CLI::Range(1e-3, 1e6))
      ->capture_default_str();
  command.add_option("--policy", options->policy,
                     "prm: whose answers are learned from (gpt:FILE or llama2c:FILE,TOKENIZER)");
  command.add_option("--rollouts", options->rollouts, "prm: answers for each problem")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
  command
      .add_option(
          "--problems", options->problems,
          "base: only so many in the evaluation; prm: so many to learn from (default: 2000)")
      ->check(CLI::PositiveNumber);
  command.add_option("--steps", options->train.steps, "Batches to learn from")
      ->check(CLI::Range(1, 10'000'000))
      ->capture_default_str();
  command
      .add_option(
          "--until", options->until,
          "base: stops earlier, where it takes this share of the steps of right answers itself "
          "(checked after every 10 batches): for a policy that errs as much as is wanted")
      ->check(CLI::Range(0.0, 1.0));
  command.add_option("--batch", options->train.batch, "Texts in each")
      ->check(CLI::Range(1, 65536))
      ->capture_default_str();
  command
      .add_option(
          "--learning-rate", options->learning_rate,
          "At its height (default: base 0.005, prm 0.002, gflownet and reinforce 0.0005, others 0.001)")
      ->check(CLI::Range(1e-9, 1.0));
  command.add_option("--seed", options->train.seed, "Seed of weights and examples")
      ->capture_default_str();
  command
      .add_option("-j,--jobs", options->jobs,
                  "Threads (default: one per CPU; one where the machine is shared)")
      ->check(CLI::Range(1, 1024));
  models::Config& config = options->config;
  command.add_option("--dim", config.dim, "A new model: numbers in a token's vector")
      ->capture_default_str();
  command.add_option("--hidden", config.hidden, "A new model: width of the feed-forward part")
      ->capture_default_str();
  command.add_option("--layers", config.layers, "A new model: layers")->capture_default_str();
  command.add_option("--heads", config.heads, "A new model: heads of attention")
      ->capture_default_str();
  command.add_option("--kv-heads", config.kv_heads, "A new model: heads with keys of their own")
      ->capture_default_str();
  command.add_option("--context", config.context, "A new model: tokens that it can read")
      ->capture_default_str();
  add_thinking_options(command, options->thinking);
  add_reward_options(command, options->rewards);
  command.footer(
      "Example: assay train base --task chains --steps 3000 --batch 256 --until 0.86 -o chains.gpt\n"
      "         assay train prm --task chains --policy gpt:chains.gpt -o chains.prm\n"
      "         assay search --task chains --policy gpt:chains.gpt --verifier prm:chains.prm\n"
      "         assay train metareason --task thoughts -o thinker.gpt\n"
      "         assay train gflownet --task symbols --dim 64 --hidden 128 --steps 2400 -o symbols.gpt\n"
      "         assay train gflownet --task rewards.json -o policy.gpt\n"
      "         assay train gflownet --task stories --from llama2c:stories260K.bin,tok512.bin --lora 8 -o tales.gpt\n"
      "         assay train gflownet --task symbols --from base.gpt --lora 8 -o symbols.gpt\n"
      "         assay train --describe chains.gpt\n"
      "         assay train star --task thoughts --filter fpr=0.15 --db learned.db -o star.gpt\n"
      "         assay report --db learned.db -o learned.html");
  return [&common, &command, options] { return train_command(common, *options, command); };
}

}  // namespace assay::cli
