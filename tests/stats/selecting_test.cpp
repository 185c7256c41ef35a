// Choosing one of K by scores, against every subset counted out, closed forms, and simulation.
#include "harness/stats/selecting.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>

#include "harness/base/error.h"
#include "harness/base/random.h"

using namespace assay;
using namespace assay::stats;

namespace {

using Samples = std::vector<ScoredSample>;

const SelectingOptions kQuick{.orders = 4000, .bootstrap = {.replicates = 100, .threads = 1}};

ScoredSamples made(std::size_t problems, Samples samples) {
  ScoredSamples out;
  out.dataset = "d", out.model = "m", out.verifier = "v", out.gold = "g";
  out.problems = problems, out.samples = std::move(samples);
  return out;
}

/// The chance that the choice among the samples of `subset` is right.
double chosen_best(const Samples& samples, unsigned subset) {
  double most = -INFINITY, right = 0, tied = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (!(subset >> i & 1)) continue;
    const double rank = samples[i].score.value_or(-1e300);
    if (rank > most) most = rank, right = tied = 0;
    if (rank == most) right += samples[i].right, ++tied;
  }
  return right / tied;
}
double chosen_vote(const Samples& samples, unsigned subset, bool weighted) {
  struct Votes {
    bool scored = false, right = false;
    double weight = 0;
  };
  std::map<std::int64_t, Votes> votes;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (!(subset >> i & 1) || !samples[i].behaviour) continue;
    Votes& mine = votes[*samples[i].behaviour];
    mine.weight += weighted ? samples[i].score.value_or(0) : 1;
    mine.scored |= !weighted || samples[i].score;
    mine.right = samples[i].right;
  }
  // Whole numbers: what is equal is so exactly. Behind all weights stands what has no score.
  double most = -INFINITY, right = 0, tied = 0;
  for (const auto& [behaviour, mine] : votes) {
    const double rank = mine.scored ? mine.weight : -1;
    if (rank > most) most = rank, right = tied = 0;
    if (rank == most) right += mine.right, ++tied;
  }
  return tied > 0 ? right / tied : 0;
}

/// The chance that CodeT's choice among the samples of `subset` is right: of the sets that lead, one is
/// drawn, and of it one sample.
double chosen_codet(const Samples& samples, unsigned subset) {
  struct Set {
    double samples = 0, right = 0, weight = -1;
  };
  std::map<std::int64_t, Set> sets;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (!(subset >> i & 1)) continue;
    Set& mine = sets[*samples[i].behaviour];
    ++mine.samples, mine.right += samples[i].right;
    mine.weight = samples[i].score.value_or(-1);
  }
  // Squares, which are whole numbers: what is equal is so exactly. Behind all stands what has no score.
  const auto square = [](const Set& set) {
    return set.weight < 0 ? -1 : set.samples * set.weight * set.weight;
  };
  double most = -INFINITY, right = 0, tied = 0;
  for (const auto& [number, mine] : sets) {
    if (square(mine) > most) most = square(mine), right = tied = 0;
    if (square(mine) == most) right += mine.right / mine.samples, ++tied;
  }
  return right / tied;
}

template <typename Chosen>
std::vector<double> counted_out(const Samples& samples, const Chosen& chosen) {
  std::vector<double> sum(samples.size()), subsets(samples.size());
  for (unsigned subset = 1; subset < 1u << samples.size(); ++subset) {
    const auto k = static_cast<std::size_t>(std::popcount(subset)) - 1;
    sum[k] += chosen(samples, subset);
    ++subsets[k];
  }
  for (std::size_t k = 0; k < sum.size(); ++k) sum[k] /= subsets[k];
  return sum;
}

Samples random_samples(RandomStream& random, int n) {
  Samples out;
  for (int i = 0; i < n; ++i) {
    ScoredSample one;
    one.right = random.uniform() < .4;
    if (random.uniform() < .8) one.score = random.below(4);
    // The right ones answer alike; the wrong ones in two ways, or not at all.
    if (one.right)
      one.behaviour = 0;
    else if (random.uniform() < .8)
      one.behaviour = 1 + random.below(2);
    out.push_back(one);
  }
  return out;
}

}  // namespace

TEST_CASE("best of K is what every subset of K says, with ties and samples without a score") {
  RandomStream random(2, "best");
  for (int set = 0; set < 50; ++set) {
    const Samples samples = random_samples(random, 8);
    const std::vector<double> slow = counted_out(samples, chosen_best), fast = best_of(samples, 8);
    REQUIRE(fast.size() == 8);
    for (std::size_t k = 0; k < 8; ++k) CHECK(fast[k] == doctest::Approx(slow[k]));
  }
}

