// How far a verifier's scores can be trusted: its ROC, its calibration, and from which score on it
// should accept. All of it clustered by problem (bootstrap.h); what is chosen or fitted is judged on
// problems that it has not seen, half of them at a time. Formulas: docs/method.md.
//
// A sample that was not scored is in nothing here. Errors: assay::Error for options out of range. Pure;
// thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/stats/bootstrap.h"

namespace assay::stats {

struct ScoredSample {
  std::size_t problem = 0;
  std::optional<double> score;  ///< nothing: the verifier has not judged it
  bool right = false;
  /// Samples of a problem that answer alike, for votes; nothing: this one casts none.
  std::optional<std::int64_t> behaviour;
};

/// One model's samples of `problems` problems, as one verifier scores them.
struct ScoredSamples {
  std::string dataset, model, verifier, gold;
  std::size_t problems = 0;
  std::vector<ScoredSample> samples;  ///< those of which the truth is known
};

/// Accepting from this score on. Over all samples, as the rates of that name are.
struct RocPoint {
  double threshold = 0;
  std::int64_t accepted = 0;
  Estimate tpr, fpr, fdr;
};

/// Samples that a fitted chance puts into one tenth, and the share of them that is right.
struct ReliabilityBin {
  std::int64_t samples = 0;
  double chance = 0, right = 0;  ///< means over the samples
};

/// Where a wrong answer costs lambda and a right one is worth 1: the threshold to take, and what
/// choosing one in this way is worth on problems that had no part in the choice.
struct BestThreshold {
  double lambda = 0;
  std::optional<double> threshold;   ///< chosen on all problems; nothing: accept none
  std::optional<double> of_half[2];  ///< chosen on one half, judged on the other
  /// Mean over problems of (tp - lambda fp) / n, by the halves'; empty where a half has no score.
  Estimate worth;
  double worth_seen = 0;  ///< of `threshold` on the problems that chose it: optimistic
};

struct RocOptions {
  std::vector<double> lambdas = {0, 1, 2, 4, 8};
  BootstrapOptions bootstrap;
};

/// Points: at most so many thresholds, spread over the samples.
inline constexpr std::size_t kRocPointsMax = 100;

struct Roc {
  std::int64_t problems = 0;  ///< with a scored sample
  std::int64_t samples = 0, right = 0, not_scored = 0;
  Estimate auc;         ///< P(a right one scores higher than a wrong one), ties half; pooled
  Estimate auc_within;  ///< ... of the same problem; problems count by their pairs
  Estimate ece, brier;  ///< of chances fitted on the other half of the problems (isotonic.h)
  Estimate ece_raw, brier_raw;  ///< of the scores as they are, where all are within 0 to 1
  std::vector<ReliabilityBin> reliability;  ///< ten, by the fitted chance
  std::vector<RocPoint> points;             ///< thresholds descending
  std::vector<BestThreshold> best;          ///< one a lambda
  std::vector<std::string> notes;           ///< why something is undefined
};

Roc roc(const ScoredSamples& scored, const RocOptions& options = {});

/// Which half each problem is in, by a draw of the seed: halves differ by one problem at most.
std::vector<int> halves(std::size_t problems, std::uint64_t seed);

}  // namespace assay::stats
