// Verdict counts per problem: the only input of the statistics. Words: statistics in
// docs/method.md.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace assay::stats {

/// One model's n samples of one problem, split by proxy (accepts) and gold (decides truth).
/// Samples without a verdict (missing, not run) are in no cell.
struct Counts {
  std::int64_t tp = 0;          ///< accepted, correct
  std::int64_t fp = 0;          ///< accepted, wrong
  std::int64_t fn = 0;          ///< rejected, correct (0 where the proxy is part of gold)
  std::int64_t tn = 0;          ///< rejected, wrong
  std::int64_t fp_timeout = 0;  ///< of fp: what gold rejects only for the time they take
  std::int64_t n() const { return tp + fp + fn + tn; }
  std::int64_t accepted() const { return tp + fp; }
  std::int64_t correct() const { return tp + fn; }
  /// REQUIRES: n() >= 1.
  double accuracy() const { return static_cast<double>(correct()) / static_cast<double>(n()); }
};

struct ModelCounts {
  std::string dataset, model, proxy, gold;
  std::vector<std::string> task_ids;  ///< sorted; parallel to `problems`
  std::vector<Counts> problems;       ///< only problems with n >= 1
  std::int64_t missing = 0;           ///< samples with an internal error in place of a verdict
  std::int64_t not_run = 0;     ///< samples whose proxy or gold suite does not exist or was not run
  std::int64_t lacking = 0;     ///< problems of which samples are not run for want of such a suite
  std::int64_t not_judged = 0;  ///< ... of which the same run goes on with these
  std::int64_t undecided = 0;   ///< ... whose proxy has judged, and no suite of gold rejects so far
  std::int64_t needs_full = 0;  ///< ... and `run --full` judges these: another suite rejects them
  std::int64_t forgeable = 0;   ///< judged in their own process
  /// Samples by suite (of proxy and gold) and by what it says: a status, "decided", or "not judged".
  std::map<std::string, std::map<std::string, std::int64_t>> statuses;
};

}  // namespace assay::stats
