// How `assay rates --disputed` prints disputed problems, and the rates without them.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "harness/analysis/disputed.h"
#include "harness/stats/rates.h"

namespace assay::cli {

/// What is left without the disputed problems.
struct Undisputed {
  std::vector<analysis::Dispute> disputes;
  analysis::Selected selected;
  stats::RatesTable table;  ///< of `selected`
};

/// [{"task_id": ..., "test": ..., "expected": ..., "answer": ...}, ...]
nlohmann::json disputed_json(const std::vector<analysis::Dispute>& disputes);
/// {"disputed": [...], "undisputed": {"rows": [...], "paired": [...]}}, to stand in `assay rates --json`.
nlohmann::json undisputed_json(const Undisputed& undisputed);
/// To stand below the table of all problems, `all`.
std::string undisputed_text(const stats::RatesTable& all, const Undisputed& undisputed);

}  // namespace assay::cli
