#include <fmt/format.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "harness/base/error.h"
#include "harness/base/words.h"
#include "sandbox/jail/probe.h"
#include "sandbox/runtime/python/interpreter.h"
#include "sandbox/supervise/meter.h"
#include "sandbox/supervise/worker_state.h"

namespace assay::sandbox {

constexpr std::uint64_t kStampSlackNs = 10'000'000;  ///< wait4 tells whole microseconds, late

const char* name_of(Level level) {
  switch (level) {
    case Level::full:
      return "full";
    case Level::no_namespace:
      return "no-namespace";
    case Level::rlimits:
      return "rlimits";
    case Level::none:
      return "none";
  }
  return "none";
}

const char* name_of(End end) {
  switch (end) {
    case End::completed:
      return "completed";
    case End::stopped:
      return "stopped";
    case End::assertion:
      return "assertion";
    case End::raised:
      return "raised";
    case End::exited:
      return "exited";
    case End::timeout_cpu:
      return "timeout_cpu";
    case End::timeout_wall:
      return "timeout_wall";
    case End::memory:
      return "memory";
    case End::output:
      return "output";
    case End::crash:
      return "crash";
    case End::syntax:
      return "syntax";
    case End::no_entry_point:
      return "no_entry_point";
    case End::tampered:
      return "tampered";
    case End::missing:
      return "missing";
  }
  return "missing";
}

// ---- start

namespace {

std::unique_ptr<Jail> start_strongest(const Installation& installation, const Config& config,
                                      Level& level) {
  std::string refusals;
  for (int l = static_cast<int>(config.level_max); l >= 0; --l) {
    level = static_cast<Level>(l);
    if (level < Level::no_namespace && !config.allow_weaker) break;
    if (level < Level::full && config.tmp_mib > 0) break;
    try {
      return std::make_unique<Jail>(installation, config, level);
    } catch (const Error& error) {
      refusals += fmt::format("\n  level {}: {}", name_of(level), error.what());
    }
  }
  if (config.tmp_mib > 0) {
    throw Error(fmt::format(
        "--tmp: a private /tmp takes namespaces (level full), which are not to be had here{}{}\n"
        "without --tmp programs run at a lower level and write nothing; assay doctor says what this "
        "machine refuses",
        refusals.empty() ? "" : ":", refusals));
  }
  throw Error(
      fmt::format("this machine does not grant enough isolation to run untrusted programs:{}"
                  "\n  {}",
                  refusals, advice(config)));
}

}  // namespace

Worker::Worker(const Config& config) : state_(std::make_unique<State>()) {
  state_->config = config;
  State& state = *state_;
  state.samples.lean.installation = inspect(config.python, {});
  state.samples.heavy.installation = config.packages.empty()
                                         ? state.samples.lean.installation
                                         : inspect(config.python, config.packages);
  for (Seat* seat : {&state.samples.lean, &state.samples.heavy})
    seat->installation.interpreter.tmp_mib = config.tmp_mib;
  state.references.lean.installation = state.samples.lean.installation;
  state.references.heavy.installation = state.samples.heavy.installation;
  state.checkers.installation = state.samples.heavy.installation;
  state.interrupted = Fd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!state.interrupted) {
    throw Error(fmt::format("no descriptors left for a worker: {}", std::strerror(errno)));
  }
  state.samples.lean.jail = start_strongest(state.samples.lean.installation, config, state.level);
  state.samples.lean.taken = true;
  // Now, so that packages which do not load here are an error of the command and not of a program.
  if (!config.packages.empty()) state.started(state.samples.heavy);
}

Worker::~Worker() {
  // Below level full nothing but its parent's death would end it, and nobody here would reap it.
  end_kept(*state_);
}
Level Worker::level() const { return state_->level; }
const Interpreter& Worker::interpreter() const {
  return state_->samples.heavy.installation.interpreter;
}

std::size_t Worker::restarts() const { return state_->restarts; }

