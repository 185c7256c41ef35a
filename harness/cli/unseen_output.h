// How `assay rates --unseen` prints what gold still misses.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "harness/analysis/unseen.h"

namespace assay::cli {

/// A row a model, as "unseen" of `assay rates --json` has them.
nlohmann::json unseen_json(const std::vector<analysis::UnseenRow>& rows);
/// The tables a person reads, to stand below that of the rates.
std::string unseen_text(const std::vector<analysis::UnseenRow>& rows);

}  // namespace assay::cli
