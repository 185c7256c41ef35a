// `assay datasets fetch`: downloads what the registry pins.
#pragma once

#include <string>
#include <vector>

#include "harness/cli/command.h"

namespace assay::cli {

struct FetchCommand {
  std::vector<std::string> names;  ///< of datasets
  std::string folder;              ///< where the files go
  std::string mirror;              ///< a URL that has them all by name; empty: each file's own
};

/// Files that are there and good are left alone; a download counts only with the pinned SHA-256,
/// and takes its place at once, whole. Throws Error naming URL and cause.
int fetch(const Common& common, const FetchCommand& options);

}  // namespace assay::cli
