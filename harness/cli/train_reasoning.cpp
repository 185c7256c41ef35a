// Learning from rewards on chains of steps: the right answer is known, and a language model says what a
// chain and that answer behind it are worth.
#include <fmt/format.h>

#include <map>

#include "harness/base/error.h"
#include "harness/base/whole_file.h"
#include "harness/cli/interrupt.h"
#include "harness/cli/json_output.h"
#include "harness/cli/output.h"
#include "harness/cli/terminal.h"
#include "harness/cli/train_rewards.h"
#include "harness/cli/train_thinking.h"
#include "harness/explore/experiment.h"
#include "harness/models/gpt.h"
#include "harness/tasks/tasks.h"

namespace assay::cli {

using nlohmann::json;

namespace {

constexpr int kSamples = 10;          ///< chains a problem, of which the commonest answer counts
constexpr double kTemperature = 0.1;  ///< of those, as in arXiv 2310.04363
constexpr std::size_t kShown = 100;   ///< held-out questions that are answered on the way
constexpr int kDrawn = 20;            ///< chains of each of them at temperature 1
constexpr int kPosteriorDraws = 200;  ///< a held-out question, for what the posterior holds

}  // namespace

json figures_of(const std::vector<train::Solved>& all) {
  struct Sums {
    double problems = 0, right = 0, chains = 0, samples = 0, right_answers = 0, actions = 0;
  };
  std::map<int, Sums> by_operands;
  Sums sums;
  double calls = 0, invalid = 0, wrong_accepted = 0, accepted = 0;
  for (const train::Solved& one : all) {
    for (Sums* into : {&sums, &by_operands[one.difficulty]}) {
      ++into->problems, into->right += one.right;
      into->samples += one.samples, into->right_answers += one.right_answers;
      into->chains += one.right_chains, into->actions += one.actions;
    }
    calls += one.calls, invalid += one.invalid_calls;
    wrong_accepted += one.wrong_accepted, accepted += one.accepted;
  }
  json accuracy = json::object(), chains = json::object(), tokens = json::object();
  for (const auto& [operands, part] : by_operands) {
    const std::string key = std::to_string(operands);
    accuracy[key] = ratio(part.right, part.problems);
    chains[key] = ratio(part.chains, part.samples);
    tokens[key] = ratio(part.actions, part.samples);
  }
  return {{"problems", all.size()},
          {"accuracy", accuracy},
          {"right_chain", chains},
          {"tokens_by_difficulty", tokens},
          {"right_by_wrong_chain", ratio(sums.right_answers - sums.chains, sums.samples)},
          {"purity", ratio(accepted - wrong_accepted, accepted)},
          {"fpr", ratio(wrong_accepted, sums.samples - sums.chains)},
          {"invalid_calls", ratio(invalid, calls)}};
}

std::vector<store::TrainingAnswer> rows_of(const std::vector<train::Solved>& all,
                                           const std::string& who, const std::string& task) {
  std::vector<store::TrainingAnswer> out;
  for (const train::Solved& one : all)
    out.push_back({who, task, one.task_id, one.difficulty, one.samples, one.actions,
                   one.right ? one.samples : 0, one.right_chains, one.accepted,
                   one.wrong_accepted});
  return out;
}

void write_answers(const std::vector<train::Solved>& all, const std::string& path) {
  std::string lines;
  for (const train::Solved& one : all)
    lines += json_text({{"task_id", one.task_id},
                        {"difficulty", one.difficulty},
                        {"right", one.right},
                        {"samples", one.samples},
                        {"right_answers", one.right_answers},
                        {"accepted", one.accepted},
                        {"right_chains", one.right_chains},
                        {"calls", one.calls},
                        {"invalid_calls", one.invalid_calls},
                        {"tokens", one.actions},
                        {"chain", one.chain},
                        {"answer", one.answer}}) +
             "\n";
  write_whole_file(path, lines);
}

namespace {

train::Written game_of(const explore::Task& task, const std::vector<search::Problem>& problems,
                       const models::Model& judge, const RewardOptions& options) {
  train::Reward reward = options.reward;
  reward.joint = options.worth == "joint";
  reward.filter = filter_of(options.filter, options.train.seed);
  return train::Written(*task.reasoning, problems, std::make_shared<models::Gpt>(judge),
                        judge.tokenizer, reward);
}

void check_interrupt() {
  if (stop_on_signals()) throw explore::Interrupted();
}

}  // namespace

std::vector<train::Solved> solved(const explore::Task& task, const models::TokenModel& model,
                                  const models::Model& judge, const RewardOptions& options) {
  const bool test = options.eval_on == "test";
  const train::Written game =
      game_of(task, test ? task.problems : task.reasoning->held_out, judge, options);
  auto all = train::solve(game, model, kSamples, kTemperature, options.train.seed, options.jobs,
                          stop_on_signals());
  check_interrupt();
  return all;
}

RewardTask reasoning_task(const Common&, const RewardOptions& options,
                          const train::Options& learning) {
  if (options.from.empty())
    throw Error(
        fmt::format(
            "--task {}: {} goes on with a model that writes chains; make one with "
            "`assay train base --task {} -o base.gpt` and `assay train sft --task {} --from "
            "base.gpt -o sft.gpt`, and give it as --from",
            options.task, options.method, options.task, options.task),
        ExitCode::usage);
  const auto task = std::make_shared<explore::Task>(
      tasks::open(options.task, {.problems = options.problems, .seed = 1}));
  RewardTask out;
  out.model = models::load_own(options.from);
  const models::Model judge = options.judge.empty() ? out.model : models::load_own(options.judge);
  if (!models::same_tokens(*judge.tokenizer, *out.model.tokenizer))
    throw Error(
        fmt::format("--judge {}: its tokens are not those of {}", options.judge, options.from));
  const explore::Reasoning& reasoning = *task->reasoning;
  if (reasoning.held_out.empty())
    throw Error(fmt::format(
        "--task {}: it keeps no question out to be measured by; of a file's qa these are a "
        "quarter, so that it needs at least 4",
        options.task));
  // The demonstrations' questions are learned from like the others, and their chains begin the buffers.
  std::vector<search::Problem> learned = reasoning.demonstrations;
  learned.insert(learned.end(), reasoning.training.begin(), reasoning.training.end());
  auto game = std::make_unique<train::Written>(game_of(*task, learned, judge, options));
  for (std::size_t i = 0; i < reasoning.demonstrations.size(); ++i)
    if (auto chain = game->trajectory(i, reasoning.demonstration(reasoning.demonstrations[i])))
      out.given.push_back(*std::move(chain));
  auto few = reasoning.held_out;
  few.resize(std::min(kShown, few.size()));
  const auto shown = std::make_shared<train::Written>(game_of(*task, few, judge, options));
  // What the prior and the answer make of it, also where the answer alone is the reward.
  RewardOptions joint = options;
  joint.worth = "joint";
  const auto held =
      train::posterior(game_of(*task, few, judge, joint), models::Gpt(judge), kPosteriorDraws,
                       learning.reward_temperature_last, 1, options.jobs, stop_on_signals());
  check_interrupt();
  const Purity purity = purity_of(held, kPosteriorDraws);
  out.more["posterior"] = purity.record;
  out.told = purity.told;
  out.solved = std::make_shared<std::vector<std::vector<train::Solved>>>();
  out.eval = [task, judge, options, shown, target_purity = purity.record["purity"],
              all = out.solved](const models::TokenModel& model) {
    all->push_back(solved(*task, model, judge, options));
    json figures = figures_of(all->back());
    figures["target_purity"] = target_purity;
    figures["drawn"] = drawn_shares(train::solve(*shown, model, kDrawn, 1, options.train.seed,
                                                 options.jobs, stop_on_signals()));
    check_interrupt();
    return figures;
  };
  out.figures = [shown, options](const models::TokenModel& model) {
    const auto all = train::solve(*shown, model, 1, kTemperature, options.train.seed, options.jobs,
                                  stop_on_signals());
    double right_answers = 0, chains = 0;
    for (const train::Solved& one : all) right_answers += one.right, chains += one.right_chains;
    return json{{"held_out", right_answers / static_cast<double>(all.size())},
                {"held_out_right_chain", chains / static_cast<double>(all.size())}};
  };
  out.game = std::move(game);
  return out;
}

}  // namespace assay::cli
