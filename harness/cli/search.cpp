#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

#include "harness/base/error.h"
#include "harness/base/numbers.h"
#include "harness/cli/command.h"
#include "harness/cli/interrupt.h"
#include "harness/cli/json_output.h"
#include "harness/cli/search_export.h"
#include "harness/cli/search_memory.h"
#include "harness/cli/search_parts.h"
#include "harness/cli/terminal.h"
#include "harness/explore/fidelity.h"
#include "harness/explore/rows.h"
#include "harness/search/exact.h"
#include "harness/search/proposal.h"
#include "harness/tasks/tasks.h"

namespace assay::cli {

using nlohmann::json;

namespace {

struct Options {
  std::string task, policy, verifier, step;  ///< the last three empty: the task's own
  std::string proposal;                      ///< empty: none
  double temperature = 1, top_p = 1, accept_at = 0.5, proposal_temperature = 1;
  std::vector<std::string> strategies;  ///< empty: the usual ones that the policy can serve
  std::vector<int> n = {1, 2, 4, 8, 16, 32, 64};
  std::size_t problems = 0;
  int repeats = 1, jobs = 0, replicates = 2000, samples = 64;
  std::uint64_t seed = 1;
  std::vector<std::string> caps;
  std::string export_to;
  bool exact = false, extract = false, only_sampled = false;
  std::vector<std::string> gold;
  ServerOptions servers;
};

/// The commas within brackets are no ends.
std::vector<std::string> strategies_in(const std::vector<std::string>& words) {
  std::vector<std::string> out;
  for (const std::string& word : words) {
    int depth = 0;
    out.emplace_back();
    for (const char c : word) {
      depth += (c == '[') - (c == ']');
      if (c == ',' && depth == 0)
        out.emplace_back();
      else
        out.back() += c;
    }
  }
  return out;
}

search::Caps caps_of(const std::vector<std::string>& words) {
  search::Caps caps;
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    const std::string key = word.substr(0, equals);
    const std::int64_t value =
        equals == word.npos ? 0 : number_in<std::int64_t>(word.substr(equals + 1)).value_or(0);
    std::int64_t* cap = key == "generations" ? &caps.generations
                        : key == "tokens"    ? &caps.tokens
                        : key == "calls"     ? &caps.calls
                                             : nullptr;
    if (!cap || value <= 0)
      throw Error(fmt::format("--caps {}: write generations=N, tokens=N or calls=N", word),
                  ExitCode::usage);
    *cap = value;
  }
  return caps;
}

json row_json(const explore::Row& row, const Options& options, const explore::Plan& plan) {
  const bool proposed =
      !options.proposal.empty() && search::weighs(plan.strategies[row.strategy].kind);
  return {{"task", options.task},
          {"policy", options.policy},
          {"proposal", proposed ? json(options.proposal) : json()},
          {"verifier", options.verifier},
          {"strategy", plan.strategies[row.strategy].name},
          {"n", row.n},
          {"problems", row.problems},
          {"repeats", row.repeats},
          {"accuracy", to_json(row.accuracy.value)},
          {"accuracy_interval", to_json(row.accuracy.interval)},
          {"accepted", to_json(row.accepted.value)},
          {"fdr", to_json(row.fdr.value)},
          {"fdr_interval", to_json(row.fdr.interval)},
          {"fp_mass", to_json(row.fp_mass.value)},
          {"fp_mass_interval", to_json(row.fp_mass.interval)},
          {"abstained", to_json(row.abstained.value)},
          {"generations", row.generations},
          {"tokens", row.tokens},
          {"tokens_scored", row.tokens_scored},
          {"verifier_calls", row.calls},
          {"log_z", to_json(row.log_z)},
          {"zero_z", to_json(row.zero_z)},
          {"effective_size", row.effective_size},
          {"ancestors", row.ancestors},
          {"ceiling", nullptr},
          {"answers", nullptr}};
}

json fidelity_json(const explore::Fidelity& one, const std::string& name) {
  const auto value = [](const stats::Estimate& estimate) { return to_json(estimate.value); };
  const auto interval = [](const stats::Estimate& estimate) { return to_json(estimate.interval); };
  return {{"name", name},
          {"stage", one.step ? "prefix" : "answer"},
          {"step", one.step ? json(one.step) : json()},
          {"tpr", value(one.tpr)},
          {"fpr", value(one.fpr)},
          {"auc", value(one.auc)},
          {"auc_within", value(one.auc_within)},
          {"ece", value(one.ece)},
          {"brier", value(one.brier)},
          {"n", one.samples},
          {"not_judged", one.not_judged},
          {"intervals",
           {{"tpr", interval(one.tpr)},
            {"fpr", interval(one.fpr)},
            {"auc", interval(one.auc)},
            {"auc_within", interval(one.auc_within)},
            {"ece", interval(one.ece)},
            {"brier", interval(one.brier)}}}};
}

/// Ceilings by strategy, and where asked for the enumerated targets by problem.
struct Ceilings {
  std::vector<std::optional<double>> mean;
  std::vector<json> targets;  ///< by strategy: task_id -> {target, ceiling}
};
Ceilings ceilings_of(const explore::Plan& plan, const explore::Task& task,
                     const std::string& verifier, bool proposed, bool targets) {
  Ceilings out;
  const auto table = task.tables.find(verifier);
  if (table == task.tables.end()) return out;
  out.mean.assign(plan.strategies.size(), 0);
  out.targets.assign(plan.strategies.size(), json::object());
  for (const search::Problem& problem : task.problems) {
    search::TableProblem written = table->second(problem);
    if (!proposed) written.proposal.clear();
    for (std::size_t s = 0; s < plan.strategies.size(); ++s) {
      const search::Exact one = search::exact(plan.strategies[s], written);
      *out.mean[s] += one.ceiling / static_cast<double>(task.problems.size());
      if (targets)
        out.targets[s][problem.task_id] = {{"target", one.target}, {"ceiling", one.ceiling}};
    }
  }
  return out;
}

bool is_rational(const search::Strategy& strategy) {
  return strategy.kind == search::Kind::rational;
}

/// What `rational` believes, from problems that it is not tried on.
void believe(explore::Plan& plan, const explore::Task& task, search::Policy& policy,
             search::PrefixVerifier& verifier, int samples, const std::atomic<bool>& stop) {
  const bool any = std::any_of(plan.strategies.begin(), plan.strategies.end(), is_rational);
  if (!any) return;
  if (!task.calibration)
    throw Error(
        "--strategy rational: the task has no problems left to learn from how often a draw is "
        "right and accepted, none of which may be among those it is tried on; give --problems "
        "fewer than there are",
        ExitCode::usage);
  const explore::Task others = task.calibration();
  explore::Experiment experiment(others, policy, verifier);
  const auto sampled = experiment.sample(samples, plan.seed, plan.jobs, stop);
  for (const search::Strategy& strategy : plan.strategies)
    plan.beliefs.push_back(is_rational(strategy)
                               ? std::optional(explore::belief_of(strategy, sampled))
                               : std::nullopt);
}

/// Those that are asked for, else the usual ones. Throws where the policy cannot serve one.
std::vector<search::Strategy> strategies_of(const Options& options, const search::Policy& policy,
                                            const tasks::Tell& tell) {
  const bool steps = policy.capabilities().steps;
  std::vector<std::string> texts = strategies_in(options.strategies);
  if (texts.empty()) {
    texts = {"greedy", "sample", "majority", "best-of"};
    if (steps)
      texts.insert(texts.end(), {"dvts", "particle"});
    else
      tell(fmt::format(
          "{} gives whole answers only: what takes one of several answers can be tried, "
          "beam, dvts and the particle methods cannot",
          options.policy));
  }
  std::vector<search::Strategy> strategies;
  for (const std::string& text : texts) {
    strategies.push_back(search::parse_strategy(text));
    search::check_served(strategies.back(), policy.capabilities());
  }
  return strategies;
}

/// Raised where the same search would answer otherwise than it did: what was kept is not recalled then.
constexpr int kAnswersVersion = 2;

/// What its answers rest on.
store::SearchRow stored_row(const Options& options, const std::string& served_model,
                            const explore::Task& task, const tasks::SampleFile* file,
                            const std::vector<search::Strategy>& strategies) {
  store::SearchRow row{
      .task = options.task, .policy = options.policy, .verifier = options.verifier};
  json rests = {{"answers", kAnswersVersion}, {"seed", options.seed},
                {"step", options.step},       {"temperature", options.temperature},
                {"caps", options.caps},       {"accept_at", options.accept_at}};
  if (options.top_p < 1) rests["top_p"] = options.top_p;
  if (!options.proposal.empty()) {
    rests["proposal"] = options.proposal;
    rests["proposal_temperature"] = options.proposal_temperature;
  }
  if (!served_model.empty() || !options.servers.reward_model.empty() || options.servers.tokens_max)
    rests.update({{"model", served_model},
                  {"reward_model", options.servers.reward_model},
                  {"max_tokens", options.servers.tokens_max}});
  // What is learnt on other problems depends on what is left and drawn.
  const bool learns = row.verifier.find("+calibrated") != row.verifier.npos ||
                      std::any_of(strategies.begin(), strategies.end(), is_rational);
  if (learns) rests.update({{"problems", options.problems}, {"samples", options.samples}});
  if (learns && options.only_sampled) rests["only_sampled"] = true;
  if (!task.version.empty()) rests["version"] = task.version;
  if (!options.gold.empty()) rests["gold"] = options.gold;
  if (options.extract) rests["extract"] = true;
  if (file) rests["sample_file"] = file->identity();
  row.options = json_text(rests);
  std::vector<std::string> names = {row.task, row.policy, row.verifier};
  if (!options.proposal.empty()) names.push_back(options.proposal);  // else those of before
  row.identity = identity_of(row.options, names);
  return row;
}

std::string named(const std::string& given, const std::string& usual, const char* option,
                  const explore::Task& task) {
  if (!given.empty()) return given;
  if (!usual.empty()) return usual;
  throw Error(fmt::format("{}: the task {} has none of its own: name one, such as gpt:FILE or "
                          "endpoint:URL",
                          option, task.name),
              ExitCode::usage);
}

/// Throws where none of them would draw from a proposal.
void check_proposed(const std::vector<search::Strategy>& strategies) {
  const bool any = std::any_of(strategies.begin(), strategies.end(),
                               [](const auto& one) { return search::weighs(one.kind); });
  if (!any)
    throw Error(
        "--proposal: only particle, entropic-particle, gibbs and tempering draw from it, since "
        "they weigh what they drew; ask for one of them with --strategy",
        ExitCode::usage);
}

/// Throws where an option speaks of something that is not there.
void check_of_benchmarks(const Options& options, const explore::Task& task) {
  const auto refuse = [](const char* option, const std::string& why) {
    throw Error(fmt::format("{}: {}", option, why), ExitCode::usage);
  };
  const bool benchmark = task.benchmark && !task.benchmark->row;
  if (!benchmark && !task.reasoning && !options.gold.empty())
    refuse("--gold", fmt::format("the task {} is no benchmark and has one truth", task.name));
  if (!benchmark && options.extract)
    refuse("--extract",
           fmt::format("the answers of the task {} are no programs in chat texts", task.name));
  if (options.only_sampled && !options.policy.starts_with(tasks::kSamplesPrefix))
    refuse("--only-sampled", "it goes with --policy samples:FILE");
}

int search_command(const Common& common, Options options) {
  const tasks::Tell tell = [&](const std::string& what) { remark(common.quiet, what); };
  explore::Task task = tasks::open(
      options.task, {options.problems, options.seed, options.gold, options.extract, tell});
  check_of_benchmarks(options, task);
  options.policy = named(options.policy, task.usual_policy, "--policy", task);
  options.verifier = named(options.verifier, task.usual_verifier, "--verifier", task);
  if (!options.export_to.empty() && !task.benchmark)
    throw Error(fmt::format("--export {}: the answers of the task {} are no programs",
                            options.export_to, task.name),
                ExitCode::usage);
  PartOptions parts{
      .step = task.step, .sampling = {options.temperature, options.top_p}, .seed = options.seed};
  if (!options.step.empty()) parts.step = search::parse_step_rule(options.step);
  const std::atomic<bool>& stop = stop_on_signals();
  std::optional<Servers> servers;
  if (options.policy.starts_with(Servers::kPrefix) ||
      options.verifier.starts_with(Servers::kPrefix))
    parts.servers = &servers.emplace(options.servers, stop);
  // A thread that waits for a server costs nothing.
  parts.jobs = options.jobs ? options.jobs
               : servers    ? std::min(options.servers.client.in_flight, 1024)
                            : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  parts.samples = options.samples;
  parts.tell = tell;
  if (options.policy.starts_with(tasks::kSamplesPrefix))
    parts.file = tasks::add_samples(task, options.policy.substr(tasks::kSamplesPrefix.size()),
                                    options.only_sampled, tell);
  const std::unique_ptr<search::Policy> policy = make_policy(options.policy, task, parts);
  explore::Plan plan;
  plan.strategies = strategies_of(options, *policy, tell);
  std::unique_ptr<search::Policy> proposal;
  std::optional<search::Proposed> proposed;
  if (!options.proposal.empty()) {
    check_proposed(plan.strategies);
    proposal = make_proposal(options.proposal, options.proposal_temperature, options.policy,
                             *policy, task, parts);
    proposed.emplace(*policy, *proposal);
  }
  VerifierChain chain = make_verifier(options.verifier, task, *policy, parts, stop);
  if (servers)
    for (const std::string& note : servers->notes()) remark(common.quiet, note);

  plan.n = options.n;
  std::sort(plan.n.begin(), plan.n.end());
  plan.n.erase(std::unique(plan.n.begin(), plan.n.end()), plan.n.end());
  plan.repeats = options.repeats;
  plan.seed = options.seed;
  plan.caps = caps_of(options.caps);
  plan.jobs = parts.jobs;
  stats::BootstrapOptions bootstrap;
  bootstrap.seed = options.seed;
  bootstrap.replicates = options.replicates;

  plan.accepts_at = options.accept_at;
  explore::Experiment experiment(task, *policy, chain.verifier(), proposed ? &*proposed : nullptr);
  believe(plan, task, *policy, chain.verifier(), options.samples, stop);

  SearchMemory memory(
      common.db,
      stored_row(options, servers ? servers->model() : "", task, parts.file.get(), plan.strategies),
      task, plan);
  ProgressBar bar(common.quiet);
  const std::vector<explore::Answer> answers = experiment.run(
      plan, stop, [&](std::int64_t done, std::int64_t total) { bar.show("problems", done, total); },
      &memory);
  bar.clear();
  if (!options.export_to.empty()) memory.forget_samples();  // what is written out has its text
  const auto sampled = experiment.sample(options.samples, options.seed, plan.jobs, stop, &memory);
  if (!options.export_to.empty())
    export_samples(options.export_to, task, options.seed, options.policy, sampled);
  const std::vector<explore::Row> rows = explore::rows(task, plan, answers, bootstrap);
  const auto fidelity = explore::fidelity(task, sampled, plan.accepts_at, bootstrap);
  const auto foretold = explore::foretold(task, plan, sampled);
  const std::size_t reference = explore::reference_of(plan);
  std::vector<explore::Scaling> scaling;
  if (reference < plan.strategies.size()) {
    scaling =
        explore::scaling(task, plan, answers, reference, explore::compared_at(plan.n), bootstrap);
  }
  const Ceilings ceilings =
      options.caps.empty() && task.policies.contains(options.policy)
          ? ceilings_of(plan, task, options.verifier, !options.proposal.empty(), options.exact)
          : Ceilings{};
  const bool plain = !ceilings.mean.empty();

  if (common.json) {
    json out = {{"recalled", memory.recalled()},
                {"rows", json::array()},
                {"verifiers", json::array()},
                {"scaling", json::array()},
                {"predicted", json::array()}};
    std::map<std::pair<std::size_t, int>, json> counted;
    if (options.repeats > 1) {
      for (const explore::Answer& answer : answers) {
        if (answer.abstained) continue;
        json& counts = counted[{answer.strategy, answer.n}][task.problems[answer.problem].task_id];
        if (counts.is_null()) counts = json::object();
        counts[answer.answer] = counts.value(answer.answer, 0) + 1;
      }
    }
    for (const explore::Row& row : rows) {
      json one = row_json(row, options, plan);
      if (plain) one["ceiling"] = to_json(ceilings.mean[row.strategy]);
      if (options.repeats > 1) one["answers"] = counted[{row.strategy, row.n}];
      if (options.exact && plain) one["exact"] = ceilings.targets[row.strategy];
      out["rows"].push_back(std::move(one));
    }
    for (const explore::Fidelity& one : fidelity)
      out["verifiers"].push_back(fidelity_json(one, options.verifier));
    for (const explore::Scaling& one : scaling) {
      out["scaling"].push_back({{"strategy", plan.strategies[one.strategy].name},
                                {"reference", plan.strategies[one.reference].name},
                                {"at_n", one.at_n},
                                {"ratio", to_json(one.ratio)},
                                {"interval", to_json(one.interval)},
                                {"censored", one.censored},
                                {"interval_censored_above", one.censored_above}});
    }
    for (const explore::Foretold& one : foretold) {
      out["predicted"].push_back({{"strategy", plan.strategies[one.strategy].name},
                                  {"n", one.n},
                                  {"accuracy", one.accuracy}});
    }
    if (servers) out["servers"] = servers->counts();
    print_json(out);
    return 0;
  }
  Table text({"strategy", "n", "accuracy", "fdr: wrong of accepted", "abstained", "tends to",
              "tokens", "calls"});
  for (const explore::Row& row : rows) {
    text.add({plan.strategies[row.strategy].name, std::to_string(row.n),
              with_interval(row.accuracy), with_interval(row.fdr), number(row.abstained.value),
              plain ? number(ceilings.mean[row.strategy]) : "–", fmt::format("{:.1f}", row.tokens),
              fmt::format("{:.1f}", row.calls)});
  }
  print_text(text.text());
  if (memory.recalled() > 0)
    say("\n{} of the {} answers were in {} from before.\n", memory.recalled(), answers.size(),
        common.db);
  const explore::Fidelity& final = fidelity.front();
  say("\n95% intervals over {} problems. The verifier on {} finished answers{}: accepts {} of "
      "the right and {} of the wrong; AUC {}, within problems {}.\n",
      task.problems.size(), final.samples,
      final.not_judged > 0 ? fmt::format(" ({} more were not judged)", final.not_judged) : "",
      with_interval(final.tpr), with_interval(final.fpr), with_interval(final.auc),
      with_interval(final.auc_within));
  if (final.samples > 0 && final.tpr.value.value_or(0) == 0 && final.fpr.value.value_or(0) == 0)
    say("No score of them is as high as --accept-at {}, from where on an answer counts as accepted.\n",
        options.accept_at);
  for (const explore::Scaling& one : scaling) {
    if (!one.ratio) continue;  // the reference is never right
    say("{} needs {}{:.1f} times the generations of {} at {}{}\n",
        plan.strategies[one.strategy].name, one.censored ? "more than " : "", *one.ratio,
        plan.strategies[one.reference].name, one.at_n,
        one.interval ? fmt::format(" [{:.1f}, {}]", one.interval->lo,
                                   one.censored_above ? "more than tried"
                                                      : fmt::format("{:.1f}", one.interval->hi))
                     : "");
  }
  if (servers) print_text(servers->summary());
  return 0;
}

}  // namespace

