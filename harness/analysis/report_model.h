// Everything a report says, as plain data: gather.h fills it from a database, reports/ turns it
// into text. Rates and limits are those of harness/stats as they are. Whatever is empty or absent
// is left out of the report, or the report says which command would fill it. Names are those of
// `assay rates --json` and `assay limits --json`. Undefined is nullopt, never 0 or NaN. No
// invariants, no behaviour, no ownership to care about.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "harness/analysis/advice.h"
#include "harness/analysis/disputed.h"
#include "harness/analysis/false_positives.h"
#include "harness/analysis/limits.h"
#include "harness/analysis/pooled.h"
#include "harness/analysis/searches.h"
#include "harness/analysis/style.h"
#include "harness/analysis/trainings.h"
#include "harness/simulator/simulate.h"
#include "harness/stats/rates.h"
#include "harness/stats/roc.h"

namespace assay::analysis {

/// A line of the table "How this was made".
struct Fact {
  std::string name, value, explanation;
};

/// A verifier's scores of one model's samples, and how far they can be trusted.
struct ScoredRow {
  std::string dataset, model, verifier, gold;
  stats::Roc roc;
};

struct ReportModel {
  std::string title;  ///< datasets in words, "HumanEval"; empty: an empty database
  std::string assay_version;
  std::vector<std::string> notes;  ///< what must be said wherever the results are shown
  std::vector<PooledRow> pooled;
  std::vector<stats::RatesRow> rates;
  std::vector<stats::PairedDifference> paired;  ///< accuracy, every pair of models of a dataset
  std::vector<Dispute> disputes;
  std::vector<PooledRow> undisputed;  ///< as `pooled`, without the disputed problems
  std::vector<ScoredRow> scored;
  std::vector<stats::Regression> regressions;
  std::vector<ModelLimits> limits;
  std::vector<simulator::Simulation> simulations;  ///< of stopping rules; worth at lambda 1
  std::vector<stats::ModelCounts> counts;          ///< per model its verdicts by problem
  /// Wrong passes by the status that gold gave them; parallel to `counts`, or empty.
  std::vector<std::map<std::string, std::int64_t>> wrong_kinds;
  /// What became of each model's samples, in sentences; parallel to `counts`, or empty.
  std::vector<std::vector<std::string>> happened;
  std::string fitted_missing;  ///< why no ModelLimits::fitted, and the command that gives it
  std::vector<SuiteAdvice> advice;
  std::vector<FalsePositive> false_positives;
  std::int64_t false_positives_left_out = 0;  ///< distinct programs not embedded
  bool programs_left_out = false;             ///< nothing was read that single programs tell
  std::vector<StyleRow> style;
  StyleGaps style_gaps;
  std::vector<Searched> searches;  ///< tried with `assay search`
  Learning learning;               ///< what `assay train` came to
  std::vector<Fact> facts;
  std::int64_t replicates = 0;  ///< of the bootstrap; 0: no intervals were made
  std::uint64_t seed = 0;
};

}  // namespace assay::analysis