void Worker::interrupt() {
  const std::uint64_t one = 1;
  // The only failure is a full counter: interrupted already.
  if (write(state_->interrupted.get(), &one, sizeof one) < 0) return;
}

Jail& Worker::State::started(Seat& seat) {
  if (!seat.jail) {
    Config its = config;
    its.tmp_mib = seat.tmp_mib.value_or(config.tmp_mib);
    seat.jail = std::make_unique<Jail>(seat.installation, its, level);
    restarts += seat.taken;
    seat.taken = true;
  }
  return *seat.jail;
}

Seat& Worker::State::seat_for(const std::string& program, bool trusted) {
  const bool heavy_wanted =
      std::any_of(config.packages.begin(), config.packages.end(), [&](const std::string& package) {
        // Anywhere in the text: a name in a comment costs a little time, no verdict.
        return has_word(program, package.substr(0, package.find('.')));
      });
  Seats& seats = trusted ? references : samples;
  return heavy_wanted ? seats.heavy : seats.lean;
}

void Worker::State::end_all_jails() {
  end_kept(*this);
  for (Seat* seat :
       {&samples.lean, &samples.heavy, &references.lean, &references.heavy, &checkers}) {
    seat->jail.reset();
  }
  for (auto& [name, seats] : languages) seats.compiler.jail.reset(), seats.programs.jail.reset();
}

bool Worker::State::take_interrupt() {
  std::uint64_t count;
  return read(interrupted.get(), &count, sizeof count) == sizeof count;
}

// ---- what both kinds of job share

Outcome missing(std::string message) {
  Outcome outcome;
  outcome.message = std::move(message);
  return outcome;
}

void describe_end(const Judged& judged, Outcome& outcome) {
  outcome.cpu_s += static_cast<double>(judged.end().cpu_ns) / 1e9;
  outcome.memory_kib_peak = std::max(outcome.memory_kib_peak, judged.memory_kib_peak());
}

static constexpr const char* kKilledForMemory = "killed by the kernel for lack of memory";

void classify_death(const Judged& judged, const Limits& limits, Outcome& outcome) {
  const int status = judged.end().status;
  if (WIFEXITED(status)) {
    outcome.end = End::exited;
    outcome.message = fmt::format("the process ended itself with status {}", WEXITSTATUS(status));
    return;
  }
  outcome.signal = WTERMSIG(status);
  outcome.message =
      fmt::format("killed by signal {} ({})", outcome.signal, strsignal(outcome.signal));
  outcome.end = End::crash;
  if (outcome.signal != SIGKILL) return;
  // A program cannot send itself this signal. The control group knows whether it was for its own
  // memory; where there is no group, or the machine itself was short, its size has to tell. Else
  // the signal came from outside and says nothing about the program.
  const std::uint64_t held_mib = judged.memory_kib_peak() >> 10;
  const bool memory = judged.killed_for_memory() || held_mib > limits.memory_mib / 2;
  outcome.end = memory ? End::memory : End::missing;
  outcome.message =
      memory ? kKilledForMemory
             : fmt::format(
                   "killed from outside (SIGKILL) after {:.1f} s of CPU time, when it had "
                   "held at most {} MiB of the {} MiB it may",
                   static_cast<double>(judged.end().cpu_ns) / 1e9, held_mib, limits.memory_mib);
}

void classify_loss(const Judged& judged, Outcome& outcome) {
  outcome.end = judged.killed_for_memory() ? End::memory : End::missing;
  outcome.message =
      judged.killed_for_memory() ? kKilledForMemory : "the jail ended or could not start a process";
}

