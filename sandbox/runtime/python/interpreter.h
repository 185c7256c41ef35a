// Finds out, once per interpreter, what a jail must show for it to work (sandbox/runtime/python/inspect.py asks
// it).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sandbox/sandbox.h"

namespace assay::sandbox {

struct Installation {
  Interpreter interpreter;
  std::vector<std::string> directories, files, masks;      ///< shown read-only; hidden again
  std::vector<std::pair<std::string, std::string>> links;  ///< path, target
  std::vector<std::string> packages, package_paths;        ///< import names; where they are
};

/// Throws Error where there is no such interpreter, it is too old, or a package is missing. Answers
/// are kept for the life of the process (any thread).
Installation inspect(const std::string& python, const std::vector<std::string>& packages);

}  // namespace assay::sandbox
