// `assay train prm`: a value head that learns which of a policy's own answers, and of their prefixes, are
// right.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "harness/base/error.h"
#include "harness/cli/interrupt.h"
#include "harness/cli/json_output.h"
#include "harness/cli/terminal.h"
#include "harness/cli/train_methods.h"
#include "harness/explore/experiment.h"
#include "harness/models/gpt.h"
#include "harness/models/token_policy.h"
#include "harness/tasks/tasks.h"

namespace assay::cli {

namespace {

/// Problems that may be learned from, with the truth about them: those that the task keeps for
/// calibrating, of as many seeds as it takes. Those on which a search is tried are never among them.
std::vector<explore::Task> problems_to_learn(const Training& options) {
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
                                       const Training& options) {
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

}  // namespace

Outcome train_prm(const Common& common, const Training& options) {
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

}  // namespace assay::cli
