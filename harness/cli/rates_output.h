// How rates are printed: `assay rates`, and the end of `assay run` and `assay demo`.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "harness/analysis/happened.h"
#include "harness/analysis/selection.h"
#include "harness/stats/rates.h"

namespace assay::cli {

/// [{"task_id": ..., "suite": ..., "what": ...}, ...]
nlohmann::json doubts_json(const std::vector<store::Doubt>& doubts);
/// {"rows": [...], "paired": [...]} with the names of `assay rates --json`.
nlohmann::json rates_json(const stats::RatesTable& table, const analysis::Selected& selected,
                          const std::vector<analysis::Happened>& happened);
std::string rates_csv(const stats::RatesTable& table,
                      const std::vector<analysis::Happened>& happened);
/// Why there is nothing to print: no verdicts at all, or none by the suites asked for. A line each.
std::vector<std::string> nothing_rated(const std::string& path, const analysis::Selected& selected);
/// pass@k of every model, to stand below that table.
std::string pass_at_text(const stats::RatesTable& table);
/// The table a person reads, with the notes below it.
std::string rates_text(const stats::RatesTable& table, const analysis::Selected& selected,
                       const std::vector<analysis::Happened>& happened);

}  // namespace assay::cli
