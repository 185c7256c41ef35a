// Which of the new inputs a problem allows, and what the reference answers on them. An input is allowed
// where the benchmark's contract, asserts on the arguments, holds; where there is no contract, where the
// reference answers without an exception. Both run in a jail. Left out is also what no test should
// rest on: where the reference raises, is slow, answers at length, or answers otherwise when asked again.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "datasets/problem.h"
#include "harness/verify/verifier.h"
#include "sandbox/sandbox.h"

namespace assay::probe {

struct Wanted {
  std::size_t inputs = 1000;  ///< allowed ones; at most kTriedFactor times as many are tried
  std::uint64_t seed = 1;
};
/// Of a contract that refuses nearly everything more is not asked.
inline constexpr std::size_t kTriedFactor = 8;

/// After so many inputs that ended its process, or its contract's, a problem has no more.
inline constexpr std::size_t kEndsMax = 20;

/// What became of the inputs that were made.
struct Tried {
  std::string trouble;  ///< why the problem cannot be probed; empty where it can
  bool by_contract = false;
  std::int64_t tried = 0;    ///< refused, raised, slow, unstable or allowed
  std::int64_t refused = 0;  ///< by the contract
  std::int64_t contract_ends =
      0;                      ///< ... of these, or of its own inputs: its process ended at them
  std::int64_t raised = 0;    ///< the reference raises
  std::int64_t slow = 0;      ///< it does not end in time, or needs too much memory or room
  std::int64_t unstable = 0;  ///< it answers otherwise when asked again
};

struct Allowed : Tried {
  std::vector<std::string> inputs;   ///< encoded argument tuples, in the order they were made
  std::vector<std::string> answers;  ///< of the reference, encoded; by input
  std::vector<double> cpu_s;         ///< of the reference; by input
};

/// Mutates the inputs of all of the problem's suites of calls. Deterministic but for what is slow.
/// Ends early, with what there is, once `stop` is set. `contract`: empty, where there is none.
Allowed allowed_inputs(sandbox::Executor& executor, const datasets::Problem& problem,
                       const std::string& contract, const Wanted& wanted,
                       const verify::Demands& demands, const std::atomic<bool>& stop);

/// Some of the allowed inputs as a suite, ready to judge by.
class Suite {
 public:
  /// `picked`: indices into `allowed.inputs`, in the order in which they are asked.
  Suite(const datasets::Problem& problem, const Allowed& allowed,
        const std::vector<std::size_t>& picked, const verify::Demands& demands);
  Suite(const Suite&) = delete;
  Suite& operator=(const Suite&) = delete;

  /// Its indices of inputs are those of `allowed.inputs`, ascending; of the inputs the first
  /// `verdict.judged` were asked.
  verify::Judgement judge(sandbox::Executor& executor, const std::string& program,
                          verify::Scope scope) const;

 private:
  const std::vector<std::size_t> picked_;
  datasets::Problem problem_;
  std::unique_ptr<const verify::Verifier> verifier_;
  verify::Prepared prepared_;
};

}  // namespace assay::probe
