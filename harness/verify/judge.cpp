#include "harness/verify/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "harness/base/error.h"
#include "harness/base/value/value.h"
#include "harness/verify/outcome_text.h"
#include "harness/verify/reference.h"

namespace assay::verify {

/// A witness's parts are cut here; `assay show` and the report cut further.
static constexpr std::size_t kReprMax = 64 << 10;
/// With Scope::full, how often a program is started again behind an input that ended its process.
static constexpr int kRestartsMax = 2;
static constexpr std::size_t kHugeSlack = 1 << 20;

const char* name_of(Scope scope) {
  switch (scope) {
    case Scope::first_failure:
      return "first_failure";
    case Scope::one_process:
      return "one_process";
    case Scope::full:
      return "full";
  }
  return "";
}

Scope scope_named(std::string_view name) {
  for (const Scope scope : {Scope::full, Scope::one_process}) {
    if (name == name_of(scope)) return scope;
  }
  return Scope::first_failure;
}

Scope scope_after_base(std::string_view base_status) {
  return base_status.empty() || base_status == "pass" ? Scope::full : Scope::first_failure;
}

/// What `suite` gives its programs beyond `limits`; part of what its verdicts rest on.
static std::string raised_limits(const PreparedSuite& suite, const sandbox::Limits& limits) {
  nlohmann::json raised;
  if (suite.limits.suite_cpu_s > limits.suite_cpu_s)
    raised["suite_cpu_s"] = suite.limits.suite_cpu_s;
  if (suite.limits.memory_mib > limits.memory_mib) raised["memory_mib"] = suite.limits.memory_mib;
  if (suite.limits.reply_mib > limits.reply_mib) raised["reply_mib"] = suite.limits.reply_mib;
  for (std::size_t test = 0; test < suite.test_cpu_s_max.size(); ++test) {
    if (suite.test_cpu_s_max[test] > limits.test_cpu_s)
      raised["test_cpu_s"][std::to_string(test)] = suite.test_cpu_s_max[test];
  }
  return raised.is_null() ? "" : raised.dump();
}

PreparedSuite prepare(const datasets::Problem& problem, const datasets::Suite& source,
                      std::int64_t suite_id, store::ReferenceRun reference,
                      const sandbox::Limits& limits) {
  PreparedSuite suite;
  suite.name = source.name;
  suite.suite_id = suite_id;
  suite.entry_point = problem.entry_point;
  suite.trouble = reference.trouble;
  suite.limits = limits;
  suite.limits.memory_mib =
      std::max(limits.memory_mib, static_cast<std::uint64_t>(reference.memory_mib_min));
  suite.limits.reply_mib =
      std::max(limits.reply_mib, static_cast<std::uint64_t>(reference.reply_mib_min));
  double reference_s = 0;
  for (const double cpu_s : reference.cpu_s) reference_s += cpu_s;
  suite.limits.suite_cpu_s = std::max(limits.suite_cpu_s, reference.cpu_factor * reference_s);
  suite.checker = std::get_if<datasets::CheckerSuite>(&source.tests);
  if (suite.checker) {
    suite.in_process = reference.lane == "in_process";
    suite.raised_limits = raised_limits(suite, limits);
    return suite;
  }
  suite.differential = &std::get<datasets::DifferentialSuite>(source.tests);
  suite.rule = problem.rule;
  suite.atol = problem.atol;
  if (!suite.trouble.empty()) return suite;
  suite.inputs = sandbox::Inputs::make(suite.differential->inputs);
  suite.answers = std::make_shared<const Answers>(std::move(reference.chunks));
  for (const double cpu_s : reference.cpu_s) {
    suite.test_cpu_s_max.push_back(std::max(limits.test_cpu_s, reference.cpu_factor * cpu_s));
  }
  suite.raised_limits = raised_limits(suite, limits);
  return suite;
}

static std::string repr_of(std::string_view encoded) {
  Value value;
  return decode_whole(encoded, value) ? repr(value, kReprMax) : "(not decodable)";
}

static void add_costs(const sandbox::Outcome& outcome, Judgement& judgement) {
  store::Verdict& verdict = judgement.verdict;
  verdict.cpu_ms += outcome.cpu_s * 1e3;
  verdict.wall_ms += outcome.wall_s * 1e3;
  verdict.memory_kib =
      std::max(verdict.memory_kib, static_cast<std::int64_t>(outcome.memory_kib_peak));
  verdict.marginal |= outcome.marginal;
  judgement.wall_only |= outcome.end == sandbox::End::timeout_wall;
}

/// Judges one program by a differential suite, reply by reply.
namespace {
class Calls {
 public:
  Calls(const PreparedSuite& suite, Scope scope, Mode mode)
      : suite_(suite),
        scope_(scope),
        cursor_(*suite.answers),
        comparer_(suite.rule, mode, suite.atol) {}

