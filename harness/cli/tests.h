// `assay tests`: tests that a model wrote, run against stored samples and made a verifier of.
#pragma once

#include "harness/cli/command.h"

namespace assay::cli {

Act add_tests(CLI::App& command, const Common& common);

}  // namespace assay::cli
