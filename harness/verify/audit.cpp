#include "harness/verify/audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>

#include "datasets/languages.h"
#include "datasets/probe_suite.h"
#include "datasets/test_text.h"
#include "harness/base/error.h"
#include "harness/base/text.h"
#include "harness/base/value/encoded.h"
#include "harness/verify/answers.h"
#include "harness/verify/compare/compare.h"
#include "harness/verify/observed.h"
#include "harness/verify/output_checker.h"

extern "C" const char assay_read_tests_py_begin[], assay_read_tests_py_end[];

namespace assay::verify {

using store::Status;

/// Arguments and answers are cut here where a finding quotes them.
static constexpr std::size_t kQuotedMax = 200;

static constexpr const char* kCallsNothing =
    "a program passes that raises on every call: does the text call it?";

const char* name_of(Flaw flaw) {
  switch (flaw) {
    case Flaw::reference_fails:
      return "reference_fails";
    case Flaw::checker_fails:
      return "checker_fails";
    case Flaw::unstable:
      return "unstable";
    case Flaw::incomparable:
      return "incomparable";
    case Flaw::no_tests:
      return "no_tests";
    case Flaw::never_run:
      return "never_run";
    case Flaw::asserts_nothing:
      return "asserts_nothing";
    case Flaw::accepts_anything:
      return "accepts_anything";
    case Flaw::accepts_constant:
      return "accepts_constant";
    case Flaw::tolerance_accepts_anything:
      return "tolerance_accepts_anything";
  }
  return "";
}

// ---- wrong programs

/// The entry point does `body`, whatever it is given; of a class that operations are done on, each
/// method does.
static std::string stub(const datasets::Problem& problem, const std::string& body) {
  const std::string& name = problem.entry_point;
  const std::size_t dot = name.find('.');
  if (problem.calling.operations) {
    return fmt::format(R"(class {}:
    def __init__(self, *arguments):
        pass

    def __getattr__(self, name):
        def method(*arguments):
            {}
        return method
)",
                       name, body);
  }
  if (dot == name.npos) return fmt::format("def {}(*arguments, **named):\n    {}\n", name, body);
  return fmt::format("class {}:\n    def {}(self, *arguments, **named):\n        {}\n",
                     name.substr(0, dot), name.substr(dot + 1), body);
}

/// The reference, but for answering every call as the first. While it works out that answer its own
/// name is its own, so that it may call itself. An instance is no constant: a class raises.
static std::string constant(const std::string& reference, const std::string& entry_point) {
  const std::size_t dot = entry_point.find('.');
  const std::string owner =
      dot == entry_point.npos ? "__import__(__name__)" : entry_point.substr(0, dot);
  return fmt::format(R"({0}

def _make_constant(right, owner, name):
    answers = []

    def constant(*arguments, **named):
        if isinstance(right, type):
            raise NotImplementedError
        if not answers:
            setattr(owner, name, right)
            answers.append(right(*arguments, **named))
            setattr(owner, name, constant)
        return answers[0]

    return constant

setattr({2}, "{3}", _make_constant({1}, {2}, "{3}"))
)",
                     reference, entry_point, owner,
                     dot == entry_point.npos ? entry_point : entry_point.substr(dot + 1));
}

// ---- test texts

static void add(std::vector<Finding>& findings, const datasets::Suite& suite, Flaw flaw,
                std::string what) {
  findings.push_back({flaw, suite.name, Fault::suite, well_formed(what)});
}

/// What a reading of the text shows. A text that is nested too deep to be read shows nothing.
static void read_text(sandbox::Executor& executor, const datasets::Suite& suite,
                      std::string_view text, std::vector<Finding>& findings) {
  sandbox::Job job;
  job.program = text_reader();
  job.entry_point = "read";
  job.inputs = sandbox::Inputs::make(
      {encode(Value::sequence(Kind::tuple, {Value::of_str(std::string(text))}))});
  job.limits = reference_limits();
  job.trusted = true;
  executor.run(job, [&](const sandbox::Reply& reply) {
    Value told;
    if (reply.raised || !decode_whole(reply.value, told)) return sandbox::Next::stop;
    for (const Value& one : told.items) {
      const bool known = one.items.size() == 2 && one.items[0].text == name_of(Flaw::never_run);
      add(findings, suite, known ? Flaw::never_run : Flaw::asserts_nothing,
          one.items.size() == 2 ? one.items[1].text : "");
    }
    return sandbox::Next::go_on;
  });
}

