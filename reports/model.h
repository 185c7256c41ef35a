// The words of harness/analysis and harness/stats that every file of this room uses.
#pragma once

#include "harness/analysis/report_model.h"

namespace assay::reports {

using analysis::AdvisedTest;
using analysis::Copies;
using analysis::Dispute;
using analysis::Fact;
using analysis::FalsePositive;
using analysis::ModelLimits;
using analysis::PooledRow;
using analysis::ReportModel;
using analysis::ScoredRow;
using analysis::StyleRow;
using analysis::SuiteAdvice;
using stats::Estimate;
using stats::Interval;
using stats::ModelCounts;
using stats::PairedDifference;
using stats::RatesRow;
using stats::Regression;

}  // namespace assay::reports
