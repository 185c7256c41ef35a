// Strategies tried on a task: here, and only here, the truth is joined to what a search has answered.
// Each (problem, replicate, strategy, n) has streams of its own, so the same seed gives the same
// answers on any number of threads.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/explore/task.h"
#include "harness/search/strategy.h"

namespace assay::explore {

/// The caller has asked for an end.
struct Interrupted {};

struct Plan {
  std::vector<search::Strategy> strategies;
  std::vector<int> n;  ///< budgets in generations, ascending
  int repeats = 1;
  std::uint64_t seed = 1;
  search::Caps caps;
  int jobs = 1;
  double accepts_at = 0.5;  ///< a chosen answer counts as accepted from this score on
};

/// What one strategy answered once.
struct Answer {
  std::size_t problem = 0, strategy = 0;
  int n = 0, replicate = 0;
  bool abstained = false, spent = false;
  bool judged = false, accepted = false;  ///< by the verifier
  double truth = 0;                       ///< 0 where it abstained
  std::string answer;
  std::int64_t generations = 0, tokens = 0, tokens_read = 0, calls = 0;
  std::optional<double> log_z;
  std::vector<double> effective_size;
  std::vector<std::size_t> ancestors;
};

/// A plain sample with what the verifier says after each of its steps.
struct Sampled {
  std::size_t problem = 0;
  double truth = 0;
  std::vector<search::Score> scores;  ///< the last is that of the answer
  std::string text;                   ///< all that the policy wrote
};

/// Where policy and verifier can be used by several threads at once, `jobs` may be more than 1.
class Experiment {
 public:
  Experiment(const Task& task, search::Policy& policy, search::PrefixVerifier& verifier)
      : task_(task), policy_(policy), verifier_(verifier) {}

  /// All answers, by problem, replicate, strategy and n. `told` hears how many of how many problems
  /// are done, on the caller's thread's behalf, one at a time. Throws as policy and verifier do, and
  /// Interrupted where `stop` was set.
  std::vector<Answer> run(const Plan& plan, const std::atomic<bool>& stop,
                          const std::function<void(std::int64_t, std::int64_t)>& told);
  /// `samples` plain samples of each problem, on streams that no strategy uses: for fidelity and for
  /// what is foretold.
  std::vector<Sampled> sample(int samples, std::uint64_t seed, int jobs,
                              const std::atomic<bool>& stop);

 private:
  const Task& task_;
  search::Policy& policy_;
  search::PrefixVerifier& verifier_;
};

}  // namespace assay::explore
