// Accepted programs of a problem on new inputs that it allows: which of them answer otherwise than
// the reference, and how. Nothing here touches a database.
//
// A program counts as found only where it fails an input again alone, in a process of its own, by a
// wrong answer or an exception; what is then ended by a limit (time, memory, a crash) is counted apart,
// and what is then right is flaky and no find. Programs that answer all witnesses alike are one
// cluster.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "harness/probe/allowed.h"

namespace assay::probe {

/// A distinct program that the truth accepts.
struct Program {
  std::int64_t id = 0;
  std::string text;
  std::vector<std::string> models;  ///< whose samples it is; sorted
};

/// One that a new input shows to answer otherwise.
struct Find {
  std::int64_t program = 0;  ///< id
  std::size_t first = 0;     ///< index of the first allowed input that it fails
  std::size_t cluster = 0;   ///< index in Result::clusters
};

/// What all programs of a cluster answer to an input that one of them fails, as text.
struct Witness {
  std::size_t input = 0;  ///< index of the allowed input
  std::string arguments, expected, actual;
  bool error = false;  ///< `actual` is an exception
  std::string json;    ///< the list of arguments, in the form of own benchmarks; empty: has none
  std::int64_t same = 0, same_models = 0;  ///< programs that give this answer, and their models
  std::int64_t reference = 0;              ///< programs that give the reference's
};

struct Cluster {
  std::vector<std::int64_t> programs;  ///< ids, ascending
  std::vector<Witness> witnesses;      ///< that these programs fail, the simplest first
  /// No program gives the reference's answer to the first witness; or programs of two models or more
  /// give another one and are more than those; where there is one model only, kAloneMin programs or more.
  bool disputed = false;
};
inline constexpr std::int64_t kAloneMin = 5;

struct Result : Tried {
  std::string task_id;
  std::int64_t allowed = 0;   ///< inputs
  std::int64_t programs = 0;  ///< judged by the new inputs
  std::int64_t limited = 0;   ///< of these: ended by a limit, and not seen to be wrong otherwise
  std::int64_t flaky = 0;     ///< wrong among other inputs, right alone
  std::int64_t lost = 0;      ///< not judged, for a failure of ours; in none of the other counts
  std::vector<Find> finds;    ///< by program id
  std::vector<Cluster> clusters;
};

/// Ends early, with a result that is not to be used, once `stop` is set. Throws Error as executors do.
Result probe(sandbox::Executor& executor, const datasets::Problem& problem,
             const std::string& contract, const std::vector<Program>& programs,
             const Wanted& wanted, const verify::Demands& demands, const std::atomic<bool>& stop);

}  // namespace assay::probe
