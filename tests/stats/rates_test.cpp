#include "harness/stats/rates.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "harness/base/error.h"

using namespace assay;
using namespace assay::stats;

static ModelCounts model(const char* name, std::vector<std::string> ids, std::vector<Counts> c) {
  return {"d", name, "base", "base,plus", std::move(ids), std::move(c)};
}

static const BootstrapOptions kQuick{.replicates = 1000};

TEST_CASE("every rate by hand") {
  // accepted/correct table:      tp fp fn tn
  const ModelCounts m{
      "d", "m", "judge", "gold", {"a", "b", "c"}, {{2, 1, 1, 0}, {0, 0, 0, 4}, {1, 3, 0, 0}}};
  const RatesRow r = rates({m}, kQuick, {1, 2, 5}).rows[0];
  CHECK(r.samples == 12);
  CHECK(*r.accuracy.value == doctest::Approx((0.75 + 0 + 0.25) / 3));
  CHECK(*r.acceptance.value == doctest::Approx((0.75 + 0 + 1) / 3));
  CHECK(*r.fp_mass.value == doctest::Approx(4.0 / 12));
  CHECK(*r.fp_mass_macro.value == doctest::Approx((0.25 + 0.75) / 3));
  CHECK(*r.fdr.value == doctest::Approx(4.0 / 7));
  CHECK(*r.fdr_macro.value == doctest::Approx((1.0 / 3 + 0.75) / 2));
  CHECK(*r.fpr.value == doctest::Approx(4.0 / 8));
  CHECK(*r.fpr_macro.value == doctest::Approx((1.0 + 0 + 1.0) / 3));
  CHECK(*r.fnr.value == doctest::Approx(1.0 / 4));
  CHECK(*r.ceiling_lower.value == doctest::Approx((2.0 / 3 + 0 + 0.25) / 3));
  CHECK(*r.ceiling_macro.value == doctest::Approx((2.0 / 3 + 0.25) / 2));
  CHECK(*r.ceiling_upper.value == doctest::Approx((2.0 / 3 + 1 + 0.25) / 3));
  CHECK(*r.pass_at_k[0].second.value == doctest::Approx(*r.accuracy.value));
  CHECK(*r.pass_at_k[1].second.value == doctest::Approx((1 + 0 + 0.5) / 3));
  CHECK_FALSE(r.pass_at_k[2].second.value);
  for (const auto& [name, field] : rate_fields()) {
    const std::string rate = name;
    INFO(rate);
    REQUIRE((r.*field).interval);
    CHECK((r.*field).interval->lo <= *(r.*field).value);
    CHECK((r.*field).interval->hi >= *(r.*field).value);
  }
}

TEST_CASE("undefined is empty and says why") {
  const RatesRow none =
      rates({model("m", {"a", "b"}, {{0, 0, 0, 5}, {0, 0, 0, 5}})}, kQuick).rows[0];
  CHECK(*none.accuracy.value == 0);
  CHECK(none.accuracy.interval->hi == doctest::Approx(1 - std::sqrt(0.05)));
  CHECK_FALSE(none.fdr.value);
  CHECK_FALSE(none.ceiling_macro.value);
  CHECK(*none.ceiling_lower.value == 0);
  CHECK(*none.ceiling_upper.value == 1);
  CHECK(none.notes.size() >= 2);
  const RatesRow one = rates({model("m", {"a"}, {{3, 1, 0, 1}})}, kQuick).rows[0];
  CHECK(*one.fdr.value == doctest::Approx(0.25));
  CHECK_FALSE(one.fdr.interval);
  const RatesRow all =
      rates({model("m", {"a", "b"}, {{3, 0, 0, 0}, {1, 0, 0, 0}})}, kQuick).rows[0];
  CHECK_FALSE(all.fpr.value);
  CHECK(*all.fdr.value == 0);
  CHECK(all.fdr.interval->hi > 0.5);
  CHECK(all.fnr.interval->hi == 0);  // base is part of gold: no false negatives by definition
  const RatesRow empty = rates({model("m", {}, {})}, kQuick).rows[0];
  CHECK_FALSE(empty.accuracy.value);
  CHECK(rates({}, kQuick).rows.empty());
}

TEST_CASE("problems that all agree leave no interval of width zero") {
  // Three problems of one right sample in four printed 0.250 [0.250, 0.250], then no interval; of one
  // in ten, where sums round, 0.100 [0.100, 0.100] stayed, and differences too (case 36).
  std::vector<std::string> ids;
  for (int i = 10; i < 40; ++i) ids.push_back(std::to_string(i));
  const RatesTable table = rates({model("tenth", ids, std::vector<Counts>(30, {1, 2, 0, 7})),
                                  model("third", ids, std::vector<Counts>(30, {1, 0, 0, 2}))},
                                 kQuick, {1, 2, 3});
  const double share = 1 - std::pow(0.05, 1.0 / 30);
  for (const RatesRow& row : table.rows) {
    for (const auto& [name, field] : rate_fields()) {
      const std::string rate = name;
      if (rate == "fnr") continue;  // 0 by definition
      INFO(rate);
      REQUIRE((row.*field).interval);
      CHECK((row.*field).interval->hi - (row.*field).interval->lo == doctest::Approx(share));
    }
    for (const auto& [k, estimate] : row.pass_at_k)
      CHECK(estimate.interval->hi - estimate.interval->lo == doctest::Approx(share));
  }
  CHECK(*table.paired[0].difference.value == doctest::Approx(0.1 - 1.0 / 3));
  CHECK(table.paired[0].difference.interval->hi - table.paired[0].difference.interval->lo ==
        doctest::Approx(2 * share));
}

