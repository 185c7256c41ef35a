#include "harness/stats/interval.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "harness/base/random.h"

using namespace assay;
using namespace assay::stats;

TEST_CASE("quantiles of Student's t are those of the tables") {
  CHECK(t_quantile(0.95, 1) == doctest::Approx(12.7062).epsilon(1e-5));
  CHECK(t_quantile(0.95, 9) == doctest::Approx(2.26216).epsilon(1e-5));
  CHECK(t_quantile(0.95, 1e7) == doctest::Approx(1.95996).epsilon(1e-5));
  CHECK(t_quantile(0.9, 2.5) > t_quantile(0.9, 3));
}

TEST_CASE(
    "a mean's interval is the textbook's t interval, on the plain, the log and the logit scale") {
  // Eight values in pairs about .4: their kurtosis leaves the degrees of freedom at 7.
  const std::vector<double> x{0.3, 0.5, 0.35, 0.45, 0.3, 0.5, 0.35, 0.45}, one(8, 1);
  const double error = std::sqrt(0.05 / 7 / 8), reach = 2.364624 * error;
  const Estimate plain = ratio_estimate(x, one, {-INFINITY, INFINITY}, 0.95);
  CHECK(*plain.value == doctest::Approx(0.4));
  CHECK(plain.interval->lo == doctest::Approx(0.4 - reach).epsilon(1e-6));
  CHECK(plain.interval->hi == doctest::Approx(0.4 + reach).epsilon(1e-6));
  CHECK(plain.basis->effective == doctest::Approx(8));
  const Estimate positive = ratio_estimate(x, one, {0, INFINITY}, 0.95);
  CHECK(positive.interval->hi == doctest::Approx(0.4 * std::exp(reach / 0.4)).epsilon(1e-6));
  const Estimate share = ratio_estimate(x, one, {0, 1}, 0.95);
  const double logit = std::log(0.4 / 0.6), far = reach / (0.4 * 0.6);
  CHECK(share.interval->lo == doctest::Approx(1 / (1 + std::exp(far - logit))).epsilon(1e-6));
  CHECK(share.interval->hi == doctest::Approx(1 / (1 + std::exp(-far - logit))).epsilon(1e-6));
}

TEST_CASE("an interval follows its range: moved, stretched and turned over") {
  const std::vector<double> x{0.1, 0.7, 0.2, 0.4, 0}, d{1, 2, 1, 3, 1};
  const Interval share = *ratio_estimate(x, d, {0, 1}, 0.95).interval;
  std::vector<double> other(5), turned(5);
  for (std::size_t i = 0; i < 5; ++i) other[i] = 5 * x[i] - 2 * d[i], turned[i] = d[i] - x[i];
  const Interval moved = *ratio_estimate(other, d, {-2, 3}, 0.95).interval;
  const Interval rest = *ratio_estimate(turned, d, {0, 1}, 0.95).interval;
  CHECK(moved.lo == doctest::Approx(5 * share.lo - 2));
  CHECK(moved.hi == doctest::Approx(5 * share.hi - 2));
  CHECK(rest.lo == doctest::Approx(1 - share.hi));
  CHECK(rest.hi == doctest::Approx(1 - share.lo));
}

TEST_CASE("the error of a ratio is that of leaving each problem out and dividing again") {
  RandomStream random(2, "jackknife");
  std::vector<double> x(12), d(12);
  for (std::size_t i = 0; i < 12; ++i) d[i] = random.below(5), x[i] = d[i] * random.uniform();
  double all_x = 0, all_d = 0, squares = 0, counted = 0;
  for (std::size_t i = 0; i < 12; ++i) all_x += x[i], all_d += d[i], counted += d[i] > 0;
  for (std::size_t i = 0; i < 12; ++i) {
    const double without = (all_x - x[i]) / (all_d - d[i]) - all_x / all_d;
    if (d[i] > 0) squares += without * without;
  }
  const Estimate found = ratio_estimate(x, d, {-INFINITY, INFINITY}, 0.95);
  const double reach = t_quantile(0.95, found.basis->effective - 1);
  CHECK(found.interval->hi - *found.value ==
        doctest::Approx(reach * std::sqrt(squares * (counted - 1) / counted)));
  CHECK(found.basis->effective <= counted);
}

TEST_CASE("one problem that carries a rate is named, and widens it") {
  const std::vector<double> even{1, 2, 0, 1, 2, 0, 1, 2, 0, 1}, ten(10, 10);
  std::vector<double> carried(10, 0);
  carried[6] = 10;
  const Estimate spread = ratio_estimate(even, ten, {0, 1}, 0.95);
  const Estimate lone = ratio_estimate(carried, ten, {0, 1}, 0.95);
  CHECK(*spread.value == *lone.value);
  CHECK(spread.basis->effective == doctest::Approx(10));
  CHECK(lone.basis->heaviest == 6);
  CHECK(lone.basis->share == doctest::Approx(0.9));
  CHECK(lone.basis->effective < 4);
  CHECK(lone.interval->hi > 2 * spread.interval->hi);
  CHECK(lone.interval->hi <= 1);
  CHECK(lone.interval->lo >= 0);
}

