// The page, as `assay report` and the end of `assay demo` write it.
#pragma once

#include <string>

#include "harness/cli/command.h"

namespace assay::cli {

/// Writes the report of everything in common.db to `path`.
void write_report(const Common& common, const std::string& path);

}  // namespace assay::cli
