// The closed forms of the rules against every order of a few samples, one by one, and against plain
// simulation with known truth.
#include "harness/simulator/rules.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>

#include "harness/base/error.h"
#include "harness/stats/curves.h"

using namespace assay;
using namespace assay::simulator;

/// What a rule submits of the samples drawn so far, spelled out: -1 for nothing.
static int submitted(Rule rule, const std::vector<Trial>& drawn) {
  int best = -1;
  std::map<std::int64_t, int> votes;
  for (const Trial& t : drawn)
    if (t.accepted) ++votes[t.behaviour];
  for (int i = 0; i < static_cast<int>(drawn.size()); ++i) {
    const auto at = static_cast<std::size_t>(i), now = static_cast<std::size_t>(std::max(best, 0));
    if (rule == Rule::best_of) {
      if (best < 0 || drawn[at].score > drawn[now].score) best = i;
    } else if (drawn[at].accepted) {
      if (best < 0) best = i;
      if (rule == Rule::majority && votes[drawn[at].behaviour] > votes[drawn[now].behaviour])
        best = i;
    }
  }
  return best;
}

/// Draws one by one; `first` stops at the first acceptance.
static void play(Rule rule, const std::vector<Trial>& order, int k, double weight, RuleCurve& out,
                 std::size_t at) {
  std::vector<Trial> drawn;
  for (int i = 0; i < k; ++i) {
    drawn.push_back(order[static_cast<std::size_t>(i)]);
    if (rule == Rule::first && drawn.back().accepted) break;
  }
  out.draws[at] += weight * static_cast<double>(drawn.size());
  const int chosen = submitted(rule, drawn);
  if (chosen < 0) return;
  (drawn[static_cast<std::size_t>(chosen)].correct ? out.tp : out.fp)[at] += weight;
}

static const std::vector<int> kAll{0, 1, 2, 3, 4, 5, 6};

/// All 720 orders of six samples.
static RuleCurve every_order(Rule rule, const Urn& urn) {
  std::vector<int> order{0, 1, 2, 3, 4, 5};
  RuleCurve out{std::vector<double>(7), std::vector<double>(7), std::vector<double>(7)};
  do {
    std::vector<Trial> samples;
    for (const int i : order) samples.push_back(urn.samples[static_cast<std::size_t>(i)]);
    for (const int k : kAll) play(rule, samples, k, 1.0 / 720, out, static_cast<std::size_t>(k));
  } while (std::next_permutation(order.begin(), order.end()));
  return out;
}

static void check_near(const RuleCurve& got, const RuleCurve& truth, double error) {
  for (std::size_t i = 0; i < truth.tp.size(); ++i) {
    CHECK(std::abs(got.tp[i] - truth.tp[i]) <= error);
    CHECK(std::abs(got.fp[i] - truth.fp[i]) <= error);
    CHECK(std::abs(got.draws[i] - truth.draws[i]) <= error * 10);
  }
}

static Urn random_urn(RandomStream& random) {
  Urn out{"a", {}};
  for (int i = 0; i < 6; ++i) {
    Trial t;
    t.accepted = random.below(2), t.correct = random.below(3) == 0;
    t.score = t.accepted ? 1 : random.below(3) / 3.0;
    t.behaviour = t.correct ? 0 : 1 + random.below(2);
    out.samples.push_back(t);
  }
  return out;
}

TEST_CASE("first and best-of are exact: every order of six samples, thirty urns") {
  RandomStream random(1, "urns");
  for (int round = 0; round < 30; ++round) {
    const Urn urn = random_urn(random);
    check_near(first_curve(urn, kAll), every_order(Rule::first, urn), 1e-12);
    check_near(best_of_curve(urn, kAll), every_order(Rule::best_of, urn), 1e-12);
  }
}