  sandbox::Next take(const sandbox::Reply& reply) {
    ++verdict_.judged;
    const std::string_view expected = cursor_.at(reply.index);
    // Equal values have encodings of like size (a number's is at most 9 times another's): an answer
    // far beyond is wrong, and too costly to look into.
    const bool huge = reply.value.size() > 9 * expected.size() + kHugeSlack;
    if (!reply.raised && !huge &&
        comparer_.accepts(suite_.differential->inputs[reply.index], expected, reply.value)) {
      ++verdict_.passed;
      return sandbox::Next::go_on;
    }
    if (reply.raised) {
      const bool memory = reply.exception_type == "MemoryError";
      note_failure(reply.index, memory ? "memory" : "error",
                   exception_text(reply.exception_type, reply.exception_message));
    } else {
      note_failure(
          reply.index, "fail",
          huge ? fmt::format("(an answer of {} bytes)", reply.value.size()) : repr_of(reply.value));
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
      verdict_.status = sandbox::status_of(outcome.end);
      verdict_.message = outcome.message;
      return false;
    }
    if (never_called(outcome)) {
      if (verdict_.witness) return false;  // on a restart: what was seen before stands
      verdict_.status = sandbox::status_of(outcome.end);
      verdict_.message = describe(outcome);
      verdict_.judged = static_cast<std::int64_t>(suite_.inputs->size());  // all fail alike
      return false;
    }
    ++verdict_.judged;
    note_failure(index, sandbox::status_of(outcome.end), describe(outcome));
    return true;
  }

  Judgement finish() {
    if (verdict_.status.empty()) {
      // Nothing failed: a pass needs every test answered and accepted, or it is a fault of ours.
      ASSAY_INVARIANT(verdict_.passed == static_cast<std::int64_t>(suite_.inputs->size()));
      verdict_.status = "pass";
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

  void note_failure(std::size_t index, const char* status, std::string actual) {
    verdict_.failing.push_back(static_cast<std::uint32_t>(index));
    if (verdict_.witness) return;
    verdict_.status = status;
    if (std::string_view(status) != "fail") verdict_.message = actual.substr(0, 4096);
    store::Witness witness;
    witness.test = static_cast<std::int64_t>(index);
    witness.input = repr_of(suite_.differential->inputs[index]);
    witness.expected = repr_of(cursor_.at(index));
    witness.actual = actual.substr(0, kReprMax);
    verdict_.witness = std::move(witness);
  }

  const PreparedSuite& suite_;
  const Scope scope_;
  Answers::Cursor cursor_;
  Comparer comparer_;
  Judgement judgement_;
  store::Verdict& verdict_ = judgement_.verdict;
};
}  // namespace

static Judgement judge_calls(sandbox::Executor& executor, const std::string& program,
                             const PreparedSuite& suite, Scope scope, Mode mode) {
  Calls calls(suite, scope, mode);
  sandbox::Job job;
  job.program = program;
  job.entry_point = suite.entry_point;
  job.inputs = suite.inputs;
  job.test_cpu_s_max = suite.test_cpu_s_max;
  job.limits = suite.limits;
  // At least once: a suite without inputs (Mbpp/793's plus) still wants a program that loads.
  for (int restarts = 0; restarts == 0 || job.first < suite.inputs->size(); ++restarts) {
    const sandbox::Outcome outcome =
        executor.run(job, [&](const sandbox::Reply& reply) { return calls.take(reply); });
    const std::size_t ended_at = job.first + outcome.answered;
    if (!calls.take_end(ended_at, outcome) || scope != Scope::full || restarts == kRestartsMax)
      break;
    job.first = ended_at + 1;
  }
  return calls.finish();
}

static Judgement judge_checker(sandbox::Executor& executor, const std::string& program,
                               const PreparedSuite& suite) {
  Judgement judgement;
  const sandbox::Outcome outcome = executor.check(
      check_job(program, suite.entry_point, *suite.checker, suite.in_process, suite.limits));
  add_costs(outcome, judgement);
  store::Verdict& verdict = judgement.verdict;
  verdict.status = sandbox::status_of(outcome.end);
  verdict.message = describe(outcome);
  verdict.forgeable = suite.in_process;
  if (outcome.end == sandbox::End::missing) return judgement;
  verdict.judged = 1;
  verdict.passed = outcome.end == sandbox::End::completed ? 1 : 0;
  if (verdict.passed == 0) verdict.failing = {0};
  return judgement;
}

Judgement judge(sandbox::Executor& executor, const std::string& program, const PreparedSuite& suite,
                Scope scope, Mode mode) {
  ASSAY_INVARIANT(suite.trouble.empty());
  Judgement judgement = suite.checker ? judge_checker(executor, program, suite)
                                      : judge_calls(executor, program, suite, scope, mode);
  judgement.verdict.raised_limits = suite.raised_limits;
  if (judgement.failed_before) judgement.failed_before->raised_limits = suite.raised_limits;
  return judgement;
}

}  // namespace assay::verify
