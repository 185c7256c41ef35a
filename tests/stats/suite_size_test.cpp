#include "harness/stats/suite_size.h"

#include <doctest/doctest.h>

#include <bit>
#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>

#include "harness/base/error.h"
#include "harness/stats/curves.h"

using namespace assay;
using namespace assay::stats;
using boost::multiprecision::cpp_rational;

TEST_CASE("acceptance under a random suite, exactly") {
  for (unsigned tests = 1; tests <= 12; ++tests)
    for (unsigned failed = 0; failed <= tests; ++failed)
      for (unsigned drawn = 0; drawn <= tests; ++drawn) {
        long accepted = 0, all = 0;  // over all subsets; the failing tests are the lowest bits
        for (unsigned set = 0; set < 1u << tests; ++set)
          if (std::popcount(set) == static_cast<int>(drawn))
            ++all, accepted += (set & ((1u << failed) - 1)) == 0;
        CHECK(std::abs(acceptance_probability(tests, failed, drawn) -
                       cpp_rational(accepted, all).convert_to<double>()) < 1e-12);
      }
}

static const std::vector<ProblemTests> kProblems{
    {"a", 4, {{{}, true}, {{0}, false}, {{1, 2, 3}, false}, {{}, false}}},
    {"b", 2, {{{}, true}, {{0, 1}, false}, {{1}, true}, {{0}, false}}}};

TEST_CASE("rates against suite size: all tests give the plain rates, fewer accept more") {
  const SuiteSize s = suite_size(kProblems, {.tests = {1, 2, 3, 4}, .k = 2}, {.replicates = 200});
  CHECK(*s.acceptance[3].value == doctest::Approx((2.0 / 4 + 1.0 / 4) / 2));
  CHECK(*s.fdr[3].value == doctest::Approx(1.0 / 3));
  CHECK(*s.fnr[3].value == doctest::Approx(1.0 / 3));
  CHECK(*s.fp_mass[0].value == doctest::Approx((0.75 + 0.25 + 1 + 0 + 0.5) / 8));
  for (std::size_t i = 1; i < 4; ++i) CHECK(*s.fp_mass[i].value <= *s.fp_mass[i - 1].value);
  CHECK(s.fpr[0].interval);
}

TEST_CASE("for K > 1 the samples of a problem share the suite") {
  // One test of two: {0} or {1}, each half the time. K = 2 of the 4 samples.
  const std::vector<ProblemTests> b{kProblems[1]};
  const double shared = (problem_curve({1, 0, 1, 2}, 2).tp[2] * 0 +
                         problem_curve({2, 0, 0, 2}, 2).tp[2] +  // test 0: both correct pass
                         problem_curve({1, 1, 1, 1}, 2).tp[2]) /
                        2;  // test 1: one correct, one wrong
  const SuiteSize s =
      suite_size(b, {.tests = {1, 2}, .k = 2, .subsets = 20000}, {.replicates = 100});
  CHECK(*s.tp_at_k[0].value == doctest::Approx(shared).epsilon(0.01));
  CHECK(*s.tp_at_k[1].value == doctest::Approx(problem_curve({1, 0, 1, 2}, 2).tp[2]));
}

TEST_CASE("suite results that make no sense are refused") {
  CHECK_THROWS_AS(suite_size({{"a", 2, {{{2}, true}}}}, {}), Error);
  CHECK_THROWS_AS(suite_size({{"a", 2, {{{1, 0}, true}}}}, {}), Error);
  CHECK_THROWS_AS(suite_size({{"a", 2, {}}}, {}), Error);
  CHECK_THROWS_AS(suite_size(kProblems, {.tests = {0}}), Error);
  CHECK_FALSE(suite_size(kProblems, {.tests = {1}, .k = 5}, {.replicates = 100}).tp_at_k[0].value);
}
