#include "sandbox/supervise/meter.h"

namespace assay::sandbox {

constexpr int kSleepMsMax = 32;   ///< Judged::over_memory() bounds what a program takes meanwhile
constexpr int kCloseLookMs = 32;  ///< younger processes are not worth the reading of /proc
constexpr double kLateSlackS = 0.05;  ///< a wake-up later than this was late for reasons of our own

Use use_of(std::uint64_t used_ns, double limit_s) {
  const double used_s = static_cast<double>(used_ns) / 1e9;
  if (used_s > kOver * limit_s) return Use::far_over;
  if (used_s > limit_s) return Use::over;
  return used_s >= kNear * limit_s ? Use::near : Use::within;
}

void Patience::restart(const Limits& limits, double cpu_limit_s) {
  limit_s_ = std::max(limits.wall_s_min, limits.wall_factor * cpu_limit_s);
  used_s_ = open_s_ = 0;
}

bool Patience::exhausted(std::span<Judged* const> judged) {
  const auto now = WallClock::now();
  double asleep_s = std::chrono::duration<double>(now - looked_).count();
  looked_ = now;
  const bool looks_closely = slept_ms_ >= kCloseLookMs;
  bool runnable = false, stopped = false;
  if (looks_closely) {
    std::uint64_t awake_ns = 0;
    for (Judged* one : judged) {
      awake_ns += one->waited_ns() + one->cpu_ns().value_or(0);
      runnable |= one->runnable();
      stopped |= one->stopped();
    }
    if (awake_ns > awake_ns_) asleep_s -= static_cast<double>(awake_ns - awake_ns_) / 1e9;
    awake_ns_ = std::max(awake_ns, awake_ns_);
  }
  // We were stopped or starved ourselves: that is no fault of the program.
  asleep_s = std::min(asleep_s, stopped ? 0 : slept_ms_ / 1e3 + kLateSlackS);
  // The kernel tells a wait for a CPU only when it is over. Until then it looks like sleep, so that nothing
  // is settled while the process waits. What several threads get back is no more than their CPU time.
  open_s_ += asleep_s;
  if (looks_closely && !runnable) {
    used_s_ = std::max(used_s_ + open_s_, 0.0);
    open_s_ = 0;
  }
  return used_s_ > limit_s_;
}

int Patience::next_sleep_ms() {
  slept_ms_ = sleep_ms_;
  sleep_ms_ = std::min(sleep_ms_ * 2, kSleepMsMax);
  return slept_ms_;
}

}  // namespace assay::sandbox
