#include "harness/service/desk.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <list>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "harness/base/crew.h"
#include "harness/base/error.h"
#include "harness/base/hash.h"
#include "harness/run/work.h"

namespace assay::service {

using store::Status;
using Time = std::chrono::steady_clock::time_point;

namespace {

constexpr auto kProbeEvery = std::chrono::seconds(1);  ///< of a worker that cannot judge
constexpr const char* kProbe = "pass\n";

struct Waiter {
  Desk::Ticket ticket = 0;
  Desk::Take take;
  Source source = Source::judged;
};

/// A question on its way.
struct Job {
  Question question;
  std::string key;  ///< of the same question; empty: its answer is not shared
  std::vector<Waiter> waiters;
  bool begun = false, judging = false;
  bool read = false;        ///< the program is made of the text
  std::size_t next = 0;     ///< the suite to be judged, of question.suites
  int tries = 0;            ///< of it
  bool borderline = false;  ///< the first of them came near a limit
  double seconds = 0;       ///< of judging
  Time since;               ///< in the lane of those to be judged alone
  bool slept = false;       ///< there: its wall clock ran out, and nothing else was near
  Answer answer;
};
using JobPtr = std::shared_ptr<Job>;
using AnswerPtr = std::shared_ptr<const Answer>;

enum class Step { done, alone, later };

std::string key_of(const Question& question) {
  if (!question.target) return "";
  Hasher hasher;
  hasher.add(question.target->key).add(question.text);
  hasher.add(fmt::format("{} {} {} {}", static_cast<int>(question.scope), question.all_suites,
                         question.is_completion, static_cast<int>(question.reading)));
  for (const std::size_t suite : question.suites) hasher.add(std::to_string(suite));
  return hasher.hex();
}

std::size_t bytes_of(const Answer& answer) {
  std::size_t bytes = 512 + answer.program.size() + answer.output.size();
  for (const SuiteAnswer& suite : answer.suites) {
    bytes += 256 + suite.verdict.message.size() + 4 * suite.verdict.failing.size();
    if (suite.verdict.witness)
      bytes += suite.verdict.witness->input.size() + suite.verdict.witness->expected.size() +
               suite.verdict.witness->actual.size();
  }
  return bytes;
}

/// What a worker does to a job, with a jail of its own. Knows no queue.
class Judging {
 public:
  Judging(sandbox::Executor& executor, Job& job, bool alone)
      : executor_(executor), job_(job), alone_(alone) {}

  Step run() {
    if (!job_.question.target) return run_script();
    if (!job_.read) read();
    if (job_.answer.program.empty() && job_.question.reading == samples::Reading::chat) {
      add(verdict_of(Status::no_program, "the answer holds no program"));
      return Step::done;
    }
    while (job_.next < job_.question.suites.size()) {
      if (!judge_suite()) return Step::alone;
      ++job_.next;
      job_.tries = 0, job_.borderline = false;
      if (!job_.question.all_suites && rejects(job_.answer.suites.back().verdict.status)) break;
      if (alone_ && job_.next < job_.question.suites.size()) return Step::later;
    }
    return Step::done;
  }
  /// Whether the jail failed in it.
  bool lost() const { return lost_; }
  /// Whether its wall clock ran out, and nothing else was near.
  bool slept() const { return slept_; }

 private:
  void read() {
    const Question& question = job_.question;
    const std::atomic<bool> never = false;
    samples::Intake intake(question.reading, {&executor_}, never);
    samples::Found found = std::move(
        intake.read({{question.target->problem.get(), question.is_completion, question.text}})
            .front());
    job_.answer.program = std::move(found.program);
    job_.answer.rules = std::move(found.rules);
    job_.read = true;
  }

  bool first_try() { return ++job_.tries < run::kTriesMax; }

  Step run_script() {
    job_.answer.ran = true;
    job_.answer.outcome = executor_.script(job_.question.script, job_.answer.output);
    const sandbox::Outcome& outcome = job_.answer.outcome;
    // A wall clock's word stands: its limit is twice that of CPU time, and here nobody is rewarded.
    lost_ = outcome.end == sandbox::End::missing;
    const bool unsure = outcome.marginal || lost_;
    return unsure && first_try() ? Step::alone : Step::done;
  }

