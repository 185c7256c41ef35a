#include "harness/simulator/hierarchical_fit.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>

#include "harness/base/error.h"
#include "harness/simulator/device.h"
#include "harness/simulator/mixture.h"

using namespace assay;
using namespace assay::simulator;

/// Models on problems with effects, drawn from the hierarchical model itself. `truth` keeps theta.
static Table draw_table(int models, int problems, int n, std::uint64_t seed,
                        std::vector<std::vector<double>>* truth = nullptr) {
  RandomStream random(seed, "table");
  Table t;
  t.dataset = "d";
  t.cells.resize(static_cast<std::size_t>(models));
  if (truth) truth->resize(static_cast<std::size_t>(models));
  for (int j = 0; j < models; ++j) t.models.push_back(fmt::format("m{}", j));
  for (int i = 0; i < problems; ++i) {
    t.task_ids.push_back(fmt::format("{:04}", i));
    const double z = random.normal(), v = 0.5 * z + std::sqrt(0.75) * random.normal();
    for (int j = 0; j < models; ++j) {
      const auto sigmoid = [](double x) { return 1 / (1 + std::exp(-x)); };
      const double mu = sigmoid(-2 + 3.0 * j / models - 2 * z), nu = sigmoid(2 - 1.5 * v);
      const double p = std::exp(draw_beta(5 * mu, 5 * (1 - mu), random).log_p);
      const double theta = std::exp(draw_beta(10 * nu, 10 * (1 - nu), random).log_p);
      stats::Counts c;
      for (int s = 0; s < n; ++s)
        ++(random.uniform() >= p ? c.tn : random.uniform() < theta ? c.tp : c.fp);
      t.cells[static_cast<std::size_t>(j)].push_back(c);
      if (truth) (*truth)[static_cast<std::size_t>(j)].push_back(theta);
    }
  }
  return t;
}

TEST_CASE("the fit finds the parameters that made the table, and converges") {
  const HierarchicalFit fit =
      fit_hierarchical(draw_table(6, 300, 40, 1), {.starts = 1, .draws = 0});
  CHECK(fit.gradient_norm < 1e-2);
  CHECK(fit.best.sigma_difficulty == doctest::Approx(2).epsilon(0.2));
  CHECK(fit.best.sigma_weakness == doctest::Approx(1.5).epsilon(0.25));
  CHECK(fit.best.rho == doctest::Approx(0.5).epsilon(0.35));
  CHECK(fit.best.models[5].ability - fit.best.models[0].ability ==
        doctest::Approx(2.5).epsilon(0.2));
  CHECK(fit.best.models[2].phi == doctest::Approx(5).epsilon(0.4));
}

// Both compute in double precision and differ by the order of their sums; both stop once no entry of the
// gradient is above about 1e-5, or the value no longer moves, where the curvature is 1 at the least.
TEST_CASE("a GPU finds what the CPU finds, where there is one") {
  try {
    chosen_device("cuda");
  } catch (const Error& error) {
    MESSAGE("skipped: ", std::string(error.what()));
    return;
  }
  for (const int n : {40, 1000}) {  // by tables of logarithms, and by log gammas
    const Table t = draw_table(4, 100, n, 8);
    const HierarchicalFit cpu = fit_hierarchical(t, {.starts = 1, .draws = 50}),
                          cuda = fit_hierarchical(t, {.starts = 1, .draws = 50, .device = "cuda"});
    CHECK(std::abs(cpu.log_posterior - cuda.log_posterior) < 1e-7);
    REQUIRE(cpu.free.size() == cuda.free.size());
    for (std::size_t i = 0; i < cpu.free.size(); ++i)
      CHECK(std::abs(cpu.free[i] - cuda.free[i]) < 1e-4);
    for (std::size_t s = 0; s < 50; ++s)
      CHECK(std::abs(cpu.draws[s].models[3].ability - cuda.draws[s].models[3].ability) < 1e-3);
  }
}

TEST_CASE("autograd's objective is the plain likelihood: a better optimum nowhere near") {
  const Table t = draw_table(3, 80, 20, 2);
  const HierarchicalFit fit = fit_hierarchical(t, {.starts = 1, .draws = 0});
  double at_best = 0, moved = 0;
  for (double v : log_marginals(fit.best, t)) at_best += v;
  HierarchicalParameters other = fit.best;
  other.models[1].ability += 1;
  for (double v : log_marginals(other, t)) moved += v;
  CHECK(moved < at_best);
}

TEST_CASE("hidden cells: borrowing from other models beats standing alone") {
  const Table full = draw_table(5, 600, 30, 4);
  Table hidden = full;
  for (std::size_t i = 0; i < 600; i += 3) hidden.cells[1][i] = {};
  const HierarchicalFit with = fit_hierarchical(hidden, {.starts = 1, .draws = 0});
  const HierarchicalFit alone =
      fit_hierarchical(hidden, {.starts = 1, .draws = 0, .problem_effects = false});
  std::vector<CellPlace> cells;
  for (std::size_t i = 0; i < 600; i += 3) cells.push_back({1, i});
  const auto total = [&](const HierarchicalParameters& p) {
    CellScore sum;
    for (const CellScore& s : score_cells(p, hidden, full, cells))
      sum.counts += s.counts, sum.precision += s.precision;
    return sum;
  };
  const CellScore a = total(with.best), b = total(alone.best);
  CHECK(a.counts > b.counts + 80);
  CHECK(a.precision > b.precision + 20);
}

TEST_CASE("posterior draws cover the true precision of cells, hidden ones too") {
  std::vector<std::vector<double>> theta;
  Table t = draw_table(5, 150, 30, 4, &theta);
  for (std::size_t i = 0; i < 150; i += 3) t.cells[1][i] = {};
  const HierarchicalFit fit = fit_hierarchical(t, {.starts = 1, .draws = 200});
  const std::vector<Posterior> all = draw_posteriors(fit.draws, t, 1);
  int covered = 0, of = 0;
  for (std::size_t i = 0; i < 150; i += 3, ++of) {
    int below = 0;
    for (std::size_t s = 0; s < 200; ++s) below += all[1].precision[s * 150 + i] < theta[1][i];
    covered += below >= 10 && below <= 190;  // the middle 90%
  }
  CHECK(of == 50);
  CHECK(covered >= 39);
  CHECK(all[1].log_reject == draw_posteriors(fit.draws, t, 1)[1].log_reject);
}

TEST_CASE("awkward tables still fit: n = 1, nothing accepted, one model") {
  for (const Table& t : {draw_table(4, 30, 1, 5), draw_table(1, 20, 10, 6)}) {
    const HierarchicalFit fit = fit_hierarchical(t, {.starts = 1, .draws = 10});
    CHECK(std::isfinite(fit.log_posterior));
  }
  Table none = draw_table(2, 10, 5, 7);
  for (auto& row : none.cells)
    for (stats::Counts& c : row) c = {0, 0, 0, 5};
  CHECK(std::isfinite(fit_hierarchical(none, {.starts = 1, .draws = 10}).log_posterior));
  CHECK_THROWS_AS(fit_hierarchical(Table{}, {}), Error);
}
