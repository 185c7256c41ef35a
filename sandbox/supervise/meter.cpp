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
  used_s_ = 0;
}

bool Patience::exhausted(std::span<Judged* const> judged) {
  const auto now = WallClock::now();
  double asleep_s = std::chrono::duration<double>(now - looked_).count();
  looked_ = now;
  if (slept_ms_ >= kCloseLookMs) {
    std::uint64_t awake_ns = 0;
    bool stopped = false;
    for (const Judged* one : judged) {
      awake_ns += one->waited_ns() + one->cpu_ns().value_or(0);
      stopped |= one->stopped();
    }
    // A wait for a CPU is told only when it is over. What was taken for sleep until then is given back:
    // with several threads that is more than there was, by no more than the CPU time that they use.
    if (awake_ns > awake_ns_) asleep_s -= static_cast<double>(awake_ns - awake_ns_) / 1e9;
    awake_ns_ = std::max(awake_ns, awake_ns_);
    if (stopped) asleep_s = 0;
  }
  // We were stopped or starved ourselves: that is no fault of the program.
  used_s_ = std::max(used_s_ + std::min(asleep_s, slept_ms_ / 1e3 + kLateSlackS), 0.0);
  return used_s_ > limit_s_;
}

int Patience::next_sleep_ms() {
  slept_ms_ = sleep_ms_;
  sleep_ms_ = std::min(sleep_ms_ * 2, kSleepMsMax);
  return slept_ms_;
}

}  // namespace assay::sandbox
