#include "harness/verify/run.h"

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

#include "harness/base/error.h"
#include "harness/store/facts.h"
#include "harness/verify/exchange.h"
#include "harness/verify/plan.h"
#include "harness/verify/style.h"

namespace assay::verify {

using Clock = std::chrono::steady_clock;

/// A verdict is durable at most this long after it was made.
static constexpr auto kCommitEvery = std::chrono::milliseconds(500);
/// Tasks waiting per worker: enough to keep it busy, few enough to keep memory flat.
static constexpr std::size_t kQueuePerWorker = 32;

const char* name_of(Depth depth) {
  switch (depth) {
    case Depth::by_base:
      return "by-base";
    case Depth::full:
      return "full";
    case Depth::first_failure:
      return "stop-at-first-failure";
  }
  return "";
}

namespace {

/// What a worker sends back: a verdict of a cell, or what a reference answered.
struct Result {
  std::size_t problem = 0, suite = 0;
  std::int64_t program_id = 0, suite_id = 0;
  Scope scope = Scope::full;
  bool borderline = false;  ///< of the cell
  Judgement judgement;
  bool begins = false, ends = false;  ///< a reference's run, and nothing else of this is set
  std::string reference_key;          ///< set: this is a reference's answers
  store::ReferenceRun reference;
  std::string trouble;  ///< set: the suite cannot be judged
};

/// A cell to be judged a second time, with nothing else of ours running: borderline, or lost to a
/// fault of ours.
struct Again {
  std::size_t problem = 0, suite = 0;
  std::int64_t program_id = 0;
  Scope scope = Scope::full;
  bool borderline = false;
};

using Channel = Exchange<Task, Result>;

/// What `base` says decides how far `plus` is judged.
Scope scope_after(const std::string& base_status) {
  return base_status.empty() || base_status == "pass" ? Scope::full : Scope::first_failure;
}

std::string status_of_base(const Task& task) {
  for (const Task::Cell& cell : task.cells) {
    if (task.work->suites[cell.suite]->name() == "base") return cell.status;
  }
  return "";
}

/// Judges one cell and posts it; the status goes into the cell for those that come after.
void judge_cell(sandbox::Worker& worker, Task& task, Task::Cell& cell, Mode comparison,
                Channel& channel) {
  SuiteWork& suite_work = *task.work->suites[cell.suite];
  Result result;
  result.problem = task.work->problem;
  result.suite = cell.suite;
  result.program_id = task.program_id;
  result.suite_id = suite_work.suite_id();
  result.borderline = cell.borderline;
  const auto tell = [&](bool begins) {
    Result told = result;
    told.begins = begins, told.ends = !begins;
    channel.put(std::move(told));
  };
  bool ran = false;
  SuiteWork::Ready ready = suite_work.ready(worker, [&] { tell(ran = true); });
  if (ran) tell(false);
  if (ready.to_store) {
    Result reference;
    reference.problem = task.work->problem;
    reference.suite = cell.suite;
    reference.reference_key = suite_work.reference_key();
    reference.reference = std::move(*ready.to_store);
    channel.put(std::move(reference));
  }
  if (!ready.suite->trouble.empty()) {
    result.trouble = ready.suite->trouble;
    channel.put(std::move(result));
    return;
  }
  result.scope = cell.scope.value_or(scope_after(status_of_base(task)));
  result.judgement = judge(worker, task.program, *ready.suite, result.scope, comparison);
  cell.status = result.judgement.verdict.status;
  channel.put(std::move(result));
}

void work(sandbox::Worker& worker, Mode comparison, Channel& channel,
          const std::atomic<bool>& stop) {
  while (std::optional<Task> task = channel.take()) {
    for (Task::Cell& cell : task->cells) {
      if (cell.pending && !stop) judge_cell(worker, *task, cell, comparison, channel);
    }
  }
  channel.leave();
}

/// A stored verdict satisfies a demand for `scope` unless judging on could have shown more.
bool satisfies(const store::Cell& cell, std::optional<Scope> scope) {
  if (cell.status.empty() || cell.status == "missing") return false;
  return scope_named(cell.scope) >= scope.value_or(Scope::full) || cell.status == "pass" ||
         cell.judged == cell.tests;
}

/// The CPUs this process may use; never empty.
std::vector<int> own_cpus() {
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
  return nlohmann::json{{"load_cpu_s", limits.load_cpu_s},   {"test_cpu_s", limits.test_cpu_s},
                        {"suite_cpu_s", limits.suite_cpu_s}, {"wall_factor", limits.wall_factor},
                        {"wall_s_min", limits.wall_s_min},   {"memory_mib", limits.memory_mib},
                        {"reply_mib", limits.reply_mib}}
      .dump();
}

/// One call of run(): holds what its parts share.
class Runner {
 public:
  Runner(store::Database& database, const datasets::Dataset& dataset, const RunOptions& options,
         const std::function<void(const Progress&)>& progress, const std::atomic<bool>& stop)
      : database_(database), dataset_(dataset), options_(options), report_(progress), stop_(stop) {}

