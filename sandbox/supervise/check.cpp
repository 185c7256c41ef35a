// check(): a checker's text in one jail calls the program in another. Two processes, two clocks;
// the story of how it ended is the same whichever of them is scheduled first.
#include <fmt/format.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <string>

#include "harness/base/error.h"
#include "sandbox/supervise/meter.h"
#include "sandbox/supervise/worker_state.h"

namespace assay::sandbox {

namespace {

constexpr int kPartingMsMax = 200;  ///< for a program that cut the line to end, or be ended

/// One of the two processes and what is known of it.
class Side {
 public:
  /// `is_checker`: it alone may say that all is well, or that the fault is ours. The program's
  /// process may write anything into its own pipe.
  /// `used_ns`: its clock at the start, where it has judged other programs before.
  Side(Judged& process, bool is_checker, double load_limit_s, double limit_s,
       std::uint64_t used_ns = 0)
      : judged(process),
        is_checker_(is_checker),
        load_limit_s_(load_limit_s),
        limit_s_(limit_s),
        start_ns_(used_ns) {
    judged.set_backstop(2 * (load_limit_s + limit_s) + 2);
  }

  /// Reads what it has written and looks at its clock.
  void look();
  /// After its death: what remains to be read, and how it died where it did not say.
  void settle(const Limits& limits);
  /// The whole CPU time it has used by now, against its limit.
  void weigh_now() {
    if (const auto cpu_ns = judged.cpu_ns(); cpu_ns && !decided) weigh(*cpu_ns, false);
  }
  bool over() const { return judged.ended() || judged.lost(); }

  Judged& judged;
  bool loaded = false;
  bool decided = false;        ///< `told` holds its story
  bool stays = false;          ///< a checker: it told its story and waits for the next program
  std::uint64_t stamp_ns = 0;  ///< of its latest frame
  std::uint32_t last_kind = 0;
  Outcome told;

 private:
  bool take(const Frame& frame);
  bool may_say(End end) const;
  void drain();
  void decide(End end, const char* message);
  void weigh(std::uint64_t cpu_ns, bool still_running);

  bool is_checker_;
  double load_limit_s_, limit_s_;
  std::uint64_t start_ns_, loaded_ns_ = 0;
};

void Side::decide(End end, const char* message) {
  if (decided) return;
  decided = true;
  told.end = end;
  told.message = message;
}

void Side::weigh(std::uint64_t cpu_ns, bool still_running) {
  const std::uint64_t from_ns = loaded ? loaded_ns_ : start_ns_;
  const std::uint64_t used_ns = cpu_ns - std::min(cpu_ns, from_ns);
  const Use use = use_of(used_ns, loaded ? limit_s_ : load_limit_s_);
  if (still_running && use != Use::far_over) return;
  told.marginal |= use == Use::near || use == Use::over;
  if (use >= Use::over) decide(End::timeout_cpu, loaded ? "" : "its top level took too long");
}

bool Side::take(const Frame& frame) {
  weigh(frame.head.cpu_ns, false);
  if (decided) return false;
  last_kind = frame.head.kind;
  stamp_ns = frame.head.cpu_ns;
  stays = is_checker_ && frame.head.index == kIndexStays;
  if (last_kind == kFrameLoaded && !loaded) {
    loaded = true;
    loaded_ns_ = frame.head.cpu_ns;
    return true;
  }
  if (is_checker_ && last_kind == kFrameDone && loaded) {
    decide(End::completed, "");
  } else if (is_checker_ && last_kind == kFramePeerTampered) {
    decide(End::tampered, "it sent a malformed reply");
  } else if (is_checker_ && last_kind == kFramePeerGone) {
    decide(End::exited, "it cut the line to its caller");
  } else if (Outcome last; classify_last_frame(frame, last) && may_say(last.end)) {
    decided = true;
    last.marginal = told.marginal;
    told = last;
  } else {
    decide(End::tampered, "a frame out of place");
  }
  return false;
}

bool Side::may_say(End end) const {
  if (is_checker_) return true;
  return end == End::memory || end == End::output || (!loaded && end != End::missing);
}

void Side::drain() {
  if (decided) return;
  judged.drain([this](const Frame& frame) { return take(frame); });
  if (judged.broken()) decide(End::tampered, "malformed bytes among its replies");
}

void Side::look() {
  if (over() || decided) return;
  const std::optional<std::uint64_t> cpu_ns = judged.cpu_ns();
  drain();
  if (cpu_ns && !decided && !judged.ended()) weigh(*cpu_ns, true);
  if (!decided && judged.over_memory()) decide(End::memory, kOverMemory);
}

void Side::settle(const Limits& limits) {
  if (!judged.ended()) return;
  drain();
  if (decided) return;
  weigh(judged.end().cpu_ns, false);
  if (decided) return;
  decided = true;
  classify_end(judged, limits, told);
}

/// The program's process alone (in_process), or the program's and the checker's.
class Check {
 public:
  Check(Worker::State& state, const CheckJob& job)
      : state_(state),
        job_(job),
        seat_(
            state.seat_for(job.in_process ? job.program + job.checker : job.program, job.trusted)),
        program_(state.started(seat_)),
        solution_(program_, job.in_process, job.limits.load_cpu_s, job.limits.test_cpu_s) {}
  Outcome in_process();
  /// Nothing where a kept checker failed at what a fresh one may do: then all is to be done again.
  std::optional<Outcome> split();

