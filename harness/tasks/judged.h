// Programs that a search has made, judged by suites of inputs in the sandbox. Each distinct program
// is judged once by a suite, up to its first test that fails. Where that was near a limit, or the
// process was lost, it is judged once more.
//
// Thread-safe: threads share a few executors, which are started when they are first needed.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "datasets/problem.h"
#include "sandbox/sandbox.h"

namespace assay::tasks {

/// Makes what runs the programs. Throws Error where the machine grants too little.
using Launch = std::function<std::unique_ptr<sandbox::Executor>()>;
/// A sandbox::Worker.
std::unique_ptr<sandbox::Executor> launch_worker();

class Judged {
 public:
  /// At most `executors` at once.
  Judged(std::vector<datasets::Problem> problems, std::size_t executors, Launch launch);
  ~Judged();
  Judged(const Judged&) = delete;
  Judged& operator=(const Judged&) = delete;

  std::size_t size() const { return problems_.size(); }
  const datasets::Problem& problem(std::size_t index) const { return problems_[index]; }

  /// Whether the program passes the suite of the problem. Nothing where a failure of ours kept it from
  /// being judged, which is no verdict and tried again when it is next asked for. Throws Error where
  /// the problem's reference fails, and as `launch` does.
  std::optional<bool> passes(std::size_t problem, const std::string& suite,
                             const std::string& program);
  /// Lends an executor to what else has to be run.
  void lend(const std::function<void(sandbox::Executor&)>& work);

 private:
  struct Suite;
  class Lease;

  const std::vector<datasets::Problem> problems_;
  std::vector<std::vector<std::unique_ptr<Suite>>> suites_;  ///< by problem

  const std::size_t executors_max_;
  const Launch launch_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::size_t out_ = 0;  ///< executors lent
  std::vector<std::unique_ptr<sandbox::Executor>> idle_;
};

}  // namespace assay::tasks