/// The tests that what stands at the text's end (datasets/run_tests.py) does not run, by its own word
/// when the reference has passed them all.
static void list_not_run(sandbox::Executor& executor, const datasets::Problem& problem,
                         const datasets::Suite& suite, bool in_process,
                         std::vector<Finding>& findings) {
  datasets::CheckerSuite code = std::get<datasets::CheckerSuite>(suite.tests);
  if (datasets::text_as_given(code.checker).size() == code.checker.size()) return;
  code.checker += datasets::kTellNotRun;
  sandbox::CheckJob job =
      check_job(reference_of_texts(problem), std::string(datasets::defined_name(problem)), code,
                in_process, reference_limits());
  job.trusted = true;
  const sandbox::Outcome outcome = executor.check(job);
  if (outcome.end != sandbox::End::assertion) return;
  std::string_view rest = outcome.message;
  for (std::size_t end; (end = rest.find('\n')) != rest.npos; rest.remove_prefix(end + 1)) {
    add(findings, suite, Flaw::never_run, std::string(rest.substr(0, end)));
  }
}

/// Both. What the second tells follows what the first does.
static std::vector<Finding> text_findings(sandbox::Executor& executor,
                                          const datasets::Problem& problem,
                                          const datasets::Suite& suite, bool in_process) {
  std::vector<Finding> findings;
  const auto& code = std::get<datasets::CheckerSuite>(suite.tests);
  read_text(executor, suite, datasets::text_as_given(code.checker), findings);
  list_not_run(executor, problem, suite, in_process, findings);
  return findings;
}

// ---- answers

/// Every number in it, but for keys and members of sets, doubled and moved by one more, away from
/// zero. False where there is none.
static bool shift_numbers(Value& value) {
  switch (value.kind) {
    case Kind::integer:
      value = Value::of_real(static_cast<double>(value.integer));
      return shift_numbers(value);
    case Kind::real:
      if (!std::isfinite(value.real)) return false;
      value.real = 2 * value.real + (value.real < 0 ? -1 : 1);
      return true;
    case Kind::list:
    case Kind::tuple:
    case Kind::deque:
    case Kind::dict: {
      bool any = false;
      const std::size_t step = value.is_mapping() ? 2 : 1;
      for (std::size_t i = step - 1; i < value.items.size(); i += step) {
        any |= shift_numbers(value.items[i]);
      }
      return any;
    }
    default:
      return false;
  }
}

/// The part of an observed answer that is plain data to compare: what it returned, or what it left in
/// its arguments. Empty where neither is.
static std::string_view compared(const datasets::Problem& problem, std::string_view answer) {
  const std::optional<Observed> observed = read_observed(answer);
  if (!observed || observed->raised) return {};
  if (problem.calling.result) return observed->value;
  return problem.calling.arguments ? observed->left : std::string_view{};
}

/// Calls `take(index, answer)` for each answer that is compared.
template <typename Take>
static void for_each_answer(const datasets::Problem& problem,
                            const datasets::DifferentialSuite& calls, const Answers& answers,
                            const Take& take) {
  Answers::Cursor cursor(answers);
  const bool plain = datasets::is_plain(problem, calls);
  for (std::size_t i = 0; i < calls.inputs.size(); ++i) {
    const std::string_view answer = plain ? cursor.at(i) : compared(problem, cursor.at(i));
    if (!answer.empty()) take(i, answer);
  }
}

static std::string call_text(const datasets::DifferentialSuite& calls, std::size_t index) {
  return fmt::format("call {} {}", index, repr_encoded(calls.inputs[index], kQuotedMax));
}

