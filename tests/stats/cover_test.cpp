#include "harness/stats/cover.h"

#include <doctest/doctest.h>

#include <random>
#include <set>

using namespace assay::stats;

TEST_CASE("the greedy cover takes the best test first and catches all that can be caught") {
  const std::vector<Wrong> programs = {{3, {0, 2}}, {1, {1, 2}}, {2, {1}}, {5, {}}};
  const auto steps = greedy_cover(programs);
  REQUIRE(steps.size() == 2);
  CHECK(steps[0].test == 2);  // 3 + 1 samples
  CHECK(steps[0].catches == 4);
  CHECK(steps[1].test == 1);
  CHECK(steps[1].catches == 2);
  CHECK(catches_per_test(programs) == std::vector<std::int64_t>{3, 3, 4});
  CHECK(greedy_cover({}).empty());
}

TEST_CASE("every catchable sample is caught exactly once") {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    std::vector<Wrong> programs(random() % 20);
    std::int64_t catchable = 0;
    for (Wrong& program : programs) {
      program.samples = 1 + random() % 5;
      std::set<std::uint32_t> failing;
      for (std::size_t i = random() % 6; i > 0; --i) failing.insert(random() % 15);
      program.failing.assign(failing.begin(), failing.end());
      if (!failing.empty()) catchable += program.samples;
    }
    std::int64_t caught = 0;
    for (const CoverStep& step : greedy_cover(programs)) {
      CHECK(step.catches > 0);
      caught += step.catches;
    }
    CHECK(caught == catchable);
  }
}
