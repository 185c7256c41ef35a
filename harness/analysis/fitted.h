// The fit that lies beside a database, and what it says beyond the samples.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/analysis/selection.h"
#include "harness/simulator/posterior.h"
#include "harness/stats/limits.h"

namespace assay::analysis {

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

/// Of one model: its fitted limits, or in `note` why the fit has none.
struct Fitted {
  std::optional<simulator::FittedLimits> limits;
  std::string note;
};

/// One a row of `exact`, which are the limits of `selected`, from the archive or the module beside
/// the database. Throws assay::Error where there is neither, and for an archive of other data.
std::vector<Fitted> fitted_beside(store::Database& database, const Selected& selected,
                                  const std::vector<stats::LimitsRow>& exact,
                                  const FittedOptions& options);

}  // namespace assay::analysis