  RunSummary run() {
    choose_suites();
    choose_problems();
    start_workers();
    register_dataset();
    summary_.samples = ingest(database_, dataset_, problem_ids_, options_.samples);
    begin();
    count_cells();
    judge_all();
    if (!stop_ && !again_.empty()) judge_again();
    if (!stop_ && options_.style) read_style();
    finish();
    return std::move(summary_);
  }

 private:
  struct Suite {
    std::string name, hash;
    std::int64_t id = 0;
  };

  void start_workers() {
    const std::vector<int> cpus = own_cpus();
    const int jobs = options_.jobs > 0 ? options_.jobs : static_cast<int>(cpus.size());
    for (int i = 0; i < jobs; ++i) {
      sandbox::Config config = options_.sandbox;
      config.cpu = jobs <= static_cast<int>(cpus.size()) ? cpus[static_cast<std::size_t>(i)] : -1;
      workers_.push_back(std::make_unique<sandbox::Worker>(config));
    }
    interpreter_ = workers_.front()->interpreter().identity();
  }

  bool any_has(std::string_view suite) const {
    const auto& problems = dataset_.problems;
    return std::any_of(problems.begin(), problems.end(),
                       [&](const auto& problem) { return datasets::has_suite(problem, suite); });
  }

  void choose_suites() {
    suite_names_ = options_.suites;
    std::vector<std::string> has;
    for (const char* name : datasets::kSuiteNames) {
      if (any_has(name)) has.push_back(name);
    }
    for (const std::string& name : suite_names_) {
      if (!any_has(name)) {
        throw Error(fmt::format("--suite {}: no problem of dataset {} has it; it has {}", name,
                                dataset_.name, fmt::join(has, ", ")),
                    ExitCode::usage);
      }
    }
    if (!suite_names_.empty()) return;
    for (const char* name : {"base", "plus"}) {
      if (any_has(name)) suite_names_.push_back(name);
    }
    if (suite_names_.empty()) suite_names_.push_back("official");
  }

  /// --task keeps to these problems also what is stored but not judged.
  void choose_problems() {
    const std::vector<std::string>& tasks = options_.samples.tasks;
    chosen_.assign(dataset_.problems.size(), tasks.empty());
    const datasets::ProblemIndex index(dataset_);
    for (const std::string& task : tasks) {
      const datasets::Problem* problem = index.find(task);
      if (!problem) {
        throw Error(fmt::format("--task {}: dataset {} has no such problem", task, dataset_.name),
                    ExitCode::usage);
      }
      chosen_[static_cast<std::size_t>(problem - dataset_.problems.data())] = true;
    }
  }

  void register_dataset() {
    store::Transaction transaction(database_);
    summary_.dataset_id =
        store::put_dataset(database_, dataset_.name, dataset_.version, dataset_.note);
    for (std::size_t i = 0; i < dataset_.problems.size(); ++i) {
      const datasets::Problem& problem = dataset_.problems[i];
      problem_ids_.push_back(
          store::put_problem(database_, summary_.dataset_id, static_cast<int>(i), problem));
      auto& suites = suites_.emplace_back();
      for (const std::string& name : suite_names_) {
        if (!datasets::has_suite(problem, name)) continue;
        const std::string hash = datasets::hash_of(problem, name);
        const auto* calls = datasets::differential(problem, name);
        const std::size_t tests = calls ? calls->inputs.size() : 1;
        suites.push_back({name, hash,
                          store::put_suite(database_, problem_ids_.back(), name, hash,
                                           static_cast<std::int64_t>(tests))});
      }
    }
    transaction.commit();
  }

  void begin() {
    store::Transaction transaction(database_);
    summary_.condition_id = store::put_condition(
        database_, {limits_json(options_.limits), name_of(options_.comparison), interpreter_});
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
    transaction.commit();
  }

