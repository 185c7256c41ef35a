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

TEST_CASE("options out of range are refused") {
  CHECK_THROWS_AS(resample_problems(3, {.replicates = 0}, ""), Error);
  CHECK_THROWS_AS(resample_problems(3, {.level = 1.0}, ""), Error);
}
