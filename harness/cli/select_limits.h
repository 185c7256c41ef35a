// `assay limits --select`: what choosing one of K samples by a verifier's scores reaches.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "harness/analysis/selection.h"
#include "harness/cli/command.h"

namespace assay::cli {

struct SelectOptions {
  analysis::Selection selection;  ///< `proxy` names one verifier, or one suite
  std::string how;                ///< best, weighted, vote, codet
  std::optional<int> k_max;
  std::uint64_t seed = 1;
  int replicates = 10000;
  int orders = 400;
};

/// Whether `how` is "first>=x", which is the ordinary `limits` of the proxy NAME>=x; then `selection`
/// asks for that. Throws Error (usage) where it is no way to select.
bool is_first(const std::string& how, analysis::Selection& selection);

int select_limits(const Common& common, const SelectOptions& options);

}  // namespace assay::cli
