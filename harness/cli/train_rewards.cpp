#include "harness/cli/train_rewards.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <map>

#include "harness/base/error.h"
#include "harness/cli/interrupt.h"
#include "harness/cli/json_output.h"
#include "harness/cli/output.h"
#include "harness/cli/terminal.h"
#include "harness/cli/train_thinking.h"
#include "harness/explore/experiment.h"
#include "harness/stats/interval.h"
#include "harness/tasks/sources.h"

namespace assay::cli {

using nlohmann::json;

namespace {

train::Options complete(const RewardOptions& options) {
  static const std::map<std::string, train::Objective> losses = {
      {"subtb", train::Objective::subtb},
      {"vargrad", train::Objective::vargrad},
      {"both", train::Objective::both}};
  static const std::map<std::string, train::Objective> others = {
      {"reinforce", train::Objective::reinforce},
      {"ppo", train::Objective::ppo},
      {"star", train::Objective::star}};
  if (options.floor && !is_continued(options.task) && !tasks::source_of(options.task))
    throw Error(
        fmt::format("--floor: it is of symbols, numbers and stories; on {} nothing has one{}",
                    options.task,
                    is_reasoning(options.task) ? " (--token-floor, --answer-floor)" : ""),
        ExitCode::usage);
  train::Options out = options.learning;
  out.train = options.train;
  if (!is_written(options.task)) out.draws = 0;
  const auto other = others.find(options.method);
  if (other != others.end()) {
    out.objective = other->second;
    out.on_policy = 1, out.replay = 0;
    return out;
  }
  out.objective = losses.at(options.loss);
  out.kl = 0;
  if (out.on_policy + out.replay > 1)
    throw Error(fmt::format("--on-policy {} and --replay {}: they are shares of a batch, and add "
                            "up to at most 1",
                            out.on_policy, out.replay),
                ExitCode::usage);
  if (out.draws == 1 && out.objective == train::Objective::vargrad)
    throw Error(
        "--draws 1: vargrad compares the draws of a question with each other, and learns "
        "nothing from one; give it more, or take --loss subtb",
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
              {"rules", options.rules},
              {"reward_temperature",
               {options.reward_temperature_first, options.reward_temperature_last,
                options.reward_temperature_steps}}};
  if (is_reasoning(given.task)) {
    out["draws"] = options.draws;
    out["reward"] = given.worth;
    out["token_floor"] = given.reward.token_floor;
    out["answer_floor"] = given.reward.answer_floor;
    const train::Filter filter = filter_of(given.filter, given.train.seed);
    out["filter"] = given.filter, out["fpr"] = filter.fpr, out["fnr"] = filter.fnr;
  } else if (is_continued(given.task)) {
    out["floor"] = given.floor.value_or(kContinuedFloor);
    out["draws"] = options.draws;
  } else if (const tasks::Source* source = tasks::source_of(given.task)) {
    out["floor"] = given.floor.value_or(source->floor);
  }
  if (options.objective == train::Objective::star) return out;
  if (!train::balances(options.objective)) {
    out["kl"] = options.kl;
    if (options.objective == train::Objective::ppo)
      out["clip"] = options.clip, out["passes"] = options.passes;
    return out;
  }
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

RewardTask task_of(const Common& common, const RewardOptions& options,
                   const train::Options& learning) {
  if (is_reasoning(options.task)) return reasoning_task(common, options, learning);
  if (is_continued(options.task)) return continued_task(common, options, learning);
  if (options.task.ends_with(".json") || tasks::source_of(options.task))
    return enumerated_task(common, options, learning);
  throw Error(fmt::format("--task {}: {} learns on arithmetic, on stories, on symbols and "
                          "numbers, and on FILE.json with the log reward of every sequence",
                          options.task, options.method),
              ExitCode::usage);
}

/// A line of the figures that are numbers.
std::string line_of(const json& figures) {
  std::string out;
  for (const auto& [key, value] : figures.items())
    if (value.is_number() && !key.starts_with("target_"))
      out += fmt::format("{}{} {}", out.empty() ? "" : " ", key,
                         value.is_number_float() ? number(value.get<double>()) : json_text(value));
  return out;
}

}  // namespace

bool is_reasoning(const std::string& task) { return task.starts_with("arithmetic"); }

bool is_continued(const std::string& task) { return task == "stories"; }

bool is_written(const std::string& task) { return is_reasoning(task) || is_continued(task); }

models::Model new_model(models::Config config, const std::vector<std::string>& pieces,
                        std::uint64_t seed) {
  models::Model model;
  model.tokenizer = std::make_shared<models::PieceTokenizer>(models::PieceTokenizer::of(pieces));
  config.vocabulary = model.tokenizer->size();
  if (const std::string trouble = models::trouble_of(config); !trouble.empty())
    throw Error(fmt::format("a model with these options {}", trouble), ExitCode::usage);
  model.weights = models::random_weights(config, seed);
  return model;
}

void add_reward_options(CLI::App& command, RewardOptions& options) {
  train::Options& learning = options.learning;
  const auto add_to = [&](const char* group, const std::string& name, auto& value,
                          const std::string& help) {
    return command.add_option(name, value, help)->group(group)->capture_default_str();
  };
  const auto add = [&](const std::string& name, auto& value, const std::string& help) {
    return add_to("gflownet", name, value, help);
  };
  add("--loss", options.loss,
      "subtb: modified sub-trajectory balance; vargrad: trajectory balance against a batch's mean; "
      "both")
      ->check(CLI::IsMember({"subtb", "vargrad", "both"}));
  add("--vargrad-weight", learning.vargrad, "both: how much vargrad counts beside subtb")
      ->check(CLI::Range(0.0, 1e6));
  add("--huber", learning.huber,
      "Residuals beyond so many nats count linearly, not by their squares (0: none)")
      ->check(CLI::Range(0.0, 1e6));
  add("--on-policy", learning.on_policy, "Share of a batch that is drawn as the model would")
      ->check(CLI::Range(0.0, 1.0));
  add("--replay", learning.replay,
      "Share that is drawn from the best found so far; the rest is drawn at temperatures between "
      "--coldest and --hottest")
      ->check(CLI::Range(0.0, 1.0));
  add("--coldest", learning.coldest, "The lowest temperature")->check(CLI::Range(0.01, 100.0));
  add("--hottest", learning.hottest, "The highest temperature")->check(CLI::Range(0.01, 100.0));
  add("--replay-size", learning.replay_size, "How many of the best are kept")
      ->check(CLI::Range(1, 1'000'000));
  add_to("reinforce, ppo and gflownet", "--reward-temperature", learning.reward_temperature_last,
         "The target is the reward to the power 1/T")
      ->check(CLI::Range(0.01, 100.0));
  add_to("reinforce, ppo and gflownet", "--reward-temperature-first",
         learning.reward_temperature_first,
         "Where T begins, to go to --reward-temperature in --reward-temperature-steps")
      ->check(CLI::Range(0.01, 100.0));
  add_to("reinforce, ppo and gflownet", "--reward-temperature-steps",
         learning.reward_temperature_steps,
         "Steps in which T comes to its end (0: it is there at once)")
      ->check(CLI::Range(0, 10'000'000));
  const char* group = "star on arithmetic and stories, reinforce, ppo and gflownet";
  command
      .add_option("--floor", options.floor,
                  "symbols, numbers, stories: nats that what the verifier rejects loses (default: "
                  "8, numbers: 16)")
      ->group(group)
      ->check(CLI::Range(0.0, 1000.0));
  add_to("reinforce and ppo", "--kl", learning.kl,
         "What a nat away from the policy that training began with costs")
      ->check(CLI::Range(0.0, 1000.0));
  add_to("ppo", "--clip", learning.clip, "How far an action's chance may move in a batch")
      ->check(CLI::Range(0.001, 10.0));
  add_to("ppo", "--passes", learning.passes, "Steps a batch")->check(CLI::Range(1, 1000));
  learning.rules = 1;
  add_to(group, "--rules", learning.rules,
         "What a nat counts that is lost on what the task forbids: a search masks nothing")
      ->check(CLI::Range(0.0, 1e6));
  learning.draws = 8;
  add_to(group, "--draws", learning.draws,
         "arithmetic, stories: chains of each question in a batch")
      ->check(CLI::Range(1, 65536));
  add_to(group, "--reward", options.worth,
         "arithmetic: joint is the language model's chance of the chain and the right answer, "
         "answer that of the answer behind the chain alone")
      ->check(CLI::IsMember({"joint", "answer"}));
  add_to(group, "--token-floor", options.reward.token_floor,
         "arithmetic: nats that a token of the chain costs at most")
      ->check(CLI::Range(0.1, 1e6));
  add_to(group, "--answer-floor", options.reward.answer_floor,
         "arithmetic: nats that the answer costs at most")
      ->check(CLI::Range(0.1, 1e6));
  command
      .add_option("--judge", options.judge,
                  "arithmetic, stories: the language model of the reward, which also reads the "
                  "answers of arithmetic (default: that of --from)")
      ->group(group);
}

namespace {

/// Shares of problems' sums, each under its name and with a 95% interval over the problems.
class Shares {
 public:
  void add(const std::string& name, double of, double all) {
    stats::Ratio& ratio = ratios_[name];
    ratio.numerator.push_back(std::min(of, all)), ratio.denominator.push_back(all);
  }
  json record() const {
    json out = json::object();
    for (const auto& [name, ratio] : ratios_) {
      const stats::Estimate found = stats::ratio_estimates({ratio}, kLevel)[0];
      out[name] = to_json(found.value), out[name + "_interval"] = to_json(found.interval);
    }
    return out;
  }