  /// The scope a suite is asked for; nothing where `base` decides it.
  std::optional<Scope> demanded_scope(const std::string& suite_name) const {
    if (options_.depth == Depth::full) return Scope::full;
    if (options_.depth == Depth::first_failure) return Scope::first_failure;
    const bool base_decides =
        suite_name == "plus" &&
        std::find(suite_names_.begin(), suite_names_.end(), "base") != suite_names_.end();
    return base_decides ? std::nullopt : std::optional<Scope>(Scope::one_process);
  }

  /// The tasks of one problem; cells already judged are left out.
  std::vector<Task> plan(std::size_t problem) {
    std::vector<Task> tasks;
    if (!chosen_[problem]) return tasks;
    for (std::size_t s = 0; s < suites_[problem].size(); ++s) {
      const auto cells = store::cells(database_, problem_ids_[problem], suites_[problem][s].id,
                                      summary_.condition_id, summary_.samples.model_ids);
      if (tasks.empty()) tasks.resize(cells.size());
      for (std::size_t i = 0; i < cells.size(); ++i) {
        Task& task = tasks[i];
        task.program_id = cells[i].program_id;
        Task::Cell cell;
        cell.suite = s;
        cell.scope = demanded_scope(suites_[problem][s].name);
        const auto wanted = cell.scope ? cell.scope : scope_if_known(task);
        cell.pending = !satisfies(cells[i], wanted);
        if (!cell.pending) cell.status = cells[i].status;
        task.cells.push_back(std::move(cell));
      }
    }
    std::erase_if(tasks, [](const Task& task) {
      return std::none_of(task.cells.begin(), task.cells.end(),
                          [](const Task::Cell& cell) { return cell.pending; });
    });
    return tasks;
  }

  /// For a cell whose scope `base` decides: known where base's verdict is stored.
  static std::optional<Scope> scope_if_known(const Task& task) {
    if (task.cells.empty() || task.cells.front().pending) return std::nullopt;
    return scope_after(task.cells.front().status);
  }

  void count_cells() {
    for (std::size_t p = 0; p < suites_.size(); ++p) {
      if (!chosen_[p]) continue;
      for (const Suite& suite : suites_[p]) {
        for (const store::Cell& cell :
             store::cells(database_, problem_ids_[p], suite.id, summary_.condition_id,
                          summary_.samples.model_ids)) {
          summary_.cells += cell.samples;
          summary_.shared += cell.samples - 1;
          ++distinct_;
        }
      }
      const std::vector<Task> tasks = plan(p);
      for (const Task& task : tasks) {
        for (const Task::Cell& cell : task.cells) pending_ += cell.pending;
      }
      for (const Suite& suite : suites_[p]) {
        references_all_ +=
            !tasks.empty() && !store::has_reference_run(database_,
                                                         store::reference_key(suite.hash, interpreter_));
      }
    }
    summary_.already = distinct_ - pending_;
    if (summary_.cells == 0) {
      summary_.warnings.push_back(
          summary_.samples.added + summary_.samples.known == 0
              ? fmt::format("nothing to judge: none of the {} samples is of --task {}",
                            summary_.samples.rows, fmt::join(options_.samples.tasks, ","))
              : fmt::format("nothing to judge: no problem of these samples has suite {}",
                            fmt::join(suite_names_, " or ")));
    }
    progress_.total = pending_;
    progress_.phase = "judging";
  }

  std::shared_ptr<ProblemWork> make_work(std::size_t problem) {
    auto problem_work = std::make_shared<ProblemWork>();
    problem_work->problem = problem;
    const auto hopeless = std::make_shared<std::atomic<bool>>(false);
    for (const Suite& suite : suites_[problem]) {
      const std::string key = store::reference_key(suite.hash, interpreter_);
      problem_work->suites.push_back(std::make_shared<SuiteWork>(
          dataset_.problems[problem], suite.name, suite.id, key,
          store::find_reference_run(database_, key), options_.limits, hopeless));
    }
    return problem_work;
  }

