// The seam between a run and what decides about programs. A Verifier stands for one suite of one
// problem: it learns what its judging rests on (costly, kept in the database), is prepared from
// that, and then judges programs one by one. A suite of tests is one kind of verifier, by its
// inputs (differential.h), by the benchmark's own test code (checker.h, or appended.h where it shares the
// program's process), by what scripts write (stdio.h) or by assertions that a model wrote (assertions.h); the run knows only this interface.
//
// Thread safety: a Verifier and what it prepared are immutable and shared by threads; an Executor
// belongs to one thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/problem.h"
#include "harness/store/judging.h"
#include "harness/verify/compare/compare.h"
#include "harness/verify/reference.h"
#include "sandbox/sandbox.h"

namespace assay::verify {

/// How far a suite is judged, in ascending order: up to the first test that fails; every test of
/// one process, which a timeout or a crash ends; every test, the process being started again behind
/// the input that ended it (a few times: each may cost a whole time limit).
enum class Scope { first_failure, one_process, full };
const char* name_of(Scope scope);
/// Lowest for a name it does not know.
Scope scope_named(std::string_view name);

struct Judgement {
  store::Verdict verdict;            ///< the status and its evidence, without ids
  std::optional<double> score;       ///< of a verifier that scores; a suite has none
  bool wall_only = false;            ///< a timeout by wall clock alone: to be judged again, alone
  std::vector<std::uint32_t> ended;  ///< of verdict.failing: where a limit ended a process
  /// With status `missing`: the failure that was seen before the process was lost. It counts where
  /// a second try is lost too, so that no program falls out of the rates by getting itself killed.
  std::optional<store::Verdict> failed_before;
};

using Judge =
    std::function<Judgement(sandbox::Executor& executor, const std::string& program, Scope scope)>;

/// A verifier made ready.
struct Prepared {
  std::string trouble;  ///< why it cannot judge; empty where it can
  Judge judge;          ///< set where it can
};

class Verifier {
 public:
  virtual ~Verifier() = default;
  /// Runs what the judging rests on: for a suite, the problem's reference.
  virtual TriedReference learn(sandbox::Executor& executor) const = 0;
  /// Why what was learnt is not to be trusted (audit.h); empty: not seen. learn() has asked.
  virtual std::string doubt(sandbox::Executor& executor,
                            const store::ReferenceRun& learnt) const = 0;
  /// Throws Error where what was learnt is damaged.
  virtual Prepared prepare(store::ReferenceRun learnt) const = 0;
};

/// What the user asks of all judging.
struct Demands {
  sandbox::Limits limits;
  Mode comparison = Mode::strict;
};

/// The verifier of a suite, by its kind. Keeps references to `problem` and `suite`.
std::unique_ptr<Verifier> verifier_of(const datasets::Problem& problem,
                                      const datasets::Suite& suite, const Demands& demands);

/// The part of a judgement that every process adds to: costs, and what came near a limit.
void add_costs(const sandbox::Outcome& outcome, Judgement& judgement);

}  // namespace assay::verify
