// `assay generate`: samples drawn from a server, into a file that `run` reads.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "datasets/registry.h"
#include "harness/base/error.h"
#include "harness/base/numbers.h"
#include "harness/base/text_file.h"
#include "harness/base/words.h"
#include "harness/cli/interrupt.h"
#include "harness/cli/output_path.h"
#include "harness/cli/run_options.h"
#include "harness/cli/servers.h"
#include "harness/cli/terminal.h"
#include "harness/cli/until.h"
#include "harness/endpoint/answers.h"
#include "harness/endpoint/failure.h"
#include "harness/samples/generation.h"
#include "harness/simulator/torch_room.h"
#include "harness/store/facts.h"

namespace assay::cli {

using nlohmann::json;
using samples::DrawnCounts;
using samples::DrawnSample;
using samples::Generation;
using samples::GenerationFile;

namespace {

constexpr std::uint64_t kTemplateBytesMax = 1 << 20;
constexpr double kPriceTokens = 1e6;  ///< a price is for so many
constexpr std::uint64_t kSeedMax = 1'000'000;

/// Of a chat without a template of its own. The prompt of a completion stands as it is.
constexpr const char* kChatTemplate =
    "Complete the following {language} program so that `{entry_point}` does what it is described to do. "
    "Answer with the whole program in one fenced block.\n\n```{language}\n{prompt}\n```\n";
/// Of problems that are scripts and have no entry point.
constexpr const char* kScriptTemplate =
    "Write a {language} program that solves this problem. It reads standard input and writes to standard "
    "output. Answer with the whole program in one fenced block.\n\n{prompt}\n";
constexpr const char* kCompletionTemplate = "{prompt}";

struct Options {
  std::string dataset, endpoint, output;
  Generation generation;
  int answers = 1;
  std::string form;
  std::string template_file, system_file;
  std::vector<std::string> stops, tasks;
  std::string price;
  std::size_t per_request = 16;
  ClientWords client;
  bool judge = false;
  std::string until;
  int round = 8;
};

/// What a million tokens cost.
struct Price {
  double read = 0, written = 0;
  double of(const DrawnCounts& counts) const {
    return (read * static_cast<double>(counts.prompt_tokens) +
            written * static_cast<double>(counts.completion_tokens)) /
           kPriceTokens;
  }
};

std::optional<Price> price_of(const std::string& text) {
  if (text.empty()) return std::nullopt;
  std::vector<double> prices;
  for (const std::string& part : split(text, ','))
    prices.push_back(number_in<double>(part).value_or(-1));
  if (prices.size() != 2 || prices[0] < 0 || prices[1] < 0)
    throw Error(
        fmt::format("--price {}: write it as IN,OUT: what a million tokens of prompts and of "
                    "answers cost",
                    text),
        ExitCode::usage);
  return Price{prices[0], prices[1]};
}

std::string template_text(const std::string& option, const std::string& path) {
  std::string text = read_file_bytes(path, kTemplateBytesMax);
  if (!is_utf8(text)) throw Error(fmt::format("{} {}: it is not UTF-8", option, path));
  return text;
}

/// The text of an option in which \n, \t and \\ stand for themselves.
std::string unescaped(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char next = i + 1 < text.size() ? text[i + 1] : ' ';
    const bool escape = text[i] == '\\' && (next == 'n' || next == 't' || next == '\\');
    out += !escape ? text[i] : next == 'n' ? '\n' : next == 't' ? '\t' : '\\';
    i += escape;
  }
  return out;
}

void settle(Options& options, const datasets::Dataset& dataset) {
  Generation& generation = options.generation;
  if (options.endpoint.find_first_of("?#") != std::string::npos)
    throw Error(
        fmt::format("--endpoint {}: what is asked for goes behind the address, so that it can "
                    "have no `?` or `#`",
                    options.endpoint),
        ExitCode::usage);
  generation.chat = options.form.empty() ? !options.endpoint.ends_with("/completions") ||
                                               options.endpoint.ends_with("/chat/completions")
                                         : options.form == "chat";
  generation.endpoint = endpoint::checked_address(options.endpoint, "--endpoint ");
  generation.dataset = dataset.name;
  generation.dataset_version = dataset.version;
  const bool scripts =
      std::all_of(dataset.problems.begin(), dataset.problems.end(),
                  [](const datasets::Problem& problem) { return problem.entry_point.empty(); });
  generation.prompt.text = !options.template_file.empty()
                               ? template_text("--template", options.template_file)
                           : !generation.chat ? kCompletionTemplate
                           : scripts          ? kScriptTemplate
                                              : kChatTemplate;
  if (generation.prompt.text.find("{prompt}") == std::string::npos)
    throw Error(
        fmt::format("--template {}: it has no place for the problem's prompt; write {{prompt}} "
                    "where it shall stand",
                    options.template_file));
  if (!options.system_file.empty()) {
    if (!generation.chat)
      throw Error("--system: only a chat has a message in front; take --form chat",
                  ExitCode::usage);
    generation.prompt.system = template_text("--system", options.system_file);
  }
  for (const std::string& stop : options.stops) generation.stops.push_back(unescaped(stop));
}

/// Named, or the only one that the server has.
std::string model_of(endpoint::Client& client, const Options& options) {
  if (!options.generation.model.empty()) return options.generation.model;
  std::string trouble;
  const std::vector<std::string> names =
      endpoint::models_at(client, options.generation.endpoint, &trouble);
  if (!trouble.empty()) throw Error(trouble);
  if (names.size() != 1 || names.front().empty())
    throw Error(
        fmt::format("--endpoint {}: name the model by --model{}", options.generation.endpoint,
                    names.empty() ? "; the server has no list of them"
                                  : "; the server has " + endpoint::listed(names)),
        ExitCode::usage);
  return names.front();
}

/// The positions of the problems that are asked for.
std::vector<std::size_t> wanted_problems(const datasets::Dataset& dataset,
                                         const std::vector<std::string>& tasks) {
  std::vector<std::size_t> out;
  if (tasks.empty())
    for (std::size_t i = 0; i < dataset.problems.size(); ++i) out.push_back(i);
  const datasets::ProblemIndex index(dataset);
  for (const std::string& task : tasks) {
    const datasets::Problem* problem = index.find(task);
    if (!problem)
      throw Error(fmt::format("--task {}: dataset {} has no such problem", task, dataset.name),
                  ExitCode::usage);
    out.push_back(static_cast<std::size_t>(problem - dataset.problems.data()));
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

/// Draws into a file, and says how far it is.
class Drawing {
 public:
  Drawing(const Common& common, const Options& options, const datasets::Dataset& dataset,
          GenerationFile& file, endpoint::AnswerSource& source)
      : options_(options),
        dataset_(dataset),
        file_(file),
        source_(source),
        price_(price_of(options.price)),
        bar_(common.quiet) {}

  /// The answers that the file lacks of the first `answers` of each of these problems.
  void draw(const std::vector<std::size_t>& problems, int answers) {
    std::vector<endpoint::WantedAnswers> wanted;
    std::vector<std::size_t> position;
    for (const std::size_t at : problems) {
      endpoint::WantedAnswers one;
      for (std::uint32_t k = 0; k < static_cast<std::uint32_t>(answers); ++k)
        if (!file_.has(at, k)) one.numbers.push_back(k);
      total_ += static_cast<std::int64_t>(one.numbers.size());
      if (one.numbers.empty()) continue;
      one.prompt = samples::filled(options_.generation.prompt.text, dataset_.problems[at]);
      one.seed = samples::seed_of(options_.generation, dataset_.problems.size(), at, 0);
      wanted.push_back(std::move(one));
      position.push_back(at);
    }
    if (wanted.empty()) return;
    const auto lost = source_.draw(
        wanted, [&](std::span<const endpoint::Drawn> drawn) { take(drawn, position); });
    for (const endpoint::NotDrawn& one : lost) {
      not_drawn.push_back(one);
      not_drawn.back().prompt = position[one.prompt];
    }
    bar_.clear();
  }

  double seconds() const { return kSteadyClock.seconds_since(began_); }
  std::optional<double> cost(const DrawnCounts& counts) const {
    return price_ ? std::optional(price_->of(counts)) : std::nullopt;
  }

  std::vector<endpoint::NotDrawn> not_drawn;  ///< `prompt` is the problem's place in the dataset

 private:
  void take(std::span<const endpoint::Drawn> drawn, const std::vector<std::size_t>& position) {
    std::vector<DrawnSample> samples;
    for (const endpoint::Drawn& one : drawn)
      samples.push_back({&dataset_.problems[position[one.prompt]], one.number, one.answer.text,
                         one.answer.reasoning, one.answer.finish, one.model, one.seed, one.choice,
                         one.choices, one.answer.prompt_tokens, one.answer.completion_tokens});
    file_.append(samples);
    const DrawnCounts& now = file_.now();
    std::string figures = fmt::format(
        "{:.0f} tokens/s", static_cast<double>(now.completion_tokens) / std::max(seconds(), 1e-3));
    if (const auto spent = cost(now)) figures += fmt::format(", cost {:.4g}", *spent);
    bar_.show("drawing", now.samples, total_, figures);
  }

  const Options& options_;
  const datasets::Dataset& dataset_;
  GenerationFile& file_;
  endpoint::AnswerSource& source_;
  const std::optional<Price> price_;
  const Clock::Time began_ = kSteadyClock.now();
  std::int64_t total_ = 0;
  ProgressBar bar_;
};

DrawnCounts sum(DrawnCounts a, const DrawnCounts& b) {
  a.samples += b.samples;
  a.cut += b.cut;
  a.silent += b.silent;
  a.filtered += b.filtered;
  a.prompt_tokens += b.prompt_tokens;
  a.completion_tokens += b.completion_tokens;
  a.uncounted += b.uncounted;
  return a;
}

json counts_json(const DrawnCounts& counts, const std::optional<double>& cost) {
  return {{"samples", counts.samples},
          {"cut", counts.cut},
          {"silent", counts.silent},
          {"filtered", counts.filtered},
          {"prompt_tokens", counts.prompt_tokens},
          {"completion_tokens", counts.completion_tokens},
          {"tokens_not_counted", counts.uncounted},
          {"cost", cost ? json(*cost) : json()}};
}

void print_drawn(const Common& common, const Options& options, const datasets::Dataset& dataset,
                 const GenerationFile& file, const Drawing& drawing,
                 const endpoint::Counts& counts) {
  const DrawnCounts &now = file.now(), all = sum(file.before(), now);
  const double seconds = drawing.seconds();
  if (common.json) {
    json not_drawn = json::array();
    for (const endpoint::NotDrawn& one : drawing.not_drawn)
      not_drawn.push_back({{"task_id", dataset.problems[one.prompt].task_id},
                           {"samples", one.answers},
                           {"why", one.why}});
    print_json(
        {{"file", options.output},
         {"model", options.generation.model},
         {"name", options.generation.name},
         {"now", counts_json(now, drawing.cost(now))},
         {"file_has", counts_json(all, drawing.cost(all))},
         {"seconds", seconds},
         {"tokens_per_second", now.completion_tokens > 0 && seconds > 0
                                   ? json(static_cast<double>(now.completion_tokens) / seconds)
                                   : json()},
         {"requests", counts.requests},
         {"attempts", counts.attempts},
         {"retries", counts.retries},
         {"not_drawn", not_drawn}});
    return;
  }
  say("{}: {} samples, {} of them drawn now in {} requests ({} attempts) and {:.1f} s\n",
      options.output, grouped(all.samples), grouped(now.samples), grouped(counts.requests),
      grouped(counts.attempts), seconds);
  if (now.completion_tokens > 0)
    say("{} tokens of prompts and {} of answers, {:.0f} a second{}\n", grouped(now.prompt_tokens),
        grouped(now.completion_tokens), static_cast<double>(now.completion_tokens) / seconds,
        drawing.cost(now) ? fmt::format(", cost {:.4g}", *drawing.cost(now)) : "");
  if (now.uncounted > 0)
    say("the server has not counted the tokens of {} samples, which are in no figure\n",
        grouped(now.uncounted));
  if (all.cut > 0)
    say("{} samples were cut at the greatest length (finish_reason length): a cut program is not a wrong "
        "one; a greater --max-tokens draws others\n",
        grouped(all.cut));
  if (all.silent > 0)
    say("{} samples hold no text: all that the model wrote was thought, or filtered\n",
        grouped(all.silent));
  if (all.filtered > 0) say("{} samples were filtered by the server\n", grouped(all.filtered));
}

void print_lost(const datasets::Dataset& dataset,
                const std::vector<endpoint::NotDrawn>& not_drawn) {
  static constexpr std::size_t kShownMax = 10;
  if (not_drawn.empty()) return;
  std::int64_t lost = 0;
  for (const endpoint::NotDrawn& one : not_drawn) lost += one.answers;
  remark(false,
         fmt::format("assay: {} samples could not be drawn; the same command asks for them again:",
                     grouped(lost)));
  for (std::size_t i = 0; i < std::min(kShownMax, not_drawn.size()); ++i)
    remark(false, fmt::format("  {} of {}: {}", not_drawn[i].answers,
                              visible_line(dataset.problems[not_drawn[i].prompt].task_id),
                              not_drawn[i].why));
  if (not_drawn.size() > kShownMax)
    remark(false, fmt::format("  ... and {} more (--json has all)", not_drawn.size() - kShownMax));
}

RunCommand run_of(const Options& options) {
  RunCommand run;
  run.dataset = options.dataset;
  run.run.samples.files = {options.output};
  run.run.samples.tasks = options.tasks;
  run.extract = options.generation.chat;
  return run;
}

/// Rounds of drawing and judging, until each problem has enough or all of its samples.
/// False: interrupted while judging.
bool draw_until(const Common& common, const Options& options, const Until& until,
                const datasets::Dataset& dataset, std::vector<std::size_t> open, Drawing& drawing,
                const GenerationFile& file) {
  const std::size_t all = open.size();
  for (int answers = 0; !open.empty() && answers < options.answers;) {
    answers = std::min(options.answers, answers + options.round);
    drawing.draw(open, answers);
    if (judge_quietly(common, dataset, run_of(options)).interrupted) return false;
    const auto database = store::open_to_read(common.db);
    const std::vector<bool> ends =
        enough(until, *database, dataset, options.generation.name, options.answers);
    std::erase_if(open, [&](std::size_t problem) {
      return ends[problem] ||  // what could not be drawn is not asked for again in every round
             std::ranges::any_of(drawing.not_drawn, [&](const endpoint::NotDrawn& one) {
               return one.prompt == problem;
             });
    });
  }
  std::int64_t drawn = 0;
  for (std::size_t i = 0; i < dataset.problems.size(); ++i) drawn += file.samples_of(i);
  const std::int64_t wanted = static_cast<std::int64_t>(all) * options.answers;
  remark(common.quiet,
         fmt::format(
             "--until {}: {} of {} problems had enough; {} samples in place of {}. Rates that pool "
             "samples (fdr, fpr) now weigh most what was drawn longest: read fdr_macro beside "
             "them (--json has it)",
             options.until, all - open.size(), all, grouped(drawn), grouped(wanted)));
  return true;
}

int interrupted(const Common& common, const std::string& what) {
  remark(false, fmt::format("assay: {}; what was drawn is kept, this goes on from there:", what));
  remark(false, "  " + common.command_line);
  return static_cast<int>(ExitCode::interrupted);
}

int generate(const Common& common, Options options) {
  std::optional<Until> until;
  if (!options.until.empty()) {
    until = until_named(options.until);
    if (until->rule == Until::Rule::worth)
      simulator::torch_room();  // says now that it is not there
    options.judge = true;
  }
  const datasets::Dataset dataset = datasets::load(options.dataset);
  settle(options, dataset);
  refuse_database("-o", options.output, common.db);
  const std::vector<std::size_t> problems = wanted_problems(dataset, options.tasks);
  endpoint::Client client(client_options(options.client), stop_on_signals());
  Generation& generation = options.generation;
  try {
    generation.model = model_of(client, options);
    if (generation.name.empty()) generation.name = generation.model;
    if (const auto trouble = trouble_of_name(generation.name))
      throw Error(fmt::format("the model's name {}; say another with --name", *trouble),
                  ExitCode::usage);
    endpoint::AnswerOptions asked;
    asked.url = generation.endpoint;
    asked.drawing.form =
        generation.chat ? endpoint::Form::whole_answers : endpoint::Form::completions;
    asked.drawing.model = generation.model;
    asked.drawing.sampling = {generation.temperature, generation.top_p};
    asked.drawing.tokens_max = generation.tokens_max;
    asked.system = generation.prompt.system;
    asked.stops = generation.stops;
    asked.per_request = options.per_request;
    endpoint::AnswerSource source(asked, client);
    GenerationFile file(options.output, generation, dataset);
    if (file.mended())
      remark(common.quiet, fmt::format("{}: its last line was cut off and is removed; {} samples "
                                       "before it stand",
                                       options.output, grouped(file.before().samples)));
    Drawing drawing(common, options, dataset, file, source);
    try {
      if (!until) {
        drawing.draw(problems, options.answers);
      } else if (!draw_until(common, options, *until, dataset, problems, drawing, file)) {
        return interrupted(common, "interrupted");
      }
    } catch (const Error&) {
      remark(false, fmt::format("assay: {} samples are kept in {}, {} of them drawn now; the same "
                                "command asks for the rest",
                                grouped(file.before().samples + file.now().samples), options.output,
                                grouped(file.now().samples)));
      throw;
    }
    for (const std::string& note : source.notes()) remark(common.quiet, "remark: " + note);
    if (!options.judge || !common.json)
      print_drawn(common, options, dataset, file, drawing, client.counts());
    print_lost(dataset, drawing.not_drawn);
    const int lost = drawing.not_drawn.empty() ? 0 : static_cast<int>(ExitCode::incomplete);
    if (options.judge) return std::max(lost, run_and_print(common, run_of(options)));
    remark(common.quiet,
           fmt::format("to judge them: {} run --dataset {} --samples {}{}", common.program,
                       options.dataset, options.output, generation.chat ? " --extract" : ""));
    return lost;
  } catch (const endpoint::Stopped&) {
    return interrupted(common, "interrupted");
  }
}

}  // namespace

Act add_generate(CLI::App& command, const Common& common) {
  auto options = std::make_shared<Options>();
  Generation& generation = options->generation;
  generation.temperature = 0.8;
  generation.top_p = 1;
  generation.tokens_max = 2048;
  generation.seed = 1;
  command.add_option("--dataset", options->dataset, "builtin, humaneval, mbpp, or a file")
      ->required();
  command
      .add_option("--endpoint", options->endpoint,
                  "An OpenAI-compatible server, such as http://HOST:8000")
      ->required();
  command
      .add_option("-o,--output", options->output,
                  "The file that samples are added to as they come; FILE.generation.json beside it "
                  "says how they were drawn")
      ->required();
  command.add_option("--model", generation.model,
                     "Which of the server's models (default: the only one that it has)");
  command.add_option("--name", generation.name,
                     "What the samples call the model (default: as --model)");
  command.add_option("-n,--samples-per-problem", options->answers, "Samples of each problem")
      ->check(CLI::Range(1, static_cast<int>(samples::kAnswersMax)))
      ->capture_default_str();
  command.add_option("--task", options->tasks, "Only these problems")->delimiter(',');
  command
      .add_option("--temperature", generation.temperature, "Always sent, and kept with each sample")
      ->check(CLI::Range(0.0, 100.0))
      ->capture_default_str();
  command.add_option("--top-p", generation.top_p, "Always sent, and kept with each sample")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command
      .add_option("--max-tokens", generation.tokens_max,
                  "Most tokens of a sample, which is cut there")
      ->check(CLI::Range(1, 1 << 20))
      ->capture_default_str();
  command
      .add_option("--stop", options->stops,
                  "A text at which a sample ends; again for more; \\n is a line end")
      ->allow_extra_args(false);
  command
      .add_option("--seed", generation.seed,
                  "No two samples share one, nor do those of another --seed")
      ->check(CLI::Range(std::uint64_t{1}, kSeedMax))
      ->capture_default_str();
  command
      .add_option(
          "--form", options->form,
          "chat (whole programs, which `run --extract` takes out of the answers) or "
          "completions (what stands behind the prompt); by default as the address ends, else "
          "chat")
      ->check(CLI::IsMember({"chat", "completions"}));
  command.add_option(
      "--template", options->template_file,
      "A file with what the model is asked, in which {prompt}, {entry_point}, {task_id} "
      "and {language} are filled in; its text is kept with the samples");
  command.add_option("--system", options->system_file,
                     "A file with the message that a chat begins with");
  command.add_option("--price", options->price,
                     "IN,OUT: what a million tokens of prompts and of answers cost");
  command.add_flag("--judge", options->judge,
                   "Afterwards judge the file's samples into --db, as `assay run` does");
  command.add_option(
      "--until", options->until,
      "Judge while drawing, and draw no more for a problem once the interval of its share of right samples is "
      "so narrow (width=.05), or once a sample is accepted or further ones are not worth their price "
      "(worth=LAMBDA,KAPPA: what a wrong answer and a sample cost, where a right answer is worth 1)");
  command
      .add_option("--round", options->round,
                  "With --until: samples of each open problem from one look to the next")
      ->check(CLI::Range(1, static_cast<int>(samples::kAnswersMax)))
      ->capture_default_str();
  const std::string group = "Server";
  command
      .add_option("--per-request", options->per_request,
                  "Samples that a request asks for at most; a server that gives fewer is asked for "
                  "the rest")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str()
      ->group(group);
  add_client_options(command, options->client, group);
  command.footer(
      "What was drawn is in the file the moment its reply is there. Killed at any time, the same command "
      "asks for what is\nmissing; a greater -n adds samples. Exit code 3: some could not be drawn.\n"
      "Example: assay generate --dataset humaneval --endpoint http://127.0.0.1:8000 --model my-model -n 200 "
      "--temperature 0.8\n           -o samples.jsonl");
  return [&common, options] { return generate(common, *options); };
}

}  // namespace assay::cli
