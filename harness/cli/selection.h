// From --dataset, --model, --proxy and --gold to verdict counts.
#pragma once

#include <string>
#include <vector>

#include "harness/cli/command.h"
#include "harness/stats/rates.h"
#include "harness/store/queries.h"

namespace assay::cli {

/// Which suites accept and which decide, for one model: as asked, or `base` against base and plus
/// where there are verdicts of them, or the only suite against itself.
struct Suites {
  std::vector<std::string> proxy, gold;
};
Suites suites_for(store::Database& database, const store::StoredModel& model,
                  const Selection& selection);

/// Refuses a task_id that no stored problem has; the empty one stands for all.
void check_task(store::Database& database, const std::string& task_id);

/// Whether some of these are imported counts, which carry no programs.
bool any_counts_only(const std::vector<store::StoredModel>& models);

struct Selected {
  std::vector<store::StoredModel> models;  ///< parallel to counts
  std::vector<stats::ModelCounts> counts;
  std::int64_t not_judged = 0;        ///< samples that a run has not come to yet
  std::vector<std::string> left_out;  ///< a sentence each: models without a single full verdict
};
Selected select(store::Database& database, const Selection& selection);

}  // namespace assay::cli
