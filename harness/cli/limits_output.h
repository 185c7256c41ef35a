// How limits are printed.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "harness/analysis/limits.h"

namespace assay::cli {

/// {"rows": [...], "regression": {...} or null, "regressions": [...]} as `assay limits --json`.
/// "regression" is the line where there is one dataset.
nlohmann::json limits_json(const analysis::Limits& limits);
std::string limits_text(const analysis::Limits& limits);

}  // namespace assay::cli