TEST_CASE("one problem has no interval, also where all its samples agree") {
  // "one problem: intervals need at least two" stood below 1.000 [0.050, 1.000].
  const RatesRow row = rates({model("m", {"a"}, {{3, 0, 0, 0}})}, kQuick).rows[0];
  CHECK(*row.accuracy.value == 1);
  CHECK_FALSE(row.accuracy.interval);
  CHECK_FALSE(row.fdr.interval);
}

TEST_CASE("where gold is part of the proxy every rate about false positives is undefined") {
  // They were a dash in one place, 0 in another and 0.0% [0.0, 0.0] in a third.
  const ModelCounts m{"d", "m", "base", "base", {"a", "b"}, {{3, 0, 0, 1}, {1, 0, 0, 3}}};
  const RatesRow row = rates({m}, kQuick).rows[0];
  CHECK(*row.accuracy.value == 0.5);
  CHECK(*row.acceptance.value == 0.5);
  for (const auto& [name, field] : rate_fields()) {
    const std::string rate = name;
    INFO(rate);
    CHECK((row.*field).value.has_value() == (rate == "accuracy" || rate == "acceptance"));
  }
}

TEST_CASE("differences are paired over the problems both cover") {
  const std::vector<Counts> c{{1, 0, 0, 9}, {5, 0, 0, 5}, {9, 0, 0, 1}, {3, 0, 0, 7}};
  std::vector<Counts> better = c;
  for (Counts& x : better) ++x.tp, --x.tn;
  const std::vector<std::string> ids{"a", "b", "c", "d"};
  const RatesTable t = rates({model("x", ids, better), model("y", ids, c),
                              model("z", {"b", "c", "e"}, {{4, 0, 0, 6}, {8, 0, 0, 2}, c[0]})},
                             kQuick);
  REQUIRE(t.paired.size() == 3);
  CHECK(*t.paired[0].difference.value == doctest::Approx(0.1));
  // Each problem differs by the same, so the bootstrap has no width and the exact bound stands.
  const double share = 1 - std::pow(0.05, 1.0 / 4);
  CHECK(t.paired[0].difference.interval->lo == doctest::Approx(0.1 - 1.1 * share));
  CHECK(t.paired[0].difference.interval->hi == doctest::Approx(0.1 + 0.9 * share));
  CHECK(t.rows[0].accuracy.interval->hi - t.rows[0].accuracy.interval->lo > 0.2);
  CHECK(t.paired[2].problems == 2);
  CHECK(*t.paired[2].difference.value == doctest::Approx(0.1));
}

TEST_CASE("intervals are the same to the last bit for the same seed") {
  const ModelCounts m = model("m", {"a", "b", "c"}, {{2, 1, 0, 7}, {0, 0, 0, 10}, {6, 2, 0, 2}});
  const Interval one = *rates({m}, kQuick).rows[0].fdr.interval;
  const Interval two = *rates({m}, kQuick).rows[0].fdr.interval;
  CHECK(one.lo == two.lo);
  CHECK(one.hi == two.hi);
}

TEST_CASE("counts that make no sense are refused with the problem's name") {
  CHECK_THROWS_WITH_AS(rates({model("m", {"a"}, {{-1, 0, 0, 5}})}, kQuick),
                       "model m on d, problem a: a count is negative", Error);
  CHECK_THROWS_AS(rates({model("m", {"a"}, {{0, 0, 0, 0}})}, kQuick), Error);
  CHECK_THROWS_AS(rates({model("m", {"b", "a"}, {{1, 0, 0, 0}, {1, 0, 0, 0}})}, kQuick), Error);
  CHECK_THROWS_AS(rates({model("m", {"a"}, {})}, kQuick), Error);
}

TEST_CASE(
    "a problem that carries a rate is named in a note, and the rate's effective number is small") {
  std::vector<std::string> ids;
  std::vector<Counts> counts;
  for (int i = 10; i < 30; ++i) ids.push_back(std::to_string(i)), counts.push_back({5, 0, 0, 5});
  for (std::size_t i = 0; i < 20; ++i) counts[i].tp += i % 3, counts[i].tn -= i % 3;
  counts[7] = {1, 8, 0, 1};
  const RatesRow row = rates({model("m", ids, counts)}, kQuick).rows[0];
  CHECK(row.fdr.basis->share > 0.5);
  CHECK(row.fdr.basis->effective < 5);
  CHECK(row.acceptance.basis->effective > 15);
  REQUIRE_FALSE(row.notes.empty());
  CHECK(row.notes.back().starts_with("rests mostly on one problem, 17: "));
  CHECK(row.notes.back().find("fdr, ") != std::string::npos);
  CHECK(row.notes.back().find("acceptance") == std::string::npos);
}
