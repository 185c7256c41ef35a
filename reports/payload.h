// What the page's scripts work on: charts and false positives as JSON, deflated, in base64, so that
// no byte of it can mean anything to HTML.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "reports/charts.h"
#include "reports/model.h"

namespace assay::reports {

/// {"charts": {id: {"spec", "choices", "choice"}}, "programs": [...], "texts": [...], "tests":
/// [...]}; a program's source and nearest correct program are indices into texts. All texts are
/// `visible`.
nlohmann::json payload(const ReportModel& model, const std::vector<const Chart*>& charts);

/// zlib's format in base64; the page's loader.js undoes it.
std::string packed(std::string_view bytes);

/// 'sha256-...' as a Content-Security-Policy names an inline script or style.
std::string csp_hash(std::string_view text);

}  // namespace assay::reports
