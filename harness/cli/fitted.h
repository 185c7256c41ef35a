// The fit that lies beside a database, and what it adds to the limits.
#pragma once

#include <string>
#include <vector>

#include "harness/analysis/simulations.h"
#include "harness/cli/command.h"
#include "harness/stats/limits.h"
#include "harness/store/database.h"

namespace assay::cli {

/// Where `assay fit` puts what it found: numbers only.
std::string fit_path(const std::string& db);

/// Whether there is a fit beside `db`.
bool has_fit(const std::string& db);

/// Where there is none but an archive of an earlier assay, which may hold code: the sentence saying
/// that it was not read. Else empty.
std::string unread_fit(const std::string& db);

/// That fit, with the counts of all models under the selection's dataset, proxy and gold. Throws
/// assay::Error for a fit of other data, or a file that is none.
analysis::KnownFit known_fit(store::Database& database, const std::string& db,
                             const Selection& selection);

struct FittedOptions {
  int k_max = 1000;
  std::uint64_t seed = 1;
  stats::BootstrapOptions bootstrap;
};

/// Fills `fitted` of the rows from the fit beside `db`. Rows of other models than the fit's get a
/// note. Throws assay::Error for a fit of other data, or a file that is none.
void add_fit_beside(store::Database& database, const std::string& db, const Selection& selection,
                    const std::vector<stats::ModelCounts>& counts, const FittedOptions& options,
                    stats::LimitsResult& limits);

/// What the report's chart of rules shows: curves without intervals, at the costs it is drawn for.
std::vector<simulator::Simulation> rules_for_report(store::Database& database,
                                                    const std::string& db,
                                                    const Selection& selection,
                                                    const std::vector<store::StoredModel>& models,
                                                    const std::vector<stats::ModelCounts>& counts);

}  // namespace assay::cli