void classify_end(const Judged& judged, const Limits& limits, Outcome& outcome) {
  const int status = judged.end().status;
  const bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  if (judged.began() || killed) return classify_death(judged, limits, outcome);
  outcome.end = End::missing;
  if (!WIFEXITED(status)) {
    outcome.message = fmt::format("killed by signal {} ({}) before the program began",
                                  WTERMSIG(status), strsignal(WTERMSIG(status)));
    return;
  }
  switch (WEXITSTATUS(status)) {
    case kExitMemory:
      outcome.end = End::memory;
      outcome.message = "the program's text does not fit its memory";
      return;
    case kExitInputs:
      outcome.message = "the inputs could not be mapped";
      return;
    case kExitRefused:
      outcome.message = "the kernel refused a limit or a filter of the program's process";
      return;
    default:
      outcome.message = fmt::format("the program's process could not be prepared (status {})",
                                    WEXITSTATUS(status));
  }
}

bool classify_last_frame(const Frame& frame, Outcome& outcome) {
  switch (frame.head.kind) {
    case kFrameSyntax:
      outcome.end = End::syntax;
      break;
    case kFrameTopRaised:
    case kFrameCheckRaised:
      outcome.end = End::raised;
      break;
    case kFrameExited:
      outcome.end = End::exited;
      break;
    case kFrameNoEntry:
      outcome.end = End::no_entry_point;
      break;
    case kFrameMemory:
      outcome.end = End::memory;
      break;
    case kFrameOutput:
      outcome.end = End::output;
      break;
    case kFrameAssertion:
      outcome.end = End::assertion;
      break;
    case kFrameSetup:
      outcome.end = End::missing;
      break;
    default:
      return false;
  }
  Raised raised;
  if (!parse_raised(frame.content, raised)) return false;
  outcome.line = raised.line;
  outcome.exception_type = raised.type;
  outcome.message = raised.message;
  return true;
}

bool sleep_until_event(Worker::State& state, std::span<Judged* const> judged, int sleep_ms) {
  constexpr std::size_t kJudgedMax = 2;  // a program and its checker
  std::array<pollfd, 1 + kJudgedMax * Judged::kPollEntries> entries{};
  std::size_t used = 0;
  entries[used++] = {state.interrupted.get(), POLLIN, 0};
  for (const Judged* one : judged) {
    one->poll_entries(
        std::span<pollfd, Judged::kPollEntries>(&entries.at(used), Judged::kPollEntries));
    used += Judged::kPollEntries;
  }
  if (poll(entries.data(), used, sleep_ms) <= 0) return false;
  used = 1;
  for (Judged* one : judged) {
    one->on_poll(
        std::span<const pollfd, Judged::kPollEntries>(&entries[used], Judged::kPollEntries));
    used += Judged::kPollEntries;
  }
  return entries[0].revents != 0 && state.take_interrupt();
}

// ---- run

namespace {

class Run {
 public:
  Run(Worker::State& state, const Job& job, const ReplySink& sink)
      : state_(state),
        job_(job),
        sink_(sink),
        seat_(state.seat_for(job.program, job.trusted)),
        next_(job.first) {}

  Outcome outcome();

 private:
  bool take(const Frame& frame);
  bool take_loading(const Frame& frame, std::uint64_t cpu_ns);
  bool take_reply(const Frame& frame, std::uint64_t cpu_ns);
  bool take_last(const Frame& frame);
  void look_at_clocks(Judged& judged);
  void decide(End end, std::string message = "");
  double call_limit_s() const;
  /// Marks a limit that was come near to; true where it was passed.
  bool passed(std::uint64_t used_ns, double limit_s);
  /// By its whole CPU time so far: the present call, or all of them, far over the limit.
  bool over_limit(std::uint64_t cpu_ns) const;
  void finish(Judged& judged);

