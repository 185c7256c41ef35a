// Fits harness/simulator/hierarchical.h by penalised marginal likelihood with libtorch's autograd,
// in double precision, from several seeded starts; draws of the parameters come from the normal
// approximation at the optimum.
//
// The penalty: ability N(0, 3), precision N(1.5, 2), log phi and log psi N(shared mean, 0.7) with
// shared means N(log 4, 1.5), log sigma N(log 2, 0.7) and N(0, 0.7), atanh(rho / kRhoMax) N(0,
// 0.7). Errors: assay::Error without models or problems. Thread-safe: separate calls share nothing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/simulator/hierarchical.h"

namespace assay::simulator {

/// With more models than this the parameters' own uncertainty is left out, and a note says so: its
/// cost grows with the square of their number.
inline constexpr std::size_t kModelsWithUncertainty = 40;

struct HierarchicalOptions {
  int starts = 2, draws = 200;
  bool problem_effects = true;
  std::uint64_t seed = 1;
  std::string device = "cpu";
  std::vector<double> start;  ///< the free parameters to begin at, in place of `starts` starts
};

struct HierarchicalFit {
  std::string dataset;
  std::vector<std::string> models;
  HierarchicalParameters best;
  std::vector<HierarchicalParameters> draws;
  std::vector<double> free;  ///< the optimum as the optimiser sees it
  double log_posterior = 0, gradient_norm = 0;
  int evaluations = 0;
  std::vector<std::string> notes;
};

HierarchicalFit fit_hierarchical(const Table& table, const HierarchicalOptions& options);

}  // namespace assay::simulator
