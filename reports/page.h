// The report as one self-contained HTML page: no request of any kind, a Content-Security-Policy
// that admits nothing but the page's own two scripts and one style sheet by their hashes. Pure: the
// same model gives the same bytes. All text of the model is hostile: it only ever becomes escaped
// text or data in a compressed block that page/*.js puts into text nodes.
#pragma once

#include <string>

#include "reports/report_model.h"

namespace assay::reports {

struct PageOptions {
  /// Seconds between looks for a newer page, for a run that goes on; 0: the page is final.
  int refresh_s = 0;
};

std::string render(const ReportModel& model, const PageOptions& options = {});

}  // namespace assay::reports
