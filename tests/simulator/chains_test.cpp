#include "harness/simulator/chains.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace assay;
using namespace assay::simulator;

TEST_CASE("chains draw from a skewed density with its mean and spread") {
  // x = log of a Gamma(2): mean digamma(2) = .4228, variance trigamma(2) = .6449; y ~ N(x, 0.5).
  const LogDensity target = [](std::span<const double> v) {
    const double z = (v[1] - v[0]) / 0.5;
    return 2 * v[0] - std::exp(v[0]) - z * z / 2;
  };
  RandomStream random(1, "test");
  std::vector<std::vector<double>> starts;
  for (int i = 0; i < 40; ++i) starts.push_back({random.normal(), random.normal()});
  const auto draws = run_chains(target, starts, 4000, {}, random);
  REQUIRE(draws.size() == 4000);
  double mean[2] = {}, square[2] = {};
  for (const auto& d : draws)
    for (std::size_t j : {0u, 1u}) mean[j] += d[j] / 4000, square[j] += d[j] * d[j] / 4000;
  // Standard errors with some correlation between draws: about .02 and .03.
  CHECK(std::abs(mean[0] - 0.4228) < 0.08);
  CHECK(std::abs(mean[1] - 0.4228) < 0.08);
  CHECK(std::abs(square[0] - mean[0] * mean[0] - 0.6449) < 0.12);
  CHECK(std::abs(square[1] - mean[1] * mean[1] - 0.8949) < 0.15);
}

TEST_CASE("chains that start outside the density come in") {
  const LogDensity target = [](std::span<const double> v) {
    return v[0] > 0 ? -v[0] : -std::numeric_limits<double>::infinity();
  };
  RandomStream random(2, "test");
  const auto draws = run_chains(target, {{-1}, {-2}, {0.5}, {1}, {3}, {2}}, 300, {}, random);
  for (const auto& d : draws) CHECK(d[0] > 0);
}