TEST_CASE(
    "where the denominators are uneven the interval holds the truth at least as often as it says") {
  RandomStream random(7, "ratio");
  constexpr int kSets = 3000;
  int covered = 0;
  for (int set = 0; set < kSets; ++set) {
    std::vector<double> x(12), d(12);
    for (std::size_t i = 0; i < 12; ++i) {
      d[i] = std::exp(1.2 * random.normal());
      x[i] = d[i] * (random.uniform() < 0.5 ? 0.5 * random.uniform() : 0.25);
    }
    const Interval got = *ratio_estimate(x, d, {0, 1}, 0.95).interval;
    covered += got.lo <= 0.25 && 0.25 <= got.hi;
  }
  CHECK(covered >= 0.94 * kSets);
  CHECK(covered < kSets);
}

TEST_CASE("no event in any cluster gives an exact bound, not a point") {
  const std::vector<double> zero(20, 0), one(20, 1);
  std::vector<double> uneven(20, 1);
  uneven[0] = 21;  // mean 2
  const auto got =
      ratio_estimates({{zero, one}, {one, one}, {zero, uneven}, {zero, one, {-1, 1}}}, 0.95);
  const double bound = 1 - std::pow(0.05, 1.0 / 20);
  CHECK(got[0].interval->lo == 0);
  CHECK(got[0].interval->hi == doctest::Approx(bound).epsilon(1e-12));
  CHECK(got[1].interval->lo == doctest::Approx(1 - bound).epsilon(1e-12));
  CHECK(got[1].interval->hi == 1);
  CHECK(got[2].interval->hi == doctest::Approx(std::min(1.0, bound * 10.5)).epsilon(1e-12));
  CHECK(got[3].interval->lo == doctest::Approx(-bound).epsilon(1e-12));
  CHECK(got[3].interval->hi == doctest::Approx(bound).epsilon(1e-12));
}

TEST_CASE("problems that agree on any value give an exact bound too, and unbounded ones none") {
  // Thirty problems, each 1 right of 10, printed 0.100 [0.100, 0.100]; of 4, no interval (case 36).
  const std::vector<double> one(30, 1), tenth(30, 0.1), ten(30, 10);
  std::vector<double> lone(30, 0), lone_weight(30, 0);
  lone[3] = 1, lone_weight[3] = 4;
  const auto got = ratio_estimates({{tenth, one},
                                    {one, ten},
                                    {tenth, one, {-1, 1}},
                                    {tenth, one, {-INFINITY, INFINITY}},
                                    {lone, lone_weight}},
                                   0.95);
  const double share = 1 - std::pow(0.05, 1.0 / 30);
  for (const Estimate& rate : {got[0], got[1]}) {
    CHECK(rate.interval->lo == doctest::Approx(0.1 - 0.1 * share).epsilon(1e-12));
    CHECK(rate.interval->hi == doctest::Approx(0.1 + 0.9 * share).epsilon(1e-12));
  }
  CHECK(got[2].interval->lo == doctest::Approx(0.1 - 1.1 * share).epsilon(1e-12));
  CHECK_FALSE(got[3].interval);
  CHECK(*got[4].value == 0.25);  // one problem tells nothing of the next
  CHECK_FALSE(got[4].interval);
}

TEST_CASE("where all problems agree, the interval misses the truth no more often than it says") {
  // Truth: a share of the problems says `other`, the rest 0.3. A set of problems that all agree is
  // the one whose spread would give no width.
  constexpr int kSets = 4000;
  constexpr double kUsual = 0.3;
  RandomStream random(5, "agreement");
  for (const std::size_t problems : {5, 12, 40}) {
    const std::vector<double> one(problems, 1), usual(problems, kUsual);
    const Interval interval = *ratio_estimate(usual, one, {0, 1}, 0.95).interval;
    CHECK(interval.lo > 0);
    CHECK(interval.hi < 1);
    for (const double other : {0.0, 0.5, 1.0}) {
      double worst = 0;
      for (const double share : {0.01, 0.03, 0.06, 0.1, 0.2, 0.3, 0.45, 0.6}) {
        const double truth = (1 - share) * kUsual + share * other;
        int missed = 0;
        for (int set = 0; set < kSets; ++set) {
          bool agree = true;
          for (std::size_t p = 0; p < problems; ++p) agree = agree && random.uniform() >= share;
          missed += agree && (truth < interval.lo || truth > interval.hi);
        }
        worst = std::max(worst, static_cast<double>(missed) / kSets);
      }
      CAPTURE(problems);
      CAPTURE(other);
      CHECK(worst < 0.05 + 3 * std::sqrt(0.05 * 0.95 / kSets));
    }
  }
}