TEST_CASE("votes are near what every subset of K says, within the error that is told") {
  RandomStream random(4, "vote");
  for (int set = 0; set < 5; ++set) {
    const Samples samples = random_samples(random, 8);
    for (const bool weighted : {false, true}) {
      const std::vector<double> slow = counted_out(
          samples, [&](const Samples& all, unsigned s) { return chosen_vote(all, s, weighted); });
      const SelectingRow row =
          selecting(made(1, samples), weighted ? Selecting::weighted : Selecting::vote, kQuick);
      REQUIRE(row.accuracy.size() == 8);
      for (std::size_t k = 0; k < 8; ++k)
        CHECK(std::abs(row.accuracy[k] - slow[k]) <= 4.5 * row.error[k] + 1e-9);
    }
  }
}

TEST_CASE("CodeT's choice is near what every subset of K says, within the error that is told") {
  RandomStream random(6, "codet");
  for (int set = 0; set < 8; ++set) {
    Samples samples;
    // Weights such that sets tie too: 1 sample that passes 2 tests, 4 samples that pass 1.
    const std::optional<double> weights[] = {1, 2, 2, 0, std::nullopt};
    for (int i = 0; i < 9; ++i) {
      const std::int64_t of = random.below(5);
      samples.push_back({0, weights[of], random.uniform() < .5, of});
    }
    const std::vector<double> slow = counted_out(samples, chosen_codet);
    const SelectingRow row = selecting(made(1, samples), Selecting::codet, kQuick);
    REQUIRE(row.accuracy.size() == 9);
    for (std::size_t k = 0; k < 9; ++k)
      CHECK(std::abs(row.accuracy[k] - slow[k]) <= 4.5 * row.error[k] + 1e-9);
    CHECK(row.accuracy.back() == doctest::Approx(slow.back()));
  }
}

TEST_CASE("weighted votes told a tie by an absolute width, so that small scores all tied") {
  // One right sample outweighs each of two wrong ones, however small the unit of the scores is.
  for (const double unit : {1.0, 1e-13, 1e-300, 1e300}) {
    CAPTURE(unit);
    const Samples samples = {{0, 3 * unit, true, 0}, {0, unit, false, 1}, {0, unit, false, 2}};
    const SelectingRow row = selecting(made(1, samples), Selecting::weighted, kQuick);
    CHECK(row.accuracy[2] == 1);
    // .1 + .2 is .3 but for rounding.
    const Samples tied = {
        {0, .1 * unit, true, 0}, {0, .2 * unit, true, 0}, {0, .3 * unit, false, 1}};
    CHECK(selecting(made(1, tied), Selecting::weighted, kQuick).accuracy[2] == .5);
  }
}

TEST_CASE(
    "one sample is no choice: votes of one had the error of the orders, and beat the best there is") {
  RandomStream random(8, "alone");
  Samples samples = random_samples(random, 7);
  for (ScoredSample& one : samples) one.behaviour = one.right;
  const auto right =
      std::count_if(samples.begin(), samples.end(), [](auto& one) { return one.right; });
  for (const Selecting how : {Selecting::vote, Selecting::codet}) {
    const SelectingRow row = selecting(made(1, samples), how, kQuick);
    CHECK(row.accuracy[0] == doctest::Approx(static_cast<double>(right) / 7).epsilon(1e-12));
    CHECK(row.error[0] == 0);
  }
}

TEST_CASE("in weighted votes a score of 0, or none, never won, even where nothing else was drawn") {
  // Right ones score 0 or are not scored; so one of one was far below the share that is right.
  Samples samples;
  for (int i = 0; i < 4; ++i) samples.push_back({0, 0.0, true, 0});
  for (int i = 0; i < 4; ++i) samples.push_back({0, std::nullopt, true, 0});
  for (int i = 0; i < 2; ++i) samples.push_back({0, 1.0, false, 1});
  const SelectingRow row = selecting(made(1, samples), Selecting::weighted, kQuick);
  CHECK(std::abs(row.accuracy[0] - .8) <= 4.5 * row.error[0]);
  CHECK(row.accuracy[9] == 0);  // a sum of 2 against one of 0

  // What has no score stands behind what has one, though it be 0.
  const Samples behind = {{0, std::nullopt, true, 0}, {0, 0.0, false, 1}};
  const SelectingRow last = selecting(made(1, behind), Selecting::weighted, kQuick);
  CHECK(std::abs(last.accuracy[0] - .5) <= 4.5 * last.error[0]);
  CHECK(last.accuracy[1] == 0);
}

TEST_CASE(
    "the note on samples without a score spoke of their place in votes, which know no scores") {
  const Samples samples = {{0, std::nullopt, true, 0}, {0, 2.0, false, 1}};
  const auto notes = [&](Selecting how) { return selecting(made(1, samples), how, kQuick).notes; };
  REQUIRE(notes(Selecting::best).size() == 1);
  CHECK(notes(Selecting::best)[0] ==
        "1 of 2 samples have no score: they stand behind all that have one");
  REQUIRE(notes(Selecting::weighted).size() == 1);
  CHECK(notes(Selecting::weighted)[0].find("they add nothing") != std::string::npos);
  CHECK(notes(Selecting::vote).empty());
}

