#include "harness/run/run.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sched.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>
#include <tuple>

#include "datasets/test_text.h"
#include "harness/base/crew.h"
#include "harness/base/error.h"
#include "harness/base/hash.h"
#include "harness/run/plan.h"
#include "harness/run/style.h"
#include "harness/run/work.h"
#include "harness/store/facts.h"
#include "harness/store/shards.h"
#include "harness/store/tally.h"
#include "harness/verify/audit.h"

namespace assay::run {

/// A verdict is durable at most this long after it was made.
static constexpr auto kCommitEvery = std::chrono::milliseconds(500);
/// Tasks waiting per worker: enough to keep it busy, few enough to keep memory flat.
static constexpr std::size_t kQueuePerWorker = 32;
/// Of suites that are not to be trusted, so many are told by name.
static constexpr std::size_t kDoubtsMax = 3;

const char* name_of(Depth depth) {
  switch (depth) {
    case Depth::decided:
      return "decided";
    case Depth::full:
      return "full";
    case Depth::first_failure:
      return "stop-at-first-failure";
  }
  return "";
}

/// The CPUs this process may use; never empty.
static std::vector<int> own_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> cpus;
  if (sched_getaffinity(0, sizeof set, &set) == 0) {
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
      if (CPU_ISSET(static_cast<unsigned>(cpu), &set)) cpus.push_back(cpu);
    }
  }
  if (cpus.empty()) cpus.push_back(0);
  return cpus;
}

std::vector<sandbox::Config> worker_configs(const sandbox::Config& config, int jobs) {
  const std::vector<int> cpus = own_cpus();
  const std::size_t count = jobs > 0 ? static_cast<std::size_t>(jobs) : cpus.size();
  std::vector<sandbox::Config> configs(count, config);
  for (std::size_t i = 0; i < count; ++i) configs[i].cpu = count <= cpus.size() ? cpus[i] : -1;
  return configs;
}

std::unique_ptr<sandbox::Executor> launch_worker(const sandbox::Config& config) {
  return std::make_unique<sandbox::Worker>(config);
}

namespace {

std::string machine_json() {
  utsname names{};
  uname(&names);
  const long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
  return nlohmann::json{{"assay", ASSAY_VERSION},
                        {"system", fmt::format("{} {}", names.sysname, names.release)},
                        {"architecture", names.machine},
                        {"cpus", std::thread::hardware_concurrency()},
                        {"memory_mib", pages / 1024 * page / 1024}}
      .dump();
}

std::string limits_json(const sandbox::Limits& limits) {
  nlohmann::json out;
  for (const sandbox::LimitField& field : sandbox::kLimitFields) {
    if (field.whole()) {
      out[field.name] = static_cast<std::uint64_t>(field.get(limits));
    } else {
      out[field.name] = field.get(limits);
    }
  }
  return out.dump();
}

/// One call of run(): holds what its parts share.
class Runner {
 public:
  Runner(store::Database& database, const datasets::Dataset& dataset, const Options& options,
         const std::function<void(const Progress&)>& progress, const std::atomic<bool>& stop)
      : database_(database),
        dataset_(dataset),
        options_(options),
        report_(progress),
        stop_(stop),
        cells_(database, dataset, options) {}

  Summary run() {
    start_workers();
    cells_.put();
    summary_.dataset_id = cells_.dataset_id();
    tell_of_pytest();
    if (options_.references_only) return make_references();
    if (!read_samples()) return std::move(summary_);
    begin();
    try {
      count_cells();
      judge_all();
      while (!stop_ && !again_.empty()) judge_again();
      if (!stop_ && options_.only_slow) judge_slow();
      if (!stop_ && options_.style && any_python()) read_style();
      finish();
    } catch (const std::exception& error) {
      throw Failed(error.what());
    }
    return std::move(summary_);
  }

