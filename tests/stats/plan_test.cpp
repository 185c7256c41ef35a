#include "harness/stats/plan.h"

#include <doctest/doctest.h>

#include <cmath>

#include "harness/base/error.h"
#include "harness/base/random.h"

using namespace assay;
using namespace assay::stats;

namespace {

/// Problems whose chances are .2 and .8, one half each; right and accepted are the same.
ModelCounts drawn(std::size_t problems, int samples, RandomStream& random) {
  ModelCounts out;
  out.dataset = "d", out.model = "m", out.proxy = "base", out.gold = "plus";
  for (std::size_t p = 0; p < problems; ++p) {
    Counts one;
    const double chance = random.below(2) ? .2 : .8;
    for (int i = 0; i < samples; ++i) ++(random.uniform() < chance ? one.tp : one.tn);
    out.task_ids.push_back(std::to_string(p));
    out.problems.push_back(one);
  }
  return out;
}

double width_of(const ModelCounts& counts) {
  std::vector<double> shares, ones;
  for (const Counts& one : counts.problems)
    shares.push_back(double(one.correct()) / double(one.n())), ones.push_back(1);
  const Interval interval = *ratio_estimate(shares, ones, {0, 1}, .95).interval;
  return interval.hi - interval.lo;
}

}  // namespace

TEST_CASE("the parts of the variance are those of a textbook's analysis of variance") {
  // Four problems of four samples: right 1, 3, 2, 2. Shares .25, .75, .5, .5 about .5.
  ModelCounts counts;
  for (const int right : {1, 3, 2, 2}) {
    Counts one;
    one.tp = right, one.tn = 4 - right;
    counts.task_ids.push_back(std::to_string(counts.task_ids.size()));
    counts.problems.push_back(one);
  }
  const Plan found = plan(counts, "accuracy", {});
  // Within: (3/4 + 3/4 + 1 + 1) / 4 / 3 * ... = mean of p(1-p) n/(n-1).
  const double within = (.1875 + .1875 + .25 + .25) / 4 * 4 / 3;
  CHECK(*found.within == doctest::Approx(within));
  CHECK(found.between == doctest::Approx(std::max(0., .125 / 3 - within / 4)));
  CHECK(*found.now.value == doctest::Approx(.5));
  CHECK(*found.width == doctest::Approx(found.now.interval->hi - found.now.interval->lo));
}

TEST_CASE("a plan's problems give intervals of the width that was asked for") {
  RandomStream random(1, "plan");
  for (const int samples : {1, 4, 20}) {
    CAPTURE(samples);
    // What is there has five samples of each, whatever is planned.
    const Plan found = plan(drawn(400, 5, random), "accuracy", {.width = .1, .samples = {samples}});
    REQUIRE(found.rows.size() == 1);
    REQUIRE(found.rows[0].problems);
    const auto problems = static_cast<std::size_t>(*found.rows[0].problems);
    // In truth: b = .09, w = .16, a chance of 1/2; 3.92 standard errors.
    const double truth = std::pow(2 * 1.96 / .1, 2) * (.09 + .16 / samples);
    CHECK(double(problems) == doctest::Approx(truth).epsilon(.15));
    CHECK(found.rows[0].interval->lo < truth);
    CHECK(found.rows[0].interval->hi > truth);
    double width = 0;
    for (int i = 0; i < 20; ++i) width += width_of(drawn(problems, samples, random)) / 20;
    CHECK(width == doctest::Approx(.1).epsilon(.08));
  }
}

TEST_CASE("more samples of the same problems reach no further than the problems allow") {
  RandomStream random(2, "plan");
  const ModelCounts counts = drawn(100, 10, random);
  const Plan narrow = plan(counts, "accuracy", {.width = .05});
  CHECK(!narrow.samples_here);
  CHECK(*narrow.width_without_end > .05);
  const Plan wide = plan(counts, "accuracy", {.width = .14, .samples = {1, 10, 1000}});
  REQUIRE(wide.samples_here);
  CHECK(*wide.samples_here > 1);
  CHECK(*wide.width_without_end < .14);
  CHECK(wide.rows[0].width > wide.rows[1].width);
  CHECK(wide.rows[2].width == doctest::Approx(*wide.width_without_end).epsilon(.01));
  // What there is comes out as it is.
  CHECK(wide.rows[1].width == doctest::Approx(*wide.width).epsilon(.03));
  CHECK(*wide.rows[0].problems > *wide.rows[1].problems);
}

TEST_CASE("a rate among a part of the samples is planned as its ratio varies") {
  RandomStream random(3, "plan");
  const auto some = [&](std::size_t problems, int samples) {
    ModelCounts out = drawn(problems, samples, random);
    for (Counts& one : out.problems)
      for (std::int64_t i = one.tp; i > 0; --i)
        if (random.uniform() < .25) --one.tp, ++one.fp;
    return out;
  };
  const Plan found = plan(some(500, 6), "fdr", {.width = .08, .samples = {6}});
  CHECK(*found.now.value == doctest::Approx(.25).epsilon(.1));
  double width = 0;
  for (int i = 0; i < 30; ++i) {
    const ModelCounts counts = some(static_cast<std::size_t>(*found.rows[0].problems), 6);
    std::vector<double> wrong, accepted;
    for (const Counts& one : counts.problems)
      wrong.push_back(double(one.fp)), accepted.push_back(double(one.accepted()));
    const Interval interval = *ratio_estimate(wrong, accepted, {0, 1}, .95).interval;
    width += (interval.hi - interval.lo) / 30;
  }
  CHECK(width == doctest::Approx(.08).epsilon(.08));
}

TEST_CASE("where there is nothing to plan from, the plan says so") {
  ModelCounts counts;
  counts.task_ids = {"a", "b", "c"}, counts.problems.resize(3);
  for (Counts& one : counts.problems) one.tp = 2;
  // No false positive in three problems: one bound whatever the samples, ln .05 / ln .9.
  const Plan agreed = plan(counts, "fdr", {.width = .1, .samples = {1, 5}});
  CHECK(*agreed.rows[0].problems == 29);
  CHECK(*agreed.rows[1].problems == 29);
  CHECK(zero_event_bound(29, .95) <= .1);
  CHECK(zero_event_bound(28, .95) > .1);
  CHECK(agreed.notes.size() == 1);
  CHECK(plan(counts, "fpr", {}).rows.empty());
  counts.problems = {{1, 0, 0, 0}, {0, 1, 0, 0}, {1, 0, 0, 0}};
  const Plan single = plan(counts, "fdr", {.samples = {1, 2}});
  CHECK(!single.within);
  CHECK(!single.samples_here);
  CHECK(single.rows.size() == 1);
  CHECK_THROWS_AS(plan(counts, "fdrr", {}), Error);
  CHECK_THROWS_AS(plan(counts, "fdr", {.width = 0}), Error);
  CHECK_THROWS_AS(plan(counts, "fdr", {.samples = {0}}), Error);
}
