#include "harness/verify/differential.h"

#include <fmt/format.h>

#include "harness/base/error.h"
#include "harness/base/value/encoded.h"
#include "harness/verify/answers.h"
#include "harness/verify/outcome_text.h"

namespace assay::verify {

using store::Status;

/// A witness's parts are cut here; `assay show` and the report cut further.
static constexpr std::size_t kReprMax = 64 << 10;
/// With Scope::full, how often a program is started again behind an input that ended its process.
static constexpr int kRestartsMax = 2;
static constexpr std::size_t kHugeSlack = 1 << 20;

DifferentialVerifier::DifferentialVerifier(const datasets::Problem& problem,
                                           const datasets::Suite& suite, const Demands& demands)
    : problem_(problem), suite_(suite), demands_(demands) {}

TriedReference DifferentialVerifier::learn(sandbox::Executor& executor) const {
  return run_reference(executor, problem_, suite_, reference_limits());
}

namespace {

/// Everything that judging needs. Immutable; shared by threads.
struct Ready {
  const datasets::Problem& problem;
  const datasets::DifferentialSuite& calls;
  const Mode comparison;
  const ProgramLimits limits;
  const std::shared_ptr<const sandbox::Inputs> inputs;
  const Answers answers;
};

/// Judges one program, reply by reply.
class Calls {
 public:
  Calls(const Ready& suite, Scope scope)
      : suite_(suite),
        scope_(scope),
        cursor_(suite.answers),
        comparer_(suite.problem.rule, suite.comparison, suite.problem.atol) {}

  sandbox::Next take(const sandbox::Reply& reply) {
    ++verdict_.judged;
    const std::string_view expected = cursor_.at(reply.index);
    // Equal values have encodings of like size (a number's is at most 9 times another's): an answer
    // far beyond is wrong, and too costly to look into.
    const bool huge = reply.value.size() > 9 * expected.size() + kHugeSlack;
    if (!reply.raised && !huge &&
        comparer_.accepts(suite_.calls.inputs[reply.index], expected, reply.value)) {
      ++verdict_.passed;
      return sandbox::Next::go_on;
    }
    const bool first = !verdict_.witness;
    if (reply.raised) {
      const bool memory = reply.exception_type == "MemoryError";
      note_failure(reply.index, memory ? Status::memory : Status::error,
                   exception_text(reply.exception_type, reply.exception_message));
    } else {
      note_failure(reply.index, Status::fail,
                   huge ? fmt::format("(an answer of {} bytes)", reply.value.size())
                        : repr_encoded(reply.value, kReprMax));
      const auto type = huge ? std::nullopt : incomparable(reply.value);
      if (type && first) {
        verdict_.message = fmt::format("an answer of type {} cannot be compared", *type);
      }
    }
    return scope_ == Scope::first_failure ? sandbox::Next::stop : sandbox::Next::go_on;
  }

  /// What ended the process before the input at `index` was answered. False: nothing can follow.
  bool take_end(std::size_t index, const sandbox::Outcome& outcome) {
    add_costs(outcome, judgement_);
    if (outcome.end == sandbox::End::completed || outcome.end == sandbox::End::stopped)
      return false;
    if (outcome.end == sandbox::End::missing) {
      std::optional<store::Verdict> failed;
      if (verdict_.witness) failed = std::move(verdict_);
      judgement_ = {};
      judgement_.failed_before = std::move(failed);
      decide(status_of(outcome.end));
      verdict_.message = outcome.message;
      return false;
    }
    if (never_called(outcome)) {
      if (verdict_.witness) return false;  // on a restart: what was seen before stands
      decide(status_of(outcome.end));
      verdict_.message = describe(outcome);
      verdict_.judged = static_cast<std::int64_t>(suite_.inputs->size());  // all fail alike
      return false;
    }
    ++verdict_.judged;
    note_failure(index, status_of(outcome.end), describe(outcome));
    return true;
  }

  Judgement finish() {
    if (!decided_) {
      // Nothing failed: a pass needs every test answered and accepted, or it is a fault of ours.
      ASSAY_INVARIANT(verdict_.passed == static_cast<std::int64_t>(suite_.inputs->size()));
      verdict_.status = Status::pass;
    }
    verdict_.scope = name_of(scope_);
    // No more was judged than up to there: the next command tries again.
    if (judgement_.failed_before) judgement_.failed_before->scope = name_of(Scope::first_failure);
    return std::move(judgement_);
  }

 private:
  static bool never_called(const sandbox::Outcome& outcome) {
    using sandbox::End;
    return outcome.end == End::syntax || outcome.end == End::no_entry_point ||
           outcome.end == End::raised;
  }

  void decide(Status status) {
    verdict_.status = status;
    decided_ = true;
  }

  void note_failure(std::size_t index, Status status, std::string actual) {
    verdict_.failing.push_back(static_cast<std::uint32_t>(index));
    if (verdict_.witness) return;
    decide(status);
    if (status != Status::fail) verdict_.message = actual.substr(0, 4096);
    store::Witness witness;
    witness.test = static_cast<std::int64_t>(index);
    witness.input = repr_encoded(suite_.calls.inputs[index], kReprMax);
    witness.expected = repr_encoded(cursor_.at(index), kReprMax);
    witness.actual = std::move(actual);
    verdict_.witness = std::move(witness);
  }

  const Ready& suite_;
  const Scope scope_;
  Answers::Cursor cursor_;
  Comparer comparer_;
  Judgement judgement_;
  store::Verdict& verdict_ = judgement_.verdict;
  bool decided_ = false;  ///< verdict_.status is set
};
}  // namespace

static Judgement judge(sandbox::Executor& executor, const std::string& program, const Ready& suite,
                       Scope scope) {
  Calls calls(suite, scope);
  sandbox::Job job;
  job.program = program;
  job.entry_point = suite.problem.entry_point;
  job.inputs = suite.inputs;
  job.test_cpu_s_max = suite.limits.test_cpu_s_max;
  job.limits = suite.limits.limits;
  // At least once: a suite without inputs (Mbpp/793's plus) still wants a program that loads.
  for (int restarts = 0; restarts == 0 || job.first < suite.inputs->size(); ++restarts) {
    const sandbox::Outcome outcome =
        executor.run(job, [&](const sandbox::Reply& reply) { return calls.take(reply); });
    const std::size_t ended_at = job.first + outcome.answered;
    if (!calls.take_end(ended_at, outcome) || scope != Scope::full || restarts == kRestartsMax)
      break;
    job.first = ended_at + 1;
  }
  Judgement judgement = calls.finish();
  judgement.verdict.raised_limits = suite.limits.raised;
  explain(judgement.verdict, program, suite.problem.entry_point);
  if (judgement.failed_before) judgement.failed_before->raised_limits = suite.limits.raised;
  return judgement;
}

Prepared DifferentialVerifier::prepare(store::ReferenceRun learnt) const {
  if (!learnt.trouble.empty()) return {learnt.trouble, nullptr};
  const auto& calls = std::get<datasets::DifferentialSuite>(suite_.tests);
  const auto ready = std::shared_ptr<const Ready>(
      new Ready{problem_, calls, demands_.comparison, limits_of_programs(learnt, demands_.limits),
                sandbox::Inputs::make(calls.inputs), Answers(std::move(learnt.chunks))});
  return {"", [ready](sandbox::Executor& executor, const std::string& program, Scope scope) {
            return judge(executor, program, *ready, scope);
          }};
}

}  // namespace assay::verify
