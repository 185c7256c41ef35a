#include "harness/verify/assertions.h"

#include <fmt/format.h>

#include <utility>

#include "harness/base/error.h"
#include "harness/base/value/encoded.h"
#include "harness/verify/answers.h"
#include "harness/verify/compare/equal.h"
#include "harness/verify/outcome_text.h"

extern "C" const char assay_read_assertions_py_begin[], assay_read_assertions_py_end[];

namespace assay::verify {

using datasets::Assertion;
using sandbox::End;
using store::Status;
using Form = Assertion::Form;

/// So often a program's process may end by an assertion, each time for a new one; what is left then is
/// not judged. An end by a limit takes long, and counts as several.
static constexpr int kEndsMax = 128, kEndsByLimit = 8;
static constexpr std::size_t kReprMax = 4 << 10;

// ---- reading

/// Calls `function` of read_assertions.py with one text after the other; what `take` is given ends
/// with an empty pointer where the reader itself came to grief over a text.
static void call_reader(sandbox::Executor& executor, const char* function,
                        const std::vector<std::string>& inputs,
                        const std::function<void(const Value*)>& take) {
  sandbox::Job job;
  job.program.assign(assay_read_assertions_py_begin, assay_read_assertions_py_end);
  job.entry_point = function;
  job.inputs = sandbox::Inputs::make(inputs);
  job.trusted = true;
  while (job.first < inputs.size()) {
    const sandbox::Outcome outcome = executor.run(job, [&](const sandbox::Reply& reply) {
      Value value;
      take(!reply.raised && decode_whole(reply.value, value) ? &value : nullptr);
      return sandbox::Next::go_on;
    });
    if (outcome.end == End::missing)
      throw Error(fmt::format("the reader of assertions was lost: {}", outcome.message));
    if (outcome.end == End::completed) break;
    take(nullptr);
    job.first += outcome.answered + 1;
  }
}

static std::string reader_input(const std::string& text, const std::string& entry_point,
                                bool whole_text) {
  return encode(Value::sequence(
      Kind::tuple, {Value::of_str(text), Value::of_str(entry_point), Value::of_bool(whole_text)}));
}

static std::optional<Form> form_named(const std::string& name) {
  static const std::pair<const char*, Form> kForms[] = {{"equal", Form::equal},
                                                        {"unequal", Form::unequal},
                                                        {"truthy", Form::truthy},
                                                        {"falsy", Form::falsy},
                                                        {"text", Form::text}};
  for (const auto& [known, form] : kForms)
    if (name == known) return form;
  return std::nullopt;
}

/// One tuple of the reader's; the jail is trusted with no more than that.
static ReadTest test_of(const Value& told, bool calls_only_texts) {
  ReadTest out;
  if (told.kind != Kind::tuple || told.items.size() != 4) {
    out.trouble = "it cannot be read";
    return out;
  }
  const auto form = form_named(told.items[0].text);
  out.assertion.text = told.items[1].text;
  if (!form) {
    out.trouble = told.items[2].text;
    return out;
  }
  out.assertion.form = calls_only_texts ? Form::text : *form;
  if (out.assertion.form == Form::text) return out;
  out.assertion.input = encode(told.items[2]);
  out.assertion.expected = encode(told.items[3]);
  return out;
}

std::vector<std::vector<ReadTest>> read_tests(sandbox::Executor& executor,
                                              const datasets::Problem& problem,
                                              const std::vector<datasets::WrittenTest>& written) {
  std::vector<std::string> inputs;
  for (const datasets::WrittenTest& one : written)
    inputs.push_back(
        reader_input(one.text, std::string(datasets::defined_name(problem)), one.whole_text));
  // Where a method is called, or more is compared than what a call returns, the texts know how.
  const bool plain = datasets::is_plain(problem, {});
  std::vector<std::vector<ReadTest>> out;
  call_reader(executor, "read", inputs, [&](const Value* told) {
    std::vector<ReadTest>& tests = out.emplace_back();
    if (told && told->kind == Kind::list) {
      for (const Value& one : told->items) tests.push_back(test_of(one, !plain));
    } else {
      ReadTest& lost = tests.emplace_back();
      lost.assertion.text = written[out.size() - 1].text;
      lost.trouble = "it is too large or too deep to be read";
    }
  });
  return out;
}

std::string setup_of(sandbox::Executor& executor, const datasets::Problem& problem) {
  std::string setup;
  call_reader(executor, "setup", {reader_input(problem.prompt, "", false)}, [&](const Value* told) {
    if (told) setup = told->text;
  });
  return setup;
}

// ---- judging

static bool is_true(std::string_view answer) {
  Head head;
  return take_plain_head(answer, head) && is_true(head);
}

static bool holds(const Assertion& assertion, std::string_view answer) {
  switch (assertion.form) {
    case Form::equal:
      return equal(assertion.expected, answer);
    case Form::unequal:
      return !equal(assertion.expected, answer);
    case Form::truthy:
      return is_true(answer);
    case Form::falsy:
      return !is_true(answer);
    case Form::text:
      break;
  }
  return false;
}

namespace {

/// Everything that judging needs. Immutable; shared by threads.
struct Ready {
  const datasets::Problem& problem;
  const datasets::AssertionSuite& suite;
  sandbox::Limits limits;
  bool trusted = false;
  std::size_t calls = 0;  ///< so many assertions, the first, are calls
  std::shared_ptr<const sandbox::Inputs> inputs;
};

Ready ready(const datasets::Problem& problem, const datasets::Suite& suite,
            const sandbox::Limits& limits, bool trusted) {
  Ready out{problem, std::get<datasets::AssertionSuite>(suite.tests), limits, trusted, 0, {}};
  std::vector<std::string> inputs;
  for (const Assertion& one : out.suite.assertions) {
    if (one.form == Form::text) break;
    inputs.push_back(one.input);
  }
  out.calls = inputs.size();
  out.inputs = sandbox::Inputs::make(inputs);
  return out;
}

/// One program by all assertions.
class Trial {
 public:
  Trial(sandbox::Executor& executor, const std::string& program, const Ready& suite)
      : executor_(executor), program_(program), suite_(suite) {}

