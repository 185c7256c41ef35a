// Limits of one judged process against its clocks. CPU time decides; wall time only ends sleepers.
// Shared by run() and check().
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "sandbox/sandbox.h"
#include "sandbox/supervise/judged.h"

namespace assay::sandbox {

inline constexpr double kOver = 1.2, kNear = 0.8;  ///< Outcome::marginal's band

inline std::uint64_t ns_of(double seconds) { return static_cast<std::uint64_t>(seconds * 1e9); }

/// One CPU limit as used so far.
enum class Use { within, near, over, far_over };
Use use_of(std::uint64_t used_ns, double limit_s);

/// Wall time that counts: not while it waited for a CPU, was stopped from outside, or we were.
class Patience {
 public:
  /// The process made progress: the wall clock starts anew, with this limit.
  void restart(const Limits& limits, double cpu_limit_s);
  /// Called at every wake-up, with all processes of the job: time counts while every one sleeps.
  /// True where the wall limit is used up.
  bool exhausted(std::span<Judged* const> judged);
  /// How long to sleep at most before looking again: short at first, so that a caller who wants to
  /// stop early is heard early, then longer.
  int next_sleep_ms();

 private:
  double limit_s_ = 0, used_s_ = 0;
  double open_s_ = 0;  ///< since it was last seen asleep: sleep, or a wait not told yet
  std::uint64_t awake_ns_ = 0;
  int sleep_ms_ = 1, slept_ms_ = 1;
  WallClock::time_point looked_ = WallClock::now();
};

}  // namespace assay::sandbox
