#include "harness/cli/train_thinking.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <map>

#include "harness/analysis/trainings.h"
#include "harness/base/error.h"
#include "harness/base/numbers.h"
#include "harness/base/whole_file.h"
#include "harness/cli/interrupt.h"
#include "harness/cli/json_output.h"
#include "harness/cli/terminal.h"
#include "harness/explore/experiment.h"
#include "harness/tasks/tasks.h"

namespace assay::cli {

using nlohmann::json;

namespace {

/// Accuracy, right chains and tokens, all and by difficulty.
json figures(const std::vector<store::TrainingAnswer>& answers, int jobs) {
  struct Sums {
    double problems = 0, right = 0, chains = 0, tokens = 0;
  };
  Sums all;
  std::map<std::int64_t, Sums> by_difficulty;
  for (const store::TrainingAnswer& one : answers)
    for (Sums* sums : {&all, &by_difficulty[one.difficulty]}) {
      ++sums->problems, sums->tokens += static_cast<double>(one.tokens);
      sums->right += static_cast<double>(one.right);
      sums->chains += static_cast<double>(one.right_chain);
    }
  json accuracy = json::object(), tokens = json::object();
  for (const auto& [difficulty, sums] : by_difficulty) {
    accuracy[std::to_string(difficulty)] = sums.right / sums.problems;
    tokens[std::to_string(difficulty)] = sums.tokens / sums.problems;
  }
  stats::BootstrapOptions bootstrap;
  bootstrap.threads = jobs;
  const stats::Estimate fpr = analysis::false_positive_rate(answers, bootstrap);
  return {{"problems", answers.size()},
          {"accuracy", all.right / all.problems},
          {"right_chain", all.chains / all.problems},
          {"tokens", all.tokens / all.problems},
          {"accuracy_by_difficulty", accuracy},
          {"tokens_by_difficulty", tokens},
          {"fpr", to_json(fpr.value)},
          {"fpr_interval", to_json(fpr.interval)}};
}

/// Answers of several models and styles: as figures, as lines, and as they are stored.
class Told {
 public:
  Told(int jobs, const train::Filter& filter) : jobs_(jobs), filter_(filter) {}
  json operator()(const models::Model& model, const explore::Task& task, const std::string& who,
                  const std::string& style) {
    const auto answers = train::answer_all(model, task, style, jobs_, stop_on_signals());
    if (stop_on_signals()) throw explore::Interrupted();
    std::vector<store::TrainingAnswer> rows;
    for (std::size_t i = 0; i < answers.size(); ++i) {
      const train::Answered& one = answers[i];
      const bool accepted =
          !one.answer.empty() && filter_.accepts(task.problems[i], one.answer, one.right);
      rows.push_back({who, task.name, one.task_id, one.difficulty, 1, one.tokens, one.right,
                      one.right_chain, accepted, accepted && !one.right_chain});
      lines_ += json_text({{"who", who},
                           {"task", task.name},
                           {"task_id", one.task_id},
                           {"difficulty", one.difficulty},
                           {"tokens", one.tokens},
                           {"right", one.right},
                           {"right_chain", one.right_chain},
                           {"accepted", accepted}}) +
                "\n";
    }
    rows_.insert(rows_.end(), rows.begin(), rows.end());
    return figures(rows, jobs_);
  }
  const std::string& lines() const { return lines_; }
  const std::vector<store::TrainingAnswer>& rows() const { return rows_; }

