// Finds out, once per interpreter, what a jail must show for it to work (sandbox/runtime/python/inspect.py asks
// it).
#pragma once

#include <string>
#include <vector>

#include "sandbox/runtime/installation.h"

namespace assay::sandbox {

/// Throws Error where there is no such interpreter, it is too old, or a package is missing. Answers
/// are kept for the life of the process (any thread).
Installation inspect(const std::string& python, const std::vector<std::string>& packages);

}  // namespace assay::sandbox
