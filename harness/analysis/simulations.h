// Stopping rules simulated on what a database holds: for `assay simulate` and the report alike.
// Reads only. Throws assay::Error as the store does, and for what cannot be simulated.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/analysis/subjects.h"
#include "harness/simulator/fit.h"
#include "harness/simulator/simulate.h"
#include "harness/store/queries.h"

namespace assay::analysis {

/// A fit, and the counts of all models that it may know.
struct KnownFit {
  simulator::Fit fit;
  std::vector<stats::ModelCounts> all;
};

struct SimulationOptions {
  simulator::SimulateOptions simulate;  ///< its k_max is not read
  std::optional<int> k_max;             ///< none: the smallest n, at most 1000; on a fit 200
  bool on_fit = false;                  ///< on posterior draws, in place of verdicts
  Agreement agreement = Agreement::tests;
  std::optional<KnownFit> fit;
  std::string fit_missing;  ///< why there is none
  /// Told what is being done, and how much of it is done.
  std::function<void(const char* what, std::int64_t done, std::int64_t total)> progress;
};

/// One a model, in their order. `counts` are those of `models`, entry by entry; all have problems.
std::vector<simulator::Simulation> simulations(store::Database& database,
                                               const std::vector<store::StoredModel>& models,
                                               const std::vector<stats::ModelCounts>& counts,
                                               const SimulationOptions& options);

}  // namespace assay::analysis
