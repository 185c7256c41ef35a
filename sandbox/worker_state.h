// What a Worker holds; shared by worker.cpp (run) and check.cpp (check).
#pragma once

#include <memory>
#include <string>

#include "sandbox/fd.h"
#include "sandbox/jail.h"
#include "sandbox/judged.h"
#include "sandbox/sandbox.h"

namespace assay::sandbox {

inline constexpr int kKillMsMax =
    10000;  ///< a killed process is reaped at once, or the jail is broken

struct Worker::State {
  Config config;
  Installation installation;
  Level level = Level::none;
  Fd interrupted;  ///< an eventfd
  std::size_t jails_started = 0;
  std::unique_ptr<Jail> solutions, checkers;

  /// The jail, started if there is none. Throws Error.
  Jail& jail(std::unique_ptr<Jail>& which);
  /// Takes one interrupt() if there is one.
  bool take_interrupt();
};

/// "our own fault": never a verdict.
Outcome missing(std::string message);

/// Fills what every end has: CPU, memory and, where nothing better is known, how the process died.
void describe_end(const assay_event& end, Outcome& outcome);
/// How a process without a last frame ended.
void classify_death(const assay_event& end, const Limits& limits, Outcome& outcome);
/// The end a last frame tells of. False where the frame is malformed or is none of these.
bool classify_last_frame(const Frame& frame, Outcome& outcome);

/// Polls until something happens or `sleep_ms` pass; keeps the program's time in both. True where
/// interrupt() was called.
bool sleep_until_event(Worker::State& state, Judged* const* judged, std::size_t count,
                       int sleep_ms);

}  // namespace assay::sandbox
