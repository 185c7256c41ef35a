// `assay train`: models of our own, trained for a task.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <thread>

#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/cli/command.h"
#include "harness/cli/interrupt.h"
#include "harness/cli/json_output.h"
#include "harness/cli/terminal.h"
#include "harness/cli/train_gflownet.h"
#include "harness/cli/train_memory.h"
#include "harness/cli/train_thinking.h"
#include "harness/explore/experiment.h"
#include "harness/models/gpt.h"
#include "harness/models/lessons.h"
#include "harness/models/model_room.h"
#include "harness/models/token_policy.h"
#include "harness/models/verifiers.h"
#include "harness/tasks/tasks.h"

namespace assay::cli {

using nlohmann::json;

namespace {

struct Options {
  std::string method, task, from, policy, out;
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
models::OwnModel beginning(const Options& options, const explore::Task& task) {
  if (!options.from.empty()) return models::load_own(options.from);
  models::OwnModel model;
  model.tokenizer =
      std::make_shared<models::PieceTokenizer>(models::PieceTokenizer::of(task.pieces));
  models::Config config = options.config;
  config.vocabulary = model.tokenizer->size();
  if (const std::string trouble = models::trouble_of(config); !trouble.empty())
    throw Error(fmt::format("a model with these options {}", trouble), ExitCode::usage);
  model.weights = models::random_weights(config, options.train.seed);
  return model;
}

models::Model plain(const models::OwnModel& model) { return {model.weights, model.tokenizer}; }

models::Trained trained(const Common& common, const Options& options, const models::Weights& start,
                        const std::function<models::Lesson(RandomStream&)>& next) {
  ProgressBar bar(common.quiet);
  models::Trained out = models::model_room().train(
      start, next, options.train, stop_on_signals(),
      [&](int done) { bar.show("training", done, options.train.steps); });
  bar.clear();
  if (out.stopped) throw explore::Interrupted();
  return out;
}

/// On the task's right answers.
models::Trained trained_on_examples(const Common& common, const Options& options,
                                    const models::OwnModel& model, const explore::Task& task) {
  return trained(common, options, model.weights, [&](RandomStream& stream) {
    const explore::Example example = task.example(stream);
    return models::lesson_of(model, example.prompt, example.answer);
  });
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
std::optional<double> step_accuracy(const models::OwnModel& model, const models::Gpt& gpt,
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
json evaluated(const models::OwnModel& model, const explore::Task& task, const Options& options) {
  const auto gpt = std::make_shared<models::Gpt>(plain(model));
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

struct Outcome {
  models::OwnModel model;
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
  Options taught = options;
  bool reached = false;
  if (options.until)
    taught.train.enough = [&](const models::Weights& weights) {
      const models::Gpt now({weights, out.model.tokenizer});
      return reached = step_accuracy(out.model, now, task, options.train.seed, "checked example")
                           .value_or(0) >= *options.until;
    };
  out.trained = trained_on_examples(common, taught, out.model, task);
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
models::Lesson judged(const models::OwnModel& model, const explore::Task& task,
                      const search::Problem& problem, const search::Prefix& end) {
  const bool right = task.truth(problem, end) >= 0.5;
  models::Lesson lesson;
  const auto prompt = models::prompt_tokens(*model.tokenizer, problem.prompt);
  if (!prompt) return lesson;
  lesson.tokens = *prompt;
  for (int depth = 1; depth <= end->depth; ++depth) {
    const search::Prefix prefix = search::first_steps(end, depth);
    const auto tokens = model.tokenizer->encode(prefix->text);
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

Outcome train_prm(const Common& common, const Options& options) {
  constexpr std::string_view kOurs = "gpt:";
  if (!options.policy.starts_with(kOurs))
    throw Error(
        fmt::format("--policy {}: write gpt:FILE, whose answers are learned from", options.policy),
        ExitCode::usage);
  const std::string path = options.policy.substr(kOurs.size());
  Outcome out;
  out.model = models::load_own(options.from.empty() ? path : options.from);
  models::Weights& weights = out.model.weights;
  weights.config.value = true;
  weights.value.resize(static_cast<std::size_t>(weights.config.dim) + 1);
  const auto policy_model = std::make_shared<models::Gpt>(models::load(path));
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
  out.trained = trained(common, options, weights, [&](RandomStream& stream) {
    return all[stream.below(static_cast<std::uint32_t>(kept))];
  });
  weights = out.trained.weights;
  const models::Gpt gpt(plain(out.model));
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
  const explore::Task task = thinking_task(options.task, options.problems);
  Outcome out;
  out.model = beginning(options, task);
  if (options.from.empty()) {
    Options base = options;
    base.train.steps = options.thinking.base_steps;
    base.train.learning_rate = 5e-3;
    base.train.batch = 256;
    out.model.weights = trained_on_examples(common, base, out.model, task).weights;
  }
  ThinkingWords words = options.thinking;
  words.options.train = options.train;
  words.options.jobs = options.jobs;
  LearnedToThink learned =
      learn_to_think(common, options.method, task, out.model, words, options.problems);
  out.model.weights = std::move(learned.weights);
  out.trained.loss = std::move(learned.loss);
  out.eval = std::move(learned.eval), out.more = std::move(learned.more);
  out.answers = std::move(learned.answers);
  return out;
}

Outcome train_by_rewards(const Common& common, const Options& options) {
  RewardOptions rewards = options.rewards;
  rewards.method = options.method, rewards.task = options.task, rewards.from = options.from;
  rewards.config = options.config, rewards.train = options.train;
  rewards.train.threads = 1;       // so small a model gains nothing from more
  rewards.train.weight_decay = 0;  // which would pull it off the posterior
  rewards.train.warm_up = 20;
  LearnedPolicy learned = learn_from_rewards(common, rewards);
  Outcome out;
  out.model = std::move(learned.model);
  out.trained.loss = std::move(learned.loss);
  out.eval = std::move(learned.eval), out.more = std::move(learned.more);
  return out;
}

struct Method {
  const char* name;
  double learning_rate;  ///< unless another one is asked for
  Outcome (*train)(const Common&, const Options&);
};
constexpr Method kMethods[] = {
    {"base", 5e-3, train_base},           {"prm", 2e-3, train_prm},
    {"star", 1e-3, train_to_think},       {"shortest", 1e-3, train_to_think},
    {"metareason", 1e-3, train_to_think}, {"gflownet", 5e-4, train_by_rewards},
    {"reinforce", 5e-4, train_by_rewards}};

int train_command(const Common& common, Options options, const CLI::App& command) {
  if (options.jobs == 0)
    options.jobs = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  options.train.threads = options.jobs;
  const Method& method =
      *std::find_if(std::begin(kMethods), std::end(kMethods),
                    [&](const Method& one) { return options.method == one.name; });
  options.train.learning_rate = options.learning_rate.value_or(method.learning_rate);
  if (options.method == "prm" && options.problems == 0) options.problems = 2000;
  const auto begin = kSteadyClock.now();
  Outcome outcome = method.train(common, options);
  const double seconds = kSteadyClock.seconds_since(begin);
  models::save(outcome.model.weights, *outcome.model.tokenizer, options.out);
  json record = {{"method", options.method},   {"task", options.task},
                 {"seed", options.train.seed}, {"steps", outcome.trained.loss.size()},
                 {"seconds", seconds},         {"loss", thinned(outcome.trained.loss)},
                 {"eval", outcome.eval}};
  record.update(outcome.more);
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
      ->required()
      ->check(CLI::IsMember(methods));
  command.add_option("--task", options->task, "What it is trained for: as `assay search` has it")
      ->required();
  command.add_option("-o,--output", options->out, "The file to write")->required();
  command.add_option("--from", options->from,
                     "A model to go on with (default: a new one; prm: the policy's; on symbols a "
                     "model of its source, which is the reward's first factor too)");
  command.add_option("--policy", options->policy, "prm: whose answers are learned from (gpt:FILE)");
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
  add_gflownet_options(command, options->rewards);
  command.footer(
      "Example: assay train base --task chains --steps 3000 --batch 256 --until 0.86 -o chains.gpt\n"
      "         assay train prm --task chains --policy gpt:chains.gpt -o chains.prm\n"
      "         assay search --task chains --policy gpt:chains.gpt --verifier prm:chains.prm\n"
      "         assay train metareason --task thoughts -o thinker.gpt\n"
      "         assay train gflownet --task symbols --dim 64 --hidden 128 --steps 2400 -o symbols.gpt\n"
      "         assay train gflownet --task rewards.json -o policy.gpt\n"
      "         assay train star --task thoughts --filter fpr=0.15 --db learned.db -o star.gpt\n"
      "         assay report --db learned.db -o learned.html");
  return [&common, &command, options] {
    try {
      return train_command(common, *options, command);
    } catch (const explore::Interrupted&) {
      return static_cast<int>(ExitCode::interrupted);
    }
  };
}

}  // namespace assay::cli