  /// Runs `workers` threads until all that `feed_all` gives them is judged and stored.
  template <typename Feed>
  void drive(std::size_t workers, const Feed& feed_all) {
    Channel channel(kQueuePerWorker * workers);
    std::vector<std::jthread> threads;
    // Whatever goes wrong here, the threads must be told before they are joined.
    struct Close {
      Channel& channel;
      ~Close() { channel.close(true); }
    } close{channel};
    for (std::size_t i = 0; i < workers; ++i) {
      threads.emplace_back([&, i] { work(*workers_[i], options_.comparison, channel, stop_); });
    }
    feed_all(channel);
    channel.close(stop_);
    while (channel.left() < workers) {
      if (stop_) interrupt(channel);
      take_results(channel, std::chrono::milliseconds(100));
    }
    take_results(channel, std::chrono::milliseconds(0));
    commit();
  }

  /// Problems by the bytes of their inputs, so that no worker is left alone with a long one at the
  /// end.
  std::vector<std::size_t> longest_first() const {
    std::vector<std::size_t> bytes(suites_.size(), 0), order(suites_.size());
    for (std::size_t p = 0; p < suites_.size(); ++p) {
      order[p] = p;
      for (const auto* suite : {&dataset_.problems[p].base, &dataset_.problems[p].plus}) {
        if (!*suite) continue;
        for (const std::string& input : (*suite)->inputs) bytes[p] += input.size();
      }
    }
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return bytes[a] > bytes[b]; });
    return order;
  }

  void judge_all() {
    drive(workers_.size(), [&](Channel& channel) {
      for (const std::size_t problem : longest_first()) {
        if (!stop_) feed(problem, channel);
      }
    });
  }

  void interrupt(Channel& channel) {
    channel.close(true);
    for (auto& worker : workers_) worker->interrupt();
  }

  void feed(std::size_t problem, Channel& channel) {
    std::vector<Task> tasks = plan(problem);
    if (tasks.empty()) return;
    const auto problem_work = make_work(problem);
    for (Task& task : tasks) {
      task.work = problem_work;
      give(task, channel);
    }
  }

  void give(Task& task, Channel& channel) {
    task.program = store::program_text(database_, task.program_id);
    while (!stop_ && !channel.try_give(task)) take_results(channel, std::chrono::milliseconds(100));
    take_results(channel, std::chrono::milliseconds(0));
  }

  void take_results(Channel& channel, std::chrono::milliseconds wait) {
    for (Result& result : channel.collect(wait)) take_result(std::move(result));
    if (!references_.empty() || !progress_.reference.empty()) tell_reference();
    if (transaction_ && Clock::now() - transaction_began_ > kCommitEvery) commit();
  }

  /// What is being waited for, told at least once a second.
  void tell_reference() {
    progress_.reference.clear();
    progress_.reference_s = 0;
    for (const auto& [key, running] : references_) {
      const double seconds = std::chrono::duration<double>(Clock::now() - running.began).count();
      if (seconds < progress_.reference_s) continue;
      progress_.reference_s = seconds;
      progress_.reference = fmt::format(
          "working out expected answers: {} of {}, {} ({})", running.number, references_all_,
          dataset_.problems[key.first].task_id, suites_[key.first][key.second].name);
    }
    if (report_ && Clock::now() - reported_ > std::chrono::milliseconds(500)) {
      reported_ = Clock::now();
      report_(progress_);
    }
  }

  void take_result(Result result) {
    if (result.begins) {
      references_[{result.problem, result.suite}] = {++references_begun_, Clock::now()};
      return;
    }
    if (result.ends) {
      references_.erase({result.problem, result.suite});
      return;
    }
    if (!result.reference_key.empty()) {
      writing();
      store::put_reference_run(database_, result.reference_key, result.reference);
      return;
    }
    ++progress_.done;
    if (!result.trouble.empty()) {
      // An interrupted reference looks like one that fails; if it does, the next run finds it
      // again.
      if (!stop_) warn(result);
    } else if (stop_ && result.judgement.verdict.status == "missing") {
      // Interrupted in flight, not judged: nothing to store.
    } else if (!alone_ &&
               (borderline(result.judgement) || result.judgement.verdict.status == "missing")) {
      again_.push_back({result.problem, result.suite, result.program_id, result.scope,
                        borderline(result.judgement)});
    } else {
      if (auto& failed = result.judgement.failed_before) {
        result.judgement.verdict = std::move(*failed);
      }
      result.judgement.verdict.marginal |= result.borderline;
      summary_.again += alone_;
      store_verdict(result.program_id, result.suite_id, std::move(result.judgement.verdict));
    }
    if (report_) report_(progress_);
  }