  static store::Verdict verdict_of(Status status, std::string message) {
    store::Verdict verdict;
    verdict.status = status;
    verdict.message = std::move(message);
    return verdict;
  }

  TargetSuite& suite() { return *job_.question.target->suites[job_.question.suites[job_.next]]; }
  void add(store::Verdict verdict) {
    job_.answer.suites.push_back({suite().name, suite().tests, std::move(verdict)});
  }

  /// False where it is to be judged once more, alone.
  bool judge_suite() {
    const std::shared_ptr<run::SuiteWork> work = suite().work();
    bool ran = false;
    const run::SuiteWork::Learnt learnt = work->learn(executor_, [&] { ran = true; });
    if (!learnt.trouble.empty()) {
      if (const bool ours = ran && !learnt.to_store; ours) {
        suite().renew(work);
        lost_ = true;
        if (first_try()) return false;
      }
      add(verdict_of(Status::missing, "this suite cannot judge: " + learnt.trouble));
      return true;
    }
    verify::Judgement judgement =
        work->judge()(executor_, job_.answer.program, job_.question.scope);
    lost_ |= judgement.verdict.status == Status::missing;
    const bool unsure = run::wants_again(judgement);
    slept_ = judgement.wall_only && !judgement.verdict.marginal;
    if (unsure && first_try()) {
      job_.borderline |= run::borderline(judgement);
      return false;
    }
    store::Verdict verdict = judgement.failed_before ? std::move(*judgement.failed_before)
                                                     : std::move(judgement.verdict);
    verdict.marginal |= job_.borderline;
    add(std::move(verdict));
    return true;
  }

  sandbox::Executor& executor_;
  Job& job_;
  const bool alone_;
  bool lost_ = false, slept_ = false;
};

}  // namespace

struct Desk::State {
  explicit State(const DeskOptions& its)
      : options(its),
        configs(run::worker_configs(its.sandbox, its.jobs)),
        crew([this] { end(true); }) {
    for (const sandbox::Config& config : configs) {
      workers.emplace_back().executor = options.launch(config);
      workers.back().up = true;
    }
    for (std::size_t i = 0; i < workers.size(); ++i) crew.start([this, i] { work(i); });
  }

  struct Worker {
    std::unique_ptr<sandbox::Executor> executor;  ///< replaced under `mutex`, by its own thread
    bool up = false;
    std::uint64_t restarts = 0, restarts_before = 0;
  };

  const DeskOptions options;
  const std::vector<sandbox::Config> configs;
  mutable std::mutex mutex;
  std::condition_variable changed;
  std::deque<Worker> workers;
  std::deque<JobPtr> queue, alone;
  std::unordered_map<std::string, JobPtr> in_flight;  ///< by key
  std::unordered_map<Ticket, JobPtr> by_ticket;
  std::size_t active = 0;
  bool emptying = false;     ///< the lane `alone` goes first, until it is empty
  bool alone_busy = false;   ///< somebody judges in it
  std::size_t sleepers = 0;  ///< of the active: in it, and only sleeping as far as is known
  bool stopping = false, aborting = false;
  Ticket last_ticket = 0;
  Figures counts;

  struct Remembered {
    std::string key;
    AnswerPtr answer;
    std::size_t bytes = 0;
  };
  std::list<Remembered> memory;  ///< newest first
  std::unordered_map<std::string, std::list<Remembered>::iterator> memory_by_key;
  std::size_t memory_bytes = 0;

  Crew crew;  ///< behind what its threads use

  // ---- from outside

