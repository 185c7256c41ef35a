// The fit that lies beside a database, and what it says beyond the samples.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/analysis/selection.h"
#include "harness/analysis/simulations.h"
#include "harness/simulator/posterior.h"
#include "harness/stats/limits.h"

namespace assay::analysis {

/// Where `assay fit` puts what it found: numbers only.
std::string fit_path(const std::string& db);

/// Whether there is a fit beside `db`.
bool has_fit(const std::string& db);

/// Where there is none but an archive of an earlier assay, which may hold code: the sentence saying
/// that it was not read. Else empty.
std::string unread_fit(const std::string& db);

/// That fit, with the counts of all models under the selection's dataset, proxy and gold. Throws
/// assay::Error for a fit of other data, or a file that is none.
KnownFit known_fit(store::Database& database, const Selection& selection);

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

/// One a row of `exact`, which are the limits of `selected`, from the fit beside the
/// database. Throws assay::Error where there is none, and for a fit of other data.
std::vector<Fitted> fitted_beside(store::Database& database, const Selected& selected,
                                  const std::vector<stats::LimitsRow>& exact,
                                  const FittedOptions& options);

/// What the report's chart of stopping rules shows: curves without intervals, at the costs it is
/// drawn for.
std::vector<simulator::Simulation> rules_for_report(store::Database& database,
                                                    const Selected& selected);

}  // namespace assay::analysis
