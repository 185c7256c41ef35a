// `assay datasets check FILE`: reads an own benchmark and runs every reference by its own suites.
#pragma once

#include <string>

#include "harness/cli/command.h"
#include "sandbox/sandbox.h"

namespace assay::cli {

struct CheckCommand {
  sandbox::Config sandbox;
  double seconds = 10;  ///< CPU time that a reference may take for one call, or for its tests
};

/// Prints all that is wrong by file, line and key: rows that cannot be read, references that fail
/// their own suites. Returns the exit code: failed where anything is. Throws Error for a file that
/// cannot be read at all.
int check_dataset(const Common& common, const std::string& path, const CheckCommand& options);

}  // namespace assay::cli