 private:
  Summary make_references() {
    cells_.choose({}, 0, interpreter_);
    count_cells();
    drive(workers_.size(), [&](Channel& channel) {
      for (const std::size_t problem : cells_.longest_first()) {
        if (ending(channel)) return;
        Task task = cells_.references(problem);
        if (task.cells.empty()) continue;
        task.work = cells_.work(problem);
        give(task, channel);
      }
    });
    finish();
    return std::move(summary_);
  }

  void start_workers() {
    for (const sandbox::Config& config : worker_configs(options_.sandbox, options_.jobs))
      workers_.push_back(options_.launch(config));
    interpreter_ = what_runs(dataset_, *workers_.front());
  }

  /// What runs the programs of all problems' languages, with their versions; one that this machine does
  /// not have is told before anything is judged.
  static std::string what_runs(const datasets::Dataset& dataset,
                               const sandbox::Executor& executor) {
    std::set<std::string> languages, identities;
    for (const datasets::Problem& problem : dataset.problems) languages.insert(problem.language);
    for (const std::string& language : languages) identities.insert(executor.toolchain(language));
    return languages.empty() ? executor.interpreter().identity()
                             : fmt::format("{}", fmt::join(identities, "; "));
  }

  /// Told before hours of judging rather than after them.
  void tell_of_pytest() {
    const std::vector<std::string>& packages = options_.sandbox.packages;
    if (!options_.tell || std::find(packages.begin(), packages.end(), "pytest") != packages.end())
      return;
    std::size_t suites = 0;
    for (const datasets::Problem& problem : dataset_.problems) {
      for (const std::string& name : cells_.suite_names()) {
        const datasets::CheckerSuite* code = datasets::checker(problem, name);
        suites += code && datasets::imports(datasets::text_as_given(code->checker), "pytest");
      }
    }
    if (suites > 0) {
      options_.tell(fmt::format(
          "the test texts of {} suite{} import pytest, which the jail does not have: --packages "
          "pytest admits it where this Python has it",
          suites, suites == 1 ? "" : "s"));
    }
  }

  /// False where the user ended it meanwhile.
  bool read_samples() {
    std::vector<sandbox::Executor*> executors;
    for (const auto& worker : workers_) executors.push_back(worker.get());
    samples::Intake intake(options_.reading, std::move(executors), stop_);
    try {
      summary_.samples =
          samples::ingest(database_, dataset_, cells_.problem_ids(), options_.samples, intake);
    } catch (const samples::Interrupted&) {
      summary_.interrupted = true;
      return false;
    }
    if (summary_.samples.fenced > 0 && options_.tell) {
      options_.tell(fmt::format(
          "{} of {} samples hold a code fence (```) and are read as programs all the same: if they are "
          "chat answers, --extract takes the programs out of them",
          summary_.samples.fenced, summary_.samples.rows));
    }
    return true;
  }

  void begin() {
    store::Transaction transaction(database_);
    summary_.condition_id =
        store::put_condition(database_, {limits_json(options_.demands.limits),
                                         verify::name_of(options_.demands.comparison), interpreter_,
                                         verify::kComparisonVersion});
    store::RunRow row;
    row.dataset_id = summary_.dataset_id;
    row.condition_id = summary_.condition_id;
    row.level = sandbox::name_of(workers_.front()->level());
    row.command = options_.command;
    row.options = options_.options_json;
    row.machine = machine_json();
    summary_.run_id = store::begin_run(database_, row);
    for (const std::int64_t model_id : summary_.samples.model_ids) {
      store::put_run_model(database_, summary_.run_id, model_id);
    }
    for (const store::StoredModel& model : options_.stored) take_stored(model);
    if (options_.samples.shard) put_shard(*options_.samples.shard);
    transaction.commit();
    cells_.choose(summary_.samples.model_ids, summary_.condition_id, interpreter_);
  }

