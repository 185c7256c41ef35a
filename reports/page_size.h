// What a page leaves out to stay small. Pure.
#pragma once

#include "reports/model.h"

namespace assay::reports {

/// False positives of which more than this are there are not even compared with correct programs: no page takes
/// so many.
inline constexpr std::size_t kListedMax = 8000;

/// Cuts long sources and values, and keeps as many false positives as fit a page of 3 MiB: those
/// with most copies, in the order in which they are. The number left out is added in the model.
void keep_page_small(ReportModel& model);

}  // namespace assay::reports
