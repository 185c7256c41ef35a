// All that `assay limits` and the report say of what resampling reaches: the exact numbers of
// harness/stats, what a fit beside the database adds to them, and the rates by suite size. Three
// rooms compute, here they are put side by side. Throws assay::Error as they do.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/analysis/fitted.h"
#include "harness/analysis/suite_sizes.h"
#include "harness/simulator/posterior.h"
#include "harness/stats/limits.h"

namespace assay::analysis {

/// One model's exact row, and what the others know of it; `notes` are those of all three.
struct ModelLimits : stats::LimitsRow {
  std::optional<simulator::FittedLimits> fitted;
  std::optional<stats::SuiteSize> suite_size;
  std::string suite_size_missing;  ///< why there is none, and what to do
};

struct Limits {
  std::vector<ModelLimits> rows;               ///< in the order of the models
  std::vector<stats::Regression> regressions;  ///< one a dataset
};

/// Lays the three together. REQUIRES: `fitted` and `sizes` have as many entries as `exact` has
/// rows, or none.
Limits joined(stats::LimitsResult exact, std::vector<Fitted> fitted, std::vector<SuiteSizes> sizes);

}  // namespace assay::analysis
