// The fit that lies beside a database, and what it adds to the limits.
#pragma once

#include <string>
#include <vector>

#include "harness/cli/command.h"
#include "harness/stats/limits.h"
#include "harness/store/database.h"

namespace assay::cli {

/// Where `assay fit` puts its archive, and the module hosted in its place.
std::string fit_path(const std::string& db);
std::string module_path(const std::string& db);

/// Whether there is a fit or a module beside `db`.
bool has_fit(const std::string& db);

struct FittedOptions {
  int k_max = 1000;
  std::uint64_t seed = 1;
  stats::BootstrapOptions bootstrap;
};

/// Fills `fitted` of the rows from the archive or the module beside `db`. Rows of other models than
/// the fit's get a note. Throws assay::Error for an archive of other data.
void add_fit_beside(store::Database& database, const std::string& db, const Selection& selection,
                    const std::vector<stats::ModelCounts>& counts, const FittedOptions& options,
                    stats::LimitsResult& limits);

}  // namespace assay::cli
