// All models of a dataset at once. A problem has two effects, its difficulty and the strength of
// its suite, normal and correlated; a model has an ability and a precision. For model j on problem
// i
//   p_ij     ~ Beta of mean sigmoid(ability_j - sigma_d z_i) and size phi_j
//   theta_ij ~ Beta of mean sigmoid(precision_j - sigma_w v_i) and size psi_j
// so each cell's counts are beta-binomial twice given (z, v), which live on a fixed grid: the sum
// over the grid is exact for the discrete density it defines. A problem that a weak model never
// passed borrows what other models showed about its suite. With the effects switched off every
// model stands alone.
// Pure; thread-safe. Cells without samples (n = 0) are allowed: they are what is predicted.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/base/random.h"
#include "harness/simulator/posterior.h"
#include "harness/stats/counts.h"

namespace assay::simulator {

inline constexpr int kGrid = 31;         ///< values of each effect
inline constexpr double kGridEnd = 3.5;  ///< from -kGridEnd to kGridEnd deviations
inline constexpr double kRhoMax = 0.95;  ///< beyond it the grid is too coarse for the ridge

struct ModelEffects {
  double ability = 0, precision = 0, phi = 1, psi = 1;
};

struct HierarchicalParameters {
  std::vector<ModelEffects> models;
  double sigma_difficulty = 1, sigma_weakness = 1, rho = 0;
  bool problem_effects = true;
};

/// Every model's counts on the same problems: cells[model][problem], n = 0 where there are none.
struct Table {
  std::string dataset;
  std::vector<std::string> models, task_ids;
  std::vector<std::vector<stats::Counts>> cells;
};

/// REQUIRES: all of one dataset.
Table make_table(const std::vector<const stats::ModelCounts*>& models);

/// log P(counts) per problem, multinomial coefficients left out.
std::vector<double> log_marginals(const HierarchicalParameters& parameters, const Table& table);

/// Log predictive density of one cell's counts given the other cells of its problem, and of its
/// split of the accepted into correct and wrong alone.
struct CellScore {
  double counts = 0, precision = 0;
};
struct CellPlace {
  std::size_t model = 0, problem = 0;
};
/// Scores `full`'s counts in each of `cells`, given all of `kept` (where those cells are empty).
std::vector<CellScore> score_cells(const HierarchicalParameters& parameters, const Table& kept,
                                   const Table& full, const std::vector<CellPlace>& cells);

/// Posterior draws of every model on every problem of the table, one per parameter draw.
std::vector<Posterior> draw_posteriors(const std::vector<HierarchicalParameters>& draws,
                                       const Table& table, std::uint64_t seed);

/// Positions of the grid, in deviations, and log weights of the pairs (difficulty, weakness).
std::vector<double> grid_positions(bool problem_effects);
std::vector<double> log_grid_weights(double rho, bool problem_effects);

}  // namespace assay::simulator
