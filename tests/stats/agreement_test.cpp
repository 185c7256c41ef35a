// Samples and tests that agree, by hand and against a slow reading of CodeT's definition.
#include "harness/stats/agreement.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "harness/base/error.h"
#include "harness/base/random.h"

using namespace assay;
using namespace assay::stats;

TEST_CASE("agreement by hand: shares by weight, consensus sets, and their scores") {
  // Three tests that weigh 1, 2 and 3. Two samples pass all, one all but the last, one none.
  const ProblemTests problem{"a", 3, {{{}, true}, {{2}, false}, {{}, true}, {{0, 1, 2}, false}}};
  const Agreement got = agreement(problem, std::vector<double>{1, 2, 3});
  CHECK(got.share == std::vector<double>{1, .5, 1, 0});
  CHECK(got.weight == std::vector<double>{6, 3, 6, 0});
  CHECK(got.set == std::vector<std::int64_t>{0, 1, 0, 2});
  CHECK(got.codet[0] == doctest::Approx(std::sqrt(2.0) * 6));
  CHECK(got.codet[1] == doctest::Approx(3));
  CHECK(got.codet[3] == 0);
}

TEST_CASE("sets that tie have one score, whatever rounding made of it") {
  // The root times the weight differed in its last bit, and one of two sets was preferred.
  int broken = 0;
  for (int samples = 1; samples < 60; ++samples)
    for (int weight = 1; weight < 60; ++weight)
      for (int factor = 2; factor < 8; ++factor) {
        broken +=
            std::sqrt(samples * factor * factor) * weight != std::sqrt(samples) * (weight * factor);
        CHECK(codet_score(samples * factor * factor, weight) ==
              codet_score(samples, weight * factor));
      }
  CHECK(broken > 0);
  CHECK(codet_score(1, .1 + .2) == codet_score(1, .3));
  CHECK(codet_score(1, 3) < codet_score(1, 3.0000001));
}

TEST_CASE("what was not judged is in no share, and agrees with nothing that was") {
  // Assertions behind the sixteenth that ended a program's process counted as failed, so that their
  // order decided its share.
  SampleTests ended{{0, 1, 2}, false, 2}, failed{{0, 1, 2}, false, 0}, right{{}, true, 0};
  const Agreement got =
      agreement({"a", 4, {ended, failed, right, ended}}, std::vector<double>(4, 1.));
  CHECK(got.share == std::vector<double>{.5, .25, 1, .5});
  CHECK(got.set == std::vector<std::int64_t>{0, 1, 2, 0});
  CHECK(got.codet == std::vector<double>{codet_score(2, 1), 1, 4, codet_score(2, 1)});
}

TEST_CASE("agreement is what counting every pair of samples and every test says") {
  RandomStream random(3, "agreement");
  for (int trial = 0; trial < 50; ++trial) {
    const std::uint32_t tests = 1 + random.below(5);
    std::vector<double> weights;
    for (std::uint32_t t = 0; t < tests; ++t) weights.push_back(1 + random.below(4));
    ProblemTests problem{"a", tests, {}};
    for (int s = 0; s < 12; ++s) {
      SampleTests sample;
      for (std::uint32_t t = 0; t < tests; ++t)
        if (random.below(3) == 0) sample.failed.push_back(t);
      problem.samples.push_back(sample);
    }
    const Agreement got = agreement(problem, weights);
    for (std::size_t i = 0; i < problem.samples.size(); ++i) {
      double all = 0, passed = 0, alike = 0;
      const auto& failed = problem.samples[i].failed;
      for (std::uint32_t t = 0; t < tests; ++t) {
        all += weights[t];
        if (std::find(failed.begin(), failed.end(), t) == failed.end()) passed += weights[t];
      }
      for (std::size_t j = 0; j < problem.samples.size(); ++j) {
        const bool same = problem.samples[j].failed == failed;
        alike += same;
        CHECK(same == (got.set[i] == got.set[j]));
      }
      CHECK(got.share[i] == doctest::Approx(passed / all));
      CHECK(got.codet[i] == doctest::Approx(std::sqrt(alike) * passed));
    }
  }
}

TEST_CASE(
    "agreement without a test has no share, and nothing agrees; a test that is none is refused") {
  const Agreement got = agreement({"a", 0, {{{}, true}, {{}, false}}}, {});
  CHECK(got.share.empty());
  CHECK(got.codet == std::vector<double>{0, 0});
  CHECK_THROWS_AS(agreement({"a", 1, {{{1}, true}}}, std::vector<double>{1}), Error);
}