 private:
  static constexpr double kLevel = .95;
  std::map<std::string, stats::Ratio> ratios_;
};

std::string told(const json& shares, const std::string& name) {
  const json &value = shares[name], &interval = shares[name + "_interval"];
  const auto text = [](const json& one) { return number(one.get<double>()); };
  if (value.is_null()) return number(std::optional<double>());
  if (interval.is_null()) return text(value);
  return fmt::format("{} [{}, {}]", text(value), text(interval[0]), text(interval[1]));
}

}  // namespace

Purity purity_of(const std::vector<train::Posterior>& held, int draws) {
  Shares shares;
  double effective = 0;
  for (const train::Posterior& one : held) {
    shares.add("purity", one.right, one.accepted);
    shares.add("accepted", one.accepted, 1), shares.add("right", one.right, 1);
    shares.add("prior_accepted", one.drawn_accepted, 1);
    shares.add("prior_right", one.drawn_right, 1);
    effective += one.effective / static_cast<double>(held.size());
  }
  Purity out;
  out.record = shares.record();
  out.record.update({{"problems", held.size()}, {"draws", draws}, {"effective_draws", effective}});
  out.told = fmt::format(
      "purity C {} on {} held-out problems ({:.0f} effective draws each): right are {} of the posterior, "
      "{} of what the language model writes",
      told(out.record, "purity"), held.size(), effective, told(out.record, "right"),
      told(out.record, "prior_right"));
  return out;
}

json drawn_shares(const std::vector<train::Solved>& all) {
  Shares shares;
  for (const train::Solved& one : all) {
    shares.add("accepted", one.accepted, one.samples);
    shares.add("right", one.right_chains, one.samples);
    shares.add("purity", one.accepted - one.wrong_accepted, one.accepted);
  }
  json out = shares.record();
  out["problems"] = all.size();
  return out;
}

nlohmann::json reward_recipe(const RewardOptions& options) {
  return json_of(complete(options), options);
}

LearnedPolicy learn_from_rewards(const Common& common, const RewardOptions& given,
                                 train::Checkpoint& checkpoint) {
  train::Options options = complete(given);
  RewardTask task = task_of(common, given, options);
  task.model.weights.config.value = false;  // a head would be another trunk's
  task.model.weights.value.clear();
  const std::string found = checkpoint.open(task.model.weights.config);
  if (!found.empty()) remark(common.quiet, found);
  const auto learner = models::model_room().learner(task.model.weights, given.train);
  if (!common.json && !task.told.empty()) say("{:15} {}\n", "target", task.told);
  options.prior = learner->model();
  const json before = task.eval(*options.prior);
  if (!common.json) say("{:15} {}\n", "before", line_of(before));
  std::optional<train::Standing> from;
  std::optional<train::Kept::Rewarded>& kept = checkpoint.kept.rewarded;
  if (kept && kept->replays.size() == task.game->questions()) {
    from = train::Standing{kept->halfway.loss, std::move(kept->replays)};
    const int passes = options.objective == train::Objective::ppo ? options.passes : 1;
    learner->go_on(kept->halfway, passes * static_cast<int>(from->loss.size()));
  }
  std::vector<double> losses = from ? from->loss : std::vector<double>();
  const auto keep = [&](const std::vector<std::vector<train::Replay::Item>>& replays) {
    kept = train::Kept::Rewarded{learner->halfway(), replays};
    kept->halfway.loss = losses;
    checkpoint.write(fmt::format("step {} of {}", losses.size(), options.train.steps));
    kept.reset();
  };
  ProgressBar bar(common.quiet);
  json course = json::array();
  std::string figures;
  const int tenth = std::max(1, options.train.steps / 10);
  const train::Standing trained =
      train::train(*task.game, *learner, options, task.given, from, stop_on_signals(),
                   [&](int done, double loss, const std::vector<train::Replay>& replays) {
                     losses.push_back(loss);
                     if (done % tenth == 0 && done < options.train.steps) {
                       course.push_back(task.figures(*learner->model()));
                       figures = ", " + line_of(course.back());
                       course.back()["step"] = done;
                     }
                     bar.show("training", done, options.train.steps,
                              fmt::format("loss {:.3g}{}", loss, figures));
                     if (!checkpoint.due()) return;
                     std::vector<std::vector<train::Replay::Item>> items;
                     for (const train::Replay& replay : replays) items.push_back(replay.items());
                     keep(items);
                   });
  bar.clear();
  if (trained.stopped) {
    keep(trained.replays);
    throw explore::Interrupted();
  }
  LearnedPolicy out;
  out.model = std::move(task.model);
  out.model.weights = learner->weights();
  out.loss = trained.loss;
  out.tokens = trained.tokens, out.seconds = trained.seconds;
  out.eval = task.eval(*learner->model());
  out.eval["fpr_before"] = before["fpr"];
  if (task.solved) {
    out.answers = rows_of(task.solved->front(), "base", given.task);
    const auto trained_rows = rows_of(task.solved->back(), "trained", given.task);
    out.answers.insert(out.answers.end(), trained_rows.begin(), trained_rows.end());
    if (!given.answers.empty()) write_answers(task.solved->back(), given.answers);
  }
  out.more = std::move(task.more);
  out.more.update(json{{"before", before}, {"course", course}});
  return out;
}

}  // namespace assay::cli
