#include "harness/simulator/link.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace assay;
using namespace assay::simulator;

static const std::vector<stats::Counts> kCounts = {{0, 0, 0, 10}, {0, 0, 0, 10}, {3, 1, 0, 6},
                                                   {0, 2, 0, 8},  {9, 1, 0, 0},  {10, 0, 0, 0},
                                                   {1, 0, 0, 9},  {5, 5, 0, 0},  {0, 30, 0, 170}};

/// Near where a search begins, no number as any other.
static std::vector<double> somewhere(double spread) {
  std::vector<double> x = link_start();
  for (std::size_t i = 0; i < x.size(); ++i) x[i] += spread * std::sin(3.0 * double(i) + 1);
  return x;
}

/// The prior as the header states it, by hand.
static double log_prior(const std::vector<double>& x) {
  std::vector<double> z;
  for (std::size_t b = 0; b < kLinkBetas; ++b) {
    z.push_back((x[b] - std::log(2)) / 1.5);
    z.push_back(x[kLinkBetas + b] / 2), z.push_back(x[2 * kLinkBetas + b] / 2);
  }
  const double* rest = x.data() + 3 * kLinkBetas;
  z.push_back((rest[0] - 1.5) / 1.5), z.push_back((rest[1] - 0.25) / 0.5);
  for (std::size_t i = 0; i < kLinkKnots; ++i) z.push_back(rest[2 + i]);
  z.push_back((rest[2 + kLinkKnots] - std::log(3)) / 1.2);
  double out = 0;
  for (double v : z) out -= v * v / 2;
  return out;
}

TEST_CASE("the link's density is that of the mixture which its parameters stand for") {
  const LinkTarget target(kCounts);
  for (double spread : {0.0, 0.5, 2.0}) {
    const std::vector<double> x = somewhere(spread);
    double likelihood = 0, weight = 0;
    const MixtureParameters mixture = link_parameters(x);
    for (const stats::Counts& c : kCounts) likelihood += log_marginal(mixture, c);
    for (const MixtureComponent& c : mixture.components) weight += c.weight;
    CHECK(weight == doctest::Approx(1));
    CHECK(target(x) == doctest::Approx(likelihood + log_prior(x)).epsilon(1e-9));
  }
}

TEST_CASE("the gradient is that of differences") {
  const LinkTarget target(kCounts);
  for (double spread : {0.1, 1.0}) {
    const std::vector<double> x = somewhere(spread);
    std::vector<double> slope(x.size());
    CHECK(target(x, slope) == target(x));
    for (std::size_t i = 0; i < x.size(); ++i) {
      std::vector<double> up = x, down = x;
      up[i] += 1e-5, down[i] -= 1e-5;
      const double by_difference = (target(up) - target(down)) / 2e-5;
      CHECK(std::abs(slope[i] - by_difference) < 1e-5 * (1 + std::abs(by_difference)));
    }
  }
}

TEST_CASE(
    "precision bends: with a slope the rare passes are the wrong ones, without one they are not") {
  std::vector<double> x = link_start();
  x[3 * kLinkBetas] = 1, x[3 * kLinkBetas + 1] = 1;
  const auto precision = [&](std::size_t node) {
    const MixtureComponent c = link_parameters(x).components.at(node);
    return c.gamma / (c.gamma + c.delta);
  };
  CHECK(precision(12) == doctest::Approx(1 / (1 + std::exp(3.0))));   // logit -4
  CHECK(precision(26) == doctest::Approx(1 / (1 + std::exp(-4.0))));  // logit 3
  x[3 * kLinkBetas + 1] = 0;
  CHECK(precision(12) == doctest::Approx(precision(26)));
}

TEST_CASE("the link's density stays a density at absurd sizes") {
  const LinkTarget target(kCounts);
  RandomStream random(1, "absurd");
  std::vector<double> x(kLinkSize), slope(kLinkSize);
  for (int i = 0; i < 2000; ++i) {
    for (double& v : x) v = 60 * random.normal();
    CHECK(target(x, slope) < target(link_start()));
  }
}