  void put_shard(const samples::Shard& shard) {
    Hasher work;
    work.add(summary_.samples.rows_hash).add(name_of(options_.depth));
    work.add(options_.only_slow ? "only slow" : "");
    for (const std::string& suite : cells_.suite_names()) work.add(suite);
    store::put_shard(database_, {summary_.run_id, shard.number, shard.shards, work.hex(),
                                 summary_.samples.rows - summary_.samples.filtered});
  }

  /// The rates of a model speak of one condition: under another one these verdicts would stand alone.
  void take_stored(const store::StoredModel& model) {
    if (model.condition_id != summary_.condition_id)
      throw Error(fmt::format(
          "{} on {} was judged under other conditions: then with Python {}, comparison {}, limits {}; "
          "now with Python {}, comparison {}, limits {}. Take it alone (--model), or judge its samples "
          "again (assay run)",
          model.model, model.dataset, model.interpreter, model.comparison, model.limits,
          interpreter_, verify::name_of(options_.demands.comparison),
          limits_json(options_.demands.limits)));
    summary_.samples.model_ids.push_back(model.model_id);
  }

  void count_cells() {
    const Cells::Count count = cells_.count();
    summary_.cells = count.asked;
    summary_.shared = count.shared;
    summary_.already = count.distinct - count.pending - count.decided;
    summary_.decided = count.decided;
    // A shard may be empty.
    if (count.asked == 0 && summary_.samples.elsewhere == 0 && !options_.references_only)
      summary_.warnings.push_back(cells_.why_none(summary_.samples));
    references_all_ = count.references;
    progress_.total = options_.references_only ? count.suites : count.pending;
    progress_.phase = options_.references_only ? "references" : "judging";
  }

  /// Runs `workers` threads until all that `feed_all` gives them is judged and stored. What a thread
  /// throws ends the others, and is thrown again when what they had judged is stored.
  template <typename Feed>
  void drive(std::size_t workers, const Feed& feed_all) {
    Channel channel(kQueuePerWorker * workers);
    Crew crew([&] { interrupt(channel); });
    for (std::size_t i = 0; i < workers; ++i) {
      crew.start([&, i] { work(*workers_[i], channel); });
    }
    crew.lead([&] { feed_all(channel); });
    channel.close();
    while (channel.left() < workers) {
      if (ending(channel)) interrupt(channel);
      take_results(channel, std::chrono::milliseconds(100));
    }
    take_results(channel, std::chrono::milliseconds(0));
    commit();
    crew.join();
  }

  /// The user wants it to end, or a thread has failed.
  bool ending(Channel& channel) const { return stop_ || channel.dropped(); }

  void judge_all() {
    drive(workers_.size(), [&](Channel& channel) {
      for (const std::size_t problem : cells_.longest_first()) {
        if (ending(channel)) return;
        feed(problem, channel);
      }
    });
  }

  void interrupt(Channel& channel) {
    channel.drop();
    for (auto& worker : workers_) worker->interrupt();
  }

  void feed(std::size_t problem, Channel& channel) {
    std::vector<Task> tasks = cells_.tasks(problem);
    if (tasks.empty()) return;
    const auto problem_work = cells_.work(problem);
    look_at_suites(problem, problem_work->suites.size());
    for (Task& task : tasks) {
      task.work = problem_work;
      give(task, channel);
    }
  }

  /// What can be told of suites without running anything; `datasets check` tells the rest.
  void look_at_suites(std::size_t problem, std::size_t suites) {
    const datasets::Problem& of = dataset_.problems[problem];
    for (std::size_t s = 0; s < suites; ++s) {
      const std::string& name = cells_.suite(problem, s).name;
      if (!verify::plain_findings(*datasets::find_suite(of, name)).empty())
        idle_[name].insert(of.task_id);
    }
  }

