// The seam for time where something depends on how much of it has passed: a steady clock, or the one
// of tests/support/fake_clock.h, which stands until a test moves it. Thread safety: now() is for any
// thread.
#pragma once

#include <chrono>

namespace assay {

class Clock {
 public:
  using Time = std::chrono::steady_clock::time_point;
  virtual ~Clock() = default;
  virtual Time now() const = 0;
  double seconds_since(Time then) const {
    return std::chrono::duration<double>(now() - then).count();
  }
};

class SteadyClock final : public Clock {
 public:
  Time now() const override { return std::chrono::steady_clock::now(); }
};
inline const SteadyClock kSteadyClock;

}  // namespace assay
