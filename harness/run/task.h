// What there is to do for one problem: its suites, made ready once by whichever worker needs them
// first, and the programs that are not yet judged.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "harness/verify/judge.h"

namespace assay::verify {

/// A suite of a problem in flight. The reference's answers come from the database or, where they
/// are not there yet, from running it once; `ready` blocks whoever comes second.
class SuiteWork {
 public:
  SuiteWork(const datasets::Problem& problem, const datasets::Suite& suite, std::int64_t suite_id,
            std::string reference_key, std::optional<store::ReferenceRun> reference,
            const sandbox::Limits& limits, std::shared_ptr<std::atomic<bool>> hopeless);

  const std::string& name() const { return suite_.name; }
  std::int64_t suite_id() const { return suite_id_; }
  const std::string& reference_key() const { return reference_key_; }

  struct Ready {
    const PreparedSuite* suite = nullptr;
    std::optional<store::ReferenceRun> to_store;  ///< set for the caller that ran the reference
  };
  /// Thread-safe. `begins` is called where the reference has to be run now.
  Ready ready(sandbox::Executor& executor, const std::function<void()>& begins);

 private:
  const datasets::Problem& problem_;
  const datasets::Suite& suite_;
  const std::int64_t suite_id_;
  const std::string reference_key_;
  const sandbox::Limits& limits_;
  /// Of all suites of the problem: its reference did not end, so the others do not wait for it too.
  const std::shared_ptr<std::atomic<bool>> hopeless_;
  std::mutex mutex_;
  std::optional<store::ReferenceRun> reference_;
  std::optional<PreparedSuite> prepared_;
};

struct ProblemWork {
  std::size_t problem = 0;                         ///< index in the dataset
  std::vector<std::shared_ptr<SuiteWork>> suites;  ///< in the order they are judged
};

/// One program of a problem and the suites it has still to meet.
struct Task {
  std::shared_ptr<ProblemWork> work;
  std::int64_t program_id = 0;
  std::string program;
  struct Cell {
    std::size_t suite = 0;       ///< index in work->suites
    bool pending = false;        ///< to be judged
    std::optional<Scope> scope;  ///< nothing: as `base` decides
    std::string status;          ///< the stored verdict where it is not pending
    bool borderline = false;     ///< judged before, and what was found has to be decided alone
  };
  std::vector<Cell> cells;
};

}  // namespace assay::verify