TEST_CASE("closed forms: a perfect score reaches the oracle, a constant one stays at one sample") {
  Samples perfect, constant;
  for (std::size_t p = 0; p < 2; ++p) {
    for (int i = 0; i < 10; ++i) {
      const bool right = i < (p ? 1 : 4);
      perfect.push_back({p, right ? 2.0 : 1.0, right, std::nullopt});
      constant.push_back({p, 3.0, right, std::nullopt});
    }
  }
  const SelectingRow best = selecting(made(2, perfect), Selecting::best, kQuick),
                     flat = selecting(made(2, constant), Selecting::best, kQuick);
  CHECK(best.k.size() == 10);
  CHECK(best.n_min == 10);
  for (std::size_t k = 0; k < 10; ++k) {
    CHECK(best.accuracy[k] == doctest::Approx(best.oracle[k]));
    CHECK(flat.accuracy[k] == doctest::Approx(.25));
  }
  CHECK(best.oracle[9] == doctest::Approx(1));
  CHECK(best.oracle[1] == doctest::Approx((1 - 30. / 90 + 1 - 72. / 90) / 2));
  CHECK(best.error.empty());
  CHECK(best.limit->accepted == 20);  // too few to look at the top alone
  CHECK(flat.limit->slope.value() == doctest::Approx(1));
  CHECK(flat.limit->accuracy.value.value() == doctest::Approx(.25));
}

TEST_CASE(
    "where the samples are too few for a top, all of them were taken for it, and the limit was one sample's") {
  Samples samples;
  for (std::size_t p = 0; p < 2; ++p)
    for (int i = 0; i < 6; ++i) samples.push_back({p, i * 1.0, i > 3, std::nullopt});
  const SelectingRow row = selecting(made(2, samples), Selecting::best, kQuick);
  CHECK(row.limit->accepted == row.limit->scored);
  CHECK_FALSE(row.limit->slope);
  CHECK_FALSE(row.limit->accuracy.value);
}

TEST_CASE("where no wrong sample stands at the ROC's origin, nothing is known of the limit") {
  Samples samples;
  for (int i = 0; i < 60; ++i)
    samples.push_back({static_cast<std::size_t>(i % 2), i < 30 ? 2.0 : 1.0, i < 30, std::nullopt});
  const SelectingRow row = selecting(made(2, samples), Selecting::best, kQuick);
  CHECK(row.limit->threshold == 2);
  CHECK(row.limit->accepted == 30);
  CHECK_FALSE(row.limit->slope);
  CHECK_FALSE(row.limit->accuracy.value);
}

TEST_CASE("without a right sample, the limit was said to be unknown for want of wrong ones") {
  Samples samples;
  for (std::size_t p = 0; p < 2; ++p)
    for (int i = 0; i < 10; ++i) samples.push_back({p, i * 1.0, false, std::nullopt});
  const SelectingRow row = selecting(made(2, samples), Selecting::best, kQuick);
  CHECK(row.limit->right == 0);
  CHECK(row.limit->accepted == 20);
  CHECK_FALSE(row.limit->accuracy.value);
}

TEST_CASE("the limit without end is where the best of many tends to, if problems share the ROC") {
  // A right one reaches the top three times as often as a wrong one; problems differ in how many are right.
  RandomStream random(7, "limit");
  Samples samples;
  double truth = 0;
  const std::size_t problems = 40;
  for (std::size_t p = 0; p < problems; ++p) {
    const double share = .02 + .9 * random.uniform();
    truth += 3 * share / (3 * share + 1 - share) / static_cast<double>(problems);
    for (int i = 0; i < 1000; ++i) {
      const bool right = random.uniform() < share;
      const bool top = random.uniform() < (right ? .3 : .1);
      samples.push_back({p, top ? 1 : random.uniform(), right, std::nullopt});
    }
  }
  const SelectingRow row = selecting(made(problems, samples), Selecting::best, kQuick);
  REQUIRE(row.limit);
  CHECK(row.limit->threshold == 1);
  CHECK(row.limit->slope.value() == doctest::Approx(3).epsilon(.08));
  CHECK(row.limit->accuracy.value.value() == doctest::Approx(truth).epsilon(.02));
  CHECK(row.accuracy.back() == doctest::Approx(truth).epsilon(.02));  // best of 1000
  CHECK(row.limit->accuracy.interval->lo < truth);
  CHECK(row.limit->accuracy.interval->hi > truth);
}

TEST_CASE("what cannot be asked is refused; what has no samples says so") {
  const Samples samples = {{0, -1.0, true, 0}, {0, 2.0, false, 1}};
  SelectingOptions beyond = kQuick;
  beyond.k_max = 3;
  CHECK_THROWS_WITH_AS(selecting(made(1, samples), Selecting::best, beyond),
                       doctest::Contains("--k-max 3"), Error);
  CHECK_THROWS_WITH_AS(selecting(made(1, samples), Selecting::weighted, kQuick),
                       doctest::Contains("below 0"), Error);
  CHECK(selecting(made(1, {}), Selecting::best, kQuick).notes.size() == 1);
}