namespace {
struct Incomparable {
  std::vector<std::uint32_t> inputs;  ///< ascending
  std::string what;                   ///< of the first
};
}  // namespace

/// The answers that are not even equal to themselves.
static Incomparable incomparable_answers(const datasets::Problem& problem,
                                         const datasets::DifferentialSuite& calls,
                                         const Answers& answers) {
  Incomparable found;
  Comparer comparer(problem.rule, Mode::strict, problem.atol);
  for_each_answer(problem, calls, answers, [&](std::size_t i, std::string_view answer) {
    if (comparer.accepts(calls.inputs[i], answer, answer)) return;
    if (found.inputs.empty()) {
      found.what = fmt::format(
          "the reference answers {} to {}, which nothing equals, not even itself: return plain "
          "data, or compare it in a test text",
          repr_encoded(answer, kQuotedMax), call_text(calls, i));
    }
    found.inputs.push_back(static_cast<std::uint32_t>(i));
  });
  return found;
}

namespace {

/// Audits one suite of a problem.
class Audit {
 public:
  Audit(sandbox::Executor& first, std::span<sandbox::Executor* const> others,
        const datasets::Problem& problem, const datasets::Suite& suite, double call_s)
      : first_(first),
        others_(others),
        problem_(problem),
        suite_(suite),
        calls_(std::get_if<datasets::DifferentialSuite>(&suite.tests)),
        stdio_(std::get_if<datasets::StdioSuite>(&suite.tests)),
        appended_(std::holds_alternative<datasets::AppendedSuite>(suite.tests)),
        call_s_(call_s) {}

  std::vector<Finding> findings() {
    findings_ = plain_findings(suite_);
    const bool empty = !findings_.empty() && findings_.front().flaw == Flaw::no_tests;
    if (stdio_ && !stdio_->checker.source.empty() && !is_checker_sound())
      return std::move(findings_);
    TriedReference tried = try_reference();
    if (tried.fault != Fault::none) {
      findings_.push_back({Flaw::reference_fails, suite_.name, tried.fault, tried.run.trouble});
      return std::move(findings_);
    }
    if (calls_) {
      look_at_answers(Answers(tried.run.chunks));
    } else if (!stdio_ && !appended_) {
      for (Finding& found :
           text_findings(first_, problem_, suite_, tried.run.lane == "in_process")) {
        findings_.push_back(std::move(found));
      }
    }
    const auto verifier = verifier_of(problem_, suite_, Demands{});
    const Prepared prepared = verifier->prepare(std::move(tried.run));
    if (!prepared.judge) throw Error(prepared.trouble);
    judge_ = prepared.judge;
    for (sandbox::Executor* other : others_) {
      if (reference().empty() || !is_stable(*other)) break;
    }
    // The few inputs that `probe` found stand beside the suites that they were found missing in.
    if (!empty && suite_.name != datasets::kProbeSuite) try_wrong_programs();
    return std::move(findings_);
  }

 private:
  void add(Flaw flaw, std::string what) { verify::add(findings_, suite_, flaw, std::move(what)); }

  const std::string& reference() const {
    return calls_ ? problem_.reference : reference_of_texts(problem_);
  }

  TriedReference try_reference() {
    for (const bool again : {false, true}) {
      TriedReference tried =
          stdio_ || appended_ ? verifier_of(problem_, suite_, Demands{})->learn(first_)
                              : run_reference(first_, problem_, suite_, reference_limits(call_s_));
      if (tried.fault != Fault::ours) return tried;
      if (again) throw Error(tried.run.trouble);
    }
    return {};
  }

  store::Verdict judge(sandbox::Executor& executor, const std::string& program, Scope scope) {
    for (const bool again : {false, true}) {
      store::Verdict verdict = judge_(executor, program, scope).verdict;
      if (verdict.status != Status::missing) return verdict;
      if (again) throw Error(verdict.message);
    }
    return {};
  }

