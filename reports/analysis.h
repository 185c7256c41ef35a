// From verdict counts to the numbers of the report: rates, limits, all models together. What
// `assay rates` and `assay limits` compute, with the same seed, so the same numbers. Pure.
#pragma once

#include "reports/report_model.h"

namespace assay::reports {

/// Fills pooled, rates, limits, regressions, replicates and seed from model.counts.
void analyse(ReportModel& model, const stats::BootstrapOptions& options = {});

}  // namespace assay::reports
