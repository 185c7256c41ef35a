// How `assay rates --disputed` prints disputed problems and wrong passes that are only slow, and the
// rates without them.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "harness/analysis/disputed.h"
#include "harness/analysis/only_slow.h"
#include "harness/stats/rates.h"

namespace assay::cli {

/// Where gold may be what is wrong, and the rates without.
struct Suspicion {
  std::vector<analysis::Dispute> disputes;
  analysis::Selected selected;
  std::vector<analysis::OnlySlow> slow;  ///< of these models
  struct Way {
    analysis::Selected selected;
    stats::RatesTable table;
  };
  Way undisputed, slow_right, both;
};
Suspicion suspect(store::Database& database, const analysis::Selected& selected,
                  const stats::BootstrapOptions& bootstrap, const std::vector<int>& pass_at);

/// [{"task_id": ..., "test": ..., "expected": ..., "answer": ...}, ...]
nlohmann::json disputed_json(const std::vector<analysis::Dispute>& disputes);
/// {"disputed": [...], "only_slow": [...], "undisputed": {"rows": [...], "paired": [...]},
/// "slow_right": {...}, "undisputed_slow_right": {...}}, to stand in `assay rates --json`.
nlohmann::json suspicion_json(const Suspicion& suspicion);
/// To stand below the table of all problems, `all`.
std::string suspicion_text(const stats::RatesTable& all, const Suspicion& suspicion);

}  // namespace assay::cli
