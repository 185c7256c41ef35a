// What there is to do for one problem: its verifiers, made ready once by whichever worker needs
// them first, and the programs that are not yet judged.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "harness/verify/verifier.h"

namespace assay::run {

/// A verifier of a problem in flight. What it rests on comes from the database or, where it is not
/// there yet, from running the reference once; whoever comes second waits for that.
class SuiteWork {
 public:
  /// How it is known in the database, and what it is called in sentences.
  struct Identity {
    std::int64_t suite_id = 0;
    std::string reference_key;
    std::string name;  ///< "HumanEval/0, suite base"
  };
  /// `learnt`: what the database knows. `hopeless` is shared by all suites of the problem.
  SuiteWork(Identity identity, std::unique_ptr<const verify::Verifier> verifier,
            std::optional<store::ReferenceRun> learnt, std::shared_ptr<std::atomic<bool>> hopeless);

  const Identity& identity() const { return identity_; }

  struct Learnt {
    std::string trouble;                          ///< why it cannot judge; empty where it can
    std::optional<store::ReferenceRun> to_store;  ///< set for the caller that ran the reference
    std::optional<std::string> doubt;  ///< set for the one that looked at one which ran before
  };
  /// `begins` is called where the reference has to be run now.
  Learnt learn(sandbox::Executor& executor, const std::function<void()>& begins);
  /// REQUIRES: learnt without trouble. Throws Error where the stored answers are damaged.
  const verify::Judge& judge();

 private:
  void look_for_doubt(sandbox::Executor& executor, Learnt& found);

  const Identity identity_;
  const std::unique_ptr<const verify::Verifier> verifier_;
  /// A reference of the problem did not end, so the other suites do not wait for it too.
  const std::shared_ptr<std::atomic<bool>> hopeless_;
  std::mutex mutex_;
  std::optional<store::ReferenceRun> learnt_;  ///< until it is prepared
  std::optional<verify::Prepared> prepared_;
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
    std::size_t suite = 0;  ///< index in work->suites
    bool pending = false;   ///< to be judged
    /// A gold suite of a run that spares what is decided: one that rejects the program spares it
    /// those after it.
    bool decides = false;
    verify::Scope scope = verify::Scope::full;
    std::optional<store::Status> status;  ///< of the verdict, stored or made here
    bool again = false;                   ///< made here, and to be made once more, alone
    bool borderline = false;      ///< judged before, and what was found has to be decided alone
    bool only_reference = false;  ///< there is no program: the suite is to be made ready
    int tries = 0;                ///< times it was judged before
  };
  std::vector<Cell> cells;  ///< in the order they are judged
};

}  // namespace assay::run