  struct Found {
    Judgement judgement;
    std::vector<std::optional<bool>> held;  ///< of those judged; nothing: a limit ended it
    std::vector<double> cpu_s;
  };
  Found run() {
    if (try_calls()) try_texts();
    if (!decided_) {
      // Nothing failed: a pass needs every assertion, or it is a fault of ours.
      ASSAY_INVARIANT(verdict_.passed == static_cast<std::int64_t>(suite_.suite.assertions.size()));
      verdict_.status = Status::pass;
    }
    verdict_.scope = name_of(Scope::full);
    return std::move(found_);
  }

 private:
  /// False where nothing can follow.
  bool try_calls() {
    sandbox::Job job;
    job.program = program_;
    job.entry_point = suite_.problem.entry_point;
    job.inputs = suite_.inputs;
    job.limits = suite_.limits;
    job.trusted = suite_.trusted;
    while (job.first < suite_.calls) {
      const sandbox::Outcome outcome =
          executor_.run(job, [&](const sandbox::Reply& reply) { return take(reply); });
      add_costs(outcome, found_.judgement);
      if (outcome.end == End::completed) return true;
      if (!is_told(outcome, outcome.end == End::raised, job.first == 0)) return false;
      job.first += outcome.answered;
      found_.cpu_s.push_back(outcome.cpu_s);
      fail(job.first++, status_of(outcome.end), describe(outcome));
      if (is_spent(outcome)) return false;
    }
    return true;
  }

  sandbox::Next take(const sandbox::Reply& reply) {
    found_.cpu_s.push_back(reply.cpu_s);
    const Assertion& assertion = suite_.suite.assertions[reply.index];
    if (reply.raised) {
      const bool memory = reply.exception_type == "MemoryError";
      fail(reply.index, memory ? Status::memory : Status::error,
           exception_text(reply.exception_type, reply.exception_message));
    } else if (holds(assertion, reply.value)) {
      pass();
    } else {
      fail(reply.index, Status::fail, repr_encoded(reply.value, kReprMax));
    }
    return sandbox::Next::go_on;
  }

  void try_texts() {
    const std::vector<Assertion>& assertions = suite_.suite.assertions;
    for (std::size_t i = suite_.calls; i < assertions.size(); ++i) {
      sandbox::CheckJob job =
          check_job(program_, std::string(datasets::defined_name(suite_.problem)),
                    {suite_.suite.setup, assertions[i].text}, false, suite_.limits);
      job.trusted = suite_.trusted;
      const sandbox::Outcome outcome = executor_.check(job);
      add_costs(outcome, found_.judgement);
      if (!is_told(outcome, false, i == 0)) return;
      found_.cpu_s.push_back(outcome.cpu_s);
      if (outcome.end == End::completed) {
        pass();
      } else if (outcome.end == End::tampered && is_assertions_own(job)) {
        fail(i, Status::error, "the assertion interferes with its own judging, whatever it judges");
      } else {
        fail(i, status_of(outcome.end), describe(outcome));
      }
      if (is_spent(outcome)) return;
    }
  }

