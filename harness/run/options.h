// What a run is asked for.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "harness/base/clock.h"
#include "harness/samples/ingest.h"
#include "harness/store/queries.h"
#include "harness/verify/verifier.h"

namespace assay::run {

/// How far suites are judged. decided: a program that one suite rejects is not judged by the gold
/// suites after it; full: every test of every suite; first_failure: as decided, and each suite up
/// to its first failing test.
enum class Depth { decided, full, first_failure };
const char* name_of(Depth depth);

/// A wrong pass by time that is right with so many times the limits of time is only slow.
inline constexpr double kSlowTimes = 20;

/// Makes what runs the programs. Throws Error where the machine grants too little.
using Launch = std::function<std::unique_ptr<sandbox::Executor>(const sandbox::Config&)>;
/// A sandbox::Worker.
std::unique_ptr<sandbox::Executor> launch_worker(const sandbox::Config& config);
/// For so many workers (0: one per CPU); each is given a CPU of its own where there are enough.
std::vector<sandbox::Config> worker_configs(const sandbox::Config& config, int jobs);

struct Options {
  samples::IngestOptions samples;
  samples::Reading reading = samples::Reading::repaired;
  /// Judged too, as they are stored: the samples of these models, each under the condition of its
  /// newest run. They stay what that run made of them.
  std::vector<store::StoredModel> stored;
  std::vector<std::string>
      suites;    ///< empty: base and plus where the dataset has them, else official
  int jobs = 0;  ///< workers; 0: one per CPU
  Depth depth = Depth::decided;
  verify::Demands demands;
  sandbox::Config sandbox;
  Launch launch = launch_worker;
  const Clock* clock = &kSteadyClock;  ///< when to commit, what to tell
  /// Where references are looked for that the database lacks. May be null.
  store::Database* references = nullptr;
  bool references_only = false;  ///< run references, and nothing else; there need be no samples
  bool only_slow = false;        ///< judge wrong passes by time once more, with kSlowTimes the time
  bool style = true;             ///< measure the style of what passed (style.h)
  std::function<void(const std::string&)> tell;  ///< remarks that are of use before it ends
  std::string command;                           ///< the line that resumes it, stored with the run
  std::string options_json;                      ///< every option, stored with the run
};

}  // namespace assay::run
