// All models of a dataset together. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/stats/bootstrap.h"
#include "harness/stats/counts.h"

namespace assay::analysis {

/// All models of one dataset together: what the report's headline speaks of.
struct PooledRow {
  std::string dataset, proxy, gold;
  std::int64_t models = 0, problems = 0, accepted = 0, fp = 0;
  stats::Estimate fdr;
};

/// One a dataset: the wrong among the accepted, with an interval from resampling problems with all
/// their models. Throws assay::Error as stats does.
std::vector<PooledRow> pooled_rows(const std::vector<stats::ModelCounts>& counts,
                                   const stats::BootstrapOptions& options);

}  // namespace assay::analysis