  void remark_on_suites() {
    for (const auto& [name, problems] : idle_) {
      summary_.remarks.push_back(
          fmt::format("suite {} of {} problem{} has no test ({}{}): see assay datasets check", name,
                      problems.size(), problems.size() == 1 ? "" : "s", *problems.begin(),
                      problems.size() == 1 ? "" : ", ..."));
    }
    summary_.doubts =
        store::doubts(database_, summary_.dataset_id, interpreter_, cells_.suite_names());
    const std::size_t count = summary_.doubts.size();
    for (std::size_t i = 0; i < std::min(count, kDoubtsMax); ++i) {
      const store::Doubt& doubt = summary_.doubts[i];
      summary_.remarks.push_back(
          fmt::format("{}, suite {}: {}", doubt.task_id, doubt.suite, doubt.what));
    }
    if (count > kDoubtsMax) {
      summary_.remarks.push_back(
          fmt::format("... and so {} more suites: see assay datasets check", count - kDoubtsMax));
    }
  }

  void give(Task& task, Channel& channel) {
    if (!options_.references_only) task.program = store::program_text(database_, task.program_id);
    while (!ending(channel) && !channel.try_give(task))
      take_results(channel, std::chrono::milliseconds(100));
    take_results(channel, std::chrono::milliseconds(0));
  }

  void take_results(Channel& channel, std::chrono::milliseconds wait) {
    const bool ends = ending(channel);
    for (Result& result : channel.collect(wait)) {
      std::visit([&](auto& one) { take(one, ends); }, result);
    }
    if (!references_.empty() || !progress_.reference.empty()) tell_reference();
    if (transaction_ && clock().now() - transaction_began_ > kCommitEvery) commit();
  }

  /// What is being waited for, told at least once a second.
  void tell_reference() {
    progress_.reference.clear();
    progress_.reference_s = 0;
    for (const auto& [key, running] : references_) {
      const double seconds = clock().seconds_since(running.began);
      if (seconds < progress_.reference_s) continue;
      progress_.reference_s = seconds;
      progress_.reference = fmt::format(
          "working out expected answers: {} of {}, {} ({})", running.number, references_all_,
          dataset_.problems[key.first].task_id, cells_.suite(key.first, key.second).name);
    }
    if (report_ && clock().now() - reported_ > std::chrono::milliseconds(500)) {
      reported_ = clock().now();
      report_(progress_);
    }
  }

  void take(const ReferenceBegan& began, bool) {
    references_[{began.problem, began.suite}] = {++references_begun_, clock().now()};
  }
  void take(const ReferenceEnded& ended, bool) { references_.erase({ended.problem, ended.suite}); }
  void take(ReferenceLearnt& learnt, bool ends) {
    // Interrupted, nobody may have looked to the end.
    if (ends && learnt.run.doubt == "") learnt.run.doubt.reset();
    writing();
    store::put_reference_run(database_, learnt.key, learnt.run);
  }
  void take(const Doubted& result, bool ends) {
    if (ends && result.doubt.empty()) return;
    writing();
    store::put_doubt(database_, result.key, result.doubt);
  }
  void take(const Unjudgeable& result, bool ends) {
    // An interrupted reference looks like one that fails; if it does, the next run finds it again.
    if (!ends) warn(result);
    step();
  }
  void take(const Decided& result, bool) {
    if (with_more_time_) return step();
    writing();
    store::put_decided(database_, result.cell.program_id, result.cell.suite_id,
                       summary_.condition_id);
    ++summary_.decided;
    step();
  }
  void take(const Ready&, bool) {
    ++summary_.references;
    step();
  }
  void take(const Deferred& result, bool) {
    again_.push_back(result.cell);
    step();
  }
  void take(Judged& result, bool ends) {
    verify::Judgement& judgement = result.judgement;
    if (ends && judgement.verdict.status == store::Status::missing) {
      // Interrupted in flight, not judged: nothing to store.
    } else if (with_more_time_) {
      take_slow(result.cell, judgement.verdict);
    } else if (result.again) {
      again_.push_back(result.cell);
      again_.back().borderline |= borderline(judgement);
      ++again_.back().tries;
    } else {
      if (judgement.failed_before) judgement.verdict = std::move(*judgement.failed_before);
      judgement.verdict.marginal |= result.cell.borderline;
      summary_.again += result.cell.tries > 0;
      if (judgement.verdict.status == store::Status::missing)
        name_lost(result.cell, judgement.verdict.message);
      store_verdict(result.cell, std::move(judgement.verdict));
    }
    step();
  }