  bool submit(Question question, Take take, Ticket* ticket) {
    std::unique_lock lock(mutex);
    std::string key = key_of(question);
    if (AnswerPtr known = recall(key)) {
      ++counts.remembered;
      count(*known);
      lock.unlock();
      take(known, Source::remembered);
      return true;
    }
    const auto same = key.empty() ? in_flight.end() : in_flight.find(key);
    JobPtr job = same == in_flight.end() ? nullptr : same->second;
    if (!job && (stopping || queue.size() >= options.waiting_max)) return false;
    const Ticket mine = ++last_ticket;
    if (ticket) *ticket = mine;
    if (job) {
      ++counts.joined;
      job->waiters.push_back({mine, std::move(take), Source::joined});
    } else {
      job = std::make_shared<Job>();
      job->question = std::move(question);
      job->key = key;
      job->waiters.push_back({mine, std::move(take), Source::judged});
      if (!key.empty()) in_flight[key] = job;
      queue.push_back(job);
      changed.notify_one();
    }
    by_ticket[mine] = job;
    return true;
  }

  void cancel(Ticket ticket) {
    std::vector<Waiter> gone;
    AnswerPtr answer;
    {
      const std::lock_guard lock(mutex);
      const auto at = by_ticket.find(ticket);
      if (at == by_ticket.end()) return;
      const JobPtr job = at->second;
      if (job->waiters.size() == 1) {
        if (job->judging) return;
        std::erase(queue, job);
        std::erase(alone, job);
      }
      answer = cancelled(*job);
      const auto mine = std::find_if(job->waiters.begin(), job->waiters.end(),
                                     [&](const Waiter& w) { return w.ticket == ticket; });
      gone.push_back(std::move(*mine));
      job->waiters.erase(mine);
      by_ticket.erase(ticket);
      if (job->waiters.empty()) in_flight.erase(job->key);
      ++counts.cancelled;
    }
    changed.notify_all();
    tell(gone, answer);
  }

  void cancel_all(bool interrupt) {
    std::vector<std::pair<std::vector<Waiter>, AnswerPtr>> gone;
    {
      const std::lock_guard lock(mutex);
      aborting |= interrupt;
      for (std::deque<JobPtr>* lane : {&queue, &alone}) {
        for (const JobPtr& job : *lane) {
          AnswerPtr answer = cancelled(*job);
          counts.cancelled += job->waiters.size();
          gone.emplace_back(leave(*job), std::move(answer));
        }
        lane->clear();
      }
      if (interrupt) {
        for (Worker& worker : workers)
          if (worker.executor) worker.executor->interrupt();
      }
    }
    changed.notify_all();
    for (auto& [waiters, answer] : gone) tell(waiters, answer);
  }

  void end(bool interrupt) {
    {
      const std::lock_guard lock(mutex);
      stopping = true;
    }
    cancel_all(interrupt);
    changed.notify_all();
  }

  // ---- answers. REQUIRES in all of these: `mutex` is held, but for tell()

  static AnswerPtr cancelled(const Job& job) {
    auto answer = job.judging ? std::make_shared<Answer>() : std::make_shared<Answer>(job.answer);
    answer->cancelled = true;
    return answer;
  }

  /// Takes the job off the lists and gives who waits for it.
  std::vector<Waiter> leave(Job& job) {
    for (const Waiter& waiter : job.waiters) by_ticket.erase(waiter.ticket);
    if (!job.key.empty()) in_flight.erase(job.key);
    return std::exchange(job.waiters, {});
  }

  static void tell(const std::vector<Waiter>& waiters, const AnswerPtr& answer) {
    for (const Waiter& waiter : waiters) waiter.take(answer, waiter.source);
  }

  void count(const Answer& answer) {
    if (const auto status = store::status_named(answer.status()))
      ++counts.by_status[static_cast<std::size_t>(*status)];
  }

  AnswerPtr recall(const std::string& key) {
    const auto at = key.empty() ? memory_by_key.end() : memory_by_key.find(key);
    if (at == memory_by_key.end()) return nullptr;
    memory.splice(memory.begin(), memory, at->second);
    return at->second->answer;
  }

  void remember(const std::string& key, const AnswerPtr& answer) {
    if (key.empty() || !answer->reward() || answer->cancelled || options.remembered_max == 0)
      return;
    memory.push_front({key, answer, bytes_of(*answer)});
    memory_by_key[key] = memory.begin();
    memory_bytes += memory.front().bytes;
    while (memory.size() > options.remembered_max || memory_bytes > options.remembered_bytes_max) {
      memory_bytes -= memory.back().bytes;
      memory_by_key.erase(memory.back().key);
      memory.pop_back();
    }
  }

