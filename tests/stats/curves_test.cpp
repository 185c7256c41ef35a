#include "harness/stats/curves.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>

#include "harness/base/error.h"
#include "harness/base/random.h"
#include "harness/stats/rates.h"

using namespace assay;
using namespace assay::stats;
using Rational = boost::multiprecision::cpp_rational;
using Integer = boost::multiprecision::cpp_int;

static double as_double(const Rational& r) { return r.convert_to<double>(); }

static Integer choose(std::int64_t n, std::int64_t k) {
  if (k < 0 || k > n) return 0;
  Integer out = 1;
  for (std::int64_t i = 1; i <= k; ++i) out = out * (n - k + i) / i;
  return out;
}

static double gap(double got, const Rational& exact) { return std::abs(got - as_double(exact)); }

TEST_CASE("every order of n <= 8 samples gives the same averages") {
  // One letter a sample: T true positive, F false positive, n false negative, t true negative.
  double worst = 0;
  for (int tp = 0; tp <= 8; ++tp)
    for (int fp = 0; tp + fp <= 8; ++fp)
      for (int fn = 0; tp + fp + fn <= 8; ++fn)
        for (int tn = 0; tp + fp + fn + tn <= 8; ++tn) {
          const Counts c{tp, fp, fn, tn};
          const int n = static_cast<int>(c.n());
          if (n == 0) continue;
          std::string order = std::string(tp, 'T') + std::string(fp, 'F') + std::string(fn, 'n') +
                              std::string(tn, 't');
          std::sort(order.begin(), order.end());
          std::vector<long> accepted(n + 1), correct(n + 1), draws(n + 1), first(n + 1), any(n + 1);
          long orders = 0;
          do {
            ++orders;
            const std::size_t found = order.find_first_of("TF");
            const std::size_t any_correct = order.find_first_of("Tn");
            for (std::size_t k = 0; k <= static_cast<std::size_t>(n); ++k) {
              accepted[k] += found < k;
              correct[k] += found < k && order[found] == 'T';
              draws[k] += static_cast<long>(found < k ? found + 1 : k);
              first[k] += k > 0 && found == k - 1;
              any[k] += any_correct < k;
            }
          } while (std::next_permutation(order.begin(), order.end()));
          const Curve got = problem_curve(c, n);
          const std::vector<double> at = first_acceptance(c, n);
          ModelCounts one;
          one.problems = {c};
          const std::vector<double> loss = selection_loss(one, n);
          for (std::size_t k = 0; k <= static_cast<std::size_t>(n); ++k) {
            worst = std::max({worst, gap(got.accepted[k], Rational(accepted[k], orders)),
                              gap(got.tp[k], Rational(correct[k], orders)),
                              gap(got.fp[k], Rational(accepted[k] - correct[k], orders)),
                              gap(got.draws[k], Rational(draws[k], orders)),
                              gap(at[k], Rational(first[k], orders)),
                              gap(loss[k], Rational(any[k] - correct[k], orders))});
          }
        }
  CHECK(worst < 1e-12);
}

TEST_CASE("large n agrees with the closed forms in exact rational arithmetic") {
  double worst = 0;
  for (const Counts c : {Counts{3, 2, 1, 194},
                         {1, 0, 0, 999},
                         {500, 250, 3, 247},
                         {0, 7, 2, 991},
                         {0, 0, 5, 95},
                         {60, 40, 0, 0}}) {
    const std::int64_t n = c.n(), m = c.accepted();
    const Curve got = problem_curve(c, static_cast<int>(n));
    const std::vector<double> first = first_acceptance(c, static_cast<int>(n));
    for (std::int64_t k = 0; k <= n; k = k < 20 ? k + 1 : k + n / 13) {
      const std::size_t i = static_cast<std::size_t>(k);
      const Rational accepted = 1 - Rational(choose(n - m, k), choose(n, k));
      const Rational draws =
          Rational(n + 1, m + 1) * (1 - Rational(choose(n - k + 1, m + 1), choose(n + 1, m + 1)));
      worst = std::max({worst, gap(got.accepted[i], accepted),
                        as_double(abs(draws)) > 0 ? gap(got.draws[i], draws) / as_double(draws) : 0,
                        gap(got.tp[i], m > 0 ? accepted * c.tp / m : Rational(0)),
                        gap(got.fp[i], m > 0 ? accepted * c.fp / m : Rational(0))});
      if (k > 0 && m > 0)
        worst = std::max(worst, gap(first[i], Rational(choose(n - k, m - 1), choose(n, m))));
    }
  }
  CHECK(worst < 1e-12);
}

