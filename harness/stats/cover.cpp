#include "harness/stats/cover.h"

#include <algorithm>

namespace assay::stats {

std::vector<std::int64_t> catches_per_test(const std::vector<Wrong>& programs) {
  std::vector<std::int64_t> catches;
  for (const Wrong& program : programs) {
    for (const std::uint32_t test : program.failing) {
      if (catches.size() <= test) catches.resize(test + 1);
      catches[test] += program.samples;
    }
  }
  return catches;
}

std::vector<CoverStep> greedy_cover(const std::vector<Wrong>& programs) {
  std::vector<CoverStep> steps;
  std::vector<Wrong> left = programs;
  for (;;) {
    const std::vector<std::int64_t> catches = catches_per_test(left);
    const auto best = std::max_element(catches.begin(), catches.end());
    if (best == catches.end()) return steps;
    const auto test = static_cast<std::uint32_t>(best - catches.begin());
    steps.push_back({test, *best});
    std::erase_if(left, [test](const Wrong& program) {
      return std::binary_search(program.failing.begin(), program.failing.end(), test);
    });
  }
}

}  // namespace assay::stats
