// The rates of `assay rates`: what one model's verdict counts say, each with its interval, and the
// paired differences between models. Words and formulas: statistics in docs/method.md.
//
// Pooled rates are over samples, `_macro` ones are means over the problems where the rate is
// defined; accuracy, acceptance, the ceilings and pass@k are means over problems.
// Estimands: each is the same quantity in the population of problems that these were drawn from, at
// this number of samples; for `ceiling_lower` that is E[TP_n].
// Errors: assay::Error where counts are negative, empty or out of order. Pure; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/stats/bootstrap.h"
#include "harness/stats/counts.h"

namespace assay::stats {

struct RatesRow {
  std::string dataset, model, proxy, gold;
  std::int64_t problems = 0, samples = 0, missing = 0, not_run = 0, forgeable = 0;
  std::int64_t tp = 0, fp = 0, fn = 0, tn = 0;
  std::int64_t fp_timeout = 0;      ///< of fp: rejected by gold only for the time they take
  Estimate accuracy, acceptance;    ///< means of (tp+fn)/n and (tp+fp)/n
  Estimate fp_mass, fp_mass_macro;  ///< accepted and wrong, of all
  Estimate fdr, fdr_macro;          ///< wrong, of the accepted
  Estimate fdr_timeouts_right;      ///< ... where those that only ran out of time count as right
  Estimate fpr, fpr_macro;          ///< accepted, of the wrong
  Estimate fnr;                     ///< rejected, of the correct (pooled)
  Estimate ceiling_lower, ceiling_macro, ceiling_upper;  ///< unsolved = wrong, dropped, = correct
  std::vector<std::pair<int, Estimate>> pass_at_k;       ///< empty estimate where k > smallest n
  std::vector<std::string> notes;                        ///< why something is undefined
};

/// difference = a - b over the problems that both cover.
struct PairedDifference {
  std::string dataset, quantity, a, b;
  std::int64_t problems = 0;
  Estimate difference;
  std::optional<Interval> simultaneous;  ///< holds for all pairs of the dataset at once
};

struct RatesTable {
  std::vector<RatesRow> rows;            ///< in the order of the models given
  std::vector<PairedDifference> paired;  ///< accuracy, every pair of models of one dataset
};

RatesTable rates(const std::vector<ModelCounts>& models, const BootstrapOptions& options = {},
                 const std::vector<int>& pass_at = {1, 10, 100}, bool with_pairs = true);

/// name and estimate of every field with an interval, in the order of the JSON.
std::vector<std::pair<std::string, Estimate RatesRow::*>> rate_fields();

/// Throws Error unless the counts make sense: parallel vectors, n >= 1, nothing negative, task ids
/// in order and each once.
void check(const ModelCounts& counts);

/// The dataset's problems: union of the task ids of its models, sorted, and where each model's are.
struct Universe {
  std::vector<std::string> task_ids;
  std::vector<std::vector<std::size_t>> index;  ///< per model: problem -> place in task_ids
};
Universe universe(const std::vector<const ModelCounts*>& models);

/// The models of one dataset, in their order; datasets in order of first appearance.
std::vector<std::vector<std::size_t>> by_dataset(const std::vector<ModelCounts>& models);

/// True where a proxy that is part of gold leaves no false negatives by definition (fn_impossible),
/// or a gold that is part of the proxy no false positives (fp_impossible). Never for imported
/// counts. Where no false positive can show, every rate about them is undefined.
bool fn_impossible(const ModelCounts& counts);
bool fp_impossible(const ModelCounts& counts);
bool fp_impossible(const std::string& proxy, const std::string& gold);

}  // namespace assay::stats
