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

#include "harness/samples/ingest.h"
#include "harness/verify/judge.h"

namespace assay::verify {

/// How far suites are judged. by_base: a program accepted by `base` meets every test of `plus`, one
/// rejected meets `plus` up to its first failure.
enum class Depth { by_base, full, first_failure };
const char* name_of(Depth depth);

struct RunOptions {
  assay::samples::IngestOptions samples;
  std::vector<std::string>
      suites;    ///< empty: base and plus where the dataset has them, else official
  int jobs = 0;  ///< workers; 0: one per CPU
  Depth depth = Depth::by_base;
  Mode comparison = Mode::strict;
  sandbox::Limits limits;
  sandbox::Config sandbox;
  bool style = true;         ///< measure the style of what passed (style.h)
  std::string command;       ///< the line that resumes it, stored with the run
  std::string options_json;  ///< every option, stored with the run
};

struct Progress {
  std::int64_t done = 0, total = 0;  ///< cells
  std::int64_t passed = 0;
  std::string phase;  ///< "judging", "again, alone", "code style"
  /// The reference that has run longest now, and for how long: judging by it waits.
  std::string reference;  ///< "working out expected answers: 3 of 40, Mine/2 (base)", or empty
  double reference_s = 0;
};

struct RunSummary {
  std::int64_t run_id = 0, dataset_id = 0, condition_id = 0;
  assay::samples::Ingested samples;
  std::int64_t cells = 0;    ///< (sample, suite) pairs asked for
  std::int64_t shared = 0;   ///< ... that share the verdict of an identical program
  std::int64_t already = 0;  ///< distinct cells judged before this run
  std::int64_t judged = 0;   ///< distinct cells judged now
  std::int64_t again = 0;    ///< ... judged a second time, alone
  std::int64_t missing = 0;  ///< our own fault: will be retried by the same command
  double judged_cpu_s = 0;   ///< CPU time of the programs themselves
  std::int64_t styled = 0;   ///< programs whose code style was measured now
  bool interrupted = false;
  std::vector<std::string> warnings;  ///< suites that cannot be judged, and why
  std::vector<std::string> remarks;   ///< what touches no verdict, such as missing code style
};

/// `stop` set (by a signal handler) ends the run soon; what was judged is stored. Throws Error.
RunSummary run(store::Database& database, const datasets::Dataset& dataset,
               const RunOptions& options, const std::function<void(const Progress&)>& progress,
               const std::atomic<bool>& stop);

}  // namespace assay::verify