TEST_CASE("the estimators are unbiased: exact expectation over the multinomial") {
  // n = 6 samples with P(true positive) 1/5, P(false positive) 1/7; the rest is rejected.
  const Rational pt(1, 5), pf(1, 7), q = 1 - pt - pf;
  const int n = 6;
  for (int k = 0; k <= n; ++k) {
    Rational accepted = 0, tp = 0;
    double draws = 0, accepted_got = 0, tp_got = 0;
    for (int a = 0; a <= n; ++a)
      for (int b = 0; a + b <= n; ++b) {
        Rational weight(choose(n, a) * choose(n - a, b));
        for (int i = 0; i < a; ++i) weight *= pt;
        for (int i = 0; i < b; ++i) weight *= pf;
        for (int i = 0; i < n - a - b; ++i) weight *= q;
        const Curve got = problem_curve({a, b, 0, n - a - b}, n);
        accepted_got += as_double(weight) * got.accepted[static_cast<std::size_t>(k)];
        tp_got += as_double(weight) * got.tp[static_cast<std::size_t>(k)];
        draws += as_double(weight) * got.draws[static_cast<std::size_t>(k)];
      }
    Rational tail = 1;
    for (int i = 0; i < k; ++i) tail *= q;
    accepted = 1 - tail;
    tp = pt / (pt + pf) * accepted;
    CHECK(gap(accepted_got, accepted) < 1e-12);
    CHECK(gap(tp_got, tp) < 1e-12);
    CHECK(gap(draws, accepted / (pt + pf)) < 1e-12);
  }
}

TEST_CASE("means, FDR by attempt and cumulative precision over problems") {
  ModelCounts m;
  m.task_ids = {"a", "b", "c"};
  m.problems = {{3, 1, 0, 6}, {1, 2, 2, 7}, {0, 0, 0, 20}};
  const Curve mean = mean_curve(m, 10);
  Curve sum = problem_curve(m.problems[0], 10);
  const Curve b = problem_curve(m.problems[1], 10);
  CHECK(mean.tp[7] == doctest::Approx((sum.tp[7] + b.tp[7]) / 3));
  CHECK(mean.draws[7] == doctest::Approx((sum.draws[7] + b.draws[7] + 7) / 3));
  const auto weighted = fdr_by_attempt(m, 10);
  const auto paper = fdr_by_attempt(m, 10, AttemptWeighting::paper);
  CHECK_FALSE(weighted[0]);
  const double pa = 6.0 / 10 * 4 / 9, pb = 9.0 / 12 * 3 / 11;
  CHECK(*weighted[2] == doctest::Approx((pa / 4 + pb * 2 / 3) / (pa + pb)));
  CHECK(*paper[2] == doctest::Approx((0.25 + 2.0 / 3) / 2));
  CHECK(*paper[8] == doctest::Approx(2.0 / 3));  // the first problem is surely accepted by draw 7
  CHECK_FALSE(cumulative_precision(mean)[0]);
  CHECK(*cumulative_precision(mean)[1] == doctest::Approx(mean.tp[1] / mean.accepted[1]));
  CHECK(first_reaching(mean.tp, mean.tp[4]) == 4);
  CHECK_FALSE(first_reaching(mean.tp, 0.9));
}

TEST_CASE("at K = n TP_K is the lower ceiling") {
  ModelCounts m{"d", "m", "base", "base,plus", {"a", "b"}, {{3, 1, 0, 6}, {0, 0, 0, 10}}};
  CHECK(mean_curve(m, 10).tp[10] ==
        doctest::Approx(*rates({m}, {.replicates = 100}).rows[0].ceiling_lower.value));
}

TEST_CASE("K beyond n is refused, never clamped") {
  CHECK_THROWS_WITH_AS(problem_curve({1, 0, 0, 2}, 4),
                       "K = 4 is beyond the 3 samples of a problem; ask for at most 3 or use a "
                       "fitted model",
                       Error);
  ModelCounts uneven;
  uneven.problems = {{1, 0, 0, 9}, {1, 0, 0, 4}};
  CHECK(smallest_n(uneven) == 5);
  CHECK_THROWS_AS(mean_curve(uneven, 6), Error);
  CHECK_THROWS_AS(problem_curve({1, 0, 0, 2}, -1), Error);
  CHECK(problem_curve({0, 0, 0, 1}, 1).draws[1] == 1);
}

TEST_CASE("the paper's 1,000 random orders agree within their error") {
  const std::vector<Counts> problems{
      {12, 3, 2, 183}, {0, 9, 0, 191}, {90, 60, 0, 50}, {0, 0, 4, 196}};
  RandomStream random(3, "orders");
  ModelCounts m;
  m.problems = problems;
  const Curve mean = mean_curve(m, 200);
  std::vector<double> tp(201), square(201);
  for (int round = 0; round < 1000; ++round) {
    std::vector<double> here(201);
    for (const Counts& c : problems) {
      std::vector<char> order(static_cast<std::size_t>(c.n()), 'r');
      std::fill_n(order.begin(), c.tp, 'T');
      std::fill_n(order.begin() + c.tp, c.fp, 'F');
      for (std::uint32_t i = 200; i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
      const std::size_t found = static_cast<std::size_t>(
          std::find_if(order.begin(), order.end(), [](char x) { return x != 'r'; }) -
          order.begin());
      if (found < 200 && order[found] == 'T')
        for (std::size_t k = found + 1; k <= 200; ++k) here[k] += 0.25;
    }
    for (std::size_t k = 0; k <= 200; ++k) tp[k] += here[k], square[k] += here[k] * here[k];
  }
  for (std::size_t k : {1, 2, 5, 10, 20, 50, 100, 200}) {
    const double average = tp[k] / 1000;
    const double error = std::sqrt(std::max(0.0, square[k] / 1000 - average * average) / 1000);
    INFO("K = ", k);
    CHECK(std::abs(average - mean.tp[k]) <= 4 * error + 1e-12);
  }
}
