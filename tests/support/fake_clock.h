// A clock that stands until a test moves it. Thread-safe.
#pragma once

#include <atomic>

#include "harness/base/clock.h"

namespace assay::tests {

class FakeClock final : public Clock {
 public:
  Time now() const override { return Time(std::chrono::milliseconds(ms_)); }
  void advance(std::chrono::milliseconds by) { ms_ += by.count(); }

 private:
  std::atomic<std::int64_t> ms_ = 3'600'000;  ///< an hour after the machine began
};

}  // namespace assay::tests
