#include "harness/stats/bootstrap.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "harness/base/error.h"
#include "harness/base/random.h"

using namespace assay;
using namespace assay::stats;

TEST_CASE("a row of resamples draws as many problems as there are, the same for the same seed") {
  const Resamples a = resample_problems(13, {.replicates = 500, .seed = 4}, "x");
  for (std::size_t r = 0; r < a.replicates; ++r)
    CHECK(std::accumulate(&a.weight[r * 13], &a.weight[r * 13] + 13, 0) == 13);
  CHECK(a.weight == resample_problems(13, {.replicates = 500, .seed = 4}, "x").weight);
  CHECK(a.weight != resample_problems(13, {.replicates = 500, .seed = 5}, "x").weight);
  CHECK(a.weight != resample_problems(13, {.replicates = 500, .seed = 4}, "y").weight);
}

TEST_CASE("weighted sums are the naive matrix product, whatever the shape and the threads") {
  for (auto [problems, columns, replicates] :
       {std::array<std::size_t, 3>{1, 1, 101}, {7, 9, 130}, {164, 21, 257}, {3, 8, 128}}) {
    const Resamples w =
        resample_problems(problems, {.replicates = static_cast<int>(replicates)}, "shape");
    RandomStream random(1, "values");
    std::vector<double> x(problems * columns);
    for (double& v : x) v = random.uniform();
    const std::vector<double> sums = weighted_sums(w, x, columns, 1);
    CHECK(sums == weighted_sums(w, x, columns, 3));
    double worst = 0;
    for (std::size_t r = 0; r < replicates; ++r)
      for (std::size_t c = 0; c < columns; ++c) {
        double naive = 0;
        for (std::size_t p = 0; p < problems; ++p)
          naive += w.weight[r * problems + p] * x[p * columns + c];
        worst = std::max(worst, std::abs(naive - sums[c * replicates + r]));
      }
    CHECK(worst < 1e-12);
  }
}

TEST_CASE("percentiles interpolate between order statistics") {
  std::vector<double> values(101);
  for (int i = 0; i <= 100; ++i) values[static_cast<std::size_t>(i)] = 37 * i % 101;
  const Interval all = percentile_interval(values, 0.95);
  CHECK(all.lo == doctest::Approx(2.5));
  CHECK(all.hi == doctest::Approx(97.5));
  std::vector<double> one{3};
  CHECK(percentile_interval(one, 0.95).hi == 3);
}

TEST_CASE("percentiles of many values are those of the sorted values, in any order, tied or not") {
  // Long lists take a short cut: only values that can be among the outermost are put in order.
  RandomStream random(3, "percentiles");
  for (const std::size_t size : {2u, 2047u, 2048u, 10'000u})
    for (const char* kind : {"uniform", "rising", "falling", "tied", "constant", "rare", "waves"}) {
      CAPTURE(size);
      CAPTURE(kind);
      std::vector<double> values(size);
      for (std::size_t i = 0; i < size; ++i) {
        const double at = static_cast<double>(i);
        values[i] = kind[0] == 'u'                     ? random.uniform()
                    : kind[0] == 'r' && kind[1] == 'i' ? at
                    : kind[0] == 'f'                   ? -at
                    : kind[0] == 't'                   ? random.below(3)
                    : kind[0] == 'c'                   ? 7
                    : kind[0] == 'r'                   ? (random.below(50) == 0 ? at : 0)
                    : i % (std::max<std::size_t>(size, 256) / 256) == 0 ? at
                                                                        : -at;
      }
      std::vector<double> sorted = values;
      std::sort(sorted.begin(), sorted.end());
      for (const double level : {0.8, 0.95, 0.999}) {
        const auto quantile = [&](double probability) {
          const double at = probability * static_cast<double>(size - 1);
          const auto below = static_cast<std::size_t>(at);
          const double next = sorted[std::min(below + 1, size - 1)];
          return sorted[below] + (at - static_cast<double>(below)) * (next - sorted[below]);
        };
        const Interval got = percentile_interval(values, level);
        CHECK(got.lo == quantile((1 - level) / 2));
        CHECK(got.hi == quantile((1 + level) / 2));
      }
    }
}

TEST_CASE("a ratio's interval covers the truth about as often as it says") {
  // 300 data sets of 60 problems; the ratio of two correlated sums, truth 1/4.
  RandomStream random(7, "ratio");
  int covered = 0;
  for (int round = 0; round < 300; ++round) {
    Ratio ratio{std::vector<double>(60), std::vector<double>(60)};
    for (std::size_t i = 0; i < 60; ++i) {
      ratio.denominator[i] = 1 + random.below(9);
      const double share = random.uniform() / 2;
      ratio.numerator[i] = ratio.denominator[i] * share;
    }
    const BootstrapOptions options{.replicates = 500, .seed = static_cast<std::uint64_t>(round)};
    const Interval got =
        *bootstrap_ratios(resample_problems(60, options, ""), {ratio}, options)[0].interval;
    covered += got.lo <= 0.25 && 0.25 <= got.hi;
  }
  CHECK(covered >= 270);  // nominal 285, standard deviation 3.8
  CHECK(covered <= 297);
}

TEST_CASE("no event in any cluster gives an exact bound, not a point") {
  const BootstrapOptions options{.replicates = 200};
  const Resamples w = resample_problems(20, options, "");
  const std::vector<double> zero(20, 0), one(20, 1);
  std::vector<double> uneven(20, 1);
  uneven[0] = 21;  // mean 2
  const auto got =
      bootstrap_ratios(w, {{zero, one}, {one, one}, {zero, uneven}, {zero, one, {-1, 1}}}, options);
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
  const BootstrapOptions options{.replicates = 200};
  const Resamples w = resample_problems(30, options, "");
  const std::vector<double> one(30, 1), tenth(30, 0.1), ten(30, 10);
  std::vector<double> lone(30, 0), lone_weight(30, 0);
  lone[3] = 1, lone_weight[3] = 4;
  const auto got = bootstrap_ratios(w,
                                    {{tenth, one},
                                     {one, ten},
                                     {tenth, one, {-1, 1}},
                                     {tenth, one, {-INFINITY, INFINITY}},
                                     {lone, lone_weight}},
                                    options);
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
  // the one that the bootstrap would give no width.
  constexpr int kSets = 4000;
  constexpr double kUsual = 0.3;
  RandomStream random(5, "agreement");
  const BootstrapOptions options{.replicates = 100};
  for (const std::size_t problems : {5, 12, 40}) {
    const std::vector<double> one(problems, 1), usual(problems, kUsual);
    const Interval interval =
        *bootstrap_ratios(resample_problems(problems, options, ""), {{usual, one}}, options)[0]
             .interval;
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

TEST_CASE("options out of range are refused") {
  CHECK_THROWS_AS(resample_problems(3, {.replicates = 0}, ""), Error);
  CHECK_THROWS_AS(resample_problems(3, {.level = 1.0}, ""), Error);
}
