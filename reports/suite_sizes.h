// Rates against the number of tests, from the stored results of every test. Reads only. Throws
// assay::Error as the store does.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/stats/limits.h"
#include "harness/store/queries.h"

namespace assay::reports {

/// "base,plus", as ModelCounts names its suites, one by one.
std::vector<std::string> suite_names(const std::string& names);

/// Of one model: the rates for several sizes of its proxy suite, or why they cannot be known and
/// what to do, and what is to be said beside them.
struct SuiteSizes {
  std::optional<stats::SuiteSize> sizes;
  std::string missing, note;
};

/// `counts` are those of `model`; the suites are those that they name.
SuiteSizes suite_sizes(store::Database& database, const store::StoredModel& model,
                       const stats::ModelCounts& counts, const stats::BootstrapOptions& bootstrap);

/// Into the row of the same model.
void put_suite_sizes(SuiteSizes sizes, stats::LimitsRow& row);

}  // namespace assay::reports
