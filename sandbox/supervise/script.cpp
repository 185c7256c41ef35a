#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "harness/base/error.h"
#include "harness/base/memory_file.h"
#include "sandbox/supervise/meter.h"
#include "sandbox/supervise/worker_state.h"

namespace assay::sandbox {
std::string content_of(int file, std::size_t size_max, std::size_t from) {
  struct stat status {};
  if (fstat(file, &status)) throw Error("a program's output cannot be read");
  const std::size_t size = static_cast<std::size_t>(status.st_size) - from;
  std::string out(std::min(size, size_max), 0);
  for (std::size_t at = 0; at < out.size();) {
    const ssize_t n = pread(file, out.data() + at, out.size() - at, static_cast<off_t>(from + at));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) throw Error("a program's output cannot be read");
    at += static_cast<std::size_t>(n);
  }
  return out;
}

namespace {

constexpr std::size_t kLastWords = 64 << 10;

/// The end of what the file holds.
std::string last_words_of(int file) {
  struct stat status {};
  if (fstat(file, &status)) throw Error("a program's errors cannot be read");
  const auto size = static_cast<std::size_t>(status.st_size);
  return content_of(file, kLastWords, size - std::min(size, kLastWords));
}

class ScriptRun {
 public:
  ScriptRun(Worker::State& state, const ScriptJob& job, const ScriptSetting& setting)
      : state_(state), job_(job), setting_(setting), seat_(setting.seat) {}

  Outcome outcome(std::string& output);

 private:
  std::size_t output_bytes_max() const {
    return std::min<std::uint64_t>(job_.limits.reply_mib, (kOutputBytesMax >> 20) - 1) << 20;
  }
  bool take(const Frame& frame);
  void look_at_clocks(Judged& judged);
  bool wrote_too_much() const;
  void decide(End end, std::string message = "");
  bool failed() const { return decided_ && outcome_.end != End::completed; }
  void finish(Judged& judged, std::string& output);

