// Code style of right and of wrong passes: what `assay run` measured of each program, put beside
// its verdict. Reads only; throws assay::Error as the store does.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "harness/stats/bootstrap.h"
#include "harness/store/queries.h"

namespace assay::analysis {

/// A program that the proxy accepted, of one model. There may be millions: the names are others'.
struct AcceptedProgram {
  const store::StoredModel* model = nullptr;
  const std::string* task_id = nullptr;
  std::int64_t program_id = 0, copies = 0;
  bool right = false;
};

/// A property of the text among accepted correct programs and among false positives. With the unit
/// "share" it is how many keep to a rule; with "part" another number from 0 to 1; else a mean.
struct StyleRow {
  std::string dataset, model, property, explanation, unit;  ///< model may be "all models"
  stats::Estimate correct, false_positive;
  /// Mean difference within problem and model, false positive minus correct.
  stats::Estimate paired;
  std::int64_t paired_problems = 0;
};

/// Accepted programs of which something was not measured.
struct StyleGaps {
  std::int64_t programs = 0;                    ///< accepted ones, distinct
  std::int64_t unmeasured = 0;                  ///< of these, without any number
  std::map<std::string, std::int64_t> reasons;  ///< why others lack a number, and how many do
};

struct Styles {
  std::vector<StyleRow> rows;
  StyleGaps gaps;
};

/// A model has rows of its own where the dataset has at most this many.
inline constexpr std::size_t kStyleModelsMax = 6;

/// A row per property: for all models of a dataset together, and where there are few, for each.
/// Within problems means: wrong against right passes of the same model on the same problem.
Styles styles(store::Database& database, const std::vector<AcceptedProgram>& programs,
              const stats::BootstrapOptions& options);

}  // namespace assay::analysis
