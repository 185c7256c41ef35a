#include "harness/stats/limits.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/base/error.h"
#include "harness/base/random.h"
#include "harness/stats/optimum.h"

using namespace assay;
using namespace assay::stats;

static ModelCounts random_model(const char* name, double strength, int problems, int n,
                                std::uint64_t seed = 1) {
  RandomStream random(seed, name);
  ModelCounts m{"d", name, "base", "base,plus"};
  for (int i = 0; i < problems; ++i) {
    const double p = std::min(0.98, strength * 2 * random.uniform());
    const double theta = 0.5 + p / 2;
    Counts c;
    for (int s = 0; s < n; ++s)
      ++(random.uniform() >= p ? c.tn : random.uniform() < theta ? c.tp : c.fp);
    m.task_ids.push_back(fmt::format("p{:03}", i));
    m.problems.push_back(c);
  }
  return m;
}

static const BootstrapOptions kQuick{.replicates = 500, .seed = 3};

TEST_CASE("a model of few problems keeps its best K beside a model of many") {
  // Replicates that drew none of its problems counted as "best K 0", and as reaching any
  // stronger model: the interval began at 0 as soon as another model stood in the database.
  ModelCounts few = random_model("few", 0.9, 4, 20);
  const ModelCounts many = random_model("many", 0.2, 40, 20);
  for (Counts& c : few.problems) c = {15, 1, 0, 4};
  few.problems[1] = {10, 2, 0, 8};
  const LimitsOptions options{.lambdas = {0}, .kappas = {0}, .bootstrap = kQuick};
  const LimitsRow beside = limits({few, many}, options).rows[0];
  CHECK(beside.utility[0].worth.interval->lo > 0.7);
  CHECK(beside.utility[0].k_interval->lo > 0);
  ModelCounts sure = few;
  sure.model = "sure";
  for (Counts& c : sure.problems) c = {20, 0, 0, 0};
  const LimitsRow weak = limits({few, many, sure}, options).rows[0];
  REQUIRE(weak.k_match.size() == 1);
  CHECK(weak.k_match[0].problems == 4);
  CHECK(weak.k_match[0].target == 1);
  CHECK(weak.k_match[0].infinite);
  CHECK(*weak.k_match[0].probability < 0.05);
}

TEST_CASE("bands are those of each K, and which K are as good as the best is asked of each K") {
  const ModelCounts m = random_model("m", 0.2, 30, 40);
  const LimitsRow row =
      limits({m}, {.lambdas = {1}, .kappas = {0.001}, .bootstrap = kQuick}).rows[0];
  const int best = best_k(utility(mean_curve(m, 40), {1, 0.001})).k;
  std::vector<double> ks;
  for (int k = 0; k <= 40; ++k) {
    std::vector<double> difference;
    for (const Counts& one : m.problems) {
      const std::vector<double> worths = utility(problem_curve(one, 40), {1, 0.001});
      difference.push_back(worths[static_cast<std::size_t>(k)] -
                           worths[static_cast<std::size_t>(best)]);
    }
    const std::vector<double> ones(30, 1);
    if (ratio_estimate(difference, ones, {-2.04, 2.04}, 0.95).interval->hi >= 0) ks.push_back(k);
  }
  const auto same = [](const Interval& a, double lo, double hi) {
    CHECK(a.lo == doctest::Approx(lo).epsilon(1e-9));
    CHECK(a.hi == doctest::Approx(hi).epsilon(1e-9));
  };
  // A band at one K is the interval of one ratio over problems, from each problem's own curve.
  std::vector<double> tp, draws, worth, first, wrong;
  for (const Counts& one : m.problems) {
    const Curve c = problem_curve(one, 40);
    tp.push_back(c.tp[17]), draws.push_back(c.draws[33]);
    worth.push_back(c.tp[9] - c.fp[9] - 0.001 * c.draws[9]);
    first.push_back(c.accepted[5] - c.accepted[4]), wrong.push_back(c.fp[5] - c.fp[4]);
  }
  const std::vector<double> ones(30, 1);
  const auto band = [](const std::vector<double>& top, const std::vector<double>& bottom,
                       Interval range) {
    return *ratio_estimate(top, bottom, range, 0.95).interval;
  };
  same(band(tp, ones, {0, 1}), *row.tp.lo[17], *row.tp.hi[17]);
  same(band(draws, ones, {1, 33}), *row.draws.lo[33], *row.draws.hi[33]);
  same(band(wrong, first, {0, 1}), *row.fdr.lo[5], *row.fdr.hi[5]);
  const Band& worths = row.utility[0].band;
  same(band(worth, ones, {-1 - 0.009, 1 - 0.001}), *worths.lo[9], *worths.hi[9]);
  CHECK(row.utility[0].k_opt == best);
  CHECK(row.utility[0].k_interval->lo == ks.front());
  CHECK(row.utility[0].k_interval->hi == ks.back());
  CHECK(ks.front() > 0);
}

