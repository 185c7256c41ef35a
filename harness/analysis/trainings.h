// From the trainings in the database to numbers: what each way of learning came to, over its seeds, and
// what became of the verifier under it. What a record tells is read by its keys (docs/training.md), so that
// whatever learns on whatever task is shown alike.
//
// Intervals: 95% bootstrap over problems, all seeds of a problem together, the same resamples for all that
// answered a task's problems. Figures that come without answers to problems (those of a posterior that was
// counted out) have none of their own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/stats/bootstrap.h"
#include "harness/store/trainings.h"

namespace assay::analysis {

struct Level {
  int difficulty = 0;
  stats::Estimate accuracy, right_chain, tokens;
};

/// Mean over seeds, with the least and the most. None where a seed has none.
struct Spread {
  std::optional<double> mean, least, most;
};

/// How far a policy is from the posterior (harness/train/target.h).
struct PosteriorFit {
  Spread kl, tv, entropy, legal, purity, modes_found;
};

/// A method with the same options on a task, over its seeds; or the model that was there before.
struct Learned {
  std::string task, method;  ///< "star"; of models before: "base", "base terse"
  std::string distinction;   ///< what tells it from others of that method, the filter apart
  std::string filter;        ///< what it learned under, as it was given; empty: not told
  std::optional<double> filter_fpr;
  bool before = false;        ///< nothing was learned yet
  std::int64_t seeds = 0;     ///< trainings; of models before: different models
  std::int64_t problems = 0;  ///< that each of them answered; 0: none were counted
  stats::Estimate accuracy, right_chain, tokens;
  std::vector<Level> levels;  ///< by ascending difficulty
  /// The verifier's false positive rate on what is written: P(accepted | not right in every step), of the
  /// model before, after, and how far it has moved.
  stats::Estimate fpr_before, fpr, fpr_moved;
  std::optional<PosteriorFit> fit_before, fit;
  Spread target_entropy, target_legal, target_purity, modes;  ///< where there is a `fit`
};

/// One row held against another on the problems that both have answered.
struct Against {
  std::size_t row = 0, other = 0;         ///< of Learning::rows
  stats::Estimate tokens;                 ///< as a share of the other's
  stats::Estimate accuracy, right_chain;  ///< less the other's
};

struct Learning {
  std::vector<Learned> rows;  ///< by task; the models before stand first
  std::vector<Against>
      against;  ///< STaR under the same filter, and the model before with each style
};

/// Accepted, of what is not right in every step; the same for one row of Learning. None where no filter
/// judged.
stats::Estimate false_positive_rate(const std::vector<store::TrainingAnswer>& answers,
                                    const stats::BootstrapOptions& options);

/// Of all trainings that told a figure of these, but for `base`, which learns from right answers and under
/// no verifier. Throws Error where the database is damaged.
Learning learning(store::Database& database, const stats::BootstrapOptions& options);

}  // namespace assay::analysis