 private:
  int jobs_;
  const train::Filter& filter_;
  std::string lines_;
  std::vector<store::TrainingAnswer> rows_;
};

std::string without_space(std::string text) {
  while (text.ends_with(' ')) text.pop_back();
  return text;
}

}  // namespace

train::Filter filter_of(const std::string& text, std::uint64_t seed) {
  train::Filter filter;
  filter.seed = seed;
  if (text == "exact") return filter;
  std::string_view left = text;
  while (!left.empty()) {
    const std::string_view word = left.substr(0, left.find(','));
    left.remove_prefix(std::min(left.size(), word.size() + 1));
    double* rate = word.starts_with("fpr=")   ? &filter.fpr
                   : word.starts_with("fnr=") ? &filter.fnr
                                              : nullptr;
    const std::optional<double> value = rate ? number_in<double>(word.substr(4)) : std::nullopt;
    if (!value || *value < 0 || *value > 1)
      throw Error(fmt::format("--filter {}: write exact, or fpr=0.15 or fpr=0.15,fnr=0.05", text),
                  ExitCode::usage);
    *rate = *value;
  }
  if (filter.fpr == 0 && filter.fnr == 1)
    throw Error(fmt::format("--filter {}: it accepts no answer, so that nothing is learned", text),
                ExitCode::usage);
  return filter;
}

json thinking_recipe(const std::string& method, const ThinkingWords& words) {
  const train::ThinkingOptions& options = words.options;
  const train::Filter filter = filter_of(words.filter, 0);
  json out = {{"fpr", filter.fpr},          {"fnr", filter.fnr},
              {"rounds", options.rounds},   {"questions", options.questions},
              {"samples", options.samples}, {"temperature", options.temperature},
              {"top_p", options.top_p},     {"filter", words.filter},
              {"hint", options.hint},       {"continual", options.continual},
              {"epochs", options.epochs}};
  if (method != "star") out["direct"] = options.direct;
  if (method != "metareason") return out;
  out["gamma"] = options.worth.gamma;
  out["epsilon"] = options.worth.epsilon;
  out["cost"] = words.cost;
  out["keep"] = words.keep;
  return out;
}

void add_thinking_options(CLI::App& command, ThinkingWords& words) {
  train::ThinkingOptions& options = words.options;
  const char* group = "star, shortest and metareason";
  const char* answering = "sft, star, shortest, metareason, reinforce, ppo and gflownet";
  command.add_option("--rounds", options.rounds, "Rounds of answering and learning")
      ->check(CLI::Range(0, 10'000))
      ->capture_default_str()
      ->group(group);
  command.add_option("--questions", options.questions, "New ones in each round")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str()
      ->group(group);
  command
      .add_option("--samples", options.samples, "Answers to each: a greedy one, the others drawn")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str()
      ->group(group);
  command
      .add_option(
          "--filter", words.filter,
          "Which answers count as right: exact, or with errors: fpr=0.15 accepts so many of "
          "the wrong, fpr=0.15,fnr=0.05 also refuses so many of the right")
      ->capture_default_str()
      ->group(answering);
  command.add_option("--gamma", options.worth.gamma, "What a thought costs, in nats")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str()
      ->group("metareason");
  command.add_option("--cost", words.cost, "--gamma times log(tokens + 1), or times tokens")
      ->check(CLI::IsMember({"log", "linear"}))
      ->capture_default_str()
      ->group("metareason");
  command
      .add_option("--keep", words.keep,
                  "advantage keeps what is worth at least the mean of a question's "
                  "answers, best the one that is worth most")
      ->check(CLI::IsMember({"advantage", "best"}))
      ->capture_default_str()
      ->group("metareason");
  command
      .add_flag("--direct,!--no-direct", options.direct,
                "The answer without a thought is asked for and learned from, too")
      ->group("shortest and metareason");
  command
      .add_flag(
          "--hint", options.hint,
          "A thought whose answer is refused is learned from with the right answer behind it: "
          "star, where no other is accepted; metareason, where it makes the right answer likelier")
      ->group("star and metareason");
  command
      .add_flag("--continual", options.continual,
                "Each round goes on from the last one's weights with its own answers, not from the "
                "first with all")
      ->group(group);
  command.add_option("--epochs", options.epochs, "Over what is kept, in each round")
      ->check(CLI::Range(0.01, 1000.0))
      ->capture_default_str()
      ->group(group);
  command
      .add_option("--base-steps", words.base_steps,
                  "Without --from: batches of the base that is trained first")
      ->check(CLI::Range(1, 10'000'000))
      ->capture_default_str()
      ->group(group);
  command
      .add_option("--eval-on", words.eval_on,
                  "Which problems are answered at the end: the task's, or those that it keeps for "
                  "calibration, to choose options by without a look at the first")
      ->check(CLI::IsMember({"test", "calibration"}))
      ->capture_default_str()
      ->group(answering);
  command
      .add_option("--answers", words.answers,
                  "A file for each answer to those problems (JSONL), to compare models by")
      ->group(answering);
}

explore::Task thinking_task(const std::string& name, std::size_t problems,
                            const std::string& eval_on) {
  explore::Task task =
      tasks::open(name == "chains" ? "thoughts:chain" : name, {.problems = problems, .seed = 1});
  if (!task.thinking)
    throw Error(fmt::format("--task {}: its answers have no thoughts; there is thoughts, "
                            "thoughts:chain (also as chains), thoughts:walk and thoughts:cups",
                            name),
                ExitCode::usage);
  if (eval_on == "calibration") {
    task.problems = task.calibration().problems;
    if (problems > task.problems.size())
      throw Error(fmt::format("--problems {}: {} has {} problems for calibration", problems,
                              task.name, task.problems.size()),
                  ExitCode::usage);
    if (problems > 0) task.problems.resize(problems);
  }
  return task;
}

LearnedToThink learn_to_think(const Common& common, const std::string& method,
                              const explore::Task& task, const models::Model& model,
                              ThinkingWords words, std::size_t problems,
                              train::Checkpoint& checkpoint) {
  train::ThinkingOptions& options = words.options;
  options.filter = filter_of(words.filter, options.train.seed);
  options.worth.linear = words.cost == "linear";
  options.keeps = method == "star"       ? train::Keeps::first
                  : method == "shortest" ? train::Keeps::shortest
                  : words.keep == "best" ? train::Keeps::best
                                         : train::Keeps::advantage;
  if (options.hint && options.filter.fpr + options.filter.fnr > 0)
    throw Error("--hint: the right answer is known only to a filter that never errs",
                ExitCode::usage);
  if (checkpoint.kept.thinker)
    options.from = std::make_shared<train::Thinker>(std::move(*checkpoint.kept.thinker));
  options.due = [&] { return checkpoint.due(); };
  options.keep = [&](const train::Thinker& now) {
    checkpoint.kept.thinker = now;
    const std::string of = fmt::format("round {} of {}", now.rounds.size(), options.rounds);
    checkpoint.write(now.halfway ? fmt::format("step {} of {}", now.halfway->loss.size(), of)
                     : now.rounds.empty() ? "the beginning of the rounds"
                                          : "the end of " + of);
  };
  ProgressBar bar(common.quiet);
  const auto told_of = [&](int done, const train::Round& round) {
    bar.show("rounds", done, options.rounds,
             fmt::format("loss {}, {:.0f}% accepted, {:.1f} tokens", number(round.loss),
                         100 * round.accepted, round.tokens));
  };
  int begin = 0;
  if (options.from)
    begin = static_cast<int>(options.from->rounds.size()) - options.from->halfway.has_value();
  bar.show("rounds", begin, options.rounds);  // the time left counts from here
  const train::Thinker learned =
      train::learn_to_think(model, task, options, models::model_room(), stop_on_signals(), told_of);
  bar.clear();
  if (learned.stopped) throw explore::Interrupted();

  LearnedToThink out;
  out.trained.weights = learned.weights, out.trained.loss = learned.loss;
  out.trained.tokens = learned.tokens, out.trained.seconds = learned.seconds;
  const models::Model trained{learned.weights, model.tokenizer, ""};
  Told told(options.jobs, options.filter);
  out.eval = told(trained, task, "trained", "");
  // What carries over to problems that are none of the task's, and how it was before.
  json base = {{"free", told(model, task, "base", "")}}, elsewhere = json::object();
  for (const std::string& style : task.thinking->styles)
    base[without_space(style)] = told(model, task, "base " + without_space(style), style);
  if (task.name != "thoughts:cups") {
    const explore::Task cups = thinking_task("thoughts:cups", problems, words.eval_on);
    elsewhere[cups.name] = {{"trained", told(trained, cups, "trained", "")},
                            {"base", told(model, cups, "base", "")}};
  }
  json rounds = json::array();
  for (const train::Round& one : learned.rounds)
    rounds.push_back({{"rows", one.rows},
                      {"accepted", one.accepted},
                      {"fdr", to_json(one.fdr)},
                      {"tokens", one.tokens},
                      {"loss", to_json(one.loss)}});
  out.eval["fpr_before"] = base["free"]["fpr"];
  out.eval["fpr_before_interval"] = base["free"]["fpr_interval"];
  out.more = {{"rounds", rounds}, {"base", base}, {"elsewhere", elsewhere}};
  out.answers = told.rows();
  if (!words.answers.empty()) write_whole_file(words.answers, told.lines());
  return out;
}

}  // namespace assay::cli
