#include "harness/train/replay.h"

#include <doctest/doctest.h>

#include <cmath>
#include <map>

using namespace assay;
using namespace assay::train;
using Sequence = std::vector<std::int32_t>;

TEST_CASE("edit distances") {
  CHECK(edit_distance({}, {}) == 0);
  CHECK(edit_distance({}, {1, 2}) == 2);
  CHECK(edit_distance({1, 2, 3}, {1, 3}) == 1);
  CHECK(edit_distance({1, 2, 3, 4}, {2, 3, 4, 5}) == 2);
  CHECK(edit_distance({0, 0, 0}, {1, 1}) == 3);
}

TEST_CASE("the best stay, and of those that are almost the same the better one") {
  Replay replay(3);
  replay.offer({0, 0, 0, 0}, -5);
  replay.offer({0, 0, 0, 1}, -6);  // distance 1 of 8 summed: below a quarter
  REQUIRE(replay.items().size() == 1);
  replay.offer({0, 0, 0, 2}, -4);
  REQUIRE(replay.items().size() == 1);
  CHECK(replay.items()[0].sequence == Sequence{0, 0, 0, 2});
  replay.offer({0, 0, 1, 1}, -7);  // distance 2 of 8: no less than a quarter
  replay.offer({3, 3}, -3);
  replay.offer({4}, -9);  // full, and worse than all
  REQUIRE(replay.items().size() == 3);
  replay.offer({4}, -1);  // the worst goes
  CHECK(replay.items().front().sequence == Sequence{4});
  CHECK(replay.items().back().log_reward == -4);
  replay.offer({4}, -1);
  replay.offer({}, -2);
  replay.offer({}, -2);
  CHECK(replay.items().size() == 3);
  CHECK(replay.items()[1].sequence.empty());
}

TEST_CASE("draws follow the rewards, and where there are few all are given") {
  Replay replay(10);
  RandomStream stream(1, "replay");
  CHECK(replay.draw(4, stream).empty());
  replay.offer({0}, std::log(.7));
  replay.offer({1, 1, 1}, std::log(.2));
  replay.offer({2, 2, 2, 2, 2}, std::log(.1));
  CHECK(replay.draw(3, stream).size() == 3);
  CHECK(replay.draw(50, stream).size() == 3);
  std::map<std::size_t, int> lengths;
  for (int i = 0; i < 5000; ++i)
    for (const auto& item : replay.draw(2, stream)) ++lengths[item.sequence.size()];
  CHECK(lengths[1] / 10000. == doctest::Approx(.7).epsilon(.03));
  CHECK(lengths[5] / 10000. == doctest::Approx(.1).epsilon(.1));
}