  void look_at_answers(const Answers& answers) {
    Incomparable found = incomparable_answers(problem_, *calls_, answers);
    incomparable_ = std::move(found.inputs);
    if (!incomparable_.empty()) add(Flaw::incomparable, std::move(found.what));
    if (problem_.atol == 0) return;
    Comparer comparer(problem_.rule, Mode::strict, problem_.atol);
    bool any_number = false, all_accepted = true;
    for_each_answer(problem_, *calls_, answers, [&](std::size_t i, std::string_view answer) {
      Value wrong;
      if (!all_accepted || !decode_whole(answer, wrong) || !shift_numbers(wrong)) return;
      any_number = true;
      all_accepted = comparer.accepts(calls_->inputs[i], answer, encode(wrong));
    });
    if (any_number && all_accepted) {
      add(Flaw::tolerance_accepts_anything,
          fmt::format("within an atol of {} every number may be twice itself and one more",
                      problem_.atol));
    }
  }

  /// A checker must accept what the benchmark itself names right, and must be able to say that an empty
  /// output is wrong: one that fails decides nothing.
  bool is_checker_sound() {
    for (std::size_t i = 0; i < stdio_->tests.size(); ++i) {
      const datasets::StdioTest& test = stdio_->tests[i];
      const auto check = [&](std::string_view output) {
        return check_output(first_, stdio_->checker, test.input, output, test.outputs.front());
      };
      const Checked empty = check("");
      if (empty.says == Checked::Says::nothing) {
        add(Flaw::checker_fails,
            fmt::format("the checker fails on an empty output to test {}: {}", i, empty.message));
        return false;
      }
      for (const std::string& output : test.outputs) {
        if (output.empty()) continue;
        const Checked right = check(output);
        if (right.says == Checked::Says::right) continue;
        add(Flaw::checker_fails,
            fmt::format("the checker {} what the benchmark names as a right output of test {}: {}",
                        right.says == Checked::Says::wrong ? "rejects" : "fails on", i,
                        right.message));
        return false;
      }
    }
    return true;
  }

  bool is_stable(sandbox::Executor& other) {
    store::Verdict verdict = judge(other, reference(), Scope::one_process);
    // A machine that is busy for a moment says nothing about the reference.
    if (verdict.status == Status::timeout) verdict = judge(other, reference(), Scope::one_process);
    if (verdict.status == Status::pass) return true;
    std::vector<std::uint32_t> differ;
    std::set_difference(verdict.failing.begin(), verdict.failing.end(), incomparable_.begin(),
                        incomparable_.end(), std::back_inserter(differ));
    if (differ.empty() && !verdict.failing.empty()) return true;
    std::string what = "the reference, run again with another hash seed, ";
    const auto& witness = verdict.witness;
    if (!calls_ || differ.empty()) {
      what += fmt::format("ends as {}: {}", store::name_of(verdict.status), verdict.message);
    } else if (witness && witness->test == differ.front() && verdict.status == Status::fail) {
      what += fmt::format("answers {} to {}, and answered {} before",
                          witness->actual.substr(0, kQuotedMax), call_text(*calls_, differ.front()),
                          witness->expected.substr(0, kQuotedMax));
    } else {
      what += fmt::format("does not answer {} as before", call_text(*calls_, differ.front()));
    }
    add(Flaw::unstable, what + ": its answers rest on the order of a set, chance or the clock");
    return false;
  }

  bool passes(const std::string& program) {
    return judge(first_, program, Scope::first_failure).status == Status::pass;
  }

  /// Scripts that do not look at what they are asked.
  void try_wrong_scripts() {
    const std::string first = repr(Value::of_str(stdio_->tests.front().outputs.front()));
    if (passes(datasets::language_named(problem_.language)->idle)) {
      add(Flaw::accepts_anything, "a program passes that writes nothing");
    } else if (problem_.language != "python") {
      return;  // the others are written in Python
    } else if (passes("open(1, 'w').write(open(0).read())\n")) {
      add(Flaw::accepts_anything, "a program passes that writes what it reads");
    } else if (stdio_->tests.size() > 1 && passes("open(1, 'w').write(" + first + ")\n")) {
      add(Flaw::accepts_constant,
          "a program passes that writes the first test's output to every test");
    }
  }

