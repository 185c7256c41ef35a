// What resampling reaches, from the counts alone: curves in K with bands, the best K for each cost,
// matches between models, the line over models. Bands are those of harness/stats/interval.h at each K.
// The best K's interval has every K that is as good, a match's probability is a confidence (choice.h); a bootstrap says how often
// the last K is best. The largest utility is optimistic, so what the best K is worth is told by problems that had no say: each one at
// the K that is best for the others. What a fit and the suite's tests add: harness/analysis/limits.h.
//
// Vectors that say "per K" are indexed by K from 0. A band is empty where there is no interval.
// Errors: assay::Error for bad counts, costs, or a K beyond the samples. Pure; thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/stats/bootstrap.h"
#include "harness/stats/counts.h"
#include "harness/stats/curves.h"
#include "harness/stats/optimum.h"
#include "harness/stats/regression.h"

namespace assay::stats {

struct Band {
  std::vector<std::optional<double>> lo, hi;  ///< per K
  /// At the i-th K; nothing where there is none.
  std::optional<Interval> at(std::size_t i) const {
    if (i >= lo.size() || !lo[i] || !hi[i]) return std::nullopt;
    return Interval{*lo[i], *hi[i]};
  }
};

struct UtilityCurve {
  Costs costs;
  std::vector<double> value;  ///< per K
  Band band;
  std::optional<int> k_opt;  ///< empty where infinite
  double utility_opt = 0;    ///< the largest value: optimistic, for it is that of the K it chose
  /// What k_opt is worth: the mean over problems, each at the K that is best for all others. Of a fit:
  /// the mean at k_opt over the draws.
  Estimate worth;
  bool censored = false;  ///< no later K does worse, to the last there is: read "at least"
  bool infinite = false;  ///< every further sample pays (only a fitted model can say so)
  int regret_lo = 0;      ///< the run of K around k_opt with utility within kRegret of the best
  std::optional<int> regret_hi;  ///< empty: no upper end
  std::optional<Interval> k_interval;
  double probability_censored = 0;  ///< share of replicates (or draws) that are censored
  double probability_infinite = 0;  ///< fitted only
  /// Whether k_opt is worth less than no sample on problems that had no say in it.
  bool loses() const { return worth.value.value_or(0) < 0; }
};

/// Can this model with K samples reach the strong one's accuracy with one?
struct Match {
  std::string strong;
  std::int64_t problems = 0;  ///< that both cover: all that follows is about these
  double target = 0;          ///< the strong model's accuracy on them
  std::optional<int> k;       ///< smallest K that does
  bool infinite = false;      ///< it cannot, even if every unsolved problem were solved rightly
  std::optional<double> probability;  ///< the confidence that some K within reach does
};

struct LimitsRow {
  std::string dataset, model, proxy, gold;
  std::int64_t problems = 0;
  int n_min = 0;
  std::vector<int> k;
  Curve mean;
  Band accepted, tp, fp, draws, fdr, precision;
  std::vector<std::optional<double>> fdr_by_attempt, fdr_by_attempt_paper, cumulative_precision;
  std::vector<double> selection_loss;
  std::vector<UtilityCurve> utility;
  std::vector<Match> k_match;  ///< the models of the dataset with a higher accuracy
  std::vector<std::string> notes;
};

struct LimitsResult {
  std::vector<LimitsRow> rows;         ///< in the order of the models given
  std::vector<Regression> regression;  ///< one a dataset
};

struct LimitsOptions {
  std::vector<double> lambdas = {0, 1, 2, 4, 8};
  std::vector<double> kappas = {0};
  std::optional<int> k_max;     ///< none: each model's smallest n
  bool beyond_samples = false;  ///< a fit takes over beyond n: cut there instead of refusing
  BootstrapOptions bootstrap;
};

LimitsResult limits(const std::vector<ModelCounts>& models, const LimitsOptions& options = {});

/// Only the exact part of a match, on the problems both cover: k and infinite.
Match exact_match(const ModelCounts& weak, const ModelCounts& strong);

}  // namespace assay::stats
