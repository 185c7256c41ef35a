// Which tests catch the wrong programs: a greedy set cover. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace assay::stats {

/// A wrong program: how many samples it stands for, and the tests it fails, ascending.
struct Wrong {
  std::int64_t samples = 1;
  std::vector<std::uint32_t> failing;
};

struct CoverStep {
  std::uint32_t test = 0;
  std::int64_t catches = 0;  ///< samples it catches that no test before it did
};

/// Tests that together catch every catchable program, each the one that catches most of what is
/// left (ties: the lowest index). Greedy: at most H(n) times as many tests as the smallest set
/// (Chvatal 1979). Programs that fail no test stay uncaught.
std::vector<CoverStep> greedy_cover(const std::vector<Wrong>& programs);

/// Samples that each test catches on its own; index = test, length = highest failing test + 1.
std::vector<std::int64_t> catches_per_test(const std::vector<Wrong>& programs);

}  // namespace assay::stats
