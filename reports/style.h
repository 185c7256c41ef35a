// Code style of right and of wrong passes: what `assay run` measured of each program, put beside
// its verdict. For gather.cpp only; pure but for the database it reads.
#pragma once

#include <string>
#include <vector>

#include "harness/store/database.h"
#include "reports/report_model.h"

namespace assay::reports {

/// A program that the proxy accepted, of one model.
struct AcceptedProgram {
  std::string dataset, model, task_id;
  std::int64_t program_id = 0, copies = 0;
  bool right = false;
};

struct StyleTable {
  std::vector<StyleRow> rows;
  std::vector<std::string> notes;  ///< what was not measured, and why
};

/// A row per property: for all models of a dataset together, and where there are few, for each.
/// Within problems means: wrong against right passes of the same model on the same problem.
StyleTable style(store::Database& database, const std::vector<AcceptedProgram>& programs,
                 const stats::BootstrapOptions& options);

}  // namespace assay::reports
