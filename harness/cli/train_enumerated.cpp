// Learning from rewards on tasks whose sequences can be counted out: how far a model is from the posterior
// is known exactly.
#include <fmt/format.h>

#include <cmath>

#include "harness/base/error.h"
#include "harness/base/text_file.h"
#include "harness/cli/interrupt.h"
#include "harness/cli/json_output.h"
#include "harness/cli/terminal.h"
#include "harness/cli/train_rewards.h"
#include "harness/explore/experiment.h"
#include "harness/models/gpt.h"
#include "harness/tasks/sources.h"
#include "harness/train/tree.h"

namespace assay::cli {

using nlohmann::json;

namespace {

/// A source's language model: what a policy begins as, and the first factor of its reward.
constexpr int kBaseSteps = 600, kBaseBatch = 128;
constexpr std::uint64_t kBaseSeed = 1;  ///< whatever --seed is: the task is the same

std::vector<std::string> numbered(int symbols) {
  std::vector<std::string> out;
  for (int s = 0; s < symbols; ++s) out.push_back(fmt::format(" {}", s));
  return out;
}

train::Words words_of(const models::Model& model, const std::vector<std::string>& pieces,
                      const std::string& name) {
  train::Words words;
  words.begin = model.tokenizer->begin();
  words.ends = {model.tokenizer->begin(), model.tokenizer->end()};
  for (const std::string& piece : pieces) {
    const auto tokens = model.tokenizer->encode(piece);
    if (!tokens || tokens->size() != 1)
      throw Error(fmt::format("{}: the model has no token `{}`, and the task has {} symbols", name,
                              piece, pieces.size()));
    words.symbols.push_back(tokens->front());
  }
  return words;
}

void check_context(const models::Model& model, int length_max) {
  if (model.weights.config.context > length_max) return;
  throw Error(
      fmt::format("sequences have up to {} symbols, and the model reads {} tokens with the one "
                  "that begins a text; take one with a --context of {}",
                  length_max, model.weights.config.context, length_max + 1));
}

models::Model source_model(const Common& common, const RewardOptions& options,
                           const tasks::Source& source) {
  models::Model model = new_model(options.config, source.pieces, kBaseSeed);
  check_context(model, source.length_max);
  models::TrainOptions base;
  base.steps = kBaseSteps, base.batch = kBaseBatch, base.seed = kBaseSeed;
  const auto next = [&](RandomStream& stream) {
    models::Lesson lesson;
    lesson.tokens = {model.tokenizer->begin()};
    lesson.targets = source.drawn(stream);
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

/// Each sequence is worth its probability in the language model (or all the same), and exp(-floor) of that
/// where the verifier rejects it.
train::Target source_target(const models::Model& model, const train::Words& words,
                            const tasks::Source& source, double floor) {
  train::Target target;
  target.space = {static_cast<int>(source.pieces.size()), source.length_max};
  target.log_reward.assign(target.space.size(), 0);
  if (source.by_probability)
    target.log_reward = train::Tree(target, words).distribution(models::Gpt(model));
  for (std::size_t node = 0; node < target.space.size(); ++node) {
    const auto sequence = target.space.sequence(node);
    target.accepted.push_back(source.accepts(sequence));
    if (source.right) target.truth.push_back(source.right(sequence));
    if (!source.accepts(sequence)) target.log_reward[node] -= floor;
  }
  return target;
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

}  // namespace

RewardTask enumerated_task(const Common& common, const RewardOptions& options,
                           const train::Options& learning) {
  RewardTask out;
  const std::string name = options.from.empty() ? options.task : options.from;
  auto target = std::make_shared<train::Target>();
  train::Words words;
  if (const tasks::Source* source = tasks::source_of(options.task)) {
    out.model = options.from.empty() ? source_model(common, options, *source)
                                     : models::load_own(options.from);
    words = words_of(out.model, source->pieces, name);
    check_context(out.model, source->length_max);
    *target = source_target(out.model, words, *source, options.floor.value_or(source->floor));
  } else {
    *target = train::parse_target(read_text_file(options.task), options.task);
    const auto pieces = numbered(target->space.symbols);
    out.model = options.from.empty() ? new_model(options.config, pieces, options.train.seed)
                                     : models::load_own(options.from);
    words = words_of(out.model, pieces, name);
    check_context(out.model, target->space.length_max);
  }
  if (learning.objective == train::Objective::subtb)
    if (const std::string trouble = train::trouble_of_subtb(*target); !trouble.empty())
      throw Error(fmt::format("--task {}: {}", options.task, trouble), ExitCode::usage);
  auto tree = std::make_unique<train::Tree>(*target, words);
  out.eval = [target, tree = tree.get(), last = learning.reward_temperature_last,
              numbers = options.task == "numbers"](const models::TokenModel& model) {
    const train::Fit fit = train::fit_of(*target, tree->distribution(model), last);
    if (std::isnan(fit.tv))
      throw Error("training came to weights that are no numbers; try a smaller --learning-rate");
    json figures = json_of(fit);
    if (numbers) figures["valid"] = fit.legal;
    return figures;
  };
  out.figures = out.eval;
  const train::Fit exact =
      train::fit_of(*target, train::log_posterior(*target, learning.reward_temperature_last),
                    learning.reward_temperature_last);
  out.told = fmt::format("{} sequences, entropy {}, legal {}, purity C {}", target->space.size(),
                         number(exact.target_entropy), number(exact.target_legal),
                         number(exact.target_purity));
  out.more["sequences"] = target->space.size();
  out.game = std::move(tree);
  return out;
}

}  // namespace assay::cli