TEST_CASE("the interval of the best K holds it where the curve is flat near it") {
  // Every further draw pays, in the end by next to nothing: the best K of resampled problems was far
  // below the last, and its percentiles held the last in 3 of 100 sets.
  int held = 0;
  for (std::uint64_t set = 0; set < 100; ++set) {
    RandomStream random(set, "flat");
    ModelCounts m{"d", "m", "base", "base,plus"};
    for (int i = 0; i < 10; ++i) {
      const double p = 0.2 + 0.6 * random.uniform(), theta = 0.7 + 0.3 * random.uniform();
      Counts c;
      for (int s = 0; s < 20; ++s)
        ++(random.uniform() >= p ? c.tn : random.uniform() < theta ? c.tp : c.fp);
      m.task_ids.push_back(std::to_string(i)), m.problems.push_back(c);
    }
    const LimitsRow row =
        limits({m}, {.lambdas = {4}, .bootstrap = {.replicates = 100, .threads = 1}}).rows[0];
    held += row.utility[0].k_interval->hi == 20;
  }
  CHECK(held >= 90);
}

TEST_CASE("what the best K is worth is told by problems that had no say in it") {
  // The interval was that of the largest utility, and held what the chosen K is worth .57 to .88 of
  // the time.
  ModelCounts m = random_model("m", 0.2, 30, 40);
  m.problems[4] = {0, 30, 0, 10};
  const LimitsRow row =
      limits({m}, {.lambdas = {1}, .kappas = {0.002}, .bootstrap = kQuick}).rows[0];
  std::vector<double> own;
  for (std::size_t i = 0; i < 30; ++i) {
    ModelCounts others = m;
    others.problems.erase(others.problems.begin() + static_cast<std::ptrdiff_t>(i));
    const int k = best_k(utility(mean_curve(others, 40), {1, 0.002})).k;
    own.push_back(
        utility(problem_curve(m.problems[i], 40), {1, 0.002})[static_cast<std::size_t>(k)]);
  }
  const Estimate slow = ratio_estimate(own, std::vector<double>(30, 1), {-1.08, 0.998}, 0.95);
  const UtilityCurve& u = row.utility[0];
  CHECK(*u.worth.value == doctest::Approx(*slow.value).epsilon(1e-9));
  CHECK(u.worth.interval->lo == doctest::Approx(slow.interval->lo).epsilon(1e-9));
  CHECK(u.worth.interval->hi == doctest::Approx(slow.interval->hi).epsilon(1e-9));
  CHECK(*u.worth.value < u.utility_opt);
}

TEST_CASE("replicates that are asked at some K say what they say when asked at every K") {
  // Of a thousand K they are asked at some three hundred: how often the last K is still the best is the same.
  constexpr int kMax = 700, kProblems = 25;
  int between = 0;
  for (const double kappa : {0.0, 0.00002, 0.0003}) {
    const ModelCounts m = random_model("m", 0.02, kProblems, kMax);
    const LimitsRow row =
        limits({m}, {.lambdas = {0.5, 2}, .kappas = {kappa}, .bootstrap = kQuick}).rows[0];
    const Resamples resamples = resample_problems(kProblems, kQuick, "d");
    std::vector<Curve> curves;
    for (const Counts& c : m.problems) curves.push_back(problem_curve(c, kMax));
    for (const UtilityCurve& u : row.utility) {
      int censored = 0;
      for (std::size_t r = 0; r < resamples.replicates; ++r) {
        double best = 0, last = 0;
        for (std::size_t k = 1; k <= kMax; ++k) {
          double sum = 0, drawn = 0;
          for (std::size_t p = 0; p < kProblems; ++p) {
            const double weight = resamples.weight[r * kProblems + p];
            sum += weight * u.costs.worth(curves[p].tp[k], curves[p].fp[k], curves[p].draws[k]);
            drawn += weight;
          }
          last = sum / drawn;
          if (last > best + kTieWidth) best = last;
        }
        censored += best > 0 && unsurpassed(last, best);
      }
      const double share = censored / static_cast<double>(resamples.replicates);
      CHECK(u.probability_censored == doctest::Approx(share));
      between += share > 0.02 && share < 0.98;
    }
  }
  CHECK(between >= 2);
}

