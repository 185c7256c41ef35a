#include "harness/train/losses.h"

#include <doctest/doctest.h>

#include <cmath>

#include "harness/base/random.h"

using namespace assay;
using namespace assay::train;

static Spread random_spread(RandomStream& stream) {
  Spread g;
  for (const std::size_t states : {1, 2, 5, 4}) {
    g.emplace_back();
    for (std::size_t i = 0; i < states; ++i) g.back().push_back(3 * stream.normal());
  }
  return g;
}

TEST_CASE("sub-trajectory balance as it is published is the spread of g") {
  RandomStream stream(1, "losses");
  for (int round = 0; round < 20; ++round) {
    // Of each state the log reward and log q(stop), of each step log q(symbol).
    std::vector<std::vector<double>> reward, stop, step;
    Spread g;
    for (const std::size_t states : {1, 2, 7}) {
      reward.emplace_back(), stop.emplace_back(), step.emplace_back(), g.emplace_back();
      double log_q = 0;
      for (std::size_t i = 0; i < states; ++i) {
        if (i > 0) log_q += step.back().emplace_back(-stream.uniform());
        reward.back().push_back(stream.normal());
        stop.back().push_back(-stream.uniform());
        g.back().push_back(log_q + stop.back().back() - reward.back().back());
      }
    }
    // The published form: running sums of what each step leaves over, and their differences at every length.
    double sum = 0, terms = 0;
    for (std::size_t row = 0; row < g.size(); ++row) {
      std::vector<double> running = {0};
      for (std::size_t i = 0; i + 1 < reward[row].size(); ++i)
        running.push_back(running.back() + reward[row][i] + step[row][i] + stop[row][i + 1] -
                          reward[row][i + 1] - stop[row][i]);
      for (std::size_t length = 1; length < running.size(); ++length)
        for (std::size_t i = 0; i + length < running.size(); ++i) {
          sum += std::pow(running[i + length] - running[i], 2);
          ++terms;
        }
    }
    CHECK(sub_trajectory_balance(g).value == doctest::Approx(sum / terms).epsilon(1e-12));
    // And n times the squared distances from the mean, over the pairs.
    double spread = 0;
    for (const auto& states : g) {
      double mean = 0;
      for (const double x : states) mean += x / double(states.size());
      for (const double x : states) spread += double(states.size()) * (x - mean) * (x - mean);
    }
    CHECK(sub_trajectory_balance(g).value == doctest::Approx(spread / terms).epsilon(1e-12));
  }
}

TEST_CASE("both losses are 0 where g is the same everywhere, and VarGrad only where it is") {
  const Spread same = {{-2, -2, -2}, {-2}, {-2, -2}}, by_row = {{-2, -2}, {1, 1}};
  CHECK(sub_trajectory_balance(same).value == 0);
  CHECK(var_grad(same).value == 0);
  CHECK(sub_trajectory_balance(by_row).value == 0);
  CHECK(var_grad(by_row).value == doctest::Approx(2.25));
  CHECK(sub_trajectory_balance({{1}, {2}}).value ==
        0);  // no pairs, and no division by their number
}

TEST_CASE("the gradients of the losses are those of finite differences, with and without a bend") {
  RandomStream stream(2, "losses");
  for (const double huber : {0., 2.}) {
    const Spread g = random_spread(stream);
    const auto both = [&](const Spread& at) {
      return sum(sub_trajectory_balance(at, huber), var_grad(at, huber), 0.7);
    };
    const Loss loss = both(g);
    for (std::size_t row = 0; row < g.size(); ++row)
      for (std::size_t i = 0; i < g[row].size(); ++i) {
        Spread up = g, down = g;
        up[row][i] += 1e-5, down[row][i] -= 1e-5;
        const double slope = (both(up).value - both(down).value) / 2e-5;
        CHECK(loss.gradient[row][i] == doctest::Approx(slope).epsilon(1e-5));
      }
  }
}

TEST_CASE("a residual beyond the bend counts linearly, without a jump") {
  CHECK(penalty(1.5, 2) == 2.25);
  CHECK(penalty(-5, 2) == 2 * (2 * 5 - 2));
  CHECK(penalty(2 + 1e-9, 2) == doctest::Approx(4));
  CHECK(penalty_slope(-5, 2) == -4);
  CHECK(penalty_slope(-5, 0) == -10);
}
