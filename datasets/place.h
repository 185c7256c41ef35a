// Where something that was read stands, so that what is wrong with it can be named.
#pragma once

#include <cstdint>
#include <string>

namespace assay::datasets {

struct Place {
  std::string file;
  std::uint64_t line = 0;  ///< 1-based; 0 where the file as a whole is meant
  bool of_array = false;   ///< `line` counts the items of one JSON array instead

  /// "mine.jsonl:3"; "mine.json, row 3"; the file alone.
  std::string text() const {
    if (line == 0) return file;
    return file + (of_array ? ", row " : ":") + std::to_string(line);
  }
};

}  // namespace assay::datasets
