// The main job: plans cells (program x suite), judges those not yet judged on N workers, and writes
// every verdict through one writer, within a second. Killed at any moment, the same call resumes.
//
// Threads: the caller's thread plans and is the only one that touches the database; each worker
// thread owns a sandbox::Worker. Work and results meet in a bounded exchange.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "harness/base/error.h"
#include "harness/run/options.h"

namespace assay::run {

struct Progress {
  std::int64_t done = 0, total = 0;  ///< cells
  std::int64_t passed = 0;
  std::string phase;  ///< "judging", "again, alone", "with more time", "code style", "counting"
  /// The reference that has run longest now, and for how long: judging by it waits.
  std::string reference;  ///< "working out expected answers: 3 of 40, Mine/2 (base)", or empty
  double reference_s = 0;
};

/// A program that could not be judged twice, by its first sample.
struct Lost {
  std::string task_id, suite, model, sample_id;
  std::int64_t samples = 0;  ///< that are this program
  std::string message;       ///< what was seen of it
};

struct Summary {
  std::int64_t run_id = 0, dataset_id = 0, condition_id = 0;
  samples::Ingested samples;
  std::int64_t references = 0;      ///< suites made ready by Options::references_only
  std::int64_t references_run = 0;  ///< references that no database had
  std::int64_t cells = 0;           ///< (sample, suite) pairs asked for
  std::int64_t shared = 0;          ///< ... that share the verdict of an identical program
  std::int64_t already = 0;         ///< distinct cells judged before this run
  std::int64_t judged = 0;          ///< distinct cells judged now
  std::int64_t again = 0;           ///< ... judged a second time, alone
  std::int64_t decided = 0;         ///< distinct cells without a verdict, as a gold suite rejects
  std::int64_t missing = 0;         ///< an internal error: will be retried by the same command
  std::vector<Lost> lost;           ///< these
  double judged_cpu_s = 0;          ///< CPU time of the programs themselves
  std::int64_t slow_judged = 0, slow_passed = 0;  ///< distinct cells with kSlowTimes the time
  std::int64_t styled = 0;                        ///< programs whose code style was measured now
  bool interrupted = false;
  std::vector<std::string> warnings;  ///< suites that cannot be judged, and why
  std::vector<std::string> remarks;   ///< what touches no verdict, such as missing code style
  std::vector<store::Doubt> doubts;   ///< about the suites that judge, whenever they were seen
};

/// The run had begun: what was judged until then is stored, and the same command goes on from there.
class Failed : public Error {
 public:
  using Error::Error;
};

/// `stop` set (by a signal handler) ends the run soon; what was judged is stored. Throws Failed for
/// what goes wrong once there is a run, Error before.
Summary run(store::Database& database, const datasets::Dataset& dataset, const Options& options,
            const std::function<void(const Progress&)>& progress, const std::atomic<bool>& stop);

}  // namespace assay::run