  /// An assertion that interferes with its judging does so with the reference as well: then it is no
  /// fault of the program's.
  bool is_assertions_own(sandbox::CheckJob job) {
    job.program = suite_.problem.reference;
    return executor_.check(job).end == End::tampered;
  }

  /// Whether the end of a process says something of the one assertion it ended at. `unloaded`: the
  /// program itself raised, before any call; `at_once`: no assertion had been tried before.
  bool is_told(const sandbox::Outcome& outcome, bool unloaded, bool at_once) {
    if (outcome.end == End::missing) {
      found_ = {};
      decide(Status::missing, outcome.message);
      return false;
    }
    if (!unloaded && outcome.end != End::syntax && outcome.end != End::no_entry_point) return true;
    // Tried at once, all fail alike. A program that could be called before and cannot any more has
    // its results so far, and fails those behind.
    if (!decided_) decide(status_of(outcome.end), describe(outcome));
    const auto all = static_cast<std::int64_t>(suite_.suite.assertions.size());
    for (auto i = verdict_.judged; !at_once && i < all; ++i)
      verdict_.failing.push_back(static_cast<std::uint32_t>(i));
    verdict_.judged = all;
    return false;
  }

  /// No more processes for this program.
  bool is_spent(const sandbox::Outcome& outcome) {
    const bool tidy = outcome.end == End::completed || outcome.end == End::assertion ||
                      outcome.end == End::raised;
    if (!tidy)
      ends_ +=
          outcome.end == End::timeout_cpu || outcome.end == End::timeout_wall ? kEndsByLimit : 1;
    return ends_ >= kEndsMax || verdict_.cpu_ms / 1e3 >= suite_.limits.suite_cpu_s;
  }

  void pass() {
    ++verdict_.judged, ++verdict_.passed;
    found_.held.emplace_back(true);
  }

  void decide(Status status, std::string message) {
    verdict_.status = status;
    verdict_.message = std::move(message);
    decided_ = true;
  }

  void fail(std::size_t index, Status status, std::string actual) {
    ++verdict_.judged;
    verdict_.failing.push_back(static_cast<std::uint32_t>(index));
    const bool limit = status == Status::timeout || status == Status::memory;
    found_.held.push_back(limit ? std::nullopt : std::optional(false));
    if (decided_) return;
    decide(status, status == Status::fail ? "" : actual.substr(0, 4096));
    store::Witness witness;
    witness.test = static_cast<std::int64_t>(index);
    witness.input = suite_.suite.assertions[index].text;
    witness.expected = "it holds";
    witness.actual = std::move(actual);
    verdict_.witness = std::move(witness);
  }

  sandbox::Executor& executor_;
  const std::string& program_;
  const Ready& suite_;
  Found found_;
  store::Verdict& verdict_ = found_.judgement.verdict;
  bool decided_ = false;  ///< verdict_.status is set
  int ends_ = 0;
};

}  // namespace

AssertionVerifier::AssertionVerifier(const datasets::Problem& problem, const datasets::Suite& suite,
                                     const Demands& demands)
    : problem_(problem), suite_(suite), demands_(demands) {}

TriedReference AssertionVerifier::learn(sandbox::Executor& executor) const {
  const Ready suite = ready(problem_, suite_, reference_limits(kAssertionReferenceS), true);
  Trial::Found found = Trial(executor, problem_.reference, suite).run();
  TriedReference tried;
  tried.run.doubt = "";
  if (found.judgement.verdict.status == Status::missing) {
    tried.fault = Fault::ours;
    tried.run.trouble = found.judgement.verdict.message;
    return tried;
  }
  const std::size_t assertions = suite.suite.assertions.size();
  found.held.resize(assertions), found.cpu_s.resize(assertions);
  AnswersBuilder builder;
  for (const std::optional<bool> held : found.held)
    builder.add(encode(held ? Value::of_bool(*held) : Value{}));
  tried.run.lane = "calls";
  tried.run.chunks = builder.finish();
  tried.run.cpu_s = std::move(found.cpu_s);
  tried.run.memory_kib = found.judgement.verdict.memory_kib;
  return tried;
}

std::string AssertionVerifier::doubt(sandbox::Executor&, const store::ReferenceRun&) const {
  return "";
}

Prepared AssertionVerifier::prepare(store::ReferenceRun learnt) const {
  if (!learnt.trouble.empty()) return {learnt.trouble, nullptr};
  const auto suite = std::make_shared<const Ready>(ready(problem_, suite_, demands_.limits, false));
  return {"", [suite](sandbox::Executor& executor, const std::string& program, Scope) {
            Judgement judgement = Trial(executor, program, *suite).run().judgement;
            explain(judgement.verdict, program, suite->problem.entry_point);
            return judgement;
          }};
}

}  // namespace assay::verify