 private:
  /// Sleeps, looks; true while there is nothing to decide on.
  bool wait(Side* checker);
  void end_all(Side* checker);
  Outcome verdict(Side* checker);
  Outcome judge(Side* checker);
  bool may_stay(const Side& checker) const;

  Worker::State& state_;
  const CheckJob& job_;
  Seat& seat_;
  Judged program_;
  Side solution_;
  Patience patience_;
  bool interrupted_ = false, slept_out_ = false;
  std::optional<WallClock::time_point> parting_;  ///< when the line was found cut
};

bool Check::wait(Side* checker) {
  Judged* const both[] = {&solution_.judged, checker ? &checker->judged : nullptr};
  const std::span<Judged* const> all(both, checker ? 2 : 1);
  const int sleep_ms = patience_.next_sleep_ms();
  interrupted_ |= sleep_until_event(state_, all, sleep_ms);
  solution_.look();
  if (checker) checker->look();
  if (solution_.judged.ended()) solution_.settle(job_.limits);
  if (checker && checker->judged.ended()) checker->settle(job_.limits);
  slept_out_ = patience_.exhausted(all);
  if (interrupted_ || slept_out_ || solution_.judged.lost()) return false;
  if (!checker) return !solution_.decided;
  if (checker->judged.lost()) return false;
  // Its own failure, told or seen by a clock. A mere death is first put to the checker: had it all
  // its answers, then that death comes after the verdict.
  if (solution_.decided && !solution_.judged.ended()) return false;
  if (solution_.decided && !solution_.loaded) return false;
  if (!checker->decided || !(solution_.loaded || solution_.decided)) return true;
  if (checker->last_kind != kFramePeerGone || solution_.decided) return false;
  if (!parting_) parting_ = WallClock::now();
  return WallClock::now() < *parting_ + std::chrono::milliseconds(kPartingMsMax);
}

/// Its verdict was plain, and its CPU time is far from where the kernel would end it.
bool Check::may_stay(const Side& checker) const {
  return checker.stays && checker.decided && !checker.over() && !interrupted_ &&
         checker.stamp_ns < ns_of(job_.limits.load_cpu_s);
}

void Check::end_all(Side* checker) {
  if (checker && may_stay(*checker)) checker = nullptr;
  Judged* const both[] = {&solution_.judged, checker ? &checker->judged : nullptr};
  const std::span<Judged* const> all(both, checker ? 2 : 1);
  const auto deadline = WallClock::now() + std::chrono::milliseconds(kKillMsMax);
  while (WallClock::now() < deadline) {
    if (solution_.over() && (!checker || checker->over())) break;
    if (!solution_.over()) solution_.judged.kill();
    if (checker && !checker->over()) checker->judged.kill();
    interrupted_ |= sleep_until_event(state_, all, 10);
  }
  if (!solution_.judged.ended()) seat_.jail.reset();
  if (checker && !checker->judged.ended()) state_.checkers.jail.reset();
}

static Outcome loss(const Judged& judged) {
  Outcome outcome;
  classify_loss(judged, outcome);
  return outcome;
}

Outcome Check::verdict(Side* checker) {
  if (interrupted_) return missing("interrupted");
  if (solution_.judged.lost()) return loss(solution_.judged);
  if (checker && checker->judged.lost()) return loss(checker->judged);
  if (slept_out_ && !(checker ? *checker : solution_).decided) {
    Outcome outcome;
    outcome.end = End::timeout_wall;
    outcome.message = "it slept or was blocked";
    return outcome;
  }
  if (!checker) return solution_.told;
  if (!solution_.over()) solution_.weigh_now();
  const bool timed_out = solution_.decided && solution_.told.end == End::timeout_cpu;
  if (solution_.decided && (!solution_.loaded || timed_out)) return solution_.told;
  // Its own texts come first, and are none of the program's.
  if (checker->told.end == End::memory && !checker->loaded) {
    return missing("the memory does not hold the tests: " + checker->told.message);
  }
  if (checker->decided && checker->last_kind != kFramePeerGone) return checker->told;
  return solution_.decided ? solution_.told : checker->told;
}

Outcome Check::judge(Side* checker) {
  const auto began = WallClock::now();
  patience_.restart(job_.limits, std::max(job_.limits.load_cpu_s, job_.limits.test_cpu_s));
  while (wait(checker)) {
  }
  Outcome outcome = verdict(checker);
  outcome.level = state_.level;
  outcome.marginal = solution_.told.marginal || (checker && checker->told.marginal);
  end_all(checker);
  if (solution_.judged.ended()) describe_end(solution_.judged, outcome);
  outcome.wall_s = std::chrono::duration<double>(WallClock::now() - began).count();
  return outcome;
}

Outcome Check::in_process() {
  Start what;
  what.mode = kModeInProcess;
  what.entry_point = job_.entry_point;
  what.program = job_.program;
  what.checker = job_.checker;
  solution_.judged.start(what, job_.limits);
  return judge(nullptr);
}

// ---- the checker's process

/// Everything that a kept checker holds of its job. References, as everywhere, are judged where no
/// sample has been.
std::string suite_of(const CheckJob& job) {
  return fmt::format("{} {} {} {} {} {}\n{}\n{}{}", job.trusted, job.limits.memory_mib,
                     job.limits.reply_mib, job.limits.load_cpu_s, job.limits.test_cpu_s,
                     job.checker_setup.size(), job.entry_point, job.checker_setup, job.checker);
}

/// What has happened to it since; does not wait.
void look_at(Judged& process, int wait_ms) {
  pollfd entries[2];
  process.poll_entries(entries);
  if (poll(entries, 2, wait_ms) > 0) process.on_poll(entries);
}

}  // namespace

void end_kept(Worker::State& state) {
  const std::unique_ptr<Judged> process = std::move(state.kept.process);
  if (!process) return;
  try {
    const auto deadline = WallClock::now() + std::chrono::milliseconds(kKillMsMax);
    while (!process->ended() && !process->lost() && WallClock::now() < deadline) {
      process->kill();
      look_at(*process, 10);
    }
  } catch (const std::exception&) {  // its jail ends it
  }
  if (!process->ended()) state.checkers.jail.reset();
}

namespace {

/// The process kept from the program before, where it is of the same suite and alive.
std::unique_ptr<Judged> take_kept(Worker::State& state, const std::string& suite, int stream) {
  if (!state.kept.process) return nullptr;
  Judged& process = *state.kept.process;
  look_at(process, 0);
  if (state.kept.suite == suite && !process.ended() && !process.lost() &&
      process.start_next(stream)) {
    return std::move(state.kept.process);
  }
  end_kept(state);
  return nullptr;
}

/// What a fresh process might do where a kept one could not: its memory is not as new.
bool is_doubtful(const Side& checker) {
  const End end = checker.told.end;
  return checker.judged.lost() ||
         (checker.decided && (end == End::memory || end == End::crash || end == End::missing));
}

std::optional<Outcome> Check::split() {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair)) {
    throw Error(fmt::format("no socket for a checker: {}", std::strerror(errno)));
  }
  Fd solution_end(pair[0]), checker_end(pair[1]);
  const Limits& limits = job_.limits;
  Start served;
  served.mode = kModeServe;
  served.entry_point = job_.entry_point;
  served.program = job_.program;
  served.third = solution_end.get();
  solution_.judged.start(served, limits);
  const std::string suite = suite_of(job_);
  std::unique_ptr<Judged> process = take_kept(state_, suite, checker_end.get());
  const bool was_kept = process != nullptr;
  if (!process) process = std::make_unique<Judged>(state_.started(state_.checkers));
  Side checker(*process, true, limits.load_cpu_s, limits.load_cpu_s + limits.test_cpu_s,
               was_kept ? state_.kept.cpu_ns : 0);
  if (!was_kept) {
    Start checking;
    // A second program of a suite foretells a third: what that costs is not spent on one alone.
    checking.mode = suite == state_.latest_suite ? kModeKept : kModeChecker;
    checking.entry_point = job_.entry_point;
    checking.checker = job_.checker;
    checking.setup = job_.checker_setup;
    checking.third = checker_end.get();
    checker.judged.start(checking, limits);
  }
  state_.latest_suite = suite;
  // Each end is now held by its process alone: the death of one is seen by the other.
  solution_end.reset();
  checker_end.reset();
  Outcome outcome = judge(&checker);
  const bool stays = may_stay(checker);
  const bool again = was_kept && !interrupted_ && is_doubtful(checker);
  if (stays) state_.kept = {suite, std::move(process), checker.stamp_ns};
  if (again) return std::nullopt;
  return outcome;
}

}  // namespace

Outcome Worker::check(const CheckJob& job) {
  try {
    if (job.in_process) return Check(*state_, job).in_process();
    std::optional<Outcome> outcome = Check(*state_, job).split();
    return outcome ? *outcome : Check(*state_, job).split().value();
  } catch (const std::exception& error) {
    state_->end_all_jails();
    return missing(error.what());
  }
}

}  // namespace assay::sandbox