  // ---- workers

  /// Whether it may be judged beside others that only sleep.
  bool together(const Job& job) const { return job.slept && configs.front().cpu >= 0; }

  /// The next job, or null at the end; whether it is to be judged alone.
  JobPtr next(bool& is_alone) {
    std::unique_lock lock(mutex);
    for (;;) {
      if (stopping && queue.empty() && alone.empty()) return nullptr;
      if (alone.empty()) emptying = false;
      const Time due = alone.empty() ? Time::max() : alone.front()->since + options.alone_after;
      if (std::chrono::steady_clock::now() >= due) emptying = true;
      is_alone = !alone.empty() && active == (together(*alone.front()) ? sleepers : 0) &&
                 (emptying || queue.empty());
      std::deque<JobPtr>& lane = is_alone ? alone : queue;
      if (is_alone || (!emptying && !queue.empty() && !alone_busy)) {
        JobPtr job = lane.front();
        lane.pop_front();
        ++active;
        alone_busy |= is_alone;
        sleepers += is_alone && together(*job);
        job->judging = true;
        return job;
      }
      if (alone.empty() || emptying)
        changed.wait(lock);
      else
        changed.wait_until(lock, due);
    }
  }

  void work(std::size_t index) {
    bool is_alone = false;
    while (JobPtr job = next(is_alone)) {
      Worker& worker = workers[index];
      Step step = Step::done;
      const bool is_sleeper = together(*job);
      bool doubtful = false;
      std::string lost;
      const auto began = std::chrono::steady_clock::now();
      try {
        Judging judging(*worker.executor, *job, is_alone);
        step = judging.run();
        doubtful = judging.lost();
        job->slept = judging.slept();
      } catch (const std::exception& error) {
        doubtful = true;
        lost = error.what();
        step = ++job->tries < run::kTriesMax ? Step::alone : Step::done;
      }
      job->seconds +=
          std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
      if (!lost.empty() && step == Step::done) say_lost(*job, lost);
      finish(job, step, is_alone, is_sleeper);
      note_restarts(worker);
      if (doubtful) revive(worker, configs[index]);
    }
  }

  static void say_lost(Job& job, const std::string& why) {
    store::Verdict verdict;
    verdict.message = why;
    if (job.question.target) {
      const TargetSuite& suite =
          *job.question.target
               ->suites[job.question.suites[std::min(job.next, job.question.suites.size() - 1)]];
      job.answer.suites.push_back({suite.name, suite.tests, verdict});
    } else {
      job.answer.ran = true;
      job.answer.outcome = {};
      job.answer.outcome.message = why;
    }
  }

  void finish(const JobPtr& job, Step step, bool was_alone, bool was_sleeper) {
    std::vector<Waiter> waiters;
    AnswerPtr answer;
    {
      const std::lock_guard lock(mutex);
      --active;
      if (was_alone) sleepers -= was_sleeper;
      if (active == 0) alone_busy = false;
      job->judging = false;
      if (aborting && (step != Step::done || job->answer.status() == "missing")) {
        answer = cancelled(*job);
        counts.cancelled += job->waiters.size();
        waiters = leave(*job);
      } else if (step == Step::alone) {
        ++counts.judged_again;
        job->since = std::chrono::steady_clock::now();
        alone.push_back(job);
      } else if (step == Step::later) {
        queue.push_front(job);
      } else {
        answer = std::make_shared<const Answer>(std::move(job->answer));
        remember(job->key, answer);
        waiters = leave(*job);
        for (std::size_t i = 0; i < waiters.size(); ++i) count(*answer);
        const auto bound =
            std::lower_bound(kSecondsBounds.begin(), kSecondsBounds.end(), job->seconds);
        ++counts.seconds_in[static_cast<std::size_t>(bound - kSecondsBounds.begin())];
        counts.seconds_sum += job->seconds;
      }
    }
    changed.notify_all();
    tell(waiters, answer);
  }

