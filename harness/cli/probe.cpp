#include "harness/probe/probe.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "datasets/registry.h"
#include "harness/analysis/selection.h"
#include "harness/analysis/stored_tests.h"
#include "harness/base/crew.h"
#include "harness/base/error.h"
#include "harness/base/hash.h"
#include "harness/base/numbers.h"
#include "harness/base/text_file.h"
#include "harness/base/whole_file.h"
#include "harness/cli/command.h"
#include "harness/cli/interrupt.h"
#include "harness/cli/output_path.h"
#include "harness/cli/probe_output.h"
#include "harness/cli/run_options.h"
#include "harness/cli/stored_conditions.h"
#include "harness/cli/terminal.h"
#include "harness/endpoint/replies.h"
#include "harness/store/facts.h"

namespace assay::cli {

/// Raised where the same probing would find otherwise than it did: what was kept is not used then.
static constexpr const char* kVersion = "probe 5";

namespace {

struct Options {
  analysis::Selection selection;
  std::vector<std::string> tasks;
  probe::Wanted wanted;
  sandbox::Config sandbox;
  std::string budget;
  std::string output;
  int jobs = 0;
  std::size_t top = 20;
};

/// A problem with its accepted programs.
struct Work {
  const datasets::Problem* problem = nullptr;
  std::string contract;
  std::map<std::int64_t, probe::Program> programs;  ///< by id
  std::string trouble;                              ///< why it cannot be probed
};

/// All that is asked of one dataset.
struct Asked {
  std::string source;  ///< as the newest run named it
  std::string limits;  ///< JSON
  datasets::Dataset dataset;
  std::map<std::string, std::string> contracts;
  verify::Demands demands;
  sandbox::Config sandbox;
  std::map<std::string, Work> work;  ///< by task id; of problems with accepted programs
  std::vector<probe::Samples> samples;
};

/// "90", "90s", "5m" or "2h", in seconds; nothing where none is given.
std::optional<double> seconds_of(const std::string& budget) {
  if (budget.empty()) return std::nullopt;
  static const std::map<char, double> kUnits = {{'s', 1}, {'m', 60}, {'h', 3600}};
  const auto unit = kUnits.find(budget.back());
  const std::string digits = unit == kUnits.end() ? budget : budget.substr(0, budget.size() - 1);
  const double number = number_in<double>(digits).value_or(0);
  if (!(number > 0 && number <= 1e7))
    throw Error(fmt::format("--budget {}: write a time above 0, such as 90s, 5m or 2h", budget),
                ExitCode::usage);
  return number * (unit == kUnits.end() ? 1 : unit->second);
}

// ---- what is asked

/// What its verdicts rest on: programs meet the same.
void set_conditions(const store::StoredModel& model, const Options& options, Asked& asked) {
  asked.limits = model.limits;
  asked.sandbox = options.sandbox;
  take_conditions(model, asked.demands, asked.sandbox);
  const auto said = nlohmann::json::parse(model.options, nullptr, false);
  const auto source = said.is_object() ? said.find("dataset") : said.end();
  if (source != said.end() && source->is_string()) asked.source = source->get<std::string>();
}

/// Whether the suites that judged the program are those of the file.
std::string changed_since(const datasets::Problem& problem, const store::JudgedProgram& program,
                          const analysis::Suites& suites) {
  for (const std::string& name : suites.gold) {
    const store::StoredVerdict* verdict = program.verdict(name);
    const datasets::Suite* suite = datasets::find_suite(problem, name);
    if (verdict && (!suite || datasets::hash_of(problem, *suite) != verdict->suite_hash))
      return "the benchmark's file is no longer the one that was judged";
  }
  return "";
}

void add_programs(store::Database& database, const store::StoredModel& model,
                  const Options& options, const std::vector<std::string>& tasks, Asked& asked) {
  const analysis::Suites suites = analysis::suites_for(database, model, options.selection);
  std::map<std::string, const datasets::Problem*> problems;
  for (const datasets::Problem& problem : asked.dataset.problems)
    problems[problem.task_id] = &problem;
  const auto take = [&](const store::JudgedProgram& program) {
    if (!tasks.empty() && std::find(tasks.begin(), tasks.end(), program.task_id) == tasks.end())
      return;
    const std::optional<bool> right = program.passes(suites.gold);
    const auto problem = problems.find(program.task_id);
    if (!right || problem == problems.end()) return;
    const bool accepted = program.passes(suites.proxy).value_or(false);
    if (accepted || *right)
      asked.samples.push_back(
          {model.model, program.task_id, program.program_id, program.samples, accepted, *right});
    if (!*right) return;
    const auto [at, is_new] = asked.work.try_emplace(program.task_id);
    Work& work = at->second;
    if (is_new) {
      work.problem = problem->second;
      work.trouble = changed_since(*work.problem, program, suites);
      const auto contract = asked.contracts.find(program.task_id);
      if (contract != asked.contracts.end()) work.contract = contract->second;
    }
    probe::Program& its = work.programs[program.program_id];
    its.id = program.program_id;
    its.text = program.text;
    if (its.models.empty() || its.models.back() != model.model) its.models.push_back(model.model);
  };
  store::for_each_program(database, model, {.texts = true}, take);
}

/// By dataset, of those with accepted programs.
std::map<std::string, Asked> asked_of(store::Database& database, const Common& common,
                                      const Options& options) {
  std::vector<std::string> tasks;
  for (const std::string& task : options.tasks)
    tasks.push_back(analysis::meant_task(database, task));
  std::map<std::string, Asked> by_dataset;
  for (const store::StoredModel& model :
       store::stored_models(database, options.selection.dataset, options.selection.models)) {
    if (model.counts_only) continue;
    const auto [at, is_new] = by_dataset.try_emplace(model.dataset);
    Asked& asked = at->second;
    if (is_new) {
      set_conditions(model, options, asked);
      if (asked.source.empty()) {
        remark(common.quiet,
               fmt::format("{}: its verdicts were imported, and its tests are not known: it is not "
                           "probed",
                           model.dataset));
      } else {
        analysis::refuse_irregular(asked.source);
        asked.dataset = datasets::load(asked.source);
        asked.contracts = datasets::contracts(asked.source);
      }
    }
    if (!asked.source.empty()) add_programs(database, model, options, tasks, asked);
  }
  std::erase_if(by_dataset, [](const auto& one) { return one.second.work.empty(); });
  if (by_dataset.empty())
    throw Error(fmt::format(
        "{} holds no program that gold accepts, of these problems and models: there is nothing "
        "to probe",
        common.db));
  return by_dataset;
}

// ---- the work

/// All that a result rests on.
std::string key_of(const Work& work, const Asked& asked, const probe::Wanted& wanted,
                   const std::string& interpreter) {
  Hasher hasher;
  hasher.add(kVersion).add(std::to_string(wanted.inputs)).add(std::to_string(wanted.seed));
  hasher.add(interpreter).add(asked.limits);
  hasher.add(verify::name_of(asked.demands.comparison));
  hasher.add(std::to_string(verify::kComparisonVersion));
  hasher.add(work.problem->task_id).add(work.contract);
  for (const datasets::Suite& suite : work.problem->suites)
    if (std::holds_alternative<datasets::DifferentialSuite>(suite.tests))
      hasher.add(datasets::hash_of(*work.problem, suite));
  for (const auto& [id, program] : work.programs) {
    hasher.add(std::to_string(id)).add(program.text);
    for (const std::string& model : program.models) hasher.add(model);
  }
  return hasher.hex();
}

/// The line of what is kept by this key, from 1.
std::int64_t line_of(const std::string& path, const std::string& key) {
  const std::string all = read_file_bytes(path, std::uint64_t{1} << 36);
  const std::size_t at = std::min(all.find(key), all.size());
  return 1 + std::count(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(at), '\n');
}

class Prober {
 public:
  Prober(const Common& common, const Options& options, endpoint::Replies& kept)
      : common_(common), options_(options), kept_(kept), budget_s_(seconds_of(options.budget)) {}

