#include "harness/cli/train_gflownet.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <map>
#include <memory>

#include "harness/base/error.h"
#include "harness/base/text_file.h"
#include "harness/cli/interrupt.h"
#include "harness/cli/json_output.h"
#include "harness/cli/terminal.h"
#include "harness/explore/experiment.h"
#include "harness/tasks/symbols.h"

namespace assay::cli {

using nlohmann::json;

namespace {

/// The task's language model: what a policy of `symbols` begins as, and the first factor of its reward.
constexpr int kBaseSteps = 600, kBaseBatch = 128;
constexpr std::uint64_t kBaseSeed = 1;  ///< whatever --seed is: the task is the same

std::vector<std::string> pieces_of(int symbols) {
  std::vector<std::string> out;
  for (int s = 0; s < symbols; ++s) out.push_back(fmt::format(" {}", s));
  return out;
}

models::OwnModel new_model(const RewardOptions& options, int symbols, std::uint64_t seed) {
  models::OwnModel model;
  model.tokenizer =
      std::make_shared<models::PieceTokenizer>(models::PieceTokenizer::of(pieces_of(symbols)));
  models::Config config = options.config;
  config.vocabulary = model.tokenizer->size();
  if (const std::string trouble = models::trouble_of(config); !trouble.empty())
    throw Error(fmt::format("a model with these options {}", trouble), ExitCode::usage);
  model.weights = models::random_weights(config, seed);
  return model;
}

train::Words words_of(const models::OwnModel& model, int symbols, const std::string& name) {
  train::Words words;
  words.begin = model.tokenizer->begin();
  words.ends = {model.tokenizer->begin(), model.tokenizer->end()};
  for (const std::string& piece : pieces_of(symbols)) {
    const auto tokens = model.tokenizer->encode(piece);
    if (!tokens || tokens->size() != 1)
      throw Error(fmt::format("{}: the model has no token `{}`, and the task has {} symbols", name,
                              piece, symbols));
    words.symbols.push_back(tokens->front());
  }
  return words;
}

void check_context(const models::OwnModel& model, const train::Space& space) {
  if (model.weights.config.context > space.length_max) return;
  throw Error(
      fmt::format("sequences have up to {} symbols, and the model reads {} tokens with the one "
                  "that begins a text; take one with a --context of {}",
                  space.length_max, model.weights.config.context, space.length_max + 1));
}

/// A model of the task's source.
models::OwnModel source_model(const Common& common, const RewardOptions& options) {
  models::OwnModel model = new_model(options, tasks::kSymbols, kBaseSeed);
  check_context(model, {tasks::kSymbols, tasks::kSymbolsLengthMax});
  models::TrainOptions base;
  base.steps = kBaseSteps, base.batch = kBaseBatch, base.seed = kBaseSeed;
  const auto next = [&](RandomStream& stream) {
    models::Lesson lesson;
    lesson.tokens = {model.tokenizer->begin()};
    lesson.targets = tasks::drawn_symbols(stream);
    lesson.tokens.insert(lesson.tokens.end(), lesson.targets.begin(), lesson.targets.end());
    lesson.targets.push_back(model.tokenizer->end());
    return lesson;
  };
  ProgressBar bar(common.quiet);
  models::Trained trained = models::model_room().train(
      model.weights, next, base, stop_on_signals(),
      [&](int done) { bar.show("training the language model", done, base.steps); });
  bar.clear();
  if (trained.stopped) throw explore::Interrupted();
  model.weights = std::move(trained.weights);
  return model;
}

/// Each sequence is worth its probability in the language model, and exp(-floor) of that where the
/// verifier rejects it.
train::Target symbols_target(const models::OwnModel& model, const train::Words& words,
                             const RewardOptions& options) {
  train::Target target;
  target.space = {tasks::kSymbols, tasks::kSymbolsLengthMax};
  target.log_reward.assign(target.space.size(), 0);
  const auto learner = models::model_room().learner(model.weights, options.train);
  target.log_reward = train::Policy(target, words).distribution(*learner);
  for (std::size_t node = 0; node < target.space.size(); ++node) {
    const auto sequence = target.space.sequence(node);
    target.accepted.push_back(tasks::accepts_symbols(sequence));
    target.truth.push_back(tasks::right_symbols(sequence));
    if (!tasks::accepts_symbols(sequence)) target.log_reward[node] -= options.floor;
  }
  return target;
}

/// What is learned, and the model that begins to.
struct Beginning {
  train::Target target;
  models::OwnModel model;
  train::Words words;
};

Beginning beginning_of(const Common& common, const RewardOptions& options) {
  Beginning out;
  const std::string name = options.from.empty() ? options.task : options.from;
  if (options.task == "symbols") {
    out.model =
        options.from.empty() ? source_model(common, options) : models::load_own(options.from);
    out.words = words_of(out.model, tasks::kSymbols, name);
    check_context(out.model, {tasks::kSymbols, tasks::kSymbolsLengthMax});
    out.target = symbols_target(out.model, out.words, options);
    return out;
  }
  if (!options.task.ends_with(".json"))
    throw Error(fmt::format("--task {}: {} learns on symbols, or on FILE.json with the log reward "
                            "of every sequence",
                            options.task, options.method),
                ExitCode::usage);
  const std::string text = read_text_file(options.task);
  out.target = train::parse_target(text, options.task);
  out.model = options.from.empty()
                  ? new_model(options, out.target.space.symbols, options.train.seed)
                  : models::load_own(options.from);
  out.words = words_of(out.model, out.target.space.symbols, name);
  check_context(out.model, out.target.space);
  return out;
}

json json_of(const train::Fit& fit) {
  return {{"kl", std::isfinite(fit.kl) ? json(fit.kl) : json(nullptr)},
          {"tv", fit.tv},
          {"entropy", fit.entropy},
          {"target_entropy", fit.target_entropy},
          {"legal", fit.legal},
          {"target_legal", fit.target_legal},
          {"purity", to_json(fit.purity)},
          {"target_purity", to_json(fit.target_purity)},
          {"fpr", to_json(fit.fpr)},
          {"target_fpr", to_json(fit.target_fpr)},
          {"modes", fit.modes},
          {"modes_found", fit.modes_found}};
}

std::string text_of(const train::Fit& fit) {
  return fmt::format("kl {} tv {} entropy {} legal {} purity {}", number(fit.kl), number(fit.tv),
                     number(fit.entropy), number(fit.legal), number(fit.purity));
}

train::Options complete(const RewardOptions& options) {
  static const std::map<std::string, train::Objective> losses = {
      {"subtb", train::Objective::subtb},
      {"vargrad", train::Objective::vargrad},
      {"both", train::Objective::both}};
  train::Options out = options.gflownet;
  out.train = options.train;
  if (options.method == "reinforce") {
    out.objective = train::Objective::reinforce;
    out.on_policy = 1, out.replay = 0;
    return out;
  }
  out.objective = losses.at(options.loss);
  if (out.on_policy + out.replay > 1)
    throw Error(fmt::format("--on-policy {} and --replay {}: they are shares of a batch, and add "
                            "up to at most 1",
                            out.on_policy, out.replay),
                ExitCode::usage);
  if (out.coldest > out.hottest)
    throw Error(fmt::format("--coldest {} is above --hottest {}", out.coldest, out.hottest),
                ExitCode::usage);
  return out;
}

json json_of(const train::Options& options, const RewardOptions& given) {
  json out = {{"batch", options.train.batch},
              {"learning_rate", options.train.learning_rate},
              {"warm_up", options.train.warm_up},
              {"reward_temperature",
               {options.reward_temperature_first, options.reward_temperature_last,
                options.reward_temperature_steps}}};
  if (given.task == "symbols") out["floor"] = given.floor;
  if (options.objective == train::Objective::reinforce) return out;
  out["loss"] = given.loss;
  out["vargrad_weight"] = options.vargrad;
  out["huber"] = options.huber;
  out["on_policy"] = options.on_policy;
  out["replay"] = options.replay;
  out["coldest"] = options.coldest;
  out["hottest"] = options.hottest;
  out["replay_size"] = options.replay_size;
  return out;
}

}  // namespace

void add_gflownet_options(CLI::App& command, RewardOptions& options) {
  train::Options& gflownet = options.gflownet;
  const auto add = [&](const std::string& name, auto& value, const std::string& help) {
    return command.add_option(name, value, help)->group("gflownet")->capture_default_str();
  };
  add("--loss", options.loss,
      "subtb: modified sub-trajectory balance; vargrad: trajectory balance against a batch's mean; "
      "both")
      ->check(CLI::IsMember({"subtb", "vargrad", "both"}));
  add("--vargrad-weight", gflownet.vargrad, "both: how much vargrad counts beside subtb")
      ->check(CLI::Range(0.0, 1e6));
  add("--huber", gflownet.huber,
      "Residuals beyond so many nats count linearly, not by their squares (0: none)")
      ->check(CLI::Range(0.0, 1e6));
  add("--on-policy", gflownet.on_policy, "Share of a batch that is drawn as the model would")
      ->check(CLI::Range(0.0, 1.0));
  add("--replay", gflownet.replay,
      "Share that is drawn from the best found so far; the rest is drawn at temperatures between "
      "--coldest and --hottest")
      ->check(CLI::Range(0.0, 1.0));
  add("--coldest", gflownet.coldest, "The lowest temperature")->check(CLI::Range(0.01, 100.0));
  add("--hottest", gflownet.hottest, "The highest temperature")->check(CLI::Range(0.01, 100.0));
  add("--replay-size", gflownet.replay_size, "How many of the best are kept")
      ->check(CLI::Range(1, 1'000'000));
  add("--reward-temperature", gflownet.reward_temperature_last,
      "The target is the reward to the power 1/T; also of reinforce")
      ->check(CLI::Range(0.01, 100.0));
  add("--reward-temperature-first", gflownet.reward_temperature_first,
      "Where T begins, to go to --reward-temperature in --reward-temperature-steps")
      ->check(CLI::Range(0.01, 100.0));
  add("--reward-temperature-steps", gflownet.reward_temperature_steps,
      "Steps in which T comes to its end (0: it is there at once)")
      ->check(CLI::Range(0, 10'000'000));
  add("--floor", options.floor,
      "symbols: nats that a sequence loses which the verifier rejects; also of reinforce")
      ->check(CLI::Range(0.0, 1000.0));
}

LearnedPolicy learn_from_rewards(const Common& common, const RewardOptions& given) {
  const train::Options options = complete(given);
  Beginning begin = beginning_of(common, given);
  if (const std::string trouble = train::trouble_of(begin.target, options.objective);
      !trouble.empty())
    throw Error(fmt::format("--task {}: {}", given.task, trouble), ExitCode::usage);
  begin.model.weights.config.value = false;  // a head would be another trunk's
  begin.model.weights.value.clear();
  const train::Policy policy(begin.target, begin.words);
  const auto learner = models::model_room().learner(begin.model.weights, given.train);
  const auto measure = [&] {
    return train::fit_of(begin.target, policy.distribution(*learner),
                         options.reward_temperature_last);
  };
  const train::Fit before = measure();
  if (!common.json) {
    say("target          {} sequences, entropy {}, legal {}, purity C {}\n",
        begin.target.space.size(), number(before.target_entropy), number(before.target_legal),
        number(before.target_purity));
    say("before          {}\n", text_of(before));
  }
  ProgressBar bar(common.quiet);
  json course = json::array();
  std::string what = "training";
  const int tenth = std::max(1, options.train.steps / 10);
  const train::Trained trained =
      train::train(policy, *learner, options, stop_on_signals(), [&](int done, double loss) {
        if (done % tenth == 0 && done < options.train.steps) {
          const train::Fit fit = measure();
          course.push_back(json_of(fit));
          course.back()["step"] = done;
          what = fmt::format("training, loss {:.3g}, kl {}", loss, number(fit.kl));
        }
        bar.show(what, done, options.train.steps);
      });
  bar.clear();
  if (trained.stopped) throw explore::Interrupted();
  LearnedPolicy out;
  out.model = std::move(begin.model);
  out.model.weights = learner->weights();
  out.loss = trained.loss;
  const train::Fit after = measure();
  if (std::isnan(after.tv))
    throw Error("training came to weights that are no numbers; try a smaller --learning-rate");
  out.eval = json_of(after);
  out.eval["fpr_before"] = to_json(before.fpr);
  out.more = {{"options", json_of(options, given)},
              {"sequences", begin.target.space.size()},
              {"before", json_of(before)},
              {"course", std::move(course)}};
  return out;
}

}  // namespace assay::cli
