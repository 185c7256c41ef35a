// Rows of a benchmark or sample file: JSON objects, one a line, or the items of one JSON array.
#pragma once

#include <functional>
#include <string>

#include "harness/base/text_file.h"
#include "harness/base/value/value.h"

namespace assay::datasets {

/// One row and the place it came from.
struct Row {
  Value object;
  std::string place;  ///< "HumanEval.jsonl.gz:17", or "x.json, row 3" of an array
  std::uint64_t line = 0;

  /// Throws Error naming the place: "<place>: <what>".
  [[noreturn]] void refuse(const std::string& what) const;
  bool has(const std::string& key) const;
  /// The text under `key`; Error where it is missing or no string.
  std::string text(const std::string& key) const;
  /// As text(); empty where the key is missing or null.
  std::string text_or_empty(const std::string& key) const;
  double number_or(const std::string& key, double otherwise) const;
  const Value& value(const std::string& key) const;
};

/// Calls `take` for each row in order; Error for malformed JSON, a row that is no object, no row at
/// all.
void for_each_row(LineReader& reader, const std::function<void(Row&&)>& take);

}  // namespace assay::datasets
