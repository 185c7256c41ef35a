// The report as plain Markdown, for a pull request: findings and tables; no charts, no programs.
#pragma once

#include <string>

#include "reports/model.h"

namespace assay::reports {

std::string render_markdown(const ReportModel& model);

}  // namespace assay::reports
