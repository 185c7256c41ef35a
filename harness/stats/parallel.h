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

/// How many threads `threads` asks for (0: as many as the machine has).
inline std::size_t threads_of(int threads) {
  return std::max<std::size_t>(
      threads > 0 ? static_cast<std::size_t>(threads) : std::thread::hardware_concurrency(), 1);
}

/// body(i) for i in [0, count), on up to threads_of(threads) threads.
template <typename Body>
void parallel_for(std::size_t count, int threads, const Body& body) {
  const std::size_t workers = std::min(threads_of(threads), count);
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
