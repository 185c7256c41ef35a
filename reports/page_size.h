// What a page leaves out to stay small. Pure.
#pragma once

#include "reports/model.h"

namespace assay::reports {

/// Cuts long sources and values, and keeps as many false positives as fit a page of 3 MiB: those
/// with most copies, in the order in which they are. The number left out is counted in the model.
void keep_page_small(ReportModel& model);

}  // namespace assay::reports
