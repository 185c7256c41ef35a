// One judged process under way: its descriptors, its CPU clock read from outside, its end.
#pragma once

#include <poll.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/fd.h"
#include "sandbox/jail/jail.h"
#include "sandbox/supervise/frames.h"

namespace assay::sandbox {

using WallClock = std::chrono::steady_clock;

/// What a process is started with: each text under its own name, empty where the mode has none.
struct Start {
  assay_mode mode = kModeRun;
  std::string_view entry_point;
  std::string_view program;         ///< never in a checker
  std::string_view checker, setup;  ///< checkers; `checker` in kModeInProcess as well
  int third =
      -1;  ///< kModeRun: the Inputs; kModeScript: what it reads; else the stream between the two
  int fourth = -1;                 ///< kModeScript: where it writes,
  std::uint64_t output_bytes = 0;  ///< ... at most so much
  std::size_t first = 0;           ///< kModeRun: index of the first input
  std::uint64_t more_bytes = 0;    ///< kModeRun: of address space, for the inputs
  // Of the host of programs (sandbox/runtime/process); `entry_point` and `setup` are words there.
  int errors = -1,
      product = -1;           ///< kModeProcess: where it writes errors, what it executes or reads
  bool address_space = true;  ///< it is held to its budget by its address space
};

class Judged {
 public:
  explicit Judged(Jail& jail) : jail_(jail) {}

  /// Throws Error where descriptors run out; false where the jail is gone.
  bool start(const Start& what, const Limits& limits);
  /// A checker that stays gets the stream to its next program. False where it cannot be sent.
  bool start_next(int stream);

  static constexpr std::size_t kPollEntries = 2;
  /// What to poll for it; then tell what poll said.
  void poll_entries(std::span<pollfd, kPollEntries> entries) const;
  void on_poll(std::span<const pollfd, kPollEntries> entries);

  /// Reads what has been written and hands frame after frame to `take` until it says false.
  void drain(const std::function<bool(const Frame&)>& take);
  bool broken() const { return reader_.broken(); }

  /// Everything of ours was done: what happens since is the text's own doing. True from when that
  /// frame was drained; no line of the text has run before.
  bool began() const { return began_; }

  void kill();
  bool ended() const { return ended_; }
  bool lost() const { return lost_; }  ///< the jail is gone, or could not start it
  const assay_event& end() const { return end_; }
  /// It, or the jail when it was lost, was killed at the memory limit of the jail's control group.
  bool killed_for_memory() const { return killed_for_memory_; }

  /// Its CPU clock in ns, read from outside; nothing before it is known or after its end.
  std::optional<std::uint64_t> cpu_ns() const;
  /// ns since its start that its threads, all together, were ready to run and others ran instead.
  std::uint64_t waited_ns();
  /// Stopped by a signal from outside. False where the program can do that itself.
  bool stopped() const;
  /// One of its threads runs, or waits for a CPU.
  bool runnable() const;
  /// CPU seconds after which the kernel kills it, should the supervisor itself be stopped. Before
  /// start().
  void set_backstop(double cpu_s) { backstop_s_ = static_cast<std::uint64_t>(cpu_s); }

  /// True where its pages, its page tables and what the kernel keeps for its threads are together
  /// more than its address space may be. No limit of the kernel's counts the latter two: one page in
  /// every GiB costs two more in tables, a thread without a stack of its own costs 24 KiB. Reads
  /// /proc, but not more often than every few ms; remembers the most that it saw.
  bool over_memory();
  std::uint64_t memory_kib_peak() const { return std::max(end_.memory_kib_peak, seen_kib_peak_); }

 private:
  void learn_pid();
  void lose();
  bool still_runs() const;
  std::vector<pid_t> threads() const;
  void feed();
  void renew_nonce();

  Jail& jail_;
  Fd control_, replies_, pidfd_;
  assay_job job_{};
  std::string to_send_;
  std::size_t sent_ = 0;
  FrameReader reader_;
  pid_t pid_ = -1;
  clockid_t clock_ = 0;
  std::uint64_t backstop_s_ = 0, memory_bytes_max_ = 0;
  std::uint64_t seen_kib_peak_ = 0;  ///< pages, page tables, threads
  WallClock::time_point memory_looked_{};
  std::map<pid_t, std::uint64_t>
      thread_waited_ns_;  ///< as last read; a thread that ends takes it along
  std::uint64_t waited_ns_ = 0;
  bool kill_wanted_ = false, began_ = false, ended_ = false, lost_ = false,
       killed_for_memory_ = false;
  assay_event end_{};
};

}  // namespace assay::sandbox