  Worker::State& state_;
  const Job& job_;
  const ReplySink& sink_;
  Seat& seat_;
  Outcome outcome_;
  bool decided_ = false, loaded_ = false, progress_ = true;
  std::size_t next_;
  std::uint64_t stamp_ns_ = 0, loaded_ns_ = 0;  ///< the highest so far; that of the first frame
  Patience patience_;
};

double Run::call_limit_s() const {
  return next_ < job_.test_cpu_s_max.size()
             ? std::max(job_.limits.test_cpu_s, job_.test_cpu_s_max[next_])
             : job_.limits.test_cpu_s;
}

void Run::decide(End end, std::string message) {
  if (decided_) return;
  decided_ = true;
  outcome_.end = end;
  outcome_.message = std::move(message);
}

bool Run::passed(std::uint64_t used_ns, double limit_s) {
  const Use use = use_of(used_ns, limit_s);
  outcome_.marginal |= use == Use::near || use == Use::over;
  return use == Use::over || use == Use::far_over;
}

bool Run::take(const Frame& frame) {
  progress_ = true;
  // A process's clock may step back where it moves to another CPU (by 23 and 726 us in 32,000
  // programs on Linux 6.18): that took no time. Who forges such stamps hides none (README.md).
  const std::uint64_t cpu_ns = std::max(frame.head.cpu_ns, stamp_ns_);
  const bool going = loaded_ ? take_reply(frame, cpu_ns) : take_loading(frame, cpu_ns);
  stamp_ns_ = cpu_ns;
  return going;
}

bool Run::take_loading(const Frame& frame, std::uint64_t cpu_ns) {
  if (frame.head.index != 0) {
    decide(End::tampered, "replies out of order");
    return false;
  }
  if (passed(cpu_ns, job_.limits.load_cpu_s)) {
    decide(End::timeout_cpu, "its top level took too long");
    return false;
  }
  if (frame.head.kind != kFrameLoaded) return take_last(frame);
  loaded_ = true;
  loaded_ns_ = cpu_ns;
  return true;
}

bool Run::take_reply(const Frame& frame, std::uint64_t cpu_ns) {
  const std::size_t count = job_.inputs->size();
  if (frame.head.kind == kFrameDone) {
    if (next_ == count && frame.content.empty()) {
      decide(End::completed);
    } else {
      decide(End::tampered, "it said it was done before it was");
    }
    return false;
  }
  if (next_ >= count || frame.head.index != next_) {
    decide(End::tampered, "replies out of order");
    return false;
  }
  const std::uint64_t used_ns = cpu_ns - stamp_ns_;
  if (passed(used_ns, call_limit_s()) || passed(cpu_ns - loaded_ns_, job_.limits.suite_cpu_s)) {
    decide(End::timeout_cpu);
    return false;
  }
  if (frame.head.kind != kFrameValue && frame.head.kind != kFrameRaised) return take_last(frame);
  Reply reply;
  reply.index = next_;
  reply.cpu_s = static_cast<double>(used_ns) / 1e9;
  reply.raised = frame.head.kind == kFrameRaised;
  Raised raised;
  if (!reply.raised) {
    reply.value = frame.content;
  } else if (parse_raised(frame.content, raised)) {
    reply.exception_type = raised.type;
    reply.exception_message = raised.message;
  } else {
    decide(End::tampered, "a malformed reply");
    return false;
  }
  ++next_;
  ++outcome_.answered;
  if (sink_(reply) == Next::go_on) return true;
  decide(End::stopped);
  return false;
}

bool Run::take_last(const Frame& frame) {
  Outcome told;
  if (!classify_last_frame(frame, told) || told.end == End::missing || told.end == End::assertion ||
      (loaded_ && told.end != End::memory && told.end != End::output)) {
    decide(End::tampered, "a frame out of place");
    return false;
  }
  decide(told.end, told.message);
  outcome_.line = told.line;
  outcome_.exception_type = told.exception_type;
  return false;
}

bool Run::over_limit(std::uint64_t cpu_ns) const {
  if (cpu_ns <= stamp_ns_) return false;
  const double limit_s = loaded_ ? call_limit_s() : job_.limits.load_cpu_s;
  return use_of(cpu_ns - stamp_ns_, limit_s) == Use::far_over ||
         (loaded_ && use_of(cpu_ns - loaded_ns_, job_.limits.suite_cpu_s) == Use::far_over);
}

void Run::look_at_clocks(Judged& judged) {
  // The clock is read before the replies: what they do not explain was used by the present call.
  const std::optional<std::uint64_t> cpu = judged.cpu_ns();
  progress_ = false;
  judged.drain([this](const Frame& frame) { return take(frame); });
  if (judged.broken()) decide(End::tampered, "malformed bytes among its replies");
  if (decided_ || judged.ended()) return;
  const double limit_s = loaded_ ? call_limit_s() : job_.limits.load_cpu_s;
  if (progress_) patience_.restart(job_.limits, limit_s);
  if (cpu && over_limit(*cpu)) {
    decide(End::timeout_cpu, loaded_ ? "" : "its top level took too long");
    outcome_.marginal = false;
  } else if (judged.over_memory()) {
    decide(End::memory, kOverMemory);
  } else if (Judged* const all[] = {&judged}; patience_.exhausted(all)) {
    decide(End::timeout_wall, "it slept or was blocked");
  }
}

void Run::finish(Judged& judged) {
  if (!judged.ended() || judged.lost()) {
    // What was seen to fail has failed; a pass needs the clock's last word, and it will not come.
    if (decided_ && outcome_.end != End::completed && judged.lost()) return;
    classify_loss(judged, outcome_);
    if (!judged.lost()) outcome_.message = "the program was killed and did not end";
    return;
  }
  if (!decided_) judged.drain([this](const Frame& frame) { return take(frame); });
  if (!decided_ && judged.broken()) decide(End::tampered, "malformed bytes among its replies");
  describe_end(judged, outcome_);
  const assay_event& end = judged.end();
  if (!decided_) {
    classify_end(judged, job_.limits, outcome_);
    decided_ = true;
    // The kernel's own limit, while the supervisor was stopped.
    if (outcome_.end == End::missing && over_limit(end.cpu_ns)) outcome_.end = End::timeout_cpu;
  }
  if (stamp_ns_ > end.cpu_ns + kStampSlackNs) {
    outcome_.end = End::tampered;
    outcome_.message = "it claimed more CPU time than it used";
  }
}

Outcome Run::outcome() {
  const auto began = WallClock::now();
  Judged judged(state_.started(seat_));
  judged.set_backstop(2 * (job_.limits.load_cpu_s + job_.limits.suite_cpu_s) + 2);
  struct stat inputs {};
  fstat(job_.inputs->descriptor(), &inputs);
  outcome_.level = state_.level;
  patience_.restart(job_.limits, job_.limits.load_cpu_s);
  Start what;
  what.entry_point = job_.entry_point;
  what.program = job_.program;
  what.third = job_.inputs->descriptor();
  what.first = job_.first;
  what.more_bytes = static_cast<std::uint64_t>(inputs.st_size);
  if (!judged.start(what, job_.limits)) {
    decide(End::missing, "the jail ended");
  }
  Judged* const all[] = {&judged};
  std::optional<WallClock::time_point> killed;
  while (!judged.ended() && !judged.lost()) {
    const int sleep_ms = patience_.next_sleep_ms();
    if (decided_) {
      judged.kill();
      if (!killed) killed = WallClock::now();
      if (WallClock::now() > *killed + std::chrono::milliseconds(kKillMsMax)) break;
    }
    if (sleep_until_event(state_, all, sleep_ms)) decide(End::missing, "interrupted");
    if (!decided_ && !judged.ended()) look_at_clocks(judged);
  }
  finish(judged);
  // Whatever went wrong with the jail, the next program gets a new one.
  if (!judged.ended()) seat_.jail.reset();
  outcome_.wall_s = std::chrono::duration<double>(WallClock::now() - began).count();
  return outcome_;
}

}  // namespace

Outcome Worker::run(const Job& job, const ReplySink& sink) {
  try {
    return Run(*state_, job, sink).outcome();
  } catch (const std::exception& error) {  // bad_alloc too: an answer may be huge
    state_->end_all_jails();
    return missing(error.what());
  }
}

}  // namespace assay::sandbox