  /// Results by task id; of problems that were not reached there is none.
  std::map<std::string, probe::Result> run(const Asked& asked) {
    order(asked);
    results_.clear();
    next_ = 0;
    const unsigned cpus = std::max(1U, std::thread::hardware_concurrency());
    const auto jobs = std::min<std::size_t>(
        options_.jobs > 0 ? static_cast<std::size_t>(options_.jobs) : cpus, order_.size());
    working_ = jobs;
    ProgressBar bar(common_.quiet);
    Crew crew([this] { end(); });
    for (std::size_t i = 0; i < jobs; ++i) crew.start([&] { member(asked); });
    crew.lead([&] { watch(asked.dataset.name, bar); });
    crew.join();
    bar.clear();
    return std::move(results_);
  }
  bool interrupted() const { return stop_; }
  bool spent() const { return budget_s_ && kSteadyClock.seconds_since(began_) >= *budget_s_; }

 private:
  /// Shuffled by the seed, so that what a budget reaches is a fair draw of the problems.
  void order(const Asked& asked) {
    std::map<std::string, const Work*> shuffled;
    for (const auto& [task_id, work] : asked.work)
      shuffled[sha256(fmt::format("{} {}", options_.wanted.seed, task_id))] = &work;
    order_.clear();
    for (const auto& [key, work] : shuffled) order_.push_back(work);
  }

