// Real benchmarks and samples, which are no part of the repository: $ASSAY_DATA, else
// ../shared/data beside it. Tests that need them say so and pass where they are absent.
#pragma once

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "tests/support/source_dir.h"

namespace assay::tests {

/// Path of a file of ../shared/data ("benchmarks/mbpp.jsonl.gz"); empty where it is absent.
inline std::string data_file(const std::string& relative) {
  namespace fs = std::filesystem;
  const char* set = std::getenv("ASSAY_DATA");
  const fs::path root = set ? fs::path(set) : fs::path(source_dir()) / "../shared/data";
  for (const fs::path& path : {root / relative, root.parent_path() / relative}) {
    if (fs::exists(path)) return path.string();
  }
  return {};
}

}  // namespace assay::tests

/// Ends the test case where the file is absent.
#define ASSAY_NEEDS_DATA(path)             \
  if ((path).empty()) {                    \
    MESSAGE("skipped: no ../shared/data"); \
    return;                                \
  }