TEST_CASE("majority agrees with every order, and is exact where nothing is at stake") {
  RandomStream random(2, "urns");
  constexpr int kOrders = 20000;
  for (int round = 0; round < 10; ++round) {
    const Urn urn = random_urn(random);
    // Four standard errors of a share.
    check_near(majority_curve(urn, kAll, kOrders, random), every_order(Rule::majority, urn),
               4 * 0.5 / std::sqrt(kOrders));
  }
  const Urn right = urn_of("a", {3, 0, 0, 3}, 1);
  check_near(majority_curve(right, kAll, 1, random), every_order(Rule::majority, right), 1e-12);
}

TEST_CASE("first equals the estimators of limits, to the last bit") {
  const Urn urn = urn_of("a", {4, 2, 1, 13}, 3);
  const stats::Curve exact = stats::problem_curve({4, 2, 1, 13}, 20);
  std::vector<int> k(21);
  std::iota(k.begin(), k.end(), 0);
  const RuleCurve curve = first_curve(urn, k);
  CHECK(curve.tp == exact.tp);
  CHECK(curve.fp == exact.fp);
  CHECK(curve.draws == exact.draws);
}

TEST_CASE("on a fit: closed forms, and majority of independent draws by the binomial") {
  const Rates rates{std::log(0.6), 0.7, 0.1};
  const std::vector<int> k{0, 1, 2, 5};
  const RuleCurve first = first_curve(rates, k), best = best_of_curve(rates, k);
  for (std::size_t i = 0; i < k.size(); ++i) {
    const double none = std::pow(0.6, k[i]);
    CHECK(first.tp[i] == doctest::Approx(0.7 * (1 - none)));
    CHECK(first.fp[i] == doctest::Approx(0.3 * (1 - none)));
    CHECK(first.draws[i] == doctest::Approx((1 - none) / 0.4));
    CHECK(best.tp[i] == doctest::Approx(k[i] ? 0.7 * (1 - none) + none * 0.1 : 0));
    CHECK(best.tp[i] + best.fp[i] == doctest::Approx(k[i] ? 1 : 0));
    CHECK(best.draws[i] == k[i]);
  }
  // All wrong ones agree: right wins with more votes, and half the ties (its sample came first).
  constexpr int kOrders = 200000;
  RandomStream random(3, "majority");
  const RuleCurve majority = majority_curve(rates, k, kOrders, 1, random);
  double tp = 0;
  const auto binomial = [](int n, int x, double p) {
    return std::tgamma(n + 1) / std::tgamma(x + 1) / std::tgamma(n - x + 1) * std::pow(p, x) *
           std::pow(1 - p, n - x);
  };
  for (int m = 1; m <= 5; ++m)
    for (int c = 0; c <= m; ++c)
      tp += binomial(5, m, 0.4) * binomial(m, c, 0.7) * (2 * c > m ? 1 : 2 * c == m ? 0.5 : 0);
  CHECK(std::abs(majority.tp[3] - tp) < 4 * 0.5 / std::sqrt(kOrders));
  CHECK(std::abs(majority.tp[3] + majority.fp[3] - (1 - std::pow(0.6, 5))) <
        4 * 0.5 / std::sqrt(kOrders));
  // Wrong ones that never agree lose to any two right ones.
  CHECK(majority_curve(rates, k, kOrders, 1000, random).tp[3] > majority.tp[3] + 0.02);
  // A problem that is never accepted, and one that always is.
  CHECK(majority_curve({0, 0, 0}, k, 10, 1, random).tp[3] == 0);
  CHECK(majority_curve({-INFINITY, 1, 0}, k, 10, 1, random).tp == std::vector<double>{0, 1, 1, 1});
}

TEST_CASE("what an urn cannot answer is refused") {
  RandomStream random(4, "refused");
  const Urn urn = urn_of("a", {1, 1, 0, 1}, 1);
  const std::vector<int> k{0, 4};
  CHECK_THROWS_AS(first_curve(urn, k), Error);
  CHECK_THROWS_AS(best_of_curve(urn, k), Error);
  CHECK_THROWS_AS(majority_curve(urn, k, 10, random), Error);
  CHECK_THROWS_AS(urn_of("a", {2'000'000'000, 0, 0, 0}, 1), Error);
  CHECK(rule_named("best-of") == Rule::best_of);
  CHECK_FALSE(rule_named("best"));
}
