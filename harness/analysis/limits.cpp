#include "harness/analysis/limits.h"

#include <utility>

#include "harness/base/error.h"

namespace assay::analysis {

static void put_note(std::string note, ModelLimits& row) {
  if (!note.empty()) row.notes.push_back(std::move(note));
}

Limits joined(stats::LimitsResult exact, std::vector<Fitted> fitted,
              std::vector<SuiteSizes> sizes) {
  ASSAY_INVARIANT(fitted.empty() || fitted.size() == exact.rows.size());
  ASSAY_INVARIANT(sizes.empty() || sizes.size() == exact.rows.size());
  Limits out;
  out.regressions = std::move(exact.regression);
  for (std::size_t i = 0; i < exact.rows.size(); ++i) {
    ModelLimits& row = out.rows.emplace_back();
    static_cast<stats::LimitsRow&>(row) = std::move(exact.rows[i]);
    if (!fitted.empty()) {
      row.fitted = std::move(fitted[i].limits);
      put_note(std::move(fitted[i].note), row);
    }
    if (!sizes.empty()) {
      row.suite_size = std::move(sizes[i].sizes);
      row.suite_size_missing = std::move(sizes[i].missing);
      put_note(std::move(sizes[i].note), row);
    }
  }
  return out;
}

}  // namespace assay::analysis