  void member(const Asked& asked) {
    sandbox::Worker worker(asked.sandbox);
    {
      const std::lock_guard lock(mutex_);
      workers_.push_back(&worker);
    }
    try {
      while (!ended_ && next_ < order_.size()) {
        const std::size_t at = next_++;
        if (at < order_.size()) probe_one(worker, *order_[at], asked);
      }
    } catch (...) {
      leave(&worker);
      throw;
    }
    leave(&worker);
  }
  void leave(sandbox::Worker* worker) {
    const std::lock_guard lock(mutex_);
    std::erase(workers_, worker);
    --working_;
    changed_.notify_all();
  }

  void probe_one(sandbox::Worker& worker, const Work& work, const Asked& asked) {
    const std::string key = key_of(work, asked, options_.wanted, worker.interpreter().identity());
    probe::Result result;
    if (!work.trouble.empty()) {
      result.task_id = work.problem->task_id;
      result.trouble = work.trouble;
    } else if (const auto known = kept_.find(key)) {
      result = kept_result(*known, key, work);
    } else {
      std::vector<probe::Program> programs;
      for (const auto& [id, program] : work.programs) programs.push_back(program);
      result = probe::probe(worker, *work.problem, work.contract, programs, options_.wanted,
                            asked.demands, ended_);
      if (ended_) return;
      // What was lost by a failure of ours, as troubles can be too, is tried again by the same command.
      if (result.lost == 0 && result.trouble.empty()) kept_.keep(key, result_json(result));
    }
    const std::lock_guard lock(mutex_);
    found_ += result.finds.size();
    inputs_ += result.allowed;
    results_[work.problem->task_id] = std::move(result);
  }
  /// Throws where the line is none of this problem and of these programs.
  probe::Result kept_result(const nlohmann::json& known, const std::string& key,
                            const Work& work) const {
    try {
      probe::Result result = result_of(known);
      const auto is_known = [&](const probe::Find& find) {
        return work.programs.contains(find.program);
      };
      if (result.task_id != work.problem->task_id || result.lost != 0 ||
          result.programs > static_cast<std::int64_t>(work.programs.size()) ||
          result.allowed > static_cast<std::int64_t>(options_.wanted.inputs) ||
          !std::all_of(result.finds.begin(), result.finds.end(), is_known))
        throw not_kept_by_probe();
      return result;
    } catch (const Error& error) {
      throw Error(fmt::format("{}:{}: {}", kept_.path(), line_of(kept_.path(), key), error.what()));
    }
  }

  /// Until all are done, or it is to end.
  void watch(const std::string& dataset, ProgressBar& bar) {
    std::unique_lock lock(mutex_);
    while (working_ > 0) {
      changed_.wait_for(lock, std::chrono::milliseconds(100));
      bar.show("probing " + dataset, static_cast<std::int64_t>(results_.size()),
               static_cast<std::int64_t>(order_.size()),
               fmt::format("{} programs found, {} inputs", found_, inputs_));
      if ((stop_ || spent()) && !ended_) end_locked();
    }
  }
  void end() {
    const std::lock_guard lock(mutex_);
    end_locked();
  }
  void end_locked() {
    ended_ = true;
    for (sandbox::Worker* worker : workers_) worker->interrupt();
  }

