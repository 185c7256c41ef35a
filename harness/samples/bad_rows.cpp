#include "harness/samples/bad_rows.h"

#include <fmt/format.h>

#include <utility>

namespace assay::samples {

void BadRows::note(const datasets::RowError& error) {
  ++count_;
  ++of_source_;
  if (!first_of_source_) first_of_source_ = error;
  if (first_.size() < kKeptMax) first_.push_back({error.place.text(), error.what_is_wrong});
}

void BadRows::end_source(std::int64_t good) {
  const std::int64_t bad = std::exchange(of_source_, 0);
  const auto first = std::exchange(first_of_source_, std::nullopt);
  if (good > 0 || bad == 0) return;
  if (bad == 1) throw *first;
  throw Error(fmt::format("{} (so with each of {} rows: none can be read)", first->what(), bad));
}

}  // namespace assay::samples
