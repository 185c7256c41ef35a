// `assay roc`: how far verifiers with a score can be trusted.
#pragma once

#include "harness/cli/command.h"

namespace assay::cli {

Act add_roc(CLI::App& command, const Common& common);

}  // namespace assay::cli
