// The report as one self-contained HTML page: no request of any kind, a Content-Security-Policy
// that admits nothing but the page's own two scripts and one style sheet by their hashes. Pure: the
// same model gives the same bytes. All text of the model is hostile: it only ever becomes escaped
// text or data in a compressed block that page/*.js puts into text nodes.
#pragma once

#include <string>

#include "reports/model.h"

namespace assay::reports {

struct PageOptions {
  /// Counts the pages of a run that goes on, which ask for the next one; 0: a file, or the last
  /// one.
  int number = 0;
  bool is_served = false;  ///< by `assay run --watch`, not a file
};

std::string render(const ReportModel& model, const PageOptions& options = {});

}  // namespace assay::reports
