// The rows of sample files that could not be read: counted, the first of them kept, so that one bad
// row costs itself alone. One thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "datasets/forms/rows.h"

namespace assay::samples {

struct BadRow {
  std::string place, why;
};

class BadRows {
 public:
  /// More than these are counted only.
  static constexpr std::size_t kKeptMax = 1000;

  void note(const datasets::RowError& error);
  /// At the end of a source with `good` rows. Throws the first bad row's Error where it has no other
  /// rows: then the source is at fault, or what was said about it.
  void end_source(std::int64_t good);

  std::int64_t count() const { return count_; }
  const std::vector<BadRow>& first() const { return first_; }

 private:
  std::int64_t count_ = 0, of_source_ = 0;
  std::vector<BadRow> first_;
  std::optional<datasets::RowError> first_of_source_;
};

}  // namespace assay::samples