TEST_CASE("without costs no K is best: at least that many") {
  // Every solved problem has two passes of ten, so TP ends flat at K = 9: "best K 9" was printed, an
  // interior optimum where no further draw can do harm.
  ModelCounts m{"d", "m", "base", "base,plus", {}, std::vector<Counts>(12, {2, 0, 0, 8})};
  for (int i = 10; i < 22; ++i) m.task_ids.push_back(std::to_string(i));
  m.problems[3] = {0, 0, 0, 10};
  const UtilityCurve u = limits({m}, {.lambdas = {0}, .bootstrap = kQuick}).rows[0].utility[0];
  CHECK(u.k_opt == 9);
  CHECK(u.censored);
  CHECK(u.probability_censored == 1);
}

TEST_CASE("where all problems agree the bands have the exact bound's width") {
  // Thirty problems, each 1 right of 4, printed TP 0.250 [0.250, 0.250] and FP 0.000 [0.000, 0.000].
  ModelCounts m{"d", "m", "base", "base,plus", {}, std::vector<Counts>(30, {1, 0, 0, 3})};
  for (int i = 10; i < 40; ++i) m.task_ids.push_back(std::to_string(i));
  const LimitsRow row = limits({m}, {.lambdas = {1}, .bootstrap = kQuick}).rows[0];
  const double share = 1 - std::pow(0.05, 1.0 / 30);
  CHECK(*row.tp.lo[1] == doctest::Approx(0.25 - 0.25 * share));
  CHECK(*row.tp.hi[1] == doctest::Approx(0.25 + 0.75 * share));
  CHECK(*row.fp.lo[2] == 0);
  CHECK(*row.fp.hi[2] == doctest::Approx(share));
  CHECK(*row.draws.lo[4] == doctest::Approx(2.5 - 1.5 * share));
  CHECK(*row.draws.hi[4] == doctest::Approx(2.5 + 1.5 * share));
  CHECK(*row.precision.lo[1] == doctest::Approx(1 - 4 * share));  // a quarter of a problem tells
  const UtilityCurve& u = row.utility[0];
  CHECK(u.k_opt == 4);
  CHECK(u.k_interval->lo == 4);  // at K = 3 a quarter less in all, more than others might make up
  CHECK(u.worth.interval->lo == doctest::Approx(1 - 2 * share));
  CHECK(u.worth.interval->hi == doctest::Approx(1));
  m.gold = "base";  // nothing checks what base accepts
  const LimitsRow own = limits({m}, {.lambdas = {1}, .bootstrap = kQuick}).rows[0];
  CHECK_FALSE(own.fp.lo[1]);
  CHECK_FALSE(own.fdr_by_attempt[1]);
  CHECK_FALSE(own.cumulative_precision[1]);
  CHECK(own.tp.lo[1]);
}

TEST_CASE("the same seed gives the same bits whatever the threads") {
  const std::vector<ModelCounts> m{random_model("m", 0.3, 25, 50), random_model("s", 0.5, 25, 50)};
  LimitsOptions one{.bootstrap = kQuick}, three{.bootstrap = kQuick};
  one.bootstrap.threads = 1, three.bootstrap.threads = 3;
  const LimitsResult a = limits(m, one), b = limits(m, three);
  CHECK(a.rows[0].tp.lo == b.rows[0].tp.lo);
  CHECK(a.rows[0].utility[2].band.hi == b.rows[0].utility[2].band.hi);
  CHECK(a.rows[0].k_match[0].probability == b.rows[0].k_match[0].probability);
}

TEST_CASE("a weak model catches a strong one, or cannot, with a probability") {
  const ModelCounts weak = random_model("weak", 0.1, 60, 100);
  const ModelCounts middle = random_model("middle", 0.15, 60, 100);
  ModelCounts perfect = random_model("perfect", 0.9, 60, 100);
  for (Counts& c : perfect.problems) c = {100, 0, 0, 0};
  const LimitsRow row = limits({weak, middle, perfect}, {.bootstrap = kQuick}).rows[0];
  REQUIRE(row.k_match.size() == 2);
  const Match& near = row.k_match[0];
  REQUIRE(near.k);
  double accuracy = 0;
  for (const Counts& c : middle.problems) accuracy += c.correct() / 6000.0;
  CHECK(row.mean.tp[static_cast<std::size_t>(*near.k)] >= accuracy);
  CHECK(row.mean.tp[static_cast<std::size_t>(*near.k) - 1] < accuracy);
  CHECK(*near.probability > 0.99);
  CHECK_FALSE(row.k_match[1].k);
  CHECK(row.k_match[1].infinite);
  CHECK(*row.k_match[1].probability < 1e-6);
}