Act add_search(CLI::App& command, const Common& common) {
  auto options = std::make_shared<Options>();
  command
      .add_option(
          "--task", options->task,
          "What it is tried on: chains, thoughts, arithmetic (with a calculator), game24, list, list:1, list:2, list:4 (programs on lists, "
          "with so many visible tests), stories (that must hold given words), a benchmark as `assay run --dataset` takes it (humaneval, mbpp, "
          "builtin, or a file), an explicit table (FILE.json), or your own problems (FILE.jsonl: "
          "task_id, prompt, answer)")
      ->required();
  command.add_option(
      "--step", options->step,
      "What a step of a text is: line, token or delim:TEXT (default: the task's own)");
  command.add_option("--temperature", options->temperature, "At which a model's tokens are drawn")
      ->check(CLI::Range(0.01, 100.0))
      ->capture_default_str();
  command
      .add_option("--top-p", options->top_p,
                  "Of a model's tokens only the likeliest, whose probabilities add up to this")
      ->check(CLI::Range(1e-6, 1.0))
      ->capture_default_str();
  command.add_option(
      "--policy", options->policy,
      "Who proposes steps: one of the task's own (table of a table, proposals of game24, grammar or guided "
      "of list; the default, where it has one), gpt:FILE (of `assay train base`), "
      "llama2c:FILE,TOKENIZER, module:FILE.pt (TorchScript: a program), the answers in a sample file "
      "(samples:FILE, as `assay run` reads it; whole answers only), or a server that is compatible "
      "with OpenAI's (endpoint:http://HOST:PORT)");
  command.add_option(
      "--proposal", options->proposal,
      "Whom particle, entropic-particle, gibbs and tempering draw from instead of the policy: a model of the "
      "same tokens (gpt:FILE, as `assay train gflownet` makes it, llama2c:, module:) or table (a table's "
      "`proposal`). What is drawn is weighed by p/q, so that they tend to what they tend to without it");
  command
      .add_option(
          "--proposal-temperature", options->proposal_temperature,
          "At which a proposal's tokens are drawn; --temperature and --top-p are the policy's")
      ->check(CLI::Range(0.01, 100.0))
      ->capture_default_str();
  command.add_flag("--only-sampled", options->only_sampled,
                   "With samples:FILE: leave problems out that have no sample in it");
  command
      .add_option(
          "--gold", options->gold,
          "Suites of a benchmark that decide together what is right (default: all but "
          "official); of arithmetic: answer, or chain (the right answer behind the right chain)")
      ->delimiter(',');
  command.add_flag("--extract", options->extract,
                   "Answers to a benchmark are chat texts: find the program in them, as `assay run "
                   "--extract` does");
  command.add_option(
      "--verifier", options->verifier,
      "Who scores them: one of the task's own (table of a table, votes of game24, suite:visible of list, "
      "letters or words of stories, answer or consistent of arithmetic, "
      "suite:NAME of a benchmark, by default base; the default, where it has one), truth, "
      "recorded:FILE[,COLUMN] (scores of the samples of samples:FILE: task_id, sample_id, score), gpt:FILE (how far it would have gone that way itself), "
      "prm:FILE (of `assay train prm`), module:FILE.pt, or a server (endpoint:URL; docs/search.md); "
      "followed by +calibrated (to the chance of being right, on other problems), +bounded=LOGODDS, "
      "+noise=SIGMA (on the log odds, the same for the same prefix), +systematic=SHARE (of the errors, "
      "which are never seen), +threshold=SCORE (1 from that score on, else 0) or +cached (asked once for "
      "each prefix)");
  std::vector<std::string> names;
  for (const auto& [name, kind] : search::strategy_names()) names.push_back(name);
  command
      .add_option("--strategy", options->strategies,
                  fmt::format("Which ways to spend: {}; with options in brackets, such as "
                              "particle[weights=odds,choose=vote]",
                              fmt::join(names, ", ")))
      ->allow_extra_args(false);
  command.add_option("--n", options->n, "Budgets in generations")
      ->delimiter(',')
      ->check(CLI::Range(1, 1 << 20));
  command.add_option("--problems", options->problems, "Only the first so many problems")
      ->check(CLI::PositiveNumber);
  command.add_option("--repeat", options->repeats, "Each of them so many times")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  command
      .add_option("--samples", options->samples,
                  "Plain samples of each problem, by which the verifier is measured")
      ->check(CLI::Range(2, 1'000'000))
      ->capture_default_str();
  command
      .add_option("--accept-at", options->accept_at,
                  "From which score on an answer counts as accepted by the verifier")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command.add_option("--export", options->export_to,
                     "Write these samples and the problems into this folder, as `assay run` takes "
                     "them (problems.jsonl, samples.jsonl), where answers are programs");
  command.add_option("--caps", options->caps, "generations=N,tokens=N,calls=N for each search")
      ->delimiter(',');
  command.add_flag("--exact", options->exact,
                   "Also the enumerated target of each strategy (--json)");
  command.add_option("-j,--jobs", options->jobs, "Threads (default: one per CPU)")
      ->check(CLI::Range(1, 1024));
  command.add_option("--seed", options->seed, "Seed of every draw")->capture_default_str();
  command.add_option("--replicates", options->replicates, "Bootstrap replicates")
      ->check(CLI::Range(100, 10'000'000))
      ->capture_default_str();
  add_server_options(command, options->servers);
  command.footer(
      "Examples: assay search --task game24 --verifier votes+calibrated --strategy best-of,dvts,particle "
      "--n 1,2,4,8,16\n"
      "          assay search --task problems.jsonl --policy endpoint:http://127.0.0.1:8000 "
      "--verifier truth --replies replies.jsonl\n"
      "          assay search --task symbols --policy gpt:base.gpt --proposal gpt:gflownet.gpt "
      "--strategy 'particle[ess=0,choose=draw]' --n 1,4,16\n"
      "          assay search --task arithmetic --policy gpt:sft.gpt --proposal gpt:gflownet.gpt --verifier answer "
      "--gold chain --strategy 'particle[ess=0,choose=draw]' --n 1,4,16\n"
      "          assay search --task humaneval --policy samples:samples.jsonl.gz --verifier suite:base "
      "--strategy best-of,majority --n 1,4,16");
  return [&common, options, &command] {
    if (options->proposal.empty() && command.count("--proposal-temperature") > 0)
      throw Error("--proposal-temperature: there is no --proposal whose tokens it would be of",
                  ExitCode::usage);
    try {
      return search_command(common, *options);
    } catch (const endpoint::Stopped&) {
      return static_cast<int>(ExitCode::interrupted);
    } catch (const explore::Interrupted&) {
      return static_cast<int>(ExitCode::interrupted);
    }
  };
}

}  // namespace assay::cli