  Worker::State& state_;
  const ScriptJob& job_;
  const ScriptSetting& setting_;
  Seat& seat_;
  Fd written_, errors_;
  Outcome outcome_;
  bool decided_ = false;
  Patience patience_;
};

/// The first word stands; only that it came to its end can be overruled, by what it did afterwards.
void ScriptRun::decide(End end, std::string message) {
  if (failed() || (decided_ && end == End::completed)) return;
  decided_ = true;
  outcome_.end = end;
  outcome_.message = std::move(message);
}

/// Its one frame, the last.
bool ScriptRun::take(const Frame& frame) {
  Outcome told;
  if (frame.head.index == 0 && frame.head.kind == kFrameDone && frame.content.empty()) {
    decide(End::completed);
  } else if (frame.head.index == 0 && classify_last_frame(frame, told) &&
             ((told.end == End::missing && setting_.toolchain) || told.end == End::raised ||
              told.end == End::exited || told.end == End::memory || told.end == End::syntax)) {
    decide(told.end, told.message);
    outcome_.line = told.line, outcome_.exception_type = told.exception_type;
  } else {
    decide(End::tampered, "a frame out of place");
  }
  return false;
}

bool ScriptRun::wrote_too_much() const {
  struct stat status {};
  return fstat(written_.get(), &status) == 0 &&
         static_cast<std::uint64_t>(status.st_size) > output_bytes_max();
}

void ScriptRun::look_at_clocks(Judged& judged) {
  const std::optional<std::uint64_t> cpu = judged.cpu_ns();
  judged.drain([this](const Frame& frame) { return take(frame); });
  if (judged.broken()) decide(End::tampered, "malformed bytes among its replies");
  if (failed() || judged.ended()) return;
  if (cpu && use_of(*cpu, job_.limits.test_cpu_s) == Use::far_over) {
    decide(End::timeout_cpu);
  } else if (judged.over_memory()) {
    decide(End::memory, kOverMemory);
  } else if (wrote_too_much()) {
    decide(End::output);  // some go on writing, though nothing is written any more
  } else if (Judged* const all[] = {&judged}; patience_.exhausted(all)) {
    decide(End::timeout_wall, "it slept or was blocked");
  }
}

void ScriptRun::finish(Judged& judged, std::string& output) {
  if (!judged.ended() || judged.lost()) {
    if (failed() && judged.lost()) return;
    classify_loss(judged, outcome_);
    if (!judged.lost()) outcome_.message = "the program was killed and did not end";
    return;
  }
  if (!failed()) judged.drain([this](const Frame& frame) { return take(frame); });
  if (judged.broken()) decide(End::tampered, "malformed bytes among its replies");
  describe_end(judged, outcome_);
  const assay_event& end = judged.end();
  // As by the shell: who leaves with status 0 has come to an end of his own.
  const bool left = judged.began() && WIFEXITED(end.status) && WEXITSTATUS(end.status) == 0;
  if (!decided_ && left) decide(End::completed);
  if (!decided_) {
    classify_end(judged, job_.limits, outcome_);
    if (setting_.toolchain)
      read_last_words(last_words_of(errors_.get()), setting_.toolchain->language, outcome_);
  }
  const std::size_t most = output_bytes_max();
  output = content_of(written_.get(), most);
  if (outcome_.end == End::timeout_cpu || outcome_.end == End::missing) return;
  if (wrote_too_much()) {
    outcome_.end = End::output;
    outcome_.message = fmt::format("it wrote more than {} MiB", most >> 20);
  }
  // Only the clock's last word counts: a script has no replies by which it could be told before.
  const Use use = use_of(end.cpu_ns, job_.limits.test_cpu_s);
  outcome_.marginal = use == Use::near || use == Use::over;
  if (use == Use::over || use == Use::far_over) {
    outcome_.end = End::timeout_cpu;
    outcome_.message.clear(), outcome_.exception_type.clear();
    outcome_.line = 0;
  }
}

Outcome ScriptRun::outcome(std::string& output) {
  const auto began = WallClock::now();
  output.clear();
  written_ = new_memory_file("assay-output");
  const Fd input = memory_file("assay-input", job_.input);
  Judged judged(state_.started(seat_));
  judged.set_backstop(2 * job_.limits.test_cpu_s + 2);
  outcome_.level = state_.level;
  patience_.restart(job_.limits, job_.limits.test_cpu_s);
  Start what = setting_.start;
  if (setting_.toolchain) errors_ = new_memory_file("assay-errors");
  what.errors = errors_.get();
  what.third = input.get(), what.fourth = written_.get();
  what.output_bytes = output_bytes_max() + 1;
  if (!judged.start(what, job_.limits)) decide(End::missing, "the jail ended");
  Judged* const all[] = {&judged};
  std::optional<WallClock::time_point> killed;
  while (!judged.ended() && !judged.lost()) {
    const int sleep_ms = patience_.next_sleep_ms();
    // Behind its last frame it ends of its own accord, and what it wrote is all there.
    if (failed()) {
      judged.kill();
      if (!killed) killed = WallClock::now();
      if (WallClock::now() > *killed + std::chrono::milliseconds(kKillMsMax)) break;
    }
    if (sleep_until_event(state_, all, sleep_ms)) decide(End::missing, "interrupted");
    if (!failed() && !judged.ended()) look_at_clocks(judged);
  }
  finish(judged, output);
  if (!judged.ended()) seat_.jail.reset();
  outcome_.wall_s = std::chrono::duration<double>(WallClock::now() - began).count();
  return outcome_;
}

}  // namespace

Outcome run_script(Worker::State& state, const ScriptJob& job, const ScriptSetting& setting,
                   std::string& output) {
  return ScriptRun(state, job, setting).outcome(output);
}

Outcome Worker::script(const ScriptJob& job, std::string& output) {
  try {
    if (job.language != "python") return run_program(*state_, job, output);
    if (job.checks) end_kept(*state_);
    Start start;
    start.mode = kModeScript;
    start.program = job.program;
    Seat& seat = job.checks ? state_->checkers : state_->seat_for(job.program, job.trusted);
    return run_script(*state_, job, {seat, start}, output);
  } catch (const std::exception& error) {
    state_->end_all_jails();
    return missing(error.what());
  }
}

}  // namespace assay::sandbox
