// What a Worker holds; shared by worker.cpp (run) and check.cpp (check).
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "harness/base/fd.h"
#include "sandbox/jail/jail.h"
#include "sandbox/runtime/process/language.h"
#include "sandbox/sandbox.h"
#include "sandbox/supervise/judged.h"

namespace assay::sandbox {

inline constexpr int kKillMsMax =
    10000;  ///< a killed process is reaped at once, or the jail is broken

/// A jail's place: started when first needed, and anew after trouble.
struct Seat {
  Installation installation;
  std::unique_ptr<Jail> jail;
  bool taken = false;                                   ///< there was a jail: the next is a restart
  std::optional<std::uint64_t> tmp_mib = std::nullopt;  ///< in place of Config::tmp_mib
};

/// The jails of another language than Python, which start when its first program comes.
struct LanguageSeats {
  const Toolchain* toolchain;
  Seat compiler, programs;
};

/// How a script is run: in which jail, and what its process is started with but for its streams.
struct ScriptSetting {
  Seat& seat;
  Start start;
  const Toolchain* toolchain = nullptr;  ///< none: Python
};

/// The checker's process that the latest program left, waiting for the next one of its suite.
struct KeptChecker {
  std::string suite;                ///< the texts that it holds, and its limits
  std::unique_ptr<Judged> process;  ///< none: nothing was kept
  std::uint64_t cpu_ns = 0;         ///< its clock when it last answered
};

/// Two warm interpreters for one kind of program.
struct Seats {
  Seat lean;   ///< programs of the standard library
  Seat heavy;  ///< programs that name one of the packages, which are warm there
};

struct Worker::State {
  Config config;
  Level level = Level::none;
  Fd interrupted;  ///< an eventfd
  std::size_t restarts = 0;
  Seats samples;
  /// Apart: whatever a sample did to its jail, no expected answer comes from there.
  Seats references;
  Seat checkers;             ///< with the packages
  std::string latest_suite;  ///< of the latest check(), whatever became of its checker
  KeptChecker kept;          ///< in the jail of `checkers`, and to be gone before that
  std::map<std::pair<std::string, bool>, LanguageSeats> languages;  ///< true: of references

  /// The seat's jail, started if there is none. Throws Error.
  Jail& started(Seat& seat);
  Seat& seat_for(const std::string& program, bool trusted);
  /// Throws Error where the language's toolchain is not there, or the level is too weak for it.
  LanguageSeats& seats_of(const std::string& language, bool trusted);
  /// After an error of ours: every jail is started anew when it is next needed.
  void end_all_jails();
  /// Takes one interrupt() if there is one.
  bool take_interrupt();
};

/// Ends the checker's process that is kept, if one is, so that its jail is free.
void end_kept(Worker::State& state);

/// A script in the setting (script.cpp), and a program in another language (process.cpp).
Outcome run_script(Worker::State& state, const ScriptJob& job, const ScriptSetting& setting,
                   std::string& output);
Outcome run_program(Worker::State& state, const ScriptJob& job, std::string& output);

/// What a file of ours in memory holds from `from` on, at most `size_max` bytes.
std::string content_of(int file, std::size_t size_max, std::size_t from = 0);

/// An internal error: never a verdict.
Outcome missing(std::string message);

/// Fills what every end has: CPU and memory.
void describe_end(const Judged& judged, Outcome& outcome);
/// How a process ended that did not say: before its program began it is never the program's doing,
/// except that its text was too large for its memory.
void classify_end(const Judged& judged, const Limits& limits, Outcome& outcome);
/// How a process without a last frame ended, its program running.
void classify_death(const Judged& judged, const Limits& limits, Outcome& outcome);
/// ... and one that took its jail with it, or was lost with it: `memory` or `missing`.
void classify_loss(const Judged& judged, Outcome& outcome);
inline constexpr const char* kOverMemory =
    "its pages, page tables and threads are more than its budget";
/// The end a last frame tells of. False where the frame is malformed or is none of these.
bool classify_last_frame(const Frame& frame, Outcome& outcome);

/// Polls until something happens or `sleep_ms` pass; keeps the program's time in both. True where
/// interrupt() was called.
bool sleep_until_event(Worker::State& state, std::span<Judged* const> judged, int sleep_ms);

}  // namespace assay::sandbox
