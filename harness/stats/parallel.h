// Spreads independent pieces of work over threads. The pieces must not share what they write, so
// the result never depends on how many threads there were. An exception in a piece is thrown again
// here.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <thread>

#include "harness/base/crew.h"

namespace assay::stats {

/// body(i) for i in [0, count), on up to `threads` threads (0: as many as the machine has).
template <typename Body>
void parallel_for(std::size_t count, int threads, const Body& body) {
  const std::size_t wanted =
      threads > 0 ? static_cast<std::size_t>(threads) : std::thread::hardware_concurrency();
  const std::size_t workers = std::min(std::max<std::size_t>(wanted, 1), count);
  if (workers <= 1) {
    for (std::size_t i = 0; i < count; ++i) body(i);
    return;
  }
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < count; i = next++) body(i);
  };
  Crew crew([&] { next = count; });
  for (std::size_t i = 1; i < workers; ++i) crew.start(work);
  crew.lead(work);
  crew.join();
}

}  // namespace assay::stats
