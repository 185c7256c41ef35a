#include "harness/verify/differential.h"

#include <fmt/format.h>

#include "harness/base/error.h"
#include "harness/base/value/encoded.h"
#include "harness/verify/answers.h"
#include "harness/verify/audit.h"
#include "harness/verify/compare/equal.h"
#include "harness/verify/observed.h"
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
  TriedReference tried = run_reference(executor, problem_, suite_, reference_limits());
  tried.run.doubt = doubt(executor, tried.run);
  return tried;
}

std::string DifferentialVerifier::doubt(sandbox::Executor& executor,
                                        const store::ReferenceRun& learnt) const {
  return doubt_of(executor, problem_, suite_, learnt);
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
        plain_(datasets::is_plain(suite.problem, suite.calls)),
        cursor_(suite.answers),
        comparer_(suite.problem.rule, suite.comparison, suite.problem.atol),
        left_comparer_(datasets::Rule::equal, Mode::strict, suite.problem.atol) {}

  sandbox::Next take(const sandbox::Reply& reply) {
    ++verdict_.judged;
    const std::string_view expected = cursor_.at(reply.index);
    // Equal values have encodings of like size (a number's is at most 9 times another's): an answer
    // far beyond is wrong, and too costly to look into.
    const bool huge = reply.value.size() > 9 * expected.size() + kHugeSlack;
    std::optional<Observed> observed;
    if (!plain_ && !reply.raised && !huge) observed = read_observed(reply.value);
    const bool accepted =
        !reply.raised && !huge &&
        (plain_ ? comparer_.accepts(suite_.calls.inputs[reply.index], expected, reply.value)
                : observed && accepts(reply.index, expected, *observed));
    if (accepted) {
      ++verdict_.passed;
      return sandbox::Next::go_on;
    }
    const bool first = !verdict_.witness;
    if (observed) {
      // An exception where none is expected is an error, as everywhere; another one is a wrong answer.
      const bool error = observed->raised && suite_.calls.raises_at(reply.index).empty();
      note_failure(
          reply.index, error ? Status::error : Status::fail,
          error ? observed->exception() : text_of(*observed, suite_.problem.calling, kReprMax));
    } else if (reply.raised) {
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
    const Status status = status_of(outcome.end);
    note_failure(index, status, describe(outcome));
    if (status != Status::error) judgement_.ended.push_back(static_cast<std::uint32_t>(index));
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

  /// Whether an observed call did what is expected of it.
  bool accepts(std::size_t index, std::string_view expected, const Observed& actual) {
    if (const std::string_view type = suite_.calls.raises_at(index); !type.empty())
      return actual.raises(type);
    const std::optional<Observed> right = read_observed(expected);
    const datasets::Calling& calling = suite_.problem.calling;
    const std::string& input = suite_.calls.inputs[index];
    return right && !actual.raised &&
           (!calling.result || comparer_.accepts(input, right->value, actual.value)) &&
           (!calling.printed || equal(right->printed, actual.printed)) &&
           (!calling.arguments || left_comparer_.accepts(input, right->left, actual.left));
  }

  /// What was expected of the call, as a witness says it.
  std::string expectation(std::size_t index) {
    const std::string_view expected = cursor_.at(index);
    if (plain_) return repr_encoded(expected, kReprMax);
    if (const std::string_view type = suite_.calls.raises_at(index); !type.empty())
      return fmt::format("raising {}", type);
    const std::optional<Observed> right = read_observed(expected);
    return right ? text_of(*right, suite_.problem.calling, kReprMax) : "";
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
    witness.expected = expectation(index);
    witness.actual = std::move(actual);
    verdict_.witness = std::move(witness);
  }

  const Ready& suite_;
  const Scope scope_;
  const bool plain_;
  Answers::Cursor cursor_;
  Comparer comparer_, left_comparer_;
  Judgement judgement_;
  store::Verdict& verdict_ = judgement_.verdict;
  bool decided_ = false;  ///< verdict_.status is set
};
}  // namespace

static Judgement judge(sandbox::Executor& executor, const std::string& program, const Ready& suite,
                       Scope scope) {
  Calls calls(suite, scope);
  sandbox::Job job;
  Callee callee = callee_of(suite.problem, suite.calls, program);
  job.program = std::move(callee.program);
  job.entry_point = std::move(callee.entry_point);
  job.inputs = suite.inputs;
  job.test_cpu_s_max = suite.limits.test_cpu_s_max;
  job.limits = suite.limits.limits;
  // At least once: a suite without inputs (Mbpp/793's plus) still wants a program that loads.
  for (int restarts = 0; restarts == 0 || job.first < suite.inputs->size(); ++restarts) {
    sandbox::Outcome outcome =
        executor.run(job, [&](const sandbox::Reply& reply) { return calls.take(reply); });
    count_lines(callee, outcome);
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
