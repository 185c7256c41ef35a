// Verdict counts of a database, for the studies: base accepts, base and plus decide.
#pragma once

#include <string>
#include <vector>

#include "harness/stats/counts.h"
#include "harness/store/facts.h"
#include "harness/store/queries.h"

namespace assay::bench {

/// `models` empty: all of the dataset that have verdicts.
inline std::vector<stats::ModelCounts> stored_counts(const std::string& path,
                                                     const std::string& dataset,
                                                     const std::vector<std::string>& models = {}) {
  const auto database = store::open_to_read(path);
  std::vector<stats::ModelCounts> out;
  for (const store::StoredModel& model : store::stored_models(*database, dataset, models)) {
    out.push_back(store::counts(*database, model, {"base"}, {"base", "plus"}));
    if (out.back().problems.empty()) out.pop_back();
  }
  return out;
}

}  // namespace assay::bench
