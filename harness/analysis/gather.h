// Fills a ReportModel from a database: rates and limits, false positives with their witnesses and
// nearest correct programs, advice, style, facts. Reads only. Throws assay::Error as the store and
// stats do.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "harness/analysis/report_model.h"
#include "harness/analysis/selection.h"
#include "harness/store/database.h"

namespace assay::analysis {

struct GatherOptions {
  stats::BootstrapOptions bootstrap;
  std::string command;   ///< the line that made the report, for its facts
  bool with_fit = true;  ///< show what the fit beside the database says, where there is one
  /// Read what single programs tell: wrong passes, tests to add, disputed problems, simulated rules, style. Takes time and
  /// memory in proportion to them, unlike all else.
  bool with_programs = true;
  /// Wrong passes that are listed and compared with correct ones: those with most copies. 0: all.
  std::size_t false_positives_max = 0;
  /// Called often, from one thread at a time. What it throws ends the work: so a report can be
  /// interrupted.
  std::function<void(const std::string& what, std::int64_t done, std::int64_t total)> progress;
};

ReportModel gather(store::Database& database, Selected selected, const GatherOptions& options);

/// Only what follows from model.counts: pooled, rates, limits without fit and suite sizes,
/// regressions. Pure.
void analyse(ReportModel& model, const stats::BootstrapOptions& options = {});

}  // namespace assay::analysis