  void note_restarts(Worker& worker) {
    const std::lock_guard lock(mutex);
    if (const auto* jail = dynamic_cast<const sandbox::Worker*>(worker.executor.get()))
      worker.restarts = worker.restarts_before + jail->restarts();
  }

  static bool can_judge(sandbox::Executor* executor) {
    if (!executor) return false;
    sandbox::ScriptJob job;
    job.program = kProbe;
    job.trusted = true;
    std::string output;
    try {
      return executor->script(job, output).end == sandbox::End::completed;
    } catch (const std::exception&) {
      return false;
    }
  }

  /// After trouble: goes on once a program that does nothing comes to its end.
  void revive(Worker& worker, const sandbox::Config& config) {
    while (!can_judge(worker.executor.get())) {
      std::string why = "a program that does nothing does not come to its end";
      std::unique_ptr<sandbox::Executor> started;
      set_up(worker, false, nullptr);
      try {
        started = options.launch(config);
      } catch (const std::exception& error) {
        why = error.what();
      }
      if (started && can_judge(started.get())) {
        set_up(worker, true, std::move(started));
        return;
      }
      give_up_waiting(why);
      std::unique_lock lock(mutex);
      if (changed.wait_for(lock, kProbeEvery, [&] { return stopping; })) return;
    }
  }

  void set_up(Worker& worker, bool up, std::unique_ptr<sandbox::Executor> executor) {
    const std::lock_guard lock(mutex);
    if (!up) worker.restarts_before = ++worker.restarts;
    worker.up = up;
    worker.executor = std::move(executor);
  }

  /// Where no worker can judge, what waits is lost.
  void give_up_waiting(const std::string& why) {
    std::vector<std::pair<std::vector<Waiter>, AnswerPtr>> lost;
    {
      const std::lock_guard lock(mutex);
      if (std::any_of(workers.begin(), workers.end(), [](const Worker& w) { return w.up; })) return;
      for (std::deque<JobPtr>* lane : {&queue, &alone}) {
        for (const JobPtr& job : *lane) {
          say_lost(*job, "no jail can be had: " + why);
          auto answer = std::make_shared<const Answer>(std::move(job->answer));
          std::vector<Waiter> waiters = leave(*job);
          for (std::size_t i = 0; i < waiters.size(); ++i) count(*answer);
          lost.emplace_back(std::move(waiters), std::move(answer));
        }
        lane->clear();
      }
    }
    for (auto& [waiters, answer] : lost) tell(waiters, answer);
  }
};

Desk::Desk(const DeskOptions& options) : state_(std::make_unique<State>(options)) {}

Desk::~Desk() { stop(); }

void Desk::stop() {
  state_->end(true);
  try {
    state_->crew.join();
  } catch (const std::exception&) {
    // A worker's own trouble has cancelled all: nothing is left to say it to.
  }
}

bool Desk::submit(Question question, Take take, Ticket* ticket) {
  return state_->submit(std::move(question), std::move(take), ticket);
}

std::size_t Desk::room() const {
  const std::lock_guard lock(state_->mutex);
  const std::size_t waiting = state_->queue.size(), most = state_->options.waiting_max;
  return state_->stopping || waiting >= most ? 0 : most - waiting;
}

void Desk::cancel(Ticket ticket) { state_->cancel(ticket); }
void Desk::cancel_all(bool interrupt) { state_->cancel_all(interrupt); }

bool Desk::idle() const {
  const std::lock_guard lock(state_->mutex);
  return state_->by_ticket.empty();
}

std::size_t Desk::workers_up() const {
  const std::lock_guard lock(state_->mutex);
  return static_cast<std::size_t>(std::count_if(state_->workers.begin(), state_->workers.end(),
                                                [](const auto& worker) { return worker.up; }));
}

Figures Desk::figures() const {
  const std::lock_guard lock(state_->mutex);
  Figures figures = state_->counts;
  figures.waiting = state_->queue.size();
  figures.alone = state_->alone.size();
  figures.judging = state_->active;
  figures.workers = state_->workers.size();
  for (const State::Worker& worker : state_->workers) {
    figures.workers_up += worker.up;
    figures.restarts += worker.restarts;
  }
  return figures;
}

}  // namespace assay::service