  void step() {
    ++progress_.done;
    if (report_) report_(progress_);
  }

  void warn(const Unjudgeable& result) {
    const std::string text = fmt::format(
        "{}: suite {} cannot be judged: {}", dataset_.problems[result.cell.problem].task_id,
        cells_.suite(result.cell.problem, result.cell.suite).name, result.trouble);
    if (warned_.insert(text).second) summary_.warnings.push_back(text);
  }

  /// Whose program could not be judged, and what was seen of it.
  void name_lost(const CellKey& cell, const std::string& message) {
    const auto samples = store::sample_names(database_, cells_.problem_ids()[cell.problem],
                                             cell.program_id, summary_.samples.model_ids);
    ASSAY_INVARIANT(!samples.empty());
    summary_.lost.push_back({dataset_.problems[cell.problem].task_id,
                             cells_.suite(cell.problem, cell.suite).name, samples.front().model,
                             samples.front().sample_id, static_cast<std::int64_t>(samples.size()),
                             message});
  }

  void store_verdict(const CellKey& cell, store::Verdict verdict) {
    verdict.program_id = cell.program_id;
    verdict.suite_id = cell.suite_id;
    verdict.condition_id = summary_.condition_id;
    verdict.run_id = summary_.run_id;
    writing();
    store::put_verdict(database_, verdict);
    ++summary_.judged;
    summary_.missing += verdict.status == store::Status::missing;
    summary_.judged_cpu_s += verdict.cpu_ms / 1e3;
    progress_.passed += verdict.status == store::Status::pass;
  }

  /// Borderline, tampered and lost cells once more, one at a time, while nothing else of ours runs:
  /// what was close to a limit under load is decided without it. The borderline stay marked. What
  /// hangs on them follows, and may itself have to come again.
  void judge_again() {
    std::vector<CellKey> cells = std::exchange(again_, {});
    progress_.phase = "again, alone";
    progress_.done = 0;
    progress_.total = static_cast<std::int64_t>(cells.size());
    std::sort(cells.begin(), cells.end(), [](const CellKey& a, const CellKey& b) {
      return std::tie(a.problem, a.program_id, a.suite) <
             std::tie(b.problem, b.program_id, b.suite);
    });
    drive(1, [&](Channel& channel) {
      std::shared_ptr<ProblemWork> problem_work;
      for (std::size_t at = 0; at < cells.size() && !ending(channel);) {
        const CellKey& first = cells[at];
        if (!problem_work || problem_work->problem != first.problem) {
          problem_work = cells_.work(first.problem);
        }
        Task task;
        task.work = problem_work;
        task.program_id = first.program_id;
        for (; at < cells.size() && cells[at].problem == first.problem &&
               cells[at].program_id == first.program_id;
             ++at) {
          task.cells.push_back(cells_.again(cells[at]));
        }
        give(task, channel);
      }
    });
  }

  /// Programs that some suite accepts and others reject for their time alone, with more of it. The
  /// verdicts stay.
  void judge_slow() {
    const store::SlowVerdicts known = store::slow_verdicts(database_, summary_.condition_id);
    std::vector<std::pair<std::size_t, std::vector<Task>>> wanted;
    progress_ = {0, 0, 0, "with more time"};
    for (std::size_t problem = 0; problem < dataset_.problems.size(); ++problem) {
      std::vector<Task> tasks = cells_.slow_tasks(problem, known);
      for (const Task& task : tasks)
        for (const Task::Cell& cell : task.cells) progress_.total += cell.pending;
      if (!tasks.empty()) wanted.emplace_back(problem, std::move(tasks));
    }
    if (wanted.empty()) return;
    with_more_time_ = true;
    drive(workers_.size(), [&](Channel& channel) {
      for (auto& [problem, tasks] : wanted) {
        if (ending(channel)) return;
        const auto problem_work = cells_.work(problem, kSlowTimes);
        for (Task& task : tasks) {
          task.work = problem_work;
          give(task, channel);
        }
      }
    });
    with_more_time_ = false;
  }

