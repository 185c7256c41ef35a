// `assay datasets check DATASET`: reads a benchmark whole and judges its verifiers.
#pragma once

#include <string>

#include "harness/cli/command.h"
#include "sandbox/sandbox.h"

namespace assay::cli {

struct CheckCommand {
  sandbox::Config sandbox;
  double seconds = 10;     ///< CPU time that a reference may take for one call, or for its tests
  bool verifiers = false;  ///< of known benchmarks too, not their checksums alone
};

/// Prints all that is wrong by file, line and key: rows that cannot be read, and what
/// verify::audit finds in the suites. `dataset` is a known name or the path of a file. Returns the
/// exit code: failed where anything is found. Throws Error for a file that cannot be read at all.
int check_dataset(const Common& common, const std::string& dataset, const CheckCommand& options);

}  // namespace assay::cli
