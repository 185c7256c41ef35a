#include "harness/stats/isotonic.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "harness/base/random.h"

using namespace assay;
using namespace assay::stats;

namespace {

/// The same by the minimax formula: at each point the greatest over starts of the least over ends of
/// the mean between (Robertson, Wright and Dykstra 1988, theorem 1.4.4).
std::vector<double> minimax(const std::vector<Scored>& sorted) {
  std::vector<double> out;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    double best = -1;
    for (std::size_t a = 0; a <= i; ++a) {
      double least = 2, sum = 0;
      for (std::size_t b = a; b < sorted.size(); ++b) {
        sum += sorted[b].right;
        if (b >= i) least = std::min(least, sum / static_cast<double>(b - a + 1));
      }
      best = std::max(best, least);
    }
    out.push_back(best);
  }
  return out;
}

}  // namespace

TEST_CASE("pooling adjacent violators gives what the minimax formula gives") {
  RandomStream stream(1, "isotonic");
  for (int round = 0; round < 50; ++round) {
    std::vector<Scored> points;
    for (int i = 0; i < 30; ++i) {
      const double score = stream.uniform();
      points.push_back({score, stream.uniform() < score ? 1. : 0.});
    }
    std::sort(points.begin(), points.end(), [](auto& a, auto& b) { return a.score < b.score; });
    const std::vector<double> slow = minimax(points);
    const Isotonic fit(points, false);
    for (std::size_t i = 0; i < points.size(); ++i)
      CHECK(fit(points[i].score) == doctest::Approx(slow[i]));
  }
}

TEST_CASE("the calibrated score of many draws is the probability they were drawn with") {
  RandomStream stream(2, "isotonic");
  std::vector<Scored> points;
  for (int i = 0; i < 40000; ++i) {
    const double score = stream.uniform() * 10 - 5;
    points.push_back({score, stream.uniform() < 1 / (1 + std::exp(-score)) ? 1. : 0.});
  }
  const Isotonic fit(points);
  double before = 0;
  for (double score = -4.5; score <= 4.5; score += .25) {
    CHECK(fit(score) == doctest::Approx(1 / (1 + std::exp(-score))).epsilon(.3).scale(.2));
    CHECK(fit(score) >= before);
    before = fit(score);
  }
  CHECK(fit(-100) > 0);
  CHECK(fit(100) < 1);
}

TEST_CASE("a run of wrong ones is one block, however many of them end it") {
  // Pooled by what the prior made of them, the last of 1,023 wrong ones stood at .25.
  std::vector<Scored> points;
  for (int i = 0; i < 2023; ++i) points.push_back({static_cast<double>(i), i < 1023 ? 0. : 1.});
  const Isotonic fit(points);
  REQUIRE(fit.blocks().size() == 2);
  CHECK(fit(1022) == doctest::Approx(.5 / 1024));
  CHECK(fit(1023) == doctest::Approx(1000.5 / 1001));
}

TEST_CASE("equal scores are one block, and a single point has its prior") {
  const Isotonic fit({{.5, 1}, {.5, 0}, {.5, 1}}, false);
  REQUIRE(fit.blocks().size() == 1);
  CHECK(fit(.1) == doctest::Approx(2. / 3));
  CHECK(Isotonic({{.2, 1}})(.2) == doctest::Approx(.75));
}
