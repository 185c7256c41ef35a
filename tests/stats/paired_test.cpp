#include "harness/stats/paired.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>

#include "harness/base/random.h"

using namespace assay;
using namespace assay::stats;

/// `count` models that pass each problem with the same chance, 10 samples each.
static std::vector<ModelCounts> equal_models(int count, int problems, std::uint64_t seed) {
  RandomStream random(seed, "equal");
  std::vector<ModelCounts> out;
  for (int m = 0; m < count; ++m)
    out.push_back({"d", fmt::format("m{}", m), "base", "base,plus", {}, {}});
  for (int p = 0; p < problems; ++p) {
    const double chance = random.uniform();
    for (ModelCounts& model : out) {
      Counts c;
      for (int s = 0; s < 10; ++s) ++(random.uniform() < chance ? c.tp : c.tn);
      model.task_ids.push_back(fmt::format("{:03}", p));
      model.problems.push_back(c);
    }
  }
  return out;
}

static bool leaves_out_zero(const Interval& interval) { return interval.lo > 0 || interval.hi < 0; }

TEST_CASE("of twelve equal models hardly a table calls any pair different when all hold at once") {
  // By themselves, the 66 intervals of nearly every such table left out 0 somewhere.
  constexpr int kTables = 150;
  int alone = 0, together = 0;
  for (int table = 0; table < kTables; ++table) {
    const auto seed = static_cast<std::uint64_t>(table);
    const RatesTable got =
        rates(equal_models(12, 40, seed), {.replicates = 400, .seed = seed, .threads = 1}, {});
    bool one = false, any = false;
    for (const PairedDifference& pair : got.paired) {
      one |= leaves_out_zero(*pair.difference.interval);
      any |= leaves_out_zero(*pair.simultaneous);
      CHECK(pair.simultaneous->lo <= pair.difference.interval->lo);
      CHECK(pair.simultaneous->hi >= pair.difference.interval->hi);
    }
    alone += one, together += any;
  }
  CHECK(alone > kTables / 2);
  CHECK(together <= 0.05 * kTables + 2.5 * std::sqrt(0.05 * 0.95 * kTables));
}

TEST_CASE(
    "the simultaneous quantile is that of the slow way: every pair again in every replicate") {
  std::vector<ModelCounts> models = equal_models(4, 25, 9);
  std::size_t covered = 25;  // by model 3; the others cover all
  SUBCASE("all cover the same problems") {}
  SUBCASE("one covers fewer") {
    covered = 21;
    models[3].problems.resize(covered), models[3].task_ids.resize(covered);
  }
  const BootstrapOptions options{.replicates = 300};
  const RatesTable table = rates(models, options, {});
  const Resamples w = resample_problems(25, options, "d");
  std::vector<double> largest;
  for (std::size_t r = 0; r < w.replicates; ++r) {
    double most = 0;
    std::size_t at = 0;
    for (std::size_t a = 0; a < 4; ++a)
      for (std::size_t b = a + 1; b < 4; ++b) {
        const PairedDifference& pair = table.paired[at++];
        double sum = 0, drawn = 0;
        for (std::size_t p = 0; p < (b == 3 ? covered : 25); ++p) {
          const double weight = w.weight[r * 25 + p];
          drawn += weight;
          sum += weight * static_cast<double>(models[a].problems[p].tp - models[b].problems[p].tp) /
                 10;
        }
        most = std::max(
            most, std::abs(sum / drawn - *pair.difference.value) / pair.difference.basis->error);
      }
    largest.push_back(most);
  }
  const double reach = percentile_interval(largest, 0.9).hi;
  const double level = std::erf(reach / std::sqrt(2.0));
  for (const PairedDifference& pair : table.paired) {
    const Interval slow =
        t_interval(*pair.difference.value, *pair.difference.basis, {-1, 1}, level);
    CHECK(pair.simultaneous->lo == doctest::Approx(slow.lo).epsilon(1e-6));
    CHECK(pair.simultaneous->hi == doctest::Approx(slow.hi).epsilon(1e-6));
  }
}

TEST_CASE("two models that agree on every problem get no difference of width zero") {
  // It was [0, 0]: no doubt at all from 30 problems.
  std::vector<ModelCounts> models = equal_models(2, 30, 3);
  models[1].problems = models[0].problems;
  const RatesTable table = rates(models, {.replicates = 200}, {});
  CHECK(*table.paired[0].difference.value == 0);
  CHECK(table.paired[0].difference.interval->hi > 0.09);
  CHECK(table.paired[0].simultaneous->lo < -0.09);
}

TEST_CASE(
    "a difference is turned with its intervals, so that the more accurate model stands first") {
  PairedDifference pair{
      "d", "accuracy", "weak", "strong", 10, {-0.2, Interval{-0.3, -0.1}}, Interval{-0.4, 0.05}};
  const PairedDifference up = upward(pair);
  CHECK(up.a == "strong");
  CHECK(up.b == "weak");
  CHECK(*up.difference.value == 0.2);
  CHECK(up.difference.interval->lo == 0.1);
  CHECK(up.difference.interval->hi == 0.3);
  CHECK(up.simultaneous->lo == -0.05);
  CHECK(up.simultaneous->hi == 0.4);
  CHECK(upward(up).a == "strong");
}