  /// A program that answers every call as the first is to be answered.
  std::string constant_program() const {
    Value first;
    if (!calls_ || calls_->expected.empty() || !decode_whole(calls_->expected.front(), first))
      return constant(reference(), problem_.entry_point);
    return stub(problem_, "return " + repr(first));
  }

  void try_wrong_programs() {
    if (stdio_) return try_wrong_scripts();
    if (appended_) {
      if (passes("")) add(Flaw::accepts_anything, "an empty program passes");
      return;
    }
    if (passes(raising_stub(problem_))) {
      add(Flaw::accepts_anything,
          calls_ ? "a program passes that raises on every call" : kCallsNothing);
    } else if (passes(stub(problem_, "return None"))) {
      add(Flaw::accepts_anything,
          calls_ ? "a program passes that answers None to every call: if what it prints or "
                   "changes counts, name it under \"compared\""
                 : "a program passes that answers None to every call");
    } else if (passes(constant_program())) {
      add(Flaw::accepts_constant, "a program passes that answers every call as the first");
    }
  }

  sandbox::Executor& first_;
  const std::span<sandbox::Executor* const> others_;
  const datasets::Problem& problem_;
  const datasets::Suite& suite_;
  const datasets::DifferentialSuite* calls_;  ///< null: a test text, or
  const datasets::StdioSuite* stdio_;         ///< ... standard input and output
  const bool appended_;                       ///< ... or text around the program
  const double call_s_;
  Judge judge_;
  std::vector<std::uint32_t> incomparable_;  ///< inputs, ascending
  std::vector<Finding> findings_;
};

}  // namespace

std::string raising_stub(const datasets::Problem& problem) {
  return stub(problem, "raise NotImplementedError");
}

std::string text_reader() { return {assay_read_tests_py_begin, assay_read_tests_py_end}; }

std::string doubt_of(sandbox::Executor& executor, const datasets::Problem& problem,
                     const datasets::Suite& suite, const store::ReferenceRun& learnt) {
  if (!learnt.trouble.empty()) return "";
  if (const auto* calls = std::get_if<datasets::DifferentialSuite>(&suite.tests))
    return incomparable_answers(problem, *calls, Answers(learnt.chunks)).what;
  if (!std::holds_alternative<datasets::CheckerSuite>(suite.tests)) return "";
  if (!plain_findings(suite).empty()) return "";  // told without a run
  const bool in_process = learnt.lane == "in_process";
  if (const auto found = text_findings(executor, problem, suite, in_process); !found.empty())
    return found.front().what;
  const sandbox::CheckJob job =
      check_job(raising_stub(problem), std::string(datasets::defined_name(problem)),
                std::get<datasets::CheckerSuite>(suite.tests), in_process, {});
  return executor.check(job).end == sandbox::End::completed ? kCallsNothing : "";
}

std::vector<Finding> plain_findings(const datasets::Suite& suite) {
  std::vector<Finding> findings;
  const auto* code = std::get_if<datasets::CheckerSuite>(&suite.tests);
  if (!code) {
    if (datasets::tests_of(suite) == 0)
      add(findings, suite, Flaw::no_tests,
          "it has no input, so that every program passes that loads");
  } else if (datasets::holds_no_statement(code->checker)) {
    add(findings, suite, Flaw::no_tests,
        "its text has no statement, so that every program passes that loads");
  }
  return findings;
}

std::vector<Finding> audit(sandbox::Executor& first, std::span<sandbox::Executor* const> others,
                           const datasets::Problem& problem, double call_s) {
  std::vector<Finding> all;
  for (const datasets::Suite& suite : problem.suites) {
    std::vector<Finding> found = Audit(first, others, problem, suite, call_s).findings();
    bool hopeless = false;
    for (Finding& finding : found) {
      // A program that does not load says the same of every suite.
      hopeless |= finding.flaw == Flaw::reference_fails && finding.fault != Fault::suite;
      all.push_back(std::move(finding));
    }
    if (hopeless) break;
  }
  return all;
}

}  // namespace assay::verify
