// The ROC of a verifier against slow, obvious references, closed forms, and simulation with known truth.
#include "harness/stats/roc.h"

#include <doctest/doctest.h>
#include <algorithm>

#include <cmath>
#include <numeric>

#include "harness/base/error.h"
#include "harness/base/random.h"
#include "harness/stats/rates.h"

using namespace assay;
using namespace assay::stats;

namespace {

const BootstrapOptions kQuick{.replicates = 200, .threads = 1};

ScoredSamples made(std::size_t problems) {
  ScoredSamples out;
  out.dataset = "d", out.model = "m", out.verifier = "v", out.gold = "g";
  out.problems = problems;
  return out;
}

/// Problems of different difficulty; right samples score higher by `gain`; scores are rounded, so that
/// there are ties.
ScoredSamples simulated(std::size_t problems, int n, double gain, RandomStream& random) {
  ScoredSamples out = made(problems);
  for (std::size_t p = 0; p < problems; ++p) {
    const double share = random.uniform(), offset = .5 * random.normal();
    for (int i = 0; i < n; ++i) {
      const bool right = random.uniform() < share;
      const double score = std::round(4 * (offset + random.normal() + (right ? gain : 0)));
      out.samples.push_back({p, score, right, std::nullopt});
    }
  }
  return out;
}

/// Over all pairs, one by one; problems count as often as `weight` says.
std::optional<double> slow_auc(const ScoredSamples& scored, const std::vector<double>& weight,
                               bool within) {
  double pairs = 0, ordered = 0;
  for (const ScoredSample& a : scored.samples) {
    for (const ScoredSample& b : scored.samples) {
      if (!a.right || b.right || !a.score || !b.score) continue;
      if (within && a.problem != b.problem) continue;
      const double w = within ? weight[a.problem] : weight[a.problem] * weight[b.problem];
      pairs += w;
      ordered += w * (*a.score > *b.score ? 1 : *a.score == *b.score ? .5 : 0);
    }
  }
  return pairs > 0 ? std::optional(ordered / pairs) : std::nullopt;
}

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace

TEST_CASE("AUC is what counting all pairs says, and so is its interval within problems") {
  RandomStream random(3, "auc");
  ScoredSamples scored = simulated(9, 7, 1, random);
  scored.samples[4].score.reset();
  const Roc found = roc(scored, {{1}, kQuick});
  const std::vector<double> once(9, 1);
  CHECK(found.auc.value.value() == doctest::Approx(slow_auc(scored, once, false).value()));
  CHECK(found.auc_within.value.value() == doctest::Approx(slow_auc(scored, once, true).value()));
  CHECK(found.samples == 62);
  CHECK(found.not_scored == 1);

  // Within problems it is a ratio of sums over problems, and has the interval of one.
  std::vector<double> ordered, pairs;
  for (std::size_t p = 0; p < 9; ++p) {
    std::vector<double> alone(9, 0);
    alone[p] = 1;
    const auto count = [&](bool right) {
      return std::count_if(scored.samples.begin(), scored.samples.end(), [&](const auto& one) {
        return one.problem == p && one.score && one.right == right;
      });
    };
    pairs.push_back(static_cast<double>(count(true) * count(false)));
    ordered.push_back(slow_auc(scored, alone, true).value_or(0) * pairs.back());
  }
  const Interval slow_within = *ratio_estimate(ordered, pairs, {0, 1}, .95).interval;
  CHECK(found.auc_within.interval->lo == doctest::Approx(slow_within.lo));
  CHECK(found.auc_within.interval->hi == doctest::Approx(slow_within.hi));
}

TEST_CASE("closed forms: a perfect score, one that says nothing, and none at all") {
  ScoredSamples perfect = made(3), constant = made(3), none = made(3);
  for (std::size_t p = 0; p < 3; ++p) {
    for (int i = 0; i < 4; ++i) {
      perfect.samples.push_back({p, i < 2 ? 1.0 : 0.0, i < 2, std::nullopt});
      constant.samples.push_back({p, 7.0, i < 2, std::nullopt});
      none.samples.push_back({p, std::nullopt, i < 2, std::nullopt});
    }
  }
  const Roc best = roc(perfect, {{0, 9}, kQuick});
  CHECK(best.auc.value == 1.0);
  CHECK(best.auc_within.value == 1.0);
  CHECK(best.brier_raw.value == 0.0);
  CHECK(best.ece_raw.value == 0.0);
  REQUIRE(best.points.size() == 2);
  CHECK(best.points[0].threshold == 1);
  CHECK(best.points[0].accepted == 6);
  CHECK(best.points[0].tpr.value == 1.0);
  CHECK(best.points[0].fpr.value == 0.0);
  CHECK(best.points[1].fdr.value == doctest::Approx(.5));
  CHECK(best.best[1].threshold == 1.0);
  CHECK(best.best[1].worth.value == doctest::Approx(.5));

  const Roc flat = roc(constant, {{0, 9}, kQuick});
  CHECK(flat.auc.value == .5);
  CHECK(flat.auc_within.value == .5);
  CHECK_FALSE(flat.ece_raw.value);  // 7 is no chance
  CHECK(flat.best[0].threshold == 7.0);
  CHECK(flat.best[0].worth.value == doctest::Approx(.5));
  CHECK_FALSE(flat.best[1].threshold);  // accepting would cost
  CHECK(flat.best[1].worth.value == 0.0);

  const Roc empty = roc(none, {{0}, kQuick});
  CHECK_FALSE(empty.auc.value);
  CHECK(empty.points.empty());
  CHECK(empty.not_scored == 12);
  CHECK(empty.notes.size() == 1);
}

TEST_CASE("the points are the rates that the same threshold has as a proxy") {
  RandomStream random(5, "points");
  const ScoredSamples scored = simulated(12, 6, 1.5, random);
  const Roc found = roc(scored, {{}, kQuick});
  for (const RocPoint& point : found.points) {
    ModelCounts counts{"d", "m", "v>=x", "g"};
    for (std::size_t p = 0; p < 12; ++p) {
      counts.task_ids.push_back(std::string(1, static_cast<char>('a' + p)));
      counts.problems.emplace_back();
    }
    for (const ScoredSample& one : scored.samples) {
      Counts& cell = counts.problems[one.problem];
      const bool accepted = *one.score >= point.threshold;
      ++(accepted ? (one.right ? cell.tp : cell.fp) : (one.right ? cell.fn : cell.tn));
    }
    const RatesRow row = rates({counts}, kQuick, {1}, false).rows.at(0);
    CHECK(point.accepted == row.tp + row.fp);
    CHECK(point.fpr.value.value() == doctest::Approx(row.fpr.value.value()));
    CHECK(point.fdr.value.value() == doctest::Approx(row.fdr.value.value()));
    CHECK(point.fdr.interval->lo == doctest::Approx(row.fdr.interval->lo));
    CHECK(point.tpr.value.value() == doctest::Approx(1 - row.fnr.value.value()));
  }
}

TEST_CASE("many different scores: so many thresholds, the first and the last among them") {
  RandomStream random(6, "many");
  ScoredSamples scored = made(10);
  for (int i = 0; i < 500; ++i)
    scored.samples.push_back({static_cast<std::size_t>(i % 10), random.normal(), i % 3 == 0, {}});
  const Roc found = roc(scored, {{}, kQuick});
  REQUIRE(found.points.size() == kRocPointsMax);
  CHECK(found.points.front().accepted == 1);
  CHECK(found.points.back().accepted == 500);
  CHECK(found.points.back().tpr.value == 1.0);
  CHECK(found.points.back().fpr.value == 1.0);
}

TEST_CASE("the matrix of the pooled AUC's interval took memory by the square of the problems") {
  // Beyond 2,000 of them there was no interval.
  RandomStream random(12, "many problems");
  const ScoredSamples scored = simulated(2001, 2, 1, random);
  const Roc found = roc(scored, {{}, {.replicates = 100, .threads = 1}});
  CHECK(found.auc.interval);
  CHECK(found.auc_within.interval);
  CHECK(found.notes.empty());
  const std::vector<double> once(scored.problems, 1);
  CHECK(found.auc.value.value() == doctest::Approx(slow_auc(scored, once, false).value()));
  CHECK(found.auc_within.value.value() == doctest::Approx(slow_auc(scored, once, true).value()));
}

TEST_CASE("the interval of ECE lay above its value, and had no width where problems agree") {
  // Each problem is right or wrong throughout, and 1/2 is said of all: what cancels in all of them
  // does in few draws.
  ScoredSamples cancelling = made(10), agreeing = made(10);
  for (std::size_t p = 0; p < 10; ++p) {
    for (int i = 0; i < 4; ++i) {
      cancelling.samples.push_back({p, .5, p % 2 == 0, std::nullopt});
      agreeing.samples.push_back({p, .75, i % 2 == 0, std::nullopt});
    }
  }
  const Roc found = roc(cancelling, {{}, kQuick}), same = roc(agreeing, {{}, kQuick});
  CHECK(found.ece_raw.value.value() == doctest::Approx(0));
  REQUIRE(found.ece_raw.interval);
  CHECK(found.ece_raw.interval->lo <= *found.ece_raw.value);
  CHECK(found.ece_raw.interval->hi > .1);
  for (int set = 0; set < 20; ++set) {
    RandomStream random(static_cast<std::uint64_t>(set), "ece");
    const Roc any = roc(simulated(20, 3, 1, random), {{}, kQuick});
    REQUIRE(any.ece.interval);
    CHECK(any.ece.interval->lo <= *any.ece.value);
    CHECK(any.ece.interval->hi >= *any.ece.value);
  }
  CHECK(same.ece_raw.value.value() == doctest::Approx(.25));
  CHECK_FALSE(same.ece_raw.interval);
}

TEST_CASE("worth on other problems was 0, as if chosen, where one half of them has no scores") {
  ScoredSamples one = made(2);
  for (int i = 0; i < 4; ++i) {
    one.samples.push_back({0, 1.0 + i, i > 1, std::nullopt});
    one.samples.push_back({1, std::nullopt, i > 1, std::nullopt});
  }
  const Roc found = roc(one, {{1}, kQuick});
  CHECK(found.best[0].threshold == 3.0);
  CHECK_FALSE(found.best[0].worth.value);
  CHECK_FALSE(found.best[0].worth.interval);
}

TEST_CASE("halves: each problem in one, evenly, another draw by another seed") {
  const std::vector<int> half = halves(101, 1);
  CHECK(std::accumulate(half.begin(), half.end(), 0) == 50);
  CHECK(half == halves(101, 1));
  CHECK(half != halves(101, 2));
}

TEST_CASE("what a chosen threshold is worth is not told by the problems that chose it") {
  // A score that says nothing, with as many right as wrong: every threshold is worth 0.
  RandomStream random(8, "worth");
  std::vector<double> seen, held_out;
  for (int set = 0; set < 200; ++set) {
    ScoredSamples scored = made(20);
    for (std::size_t p = 0; p < 20; ++p)
      for (int i = 0; i < 5; ++i)
        scored.samples.push_back({p, random.normal(), random.uniform() < .5, std::nullopt});
    const Roc found = roc(scored, {{1}, {.replicates = 100, .threads = 1}});
    seen.push_back(found.best[0].worth_seen);
    held_out.push_back(found.best[0].worth.value.value());
  }
  CHECK(std::abs(mean_of(held_out)) < .01);  // its standard error is below .005
  CHECK(mean_of(seen) > .05);
}

TEST_CASE("isotonic regression on held-out problems mends scores that are no chances") {
  RandomStream random(9, "calibration");
  ScoredSamples chances = made(200), squared = made(200);
  double brier = 0;
  for (std::size_t p = 0; p < 200; ++p) {
    for (int i = 0; i < 20; ++i) {
      const double chance = random.uniform();
      const bool right = random.uniform() < chance;
      chances.samples.push_back({p, chance, right, std::nullopt});
      squared.samples.push_back({p, chance * chance, right, std::nullopt});
      brier += (chance - right) * (chance - right) / 4000;
    }
  }
  const Roc honest = roc(chances, {{}, kQuick}), bent = roc(squared, {{}, kQuick});
  CHECK(honest.brier_raw.value.value() == doctest::Approx(brier));
  CHECK(honest.ece_raw.value.value() < .03);
  CHECK(bent.ece_raw.value.value() == doctest::Approx(1. / 6).epsilon(.1));  // mean of c - c^2
  CHECK(bent.ece.value.value() < .03);
  // The fit knows the order alone, so the same order has the same chances.
  CHECK(bent.ece.value.value() == doctest::Approx(honest.ece.value.value()));
  CHECK(bent.brier.value.value() == doctest::Approx(honest.brier.value.value()));
  CHECK(bent.brier.value.value() == doctest::Approx(1. / 6).epsilon(.05));  // mean of c (1 - c)
  std::int64_t binned = 0;
  for (const ReliabilityBin& bin : bent.reliability) {
    binned += bin.samples;
    if (bin.samples > 0) CHECK(std::abs(bin.chance - bin.right) < .1);
  }
  CHECK(binned == 4000);
}

TEST_CASE("intervals of the AUC hold the truth of problems like these") {
  RandomStream random(11, "coverage");
  const ScoredSamples many = simulated(3000, 10, 1, random);
  double truth = 0, truth_within = 0;
  {
    const Roc all = roc(many, {{}, {.replicates = 100, .threads = 1}});
    truth = all.auc.value.value(), truth_within = all.auc_within.value.value();
  }
  int held = 0, held_within = 0;
  const int sets = 100;
  for (int set = 0; set < sets; ++set) {
    const Roc found = roc(simulated(50, 10, 1, random), {{}, kQuick});
    held += found.auc.interval->lo <= truth && truth <= found.auc.interval->hi;
    held_within += found.auc_within.interval->lo <= truth_within &&
                   truth_within <= found.auc_within.interval->hi;
  }
  CHECK(held >= 86);
  CHECK(held_within >= 86);
}
