#include "harness/stats/auc.h"

#include <doctest/doctest.h>

#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <optional>

#include "harness/base/random.h"

using namespace assay;
using namespace assay::stats;

namespace {

/// Pair by pair, of the samples whose problem is not `without`.
std::optional<double> slow_auc(const std::vector<Ranked>& samples, bool within,
                               std::optional<std::size_t> without = {}) {
  double pairs = 0, ordered = 0;
  for (const Ranked& a : samples)
    for (const Ranked& b : samples) {
      if (a.problem == without || b.problem == without) continue;
      if (within && a.problem != b.problem) continue;
      const double weight = a.right * (1 - b.right);
      pairs += weight;
      ordered += weight * (a.score > b.score ? 1 : a.score == b.score ? .5 : 0);
    }
  return pairs > 0 ? std::optional(ordered / pairs) : std::nullopt;
}

/// Right ones score `gap` higher on average; samples of a problem share half of the rest.
std::vector<Ranked> simulated(std::size_t problems, int each, double gap, RandomStream& random) {
  std::vector<Ranked> out;
  for (std::size_t p = 0; p < problems; ++p) {
    const double shared = random.normal(), chance = random.uniform();
    for (int i = 0; i < each; ++i) {
      const double right = random.uniform() < chance;
      out.push_back({p, right * gap + std::sqrt(.5) * (shared + random.normal()), right});
    }
  }
  return out;
}

}  // namespace

TEST_CASE("the area is that of a count pair by pair, with ties, and shares of right ones") {
  RandomStream random(7, "auc");
  for (int set = 0; set < 20; ++set) {
    std::vector<Ranked> samples = simulated(6, 5, 1, random);
    for (Ranked& one : samples) {
      one.score = std::round(2 * one.score);
      if (set % 2) one.right = std::round(4 * random.uniform()) / 4;
    }
    const Auc found = auc(samples, 6, .95);
    REQUIRE(found.pooled.value);
    CHECK(*found.pooled.value == doctest::Approx(*slow_auc(samples, false)));
    CHECK(*found.within.value == doctest::Approx(*slow_auc(samples, true)));
    REQUIRE(found.pooled.basis);
    double squares = 0;
    for (std::size_t p = 0; p < 6; ++p) {
      const double moved = *slow_auc(samples, false, p) - *found.pooled.value;
      squares += moved * moved;
    }
    CHECK(found.pooled.basis->error == doctest::Approx(std::sqrt(squares * 5 / 6)));
  }
}

TEST_CASE("the interval holds the area that it was drawn from") {
  // Two samples of different problems differ by gap and a variance of 2; those of one problem, a few
  // of all pairs, by less.
  RandomStream random(11, "coverage");
  for (const auto& one : {std::pair<std::size_t, double>{8, .5}, {12, 2.}, {30, 1.}, {30, 3.}}) {
    const std::size_t problems = one.first;
    const double gap = one.second;
    const double truth = boost::math::cdf(boost::math::normal(), gap / std::sqrt(2.0));
    int held = 0, sets = 0;
    for (int set = 0; set < 1500; ++set) {
      const Auc found = auc(simulated(problems, 8, gap, random), problems, .95);
      if (!found.pooled.interval) continue;
      ++sets;
      held += found.pooled.interval->lo <= truth && truth <= found.pooled.interval->hi;
    }
    const double share = static_cast<double>(held) / sets;
    CAPTURE(problems);
    CAPTURE(gap);
    MESSAGE("AUC of ", truth, ", ", problems, " problems: held ", share, " of ", sets);
    CHECK(sets > 1400);
    CHECK(share > .92);
  }
}

TEST_CASE("an area of 1 has no interval without width") {
  // Three right samples above all wrong ones gave AUC 1 [1, 1]: every draw of the problems agreed.
  std::vector<Ranked> samples;
  for (std::size_t p = 0; p < 3; ++p) {
    samples.push_back({p, 1, 1});
    samples.push_back({p, 0, 0});
  }
  const Estimate found = auc(samples, 3, .95).pooled;
  CHECK(found.value == 1.0);
  REQUIRE(found.interval);
  CHECK(found.interval->lo == doctest::Approx(std::pow(.05, 1. / 3)));
  CHECK(found.interval->hi == 1);
  SUBCASE("right ones of one problem alone say nothing of others") {
    for (Ranked& one : samples) one.right = one.right == 1 && one.problem == 0;
    CHECK_FALSE(auc(samples, 3, .95).pooled.interval);
  }
  SUBCASE("nor do ties throughout") {
    for (Ranked& one : samples) one.score = 2;
    const Estimate tied = auc(samples, 3, .95).pooled;
    CHECK(tied.value == .5);
    CHECK(tied.interval->hi - tied.interval->lo > .5);
  }
  SUBCASE("only right ones") {
    for (Ranked& one : samples) one.right = 1;
    CHECK_FALSE(auc(samples, 3, .95).pooled.value);
  }
}

TEST_CASE("the bound of an area of 1 is missed in few sets, though most show no wrong order") {
  // A right sample of a problem is below the wrong ones in 1 of 8 problems: the area is 7/8 or so, and
  // of 8 problems a third have none of these.
  RandomStream random(5, "perfect");
  int held = 0, agreed = 0;
  constexpr int kSets = 2000;
  constexpr double kOff = .125;
  for (int set = 0; set < kSets; ++set) {
    std::vector<Ranked> samples;
    for (std::size_t p = 0; p < 8; ++p) {
      samples.push_back({p, random.uniform() < kOff ? -1. : 1., 1});
      samples.push_back({p, 0, 0});
    }
    const Estimate found = auc(samples, 8, .95).pooled;
    agreed += found.value == 1.0;
    held += found.interval && found.interval->lo <= 1 - kOff && 1 - kOff <= found.interval->hi;
  }
  CHECK(agreed > kSets / 4);
  CHECK(static_cast<double>(held) / kSets > .93);
}