  const Common& common_;
  const Options& options_;
  endpoint::Replies& kept_;
  const std::optional<double> budget_s_;
  const Clock::Time began_ = kSteadyClock.now();
  const std::atomic<bool>& stop_ = stop_on_signals();
  std::vector<const Work*> order_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<bool> ended_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<sandbox::Worker*> workers_;
  std::size_t working_ = 0;
  std::size_t found_ = 0;
  std::int64_t inputs_ = 0;
  std::map<std::string, probe::Result> results_;
};

Probed probed_of(const Asked& asked, std::map<std::string, probe::Result> results,
                 std::size_t inputs) {
  Probed out;
  out.dataset = asked.dataset.name;
  for (const datasets::Problem& problem : asked.dataset.problems) {
    const auto work = asked.work.find(problem.task_id);
    if (work == asked.work.end()) continue;
    const auto result = results.find(problem.task_id);
    if (result == results.end()) {
      ++out.not_reached;
      continue;
    }
    for (const probe::Find& find : result->second.finds)
      out.texts[find.program] = work->second.programs.at(find.program).text;
    out.results.push_back(std::move(result->second));
  }
  out.totals = probe::totals_of(out.results, asked.samples, inputs);
  return out;
}

/// What became of -o.
std::string written_text(const std::string& output, bool written, bool complete,
                         std::int64_t lost) {
  std::string text = output + ": ";
  text += written
              ? fmt::format(
                    "the benchmark's suites of inputs and a suite `probe`; judge by it: assay run "
                    "--dataset {} --suite probe --samples ...",
                    output)
              : "not written, as no input was found that makes a test";
  if (!complete)
    text += fmt::format("; {}.partial keeps what is done, a larger --budget goes on from there",
                        output);
  else if (lost > 0)
    text += fmt::format(
        "; {}.partial keeps what is done, the same command tries again what was not judged",
        output);
  return text;
}

int probe_command(const Common& common, const Options& options) {
  seconds_of(options.budget);
  analysis::refuse_scores(options.selection);
  const auto database = store::open_to_read(common.db);
  const std::map<std::string, Asked> all = asked_of(*database, common, options);
  if (!options.output.empty()) {
    refuse_database("-o", options.output, common.db);
    if (all.size() > 1)
      throw Error(
          "-o: the database holds several datasets and one benchmark is written: name it with --dataset",
          ExitCode::usage);
  }
  const std::string partial = options.output.empty() ? "" : options.output + ".partial";
  if (!partial.empty()) refuse_database("-o", partial, common.db);
  endpoint::Replies kept(partial, "-o");
  if (kept.read() > 0)
    remark(common.quiet, fmt::format("{}: what was probed before is taken from there", partial));
  Prober prober(common, options, kept);
  std::vector<Probed> probed;
  bool complete = true;
  std::int64_t lost = 0;
  for (const auto& [name, asked] : all) {
    probed.push_back(probed_of(asked, prober.run(asked), options.wanted.inputs));
    complete &= probed.back().not_reached == 0;
    for (const probe::Result& result : probed.back().results) lost += result.lost;
    if (prober.interrupted()) {
      if (partial.empty()) {
        remark(false, "assay: interrupted; with -o FILE what is done stays in FILE.partial");
      } else {
        remark(false,
               fmt::format("assay: interrupted; {} keeps what is done, this goes on from there:",
                           partial));
        remark(false, "  " + common.command_line);
      }
      return static_cast<int>(ExitCode::interrupted);
    }
  }
  if (!options.output.empty()) {
    const Asked& one = all.begin()->second;
    const std::string benchmark =
        benchmark_with_probe(one.dataset, one.contracts, probed.front().results);
    if (!benchmark.empty()) write_whole_file(options.output, benchmark);
    std::error_code ignored;
    if (complete && lost == 0) std::filesystem::remove(partial, ignored);
    remark(common.quiet, written_text(options.output, !benchmark.empty(), complete, lost));
  }
  if (common.json) {
    nlohmann::json datasets = nlohmann::json::array();
    for (const Probed& one : probed) datasets.push_back(probed_json(one));
    print_json({{"seed", options.wanted.seed},
                {"inputs", options.wanted.inputs},
                {"complete", complete},
                {"datasets", datasets}});
  } else {
    for (const Probed& one : probed) print_text(probed_text(one, options.top));
  }
  return lost > 0 ? static_cast<int>(ExitCode::incomplete) : 0;
}

}  // namespace

Act add_probe(CLI::App& command, const Common& common) {
  auto options = std::make_shared<Options>();
  add_selection(command, options->selection);
  command.add_option("--task", options->tasks, "Only these problems")->delimiter(',');
  command
      .add_option("--inputs", options->wanted.inputs,
                  "New inputs of each problem that are allowed; up to 8 times as many are tried")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  command.add_option(
      "--budget", options->budget,
      "End after this time (90s, 5m, 2h); the problems are taken in an order drawn by --seed, and "
      "one that is not done is left out");
  command.add_option("--seed", options->wanted.seed, "Seed of the inputs")->capture_default_str();
  command.add_option("-j,--jobs", options->jobs, "Workers (default: one per CPU)")
      ->check(CLI::Range(1, 1024));
  add_interpreter(command, options->sandbox);
  add_allow_weaker(command, options->sandbox);
  command.add_option(
      "-o,--out", options->output,
      "Write the benchmark with the inputs found, as suite `probe`, into this file, for assay run "
      "--dataset FILE --suite probe. FILE.partial keeps what is done: the same command goes on "
      "from there after a kill");
  command.add_option("--top", options->top, "How many ways to be wrong to print")
      ->capture_default_str();
  command.footer(
      "The programs that gold accepts are run, with the reference, on new inputs that are made from those of the suites. "
      "An input\ncounts where the benchmark's contract allows it; without a contract, where the reference answers. "
      "docs/probe.md says more.\n"
      "Example: assay probe --dataset humaneval --budget 10m -o humaneval-probe.jsonl");
  return [&common, options] { return probe_command(common, *options); };
}

}  // namespace assay::cli