  void take_slow(const CellKey& cell, const store::Verdict& verdict) {
    if (verdict.status == store::Status::missing) {
      ++summary_.missing;
      name_lost(cell, verdict.message);
      return;
    }
    writing();
    store::put_slow_verdict(database_, {cell.program_id, cell.suite_id, summary_.condition_id,
                                        kSlowTimes, verdict.status, verdict.cpu_ms});
    ++summary_.slow_judged;
    summary_.slow_passed += verdict.status == store::Status::pass;
    summary_.judged_cpu_s += verdict.cpu_ms / 1e3;
  }

  /// After all judging, apart from it: what goes wrong here is a remark.
  /// The measures are of Python's text.
  bool any_python() const {
    return std::any_of(dataset_.problems.begin(), dataset_.problems.end(),
                       [](const datasets::Problem& one) { return one.language == "python"; });
  }

  void read_style() {
    const std::size_t jobs = workers_.size();
    workers_.clear();
    sandbox::Config config = options_.sandbox;
    config.packages.clear();
    const auto show = [this](std::int64_t done, std::int64_t total) {
      if (report_) report_({done, total, 0, "code style"});
    };
    const StyleSummary style =
        measure_style(database_, summary_.dataset_id, summary_.samples.model_ids, config,
                      options_.launch, jobs, show, stop_);
    summary_.styled = style.measured;
    if (!style.trouble.empty()) summary_.remarks.push_back(style.trouble);
  }

  void finish() {
    summary_.interrupted = stop_;
    summary_.references_run = references_begun_;
    remark_on_suites();
    if (!stop_ && summary_.run_id != 0) {
      writing();
      store::end_run(database_, summary_.run_id);
    }
    commit();
    if (!stop_) keep_tallies();
  }

  /// So that rates need not read every verdict.
  void keep_tallies() {
    progress_.phase = "counting";
    store::keep_tallies(database_, [&](std::int64_t done, std::int64_t total) {
      progress_.done = done, progress_.total = total;
      if (report_) report_(progress_);
    });
  }

  const Clock& clock() const { return *options_.clock; }
  void writing() {
    if (transaction_) return;
    transaction_.emplace(database_);
    transaction_began_ = clock().now();
  }
  void commit() {
    if (!transaction_) return;
    transaction_->commit();
    transaction_.reset();
  }

  store::Database& database_;
  const datasets::Dataset& dataset_;
  const Options& options_;
  const std::function<void(const Progress&)>& report_;
  const std::atomic<bool>& stop_;

  Cells cells_;
  std::vector<std::unique_ptr<sandbox::Executor>> workers_;
  std::string interpreter_;
  std::vector<CellKey> again_;   ///< to be judged when all else is, alone
  bool with_more_time_ = false;  ///< what comes in is by kSlowTimes the time
  std::set<std::string> warned_;
  std::map<std::string, std::set<std::string>> idle_;  ///< by suite, problems with idle tests
  Summary summary_;
  Progress progress_;
  struct Running {
    std::int64_t number = 0;
    Clock::Time began;
  };
  std::map<std::pair<std::size_t, std::size_t>, Running> references_;  ///< by problem and suite
  std::int64_t references_begun_ = 0, references_all_ = 0;
  Clock::Time reported_;
  std::optional<store::Transaction> transaction_;
  Clock::Time transaction_began_;
};

}  // namespace

Summary run(store::Database& database, const datasets::Dataset& dataset, const Options& options,
            const std::function<void(const Progress&)>& progress, const std::atomic<bool>& stop) {
  return Runner(database, dataset, options, progress, stop).run();
}

}  // namespace assay::run
