// `assay train`: models of our own, trained for a task.
#include <fmt/format.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/base/words.h"
#include "harness/cli/command.h"
#include "harness/cli/json_output.h"
#include "harness/cli/output_path.h"
#include "harness/cli/terminal.h"
#include "harness/cli/train_memory.h"
#include "harness/cli/train_methods.h"
#include "harness/cli/train_recipe.h"
#include "harness/cli/train_rewards.h"
#include "harness/cli/train_thinking.h"
#include "harness/explore/experiment.h"
#include "harness/models/model_room.h"
#include "harness/store/facts.h"
#include "harness/train/checkpoint.h"

namespace assay::cli {

using nlohmann::json;

RewardOptions reward_options(const Training& options) {
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

namespace {

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

/// star, shortest and metareason, on a base that is trained first where none is given.
Outcome train_to_think(const Common& common, const Training& options) {
  const explore::Task task =
      thinking_task(options.task, options.problems, options.thinking.eval_on);
  Outcome out;
  out.model = beginning(options, task);
  tell_of_checkpoint(common, options, out.model);
  std::optional<models::Weights>& kept_base = options.checkpoint->kept.base;
  if (options.from.empty()) {
    Training base = options;
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
  out.answers = std::move(learned.answers);
  return out;
}

Outcome train_by_rewards(const Common& common, const Training& options) {
  LearnedPolicy learned = learn_from_rewards(common, reward_options(options), *options.checkpoint);
  Outcome out;
  out.model = std::move(learned.model);
  out.trained.loss = std::move(learned.loss);
  out.trained.tokens = learned.tokens, out.trained.seconds = learned.seconds;
  out.eval = std::move(learned.eval), out.more = std::move(learned.more);
  out.answers = std::move(learned.answers);
  return out;
}

/// Of the families of tasks that star learns on.
Outcome train_star(const Common& common, const Training& options) {
  return is_written(options.task) ? train_by_rewards(common, options)
                                  : train_to_think(common, options);
}

struct Method {
  const char* name;
  double learning_rate;  ///< unless another one is asked for
  Outcome (*train)(const Common&, const Training&);
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

/// The most memory that this process has held so far.
double memory_mib() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return static_cast<double>(used.ru_maxrss) / 1024;
}

constexpr const char* kNewModel = "A new model (without --from)";

/// An option that would do nothing is refused. Those of single methods stand in a group named after them.
void check_options(const Training& options, const CLI::App& command) {
  const auto names = [](const std::string& group, const std::string& method) {
    const std::vector<std::string> words = split(group, ' ');
    return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
      return word.substr(0, word.find(',')) == method;
    });
  };
  for (const CLI::Option* option : command.get_options()) {
    const std::string& group = option->get_group();
    if (option->count() == 0) continue;
    if (group == kNewModel && (!options.from.empty() || options.method == "prm"))
      throw Error(fmt::format("{}: it is of a new model, and {} goes on with one that has its own",
                              option->get_name(), options.method),
                  ExitCode::usage);
    const bool of_some =
        std::any_of(std::begin(kMethods), std::end(kMethods),
                    [&](const Method& method) { return names(group, method.name); });
    if (of_some && !names(group, options.method))
      throw Error(fmt::format("{}: {} has no such option; it is of {}", option->get_name(),
                              options.method, group),
                  ExitCode::usage);
  }
  if (command.count("--reward-temperature-first") > 0 &&
      options.rewards.learning.reward_temperature_steps == 0)
    throw Error(
        "--reward-temperature-first: it is where T begins, which is at its end at once without "
        "--reward-temperature-steps",
        ExitCode::usage);
}

/// A line each; those of a part stand behind its name and a dot.
void say_figures(const json& figures, const std::string& part) {
  for (const auto& [key, value] : figures.items()) {
    if (value.is_object())
      say_figures(value, part + key + ".");
    else
      say("{:15} {}\n", part + key,
          value.is_number_float() ? number(value.get<double>()) : json_text(value));
  }
}

int train_command(const Common& common, Training options, const CLI::App& command) {
  if (!options.described.empty()) return describe(common, options.described);
  for (const auto& [name, value] : {std::pair{"METHOD", &options.method},
                                    {"--task", &options.task},
                                    {"--output", &options.out}})
    if (value->empty())
      throw Error(fmt::format("{} is required; `assay train --help` has examples", name),
                  ExitCode::usage);
  check_options(options, command);
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
  refuse_database("-o", options.out, common.db);
  check_output(options, recipe);
  store::open(common.db, true);  // what it came to shall not be lost at the end
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
  say_figures(outcome.eval, "");
  return 0;
}

}  // namespace

Act add_train(CLI::App& command, const Common& common) {
  auto options = std::make_shared<Training>();
  std::vector<std::string> methods;
  for (const Method& method : kMethods) methods.emplace_back(method.name);
  command
      .add_option(
          "method", options->method,
          "base: the next token of right answers; sft: demonstrations of a task; prm: the truth about a "
          "policy's own answers, as a value head; star, shortest, metareason: when to think, from what a "
          "filter keeps of its own answers; reinforce, ppo: what is worth most (and star on arithmetic: what "
          "is accepted); gflownet: all as often as they are worth")
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
  command
      .add_option("--policy", options->policy,
                  "Whose answers are learned from (gpt:FILE or llama2c:FILE,TOKENIZER)")
      ->group("prm");
  command.add_option("--rollouts", options->rollouts, "Answers for each problem")
      ->group("prm")
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
      .add_option("--until", options->until,
                  "Stops earlier, where it takes this share of the steps of right answers itself "
                  "(checked after every 10 batches): for a policy that errs as much as is wanted")
      ->group("base")
      ->check(CLI::Range(0.0, 1.0));
  command.add_option("--batch", options->train.batch, "Texts in each")
      ->check(CLI::Range(1, 65536))
      ->capture_default_str();
  command
      .add_option(
          "--learning-rate", options->learning_rate,
          "At its height (default: base 0.005, prm 0.002, gflownet 0.002, reinforce and ppo 0.0005, others 0.001)")
      ->check(CLI::Range(1e-9, 1.0));
  command.add_option("--seed", options->train.seed, "Seed of weights and examples")
      ->capture_default_str();
  command
      .add_option("-j,--jobs", options->jobs,
                  "Threads (default: one per CPU; one where the machine is shared)")
      ->check(CLI::Range(1, 1024));
  models::Config& config = options->config;
  const auto add_shape = [&](const char* name, int& value, const char* help) {
    command.add_option(name, value, help)->group(kNewModel)->capture_default_str();
  };
  add_shape("--dim", config.dim, "Numbers in a token's vector");
  add_shape("--hidden", config.hidden, "Width of the feed-forward part");
  add_shape("--layers", config.layers, "Layers");
  add_shape("--heads", config.heads, "Heads of attention");
  add_shape("--kv-heads", config.kv_heads, "Heads with keys of their own");
  add_shape("--context", config.context, "Tokens that it can read");
  add_thinking_options(command, options->thinking);
  add_reward_options(command, options->rewards);
  command.footer(
      "Example: assay train base --task chains --steps 3000 --batch 256 --until 0.86 -o chains.gpt\n"
      "         assay train prm --task chains --policy gpt:chains.gpt -o chains.prm\n"
      "         assay search --task chains --policy gpt:chains.gpt --verifier prm:chains.prm\n"
      "         assay train metareason --task thoughts -o thinker.gpt\n"
      "         assay train gflownet --task symbols --dim 64 --hidden 128 --steps 2400 -o symbols.gpt\n"
      "         assay train gflownet --task rewards.json -o policy.gpt\n"
      "         assay train sft --task arithmetic --from base.gpt -o sft.gpt\n"
      "         assay train gflownet --task arithmetic --from sft.gpt --on-policy 1 --replay 0 -o chains.gpt\n"
      "         assay train gflownet --task stories --from llama2c:stories260K.bin,tok512.bin --lora 8 -o tales.gpt\n"
      "         assay train gflownet --task symbols --from base.gpt --lora 8 -o symbols.gpt\n"
      "         assay train --describe chains.gpt\n"
      "         assay train star --task thoughts --filter fpr=0.15 --db learned.db -o star.gpt\n"
      "         assay report --db learned.db -o learned.html");
  return [&common, &command, options] { return train_command(common, *options, command); };
}

}  // namespace assay::cli
