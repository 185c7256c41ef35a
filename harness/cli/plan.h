// `assay plan`: how many problems and samples an interval of a wanted width takes.
#pragma once

#include "harness/cli/command.h"

namespace assay::cli {

Act add_plan(CLI::App& command, const Common& common);

}  // namespace assay::cli
