#include "harness/run/run.h"

#include <fmt/format.h>
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
#include "harness/run/plan.h"
#include "harness/run/style.h"
#include "harness/run/work.h"
#include "harness/store/facts.h"

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

/// A cell to be judged a second time, with nothing else of ours running: borderline, tampered, or
/// lost to a fault of ours.
struct Again {
  std::size_t problem = 0, suite = 0;
  std::int64_t program_id = 0;
  Scope scope = Scope::full;
  bool borderline = false;
};

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
      : database_(database),
        dataset_(dataset),
        options_(options),
        report_(progress),
        stop_(stop),
        cells_(database, dataset, options) {}

  RunSummary run() {
    start_workers();
    cells_.put();
    summary_.dataset_id = cells_.dataset_id();
    summary_.samples =
        assay::samples::ingest(database_, dataset_, cells_.problem_ids(), options_.samples);
    begin();
    count_cells();
    judge_all();
    if (!stop_ && !again_.empty()) judge_again();
    if (!stop_ && options_.style) read_style();
    finish();
    return std::move(summary_);
  }

 private:
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
    cells_.choose(summary_.samples.model_ids, summary_.condition_id, interpreter_);
  }

  void count_cells() {
    const Cells::Count count = cells_.count();
    summary_.cells = count.asked;
    summary_.shared = count.shared;
    summary_.already = count.distinct - count.pending;
    if (count.asked == 0) summary_.warnings.push_back(cells_.why_none(summary_.samples));
    references_all_ = count.references;
    progress_.total = count.pending;
    progress_.phase = "judging";
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

  void judge_all() {
    drive(workers_.size(), [&](Channel& channel) {
      for (const std::size_t problem : cells_.longest_first()) {
        if (!stop_) feed(problem, channel);
      }
    });
  }

  void interrupt(Channel& channel) {
    channel.close(true);
    for (auto& worker : workers_) worker->interrupt();
  }

  void feed(std::size_t problem, Channel& channel) {
    std::vector<Task> tasks = cells_.tasks(problem);
    if (tasks.empty()) return;
    const auto problem_work = cells_.work(problem);
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
          dataset_.problems[key.first].task_id, cells_.suite(key.first, key.second).name);
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
    } else if (!alone_ && wants_again(result.judgement)) {
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

  /// `tampered` too: so grave a word does not rest on one process.
  static bool wants_again(const Judgement& judgement) {
    const std::string& status = judgement.verdict.status;
    return borderline(judgement) || status == "missing" || status == "tampered";
  }

  void warn(const Result& result) {
    const std::string text =
        fmt::format("{}: suite {} cannot be judged: {}", dataset_.problems[result.problem].task_id,
                    cells_.suite(result.problem, result.suite).name, result.trouble);
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

  /// Borderline, tampered and lost cells once more, one at a time, while nothing else of ours runs:
  /// what was close to a limit under load is decided without it. The borderline stay marked.
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
          problem_work = cells_.work(cell.problem);
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

  Cells cells_;
  std::vector<std::unique_ptr<sandbox::Worker>> workers_;
  std::string interpreter_;
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