  static bool borderline(const Judgement& judgement) {
    return judgement.verdict.marginal || judgement.wall_only;
  }

  void warn(const Result& result) {
    const std::string text =
        fmt::format("{}: suite {} cannot be judged: {}", dataset_.problems[result.problem].task_id,
                    suites_[result.problem][result.suite].name, result.trouble);
    if (warned_.insert(text).second) summary_.warnings.push_back(text);
  }

  void store_verdict(std::int64_t program_id, std::int64_t suite_id, store::Verdict verdict) {
    verdict.program_id = program_id;
    verdict.suite_id = suite_id;
    verdict.condition_id = summary_.condition_id;
    verdict.run_id = summary_.run_id;
    writing();
    store::put_verdict(database_, verdict);
    ++summary_.judged;
    summary_.missing += verdict.status == "missing";
    summary_.judged_cpu_s += verdict.cpu_ms / 1e3;
    progress_.passed += verdict.status == "pass";
  }

  /// Borderline and lost cells once more, one at a time, while nothing else of ours runs: what was
  /// close to a limit under load is decided without it. The borderline stay marked.
  void judge_again() {
    alone_ = true;
    progress_.phase = "again, alone";
    progress_.done = 0;
    progress_.total = static_cast<std::int64_t>(again_.size());
    std::sort(again_.begin(), again_.end(),
              [](const Again& a, const Again& b) { return a.problem < b.problem; });
    drive(1, [&](Channel& channel) {
      std::shared_ptr<ProblemWork> problem_work;
      for (const Again& cell : again_) {
        if (stop_) return;
        if (!problem_work || problem_work->problem != cell.problem) {
          problem_work = make_work(cell.problem);
        }
        Task task;
        task.work = problem_work;
        task.program_id = cell.program_id;
        task.cells.push_back({cell.suite, true, cell.scope, "", cell.borderline});
        give(task, channel);
      }
    });
  }

  /// After all judging, apart from it: what goes wrong here is a remark.
  void read_style() {
    const std::size_t jobs = workers_.size();
    workers_.clear();
    sandbox::Config config = options_.sandbox;
    config.packages.clear();
    const auto show = [this](std::int64_t done, std::int64_t total) {
      if (report_) report_({done, total, 0, "code style"});
    };
    const StyleSummary style = measure_style(database_, summary_.dataset_id,
                                             summary_.samples.model_ids, config, jobs, show, stop_);
    summary_.styled = style.measured;
    if (!style.trouble.empty()) summary_.remarks.push_back(style.trouble);
  }

  void finish() {
    summary_.interrupted = stop_;
    if (!stop_) {
      writing();
      store::end_run(database_, summary_.run_id);
    }
    commit();
  }

  void writing() {
    if (transaction_) return;
    transaction_.emplace(database_);
    transaction_began_ = Clock::now();
  }
  void commit() {
    if (!transaction_) return;
    transaction_->commit();
    transaction_.reset();
  }

  store::Database& database_;
  const datasets::Dataset& dataset_;
  const RunOptions& options_;
  const std::function<void(const Progress&)>& report_;
  const std::atomic<bool>& stop_;

  std::vector<std::unique_ptr<sandbox::Worker>> workers_;
  std::string interpreter_;
  std::vector<std::string> suite_names_;
  std::vector<bool> chosen_;  ///< per problem: --task wants it
  std::vector<std::int64_t> problem_ids_;
  std::vector<std::vector<Suite>> suites_;  ///< per problem
  std::int64_t distinct_ = 0, pending_ = 0;
  std::vector<Again> again_;
  bool alone_ = false;  ///< in the second pass
  std::set<std::string> warned_;
  RunSummary summary_;
  Progress progress_;
  struct Running {
    std::int64_t number = 0;
    Clock::time_point began;
  };
  std::map<std::pair<std::size_t, std::size_t>, Running> references_;  ///< by problem and suite
  std::int64_t references_begun_ = 0, references_all_ = 0;
  Clock::time_point reported_;
  std::optional<store::Transaction> transaction_;
  Clock::time_point transaction_began_;
};

}  // namespace

RunSummary run(store::Database& database, const datasets::Dataset& dataset,
               const RunOptions& options, const std::function<void(const Progress&)>& progress,
               const std::atomic<bool>& stop) {
  return Runner(database, dataset, options, progress, stop).run();
}

}  // namespace assay::verify
