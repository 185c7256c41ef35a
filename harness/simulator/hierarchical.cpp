#include "harness/simulator/hierarchical.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "harness/base/error.h"
#include "harness/simulator/mixture.h"
#include "harness/stats/parallel.h"
#include "harness/stats/rates.h"

namespace assay::simulator {
namespace {

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

double log_sum_exp(const std::vector<double>& values) {
  const double top = *std::max_element(values.begin(), values.end());
  double sum = 0;
  for (double v : values) sum += std::exp(v - top);
  return top + std::log(sum);
}

/// log x(x+1)...(x+k-1) for k = 0..last.
std::vector<double> rising(double x, std::int64_t last) {
  std::vector<double> out(static_cast<std::size_t>(last) + 1);
  for (std::size_t k = 1; k < out.size(); ++k)
    out[k] = out[k - 1] + std::log(x + static_cast<double>(k - 1));
  return out;
}

/// One model's shapes at every grid position, and its largest count, for tables of rising
/// factorials.
struct Shapes {
  double a = 1, b = 1;  // of the Beta
};

Shapes acceptance_shapes(const HierarchicalParameters& p, std::size_t model, double z) {
  const ModelEffects& m = p.models[model];
  const double at = m.ability - p.sigma_difficulty * z;
  return {m.phi * sigmoid(at), m.phi * sigmoid(-at)};
}

Shapes precision_shapes(const HierarchicalParameters& p, std::size_t model, double v) {
  const ModelEffects& m = p.models[model];
  const double at = m.precision - p.sigma_weakness * v;
  return {m.psi * sigmoid(at), m.psi * sigmoid(-at)};
}

std::int64_t rejected(const stats::Counts& c) { return c.n() - c.accepted(); }

/// Log likelihood of the problems' cells at each grid position, summed over models:
/// [problem][position], once for acceptance and once for precision.
struct Tables {
  std::size_t positions = 0;
  std::vector<double> acceptance, precision;
};

/// Adds one model's cells to the tables.
void add_model(const HierarchicalParameters& p, const Table& table, std::size_t j, Tables& out) {
  const std::vector<double> grid = grid_positions(p.problem_effects);
  const std::size_t g = grid.size();
  std::int64_t n = 0;
  for (const stats::Counts& c : table.cells[j]) n = std::max(n, c.n());
  const std::vector<double> phi = rising(p.models[j].phi, n), psi = rising(p.models[j].psi, n);
  for (std::size_t a = 0; a < g; ++a) {
    const Shapes accept = acceptance_shapes(p, j, grid[a]);
    const Shapes precise = precision_shapes(p, j, grid[a]);
    const auto hit = rising(accept.a, n), miss = rising(accept.b, n);
    const auto right = rising(precise.a, n), wrong = rising(precise.b, n);
    for (std::size_t i = 0; i < table.task_ids.size(); ++i) {
      const stats::Counts& c = table.cells[j][i];
      const auto m = static_cast<std::size_t>(c.accepted());
      out.acceptance[i * g + a] += hit[m] + miss[static_cast<std::size_t>(rejected(c))] -
                                   phi[static_cast<std::size_t>(c.n())];
      out.precision[i * g + a] +=
          right[static_cast<std::size_t>(c.tp)] + wrong[static_cast<std::size_t>(c.fp)] - psi[m];
    }
  }
}

Tables empty_tables(const HierarchicalParameters& p, const Table& table) {
  const std::size_t g = grid_positions(p.problem_effects).size();
  const std::vector<double> zero(table.task_ids.size() * g);
  return {g, zero, zero};
}

Tables likelihood_tables(const HierarchicalParameters& p, const Table& table) {
  Tables out = empty_tables(p, table);
  for (std::size_t j = 0; j < table.cells.size(); ++j) add_model(p, table, j, out);
  return out;
}

/// Log posterior (not normalised) of problem i over the pairs of positions.
std::vector<double> log_joint(const Tables& t, const std::vector<double>& log_weights,
                              std::size_t i) {
  std::vector<double> out(log_weights);
  for (std::size_t a = 0; a < t.positions; ++a)
    for (std::size_t b = 0; b < t.positions; ++b)
      out[a * t.positions + b] +=
          t.acceptance[i * t.positions + a] + t.precision[i * t.positions + b];
  return out;
}

/// Draws problem i's effects and, given them, every model's p and theta there.
void draw_problem(const HierarchicalParameters& p, const Table& table, const Tables& tables,
                  const std::vector<double>& log_weights, const std::vector<double>& grid,
                  std::size_t i, std::size_t s, RandomStream& random, std::vector<Posterior>& out) {
  const std::vector<double> joint = log_joint(tables, log_weights, i);
  const double top = *std::max_element(joint.begin(), joint.end());
  double sum = 0;
  for (double v : joint) sum += std::exp(v - top);
  double left = random.uniform() * sum;
  std::size_t node = 0;
  while (node + 1 < joint.size() && (left -= std::exp(joint[node] - top)) > 0) ++node;
  const double z = grid[node / tables.positions], v = grid[node % tables.positions];
  for (std::size_t j = 0; j < table.cells.size(); ++j) {
    const stats::Counts& c = table.cells[j][i];
    const Shapes accept = acceptance_shapes(p, j, z), precise = precision_shapes(p, j, v);
    const BetaDraw rate = draw_beta(accept.a + static_cast<double>(c.accepted()),
                                    accept.b + static_cast<double>(rejected(c)), random);
    const BetaDraw theta = draw_beta(precise.a + static_cast<double>(c.tp),
                                     precise.b + static_cast<double>(c.fp), random);
    const std::size_t at = s * table.task_ids.size() + i;
    // A rate below the smallest double still is no atom: log(1-p) = 0 is kept for p = 0.
    out[j].log_reject[at] = std::min(rate.log_q, -std::numeric_limits<double>::denorm_min());
    out[j].precision[at] = std::exp(theta.log_p);
  }
}

}  // namespace

std::vector<double> grid_positions(bool problem_effects) {
  if (!problem_effects) return {0};
  std::vector<double> out;
  for (int i = 0; i < kGrid; ++i) out.push_back(-kGridEnd + 2 * kGridEnd * i / (kGrid - 1));
  return out;
}

std::vector<double> log_grid_weights(double rho, bool problem_effects) {
  const std::vector<double> grid = grid_positions(problem_effects);
  std::vector<double> out;
  for (double z : grid)
    for (double v : grid) out.push_back(-(z * z - 2 * rho * z * v + v * v) / (2 * (1 - rho * rho)));
  const double total = log_sum_exp(out);
  for (double& w : out) w -= total;
  return out;
}

Table make_table(const std::vector<const stats::ModelCounts*>& models) {
  Table out;
  const stats::Universe all = stats::universe(models);
  out.task_ids = all.task_ids;
  for (std::size_t j = 0; j < models.size(); ++j) {
    out.dataset = models[j]->dataset;
    out.models.push_back(models[j]->model);
    std::vector<stats::Counts>& row = out.cells.emplace_back(all.task_ids.size());
    for (std::size_t i = 0; i < models[j]->problems.size(); ++i)
      row[all.index[j][i]] = models[j]->problems[i];
  }
  return out;
}

std::vector<double> log_marginals(const HierarchicalParameters& parameters, const Table& table) {
  const Tables tables = likelihood_tables(parameters, table);
  const auto weights = log_grid_weights(parameters.rho, parameters.problem_effects);
  std::vector<double> out;
  for (std::size_t i = 0; i < table.task_ids.size(); ++i)
    out.push_back(log_sum_exp(log_joint(tables, weights, i)));
  return out;
}

std::vector<CellScore> score_cells(const HierarchicalParameters& parameters, const Table& kept,
                                   const Table& full, const std::vector<CellPlace>& cells) {
  const Tables others = likelihood_tables(parameters, kept);
  const auto weights = log_grid_weights(parameters.rho, parameters.problem_effects);
  std::vector<Tables> own;
  for (std::size_t j = 0; j < full.cells.size(); ++j)
    add_model(parameters, full, j, own.emplace_back(empty_tables(parameters, full)));
  std::vector<CellScore> out(cells.size());
  stats::parallel_for(cells.size(), 0, [&](std::size_t c) {
    const auto [j, i] = cells[c];
    const std::size_t g = others.positions;
    std::vector<double> joint = log_joint(others, weights, i);
    const double without = log_sum_exp(joint);
    for (std::size_t k = 0; k < joint.size(); ++k) joint[k] += own[j].acceptance[i * g + k / g];
    const double accepted = log_sum_exp(joint);
    for (std::size_t k = 0; k < joint.size(); ++k) joint[k] += own[j].precision[i * g + k % g];
    const double both = log_sum_exp(joint);
    out[c] = {both - without, both - accepted};
  });
  return out;
}

std::vector<Posterior> draw_posteriors(const std::vector<HierarchicalParameters>& draws,
                                       const Table& table, std::uint64_t seed) {
  const std::size_t problems = table.task_ids.size();
  std::vector<Posterior> out;
  for (const std::string& model : table.models) {
    Posterior p{table.dataset, model, "hierarchical", table.task_ids, draws.size()};
    for (auto* part : {&p.log_reject, &p.precision, &p.rejected_correct})
      part->resize(draws.size() * problems);
    out.push_back(std::move(p));
  }
  stats::parallel_for(draws.size(), 0, [&](std::size_t s) {
    const HierarchicalParameters& p = draws[s];
    const Tables tables = likelihood_tables(p, table);
    const auto weights = log_grid_weights(p.rho, p.problem_effects);
    const std::vector<double> grid = grid_positions(p.problem_effects);
    RandomStream random(seed, fmt::format("hierarchical draw {}", s));
    for (std::size_t i = 0; i < problems; ++i)
      draw_problem(p, table, tables, weights, grid, i, s, random, out);
  });
  return out;
}

}  // namespace assay::simulator
