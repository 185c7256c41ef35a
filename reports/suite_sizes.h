// Rates against the number of tests, from the stored results of every test. Reads only. Throws
// assay::Error as the store does.
#pragma once

#include <string>
#include <vector>

#include "harness/stats/limits.h"
#include "harness/store/queries.h"

namespace assay::reports {

/// "base,plus", as ModelCounts names its suites, one by one.
std::vector<std::string> suite_names(const std::string& names);

/// Fills `suite_size` of each row, or `suite_size_missing` with the reason and what to do. `models`
/// and `counts` are parallel to the rows; the suites are those that `counts` names.
void add_suite_sizes(store::Database& database, const std::vector<store::StoredModel>& models,
                     const std::vector<stats::ModelCounts>& counts,
                     const stats::BootstrapOptions& bootstrap, std::vector<stats::LimitsRow>& rows);

}  // namespace assay::reports
