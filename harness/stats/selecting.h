// One of K samples, chosen by a verifier's scores: how often it is right. Best-of-K exactly, without
// replacement; votes by seeded orders of a problem's samples, with the error that this leaves.
//
// A problem with n samples answers for K up to n. What was not scored stands behind all that was: it is
// chosen only where nothing was scored, and weighs nothing; votes that are not weighed know no scores.
// What casts no vote is never chosen. For codet a sample's behaviour is its consensus set, and its score
// the weight of the tests that it passes; a set answers by one of its samples among the K. Errors: assay::Error for options out of
// range. Pure; thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/stats/limits.h"
#include "harness/stats/roc.h"

namespace assay::stats {

enum class Selecting {
  best,      ///< the highest score; ties share
  vote,      ///< the most frequent behaviour; ties share
  weighted,  ///< the behaviour with the highest sum of scores; ties share
  codet,     ///< the consensus set with the highest score among the K (agreement.h); ties share
};

struct SelectingOptions {
  std::optional<int> k_max;  ///< none: the smallest n
  int orders = 400;          ///< of each problem's samples, for votes
  BootstrapOptions bootstrap;
};

/// What best-of-K would tend to with K, if in each problem a right sample reaches the top scores so many
/// times as often as a wrong one. `slope` is the ROC's at its origin, within problems: the
/// Mantel-Haenszel ratio of tpr to fpr at `threshold`.
struct OriginLimit {
  double threshold = 0;
  std::int64_t scored = 0;    ///< samples
  std::int64_t accepted = 0;  ///< samples that reach it
  std::int64_t right = 0;     ///< samples, whatever their score; where none is, nothing is known
  std::optional<double>
      slope;  ///< empty: no wrong sample of a problem with right ones, or every sample, reaches it
  Estimate accuracy;  ///< mean of share * slope / (share * slope + 1 - share)
};

struct SelectingRow {
  std::int64_t problems = 0, samples = 0, not_scored = 0;
  int n_min = 0;
  std::vector<int> k;            ///< 1, 2, ...
  std::vector<double> accuracy;  ///< per k, mean over problems
  Band band;
  std::vector<double> error;         ///< per k, standard error of the orders; empty where exact
  std::vector<double> oracle;        ///< per k: a right one is among them
  std::optional<OriginLimit> limit;  ///< of `best`
  std::vector<std::string> notes;
};

/// At the origin of the ROC stand this many samples at least, and this share of them.
inline constexpr std::int64_t kOriginSamplesMin = 20;
inline constexpr double kOriginShareMin = 0.01;

SelectingRow selecting(const ScoredSamples& scored, Selecting how,
                       const SelectingOptions& options = {});

/// P(the best of K is right) for K = 1..k_max of one problem's samples.
/// REQUIRES: k_max <= samples.
std::vector<double> best_of(std::vector<ScoredSample> samples, int k_max);

}  // namespace assay::stats
