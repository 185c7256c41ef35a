// What a training came to, in the database: for `assay report`.
#pragma once

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/store/trainings.h"

namespace assay::cli {

/// Stores a training in the database at `path`, or makes that. `record` is what `--json` prints, `command`
/// the command with the options that it was given: the same training of the same options replaces itself.
/// Throws Error where nothing can be written there.
void keep_training(const std::string& path, const CLI::App& command, const nlohmann::json& record,
                   std::vector<store::TrainingAnswer> answers);

}  // namespace assay::cli
