// What a jail shows, and what stands in it as the maker of judged processes.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sandbox/sandbox.h"

namespace assay::sandbox {

/// What makes judged processes in a jail, and by that which system calls they have.
enum class Runtime {
  python,    ///< the warm interpreter
  programs,  ///< the host of other programs, each executed once and then alone in its process
  compilers  ///< the host, starting compilers: they may make processes and execute what the jail shows
};

struct Installation {
  Interpreter interpreter;                                 ///< Runtime::python
  std::vector<std::string> directories, files, masks;      ///< shown read-only; hidden again
  std::vector<std::pair<std::string, std::string>> links;  ///< path, target
  std::vector<std::pair<std::string, std::string>>
      placed;                                        ///< a file, and under which name it is shown
  std::vector<std::string> packages, package_paths;  ///< import names; where they are
  Runtime runtime = Runtime::python;
};

}  // namespace assay::sandbox
