#include "harness/probe/totals.h"

#include <doctest/doctest.h>

namespace assay::probe {

/// Programs 1 to `programs`, of which those in `finds` are wrong, each in a cluster of its own.
static Result result_of(const std::string& task_id, std::int64_t programs, std::int64_t allowed,
                        std::vector<std::pair<std::int64_t, std::size_t>> finds,
                        bool disputed = false) {
  Result result;
  result.task_id = task_id;
  result.programs = programs;
  result.allowed = allowed;
  for (const auto& [program, first] : finds) {
    result.finds.push_back({program, first, result.clusters.size()});
    result.clusters.push_back({{program}, {Witness{}}, disputed});
  }
  return result;
}

TEST_CASE("totals: shares, stretches and the rise of fdr, counted by hand") {
  const std::vector<Result> results = {
      result_of("a", 4, 1000, {{1, 10}, {2, 300}}), result_of("b", 6, 500, {{3, 400}}),
      result_of("c", 5, 1000, {{4, 5}}, true), result_of("d", 5, 200, {})};
  const std::vector<Samples> samples = {{"m", "a", 1, 3, true, true}, {"m", "a", 5, 2, true, false},
                                        {"n", "a", 2, 1, true, true}, {"m", "b", 3, 1, false, true},
                                        {"m", "b", 6, 4, true, true}, {"n", "c", 4, 2, true, true},
                                        {"n", "d", 7, 5, true, true}, {"n", "z", 8, 9, true, true}};
  const Totals totals = totals_of(results, samples, 1000);
  CHECK(totals.problems == 4);
  CHECK(totals.inputs == 2700);
  CHECK(totals.programs == 20);
  CHECK(totals.found == 3);
  CHECK(totals.disputed == 1);
  CHECK(totals.share.value.value() == doctest::Approx(3.0 / 20));
  REQUIRE(totals.share.interval);
  CHECK(totals.share.interval->lo < 0.15);
  CHECK(totals.share.interval->hi > 0.15);
  REQUIRE(totals.along.size() == 4);
  const std::int64_t inputs[] = {950, 750, 500, 500}, finds[] = {1, 2, 0, 0};
  for (int i = 0; i < 4; ++i) {
    CHECK(totals.along[i].inputs == inputs[i]);
    CHECK(totals.along[i].finds == finds[i]);
  }
  CHECK(totals.all.per_thousand.value.value() == doctest::Approx(3 / 2.7));
  REQUIRE(totals.rises.size() == 3);  // all, m, n; what was not probed and not accepted is left out
  const Rise &all = totals.rises[0], &m = totals.rises[1], &n = totals.rises[2];
  CHECK(all.model.empty());
  CHECK(all.accepted == 17);
  CHECK(all.wrong == 2);
  CHECK(all.newly == 4);
  CHECK(all.before.value.value() == doctest::Approx(2.0 / 17));
  CHECK(all.after.value.value() == doctest::Approx(6.0 / 17));
  CHECK(all.rise.value.value() == doctest::Approx(4.0 / 17));
  CHECK((m.model == "m" && m.accepted == 9 && m.newly == 3));
  CHECK((n.model == "n" && n.accepted == 8 && n.newly == 1));
}

TEST_CASE("totals: no more finds are possible than there are programs") {
  // Two problems, one of them with a find, gave a rate of 0.3 with an upper end of 2.8e58.
  const Totals totals =
      totals_of({result_of("a", 3, 1600, {{1, 10}}), result_of("b", 2, 1600, {})}, {}, 1600);
  CHECK(totals.all.per_thousand.value.value() == doctest::Approx(1 / 3.2));
  REQUIRE(totals.all.per_thousand.interval);
  CHECK(totals.all.per_thousand.interval->lo < 1 / 3.2);
  CHECK(totals.all.per_thousand.interval->hi <= 5 / 3.2);
  CHECK(totals.all.per_thousand.interval->hi > 1 / 3.2);
  // Where nothing was found the bound is as finite.
  const Totals none =
      totals_of({result_of("a", 3, 1600, {}), result_of("b", 2, 100, {})}, {}, 1600);
  REQUIRE(none.all.per_thousand.interval);
  CHECK(none.all.per_thousand.interval->lo == 0);
  CHECK(none.all.per_thousand.interval->hi > 0);
  CHECK(none.all.per_thousand.interval->hi <= 5 / 1.7);
}

TEST_CASE("totals: what was not probed counts for nothing, and of nothing there is no rate") {
  Result left_out = result_of("a", 0, 0, {});
  left_out.trouble = "it has no suite of inputs";
  const Totals totals = totals_of({left_out}, {{"m", "a", 1, 3, true, true}}, 1000);
  CHECK(totals.problems == 0);
  CHECK(!totals.share.value);
  CHECK(!totals.all.per_thousand.value);
  CHECK(totals.rises.empty());
}

}  // namespace assay::probe
