// How a model was made: what `assay train` writes into its file, compares with what is there, and tells of.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "harness/cli/train_methods.h"

namespace assay::cli {

/// All that the weights follow from; what only the evaluation depends on is not among it. Throws Error.
nlohmann::json recipe_of(const Training& options);
/// What an earlier training would have to be for this one to go on from it.
nlohmann::json without_names(nlohmann::json recipe);
/// Before hours of work, not behind them: that the result can be written, and what it would replace. Throws
/// Error.
void check_output(const Training& options, const nlohmann::json& recipe);
/// --describe. Throws Error.
int describe(const Common& common, const std::string& path);

}  // namespace assay::cli