TEST_CASE("the probability of a match is that of the t interval which ends where both are equal") {
  // It was the share of resamples, and with ten problems beyond 2.5% or 97.5% in up to 13% of sets of
  // equal models.
  std::vector<ModelCounts> m = {random_model("a", 0.1, 12, 10), random_model("b", 0.35, 12, 10),
                                random_model("c", 0.4, 12, 10)};
  for (const std::ptrdiff_t gone : {7, 2})  // the problems of b are not those of a and c
    m[1].task_ids.erase(m[1].task_ids.begin() + gone),
        m[1].problems.erase(m[1].problems.begin() + gone);
  m[0].task_ids.pop_back(), m[0].problems.pop_back();
  const LimitsResult got = limits(m, {.bootstrap = kQuick});
  int uncertain = 0;
  for (std::size_t weak = 0; weak < m.size(); ++weak)
    for (const Match& match : got.rows[weak].k_match) {
      const ModelCounts& w = m[weak];
      const ModelCounts& s = *std::find_if(
          m.begin(), m.end(), [&](const ModelCounts& c) { return c.model == match.strong; });
      std::vector<double> gain;
      for (std::size_t i = 0; i < w.problems.size(); ++i)
        for (std::size_t j = 0; j < s.problems.size(); ++j)
          if (w.task_ids[i] == s.task_ids[j])
            gain.push_back(problem_curve(w.problems[i], 10).tp.back() -
                           static_cast<double>(s.problems[j].correct()) / 10);
      const double p = *match.probability, level = std::abs(2 * p - 1);
      const Interval ends =
          *ratio_estimate(gain, std::vector<double>(gain.size(), 1), {-1, 1}, level).interval;
      CHECK((p < 0.5 ? ends.hi : ends.lo) == doctest::Approx(0).epsilon(1e-6));
      uncertain += p > 0.001 && p < 0.999;
    }
  CHECK(uncertain > 0);
}

TEST_CASE("a match looks only at the problems both cover") {
  ModelCounts weak{"d", "weak",          "b",
                   "g", {"a", "b", "c"}, {{1, 0, 0, 9}, {5, 0, 0, 5}, {0, 0, 0, 10}}};
  const ModelCounts strong{"d", "strong", "b", "g", {"b", "z"}, {{8, 0, 0, 2}, {0, 0, 0, 10}}};
  CHECK(exact_match(weak, strong).k == 3);  // 1 - C(5,K)/C(10,K) >= 0.8
  const LimitsRow row = limits({weak, strong}, {.bootstrap = kQuick}).rows[0];
  REQUIRE(row.k_match.size() == 1);
  CHECK(row.k_match[0].k == 3);
}

TEST_CASE("awkward input: an answer with empty fields and a reason, or one sentence") {
  const ModelCounts none{"d", "none", "b", "g", {"a", "b"}, {{0, 0, 0, 5}, {0, 0, 0, 3}}};
  const LimitsRow row = limits({none}, {.bootstrap = kQuick}).rows[0];
  CHECK(row.n_min == 3);
  CHECK(row.mean.draws.back() == 3);
  CHECK_FALSE(row.fdr_by_attempt[1]);
  CHECK_FALSE(row.fdr.lo[1]);
  CHECK(row.utility[0].k_opt == 0);
  CHECK_FALSE(row.notes.empty());
  const ModelCounts one{"d", "one", "b", "g", {"a"}, {{1, 0, 0, 0}}};
  const LimitsRow single = limits({one}, {.bootstrap = kQuick}).rows[0];
  CHECK(single.tp.lo.empty());
  CHECK_FALSE(single.utility[0].worth.interval);
  CHECK(limits({ModelCounts{"d", "empty"}}, {.bootstrap = kQuick}).rows[0].k.empty());
  CHECK(limits({}, {.bootstrap = kQuick}).rows.empty());
  CHECK_THROWS_WITH_AS(limits({none}, {.k_max = 4, .bootstrap = kQuick}),
                       "K up to 4 was asked for, but a problem of model none has only 3 samples; "
                       "ask for at most 3, or run `assay fit` first",
                       Error);
  CHECK(
      limits({none}, {.k_max = 4, .beyond_samples = true, .bootstrap = kQuick}).rows[0].k.size() ==
      4);
  CHECK_THROWS_AS(limits({none}, {.lambdas = {-1}, .bootstrap = kQuick}), Error);
}
