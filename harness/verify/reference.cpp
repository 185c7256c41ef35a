#include "harness/verify/reference.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "harness/base/value/value.h"
#include "harness/base/words.h"
#include "harness/verify/answers.h"
#include "harness/verify/observed.h"
#include "harness/verify/outcome_text.h"

namespace assay::verify {

using sandbox::End;

/// A call's arguments are cut here where a complaint quotes them.
static constexpr std::size_t kArgumentsMax = 200;
/// Loading a module takes no longer, whatever its calls take.
static constexpr double kLoadMax = 30;
/// Seconds that a reference may sleep in one call, or while it loads; no answer needs any. Time in
/// which it waits for a CPU does not count.
static constexpr double kSleepMax = 20;
/// A program gets at least so many times the reference's CPU, memory and room for an answer.
static constexpr double kCpuFactor = 4;
static constexpr std::int64_t kRoomFactor = 2;

sandbox::Limits reference_limits(double call_s) {
  sandbox::Limits limits;
  limits.load_cpu_s = std::min(call_s, kLoadMax);
  limits.test_cpu_s = call_s;
  limits.suite_cpu_s = 10 * call_s;
  limits.wall_s_min = kSleepMax;
  limits.wall_factor = 0;
  limits.memory_mib = 8192;
  limits.reply_mib = 1024;
  return limits;
}

static std::string how_it_ended(const sandbox::Outcome& outcome) {
  return outcome.end == End::timeout_cpu
             ? fmt::format("stopped after {:.1f} s of CPU time", outcome.cpu_s)
             : describe(outcome);
}

/// What to do about a module that the jail lacks; empty where that is not why it ended.
static std::string advice(const sandbox::Outcome& outcome) {
  static constexpr std::string_view kBefore = "No module named '";
  const std::string_view message = outcome.message;
  for (const char* of_files : {"FileNotFoundError", "PermissionError", "OSError"}) {
    if (outcome.exception_type == of_files)
      return "; where it writes a file, --tmp MIB gives each program a private /tmp";
  }
  if (outcome.exception_type != "ModuleNotFoundError" || !message.starts_with(kBefore)) return "";
  const std::string_view name = next_word(message, kBefore.size());
  return fmt::format("; the jail has no {0}: where this Python has it, --packages {0} admits it",
                     name);
}

/// Takes down that the reference failed; `trouble` is what to say where only the suite shows it.
static void fail(TriedReference& tried, const sandbox::Outcome& outcome, std::string trouble) {
  tried.timed_out = outcome.end == End::timeout_cpu || outcome.end == End::timeout_wall;
  tried.fault = Fault::suite;
  switch (outcome.end) {
    case End::missing:
      // A test text that does not compile never will: the suite's fault, and no failure of ours.
      if (outcome.exception_type == "SyntaxError" || outcome.exception_type == "IndentationError" ||
          outcome.exception_type == "TabError") {
        trouble = "the tests do not compile: " + outcome.message;
        break;
      }
      tried.fault = Fault::ours;
      tried.run.lane.clear();
      trouble = describe(outcome);
      break;
    case End::syntax:
      tried.fault = Fault::program;
      trouble = "the reference does not compile: " +
                exception_text(outcome.exception_type, outcome.message);
      break;
    case End::no_entry_point:
      tried.fault = Fault::entry_point;
      trouble = "the reference defines no such function";
      break;
    default:
      break;
  }
  tried.run.trouble = std::move(trouble);
}

/// What is wrong with an observed call of the reference that must raise `type`, or return where
/// that is empty; as "raises KeyError: 3".
static std::string trouble_of(std::string_view type, const sandbox::Reply& reply) {
  const std::optional<Observed> observed = read_observed(reply.value);
  if (!observed) return "answers nonsense";
  if (type.empty()) return observed->raised ? "raises " + observed->exception() : "";
  if (observed->raises(type)) return "";
  return observed->raised ? fmt::format("raises {}, not {},", observed->exception(), type)
                          : fmt::format("does not raise {}", type);
}

/// The answers that the benchmark itself names, without a run.
static TriedReference told_answers(const datasets::Problem& problem,
                                   const datasets::DifferentialSuite& calls) {
  TriedReference tried;
  tried.run.lane = "calls";
  const bool plain = datasets::is_plain(problem, calls);
  AnswersBuilder builder;
  for (const std::string& answer : calls.expected) {
    builder.add(plain ? answer : observed_answer(answer));
    tried.run.reply_bytes_max =
        std::max(tried.run.reply_bytes_max, static_cast<std::int64_t>(answer.size()));
  }
  tried.run.chunks = builder.finish();
  tried.run.cpu_s.assign(calls.expected.size(), 0);
  return tried;
}

static TriedReference run_calls(sandbox::Executor& executor, const datasets::Problem& problem,
                                const datasets::Suite& suite, const sandbox::Limits& limits) {
  const auto& calls = std::get<datasets::DifferentialSuite>(suite.tests);
  if (!calls.expected.empty()) return told_answers(problem, calls);
  const std::vector<std::string>& inputs = calls.inputs;
  TriedReference tried;
  store::ReferenceRun& run = tried.run;
  run.lane = "calls";
  const auto call = [&](std::size_t index) {
    Value arguments;
    const bool known = index < inputs.size() && decode_whole(inputs[index], arguments);
    return fmt::format("call {}{} of suite {}", index,
                       known ? " " + repr(arguments, kArgumentsMax) : "", suite.name);
  };
  AnswersBuilder builder;
  Callee callee = callee_of(problem, calls, problem.reference);
  const bool plain = datasets::is_plain(problem, calls);
  sandbox::Job job;
  job.program = std::move(callee.program);
  job.entry_point = std::move(callee.entry_point);
  job.inputs = sandbox::Inputs::make(inputs);
  job.limits = limits;
  job.trusted = true;
  const auto sink = [&](const sandbox::Reply& reply) {
    if (reply.raised) {
      tried.fault = Fault::suite;
      run.trouble =
          fmt::format("the reference raises {} on {}", reply.exception_type, call(reply.index));
      return sandbox::Next::stop;
    }
    if (const std::string trouble = plain ? "" : trouble_of(calls.raises_at(reply.index), reply);
        !trouble.empty()) {
      tried.fault = Fault::suite;
      run.trouble = fmt::format("the reference {} on {}", trouble, call(reply.index));
      return sandbox::Next::stop;
    }
    builder.add(reply.value);
    run.reply_bytes_max =
        std::max(run.reply_bytes_max, static_cast<std::int64_t>(reply.value.size()));
    run.cpu_s.push_back(reply.cpu_s);
    return sandbox::Next::go_on;
  };
  const sandbox::Outcome outcome = executor.run(job, sink);
  run.memory_kib = static_cast<std::int64_t>(outcome.memory_kib_peak);
  run.chunks = builder.finish();
  if (tried.fault != Fault::none || outcome.end == End::completed) return tried;
  if (outcome.end == End::raised) {  // not by a call: those raise in their replies
    tried.fault = Fault::program;
    run.trouble = "the reference's top level raises " + describe(outcome) + advice(outcome);
  } else {
    fail(tried, outcome,
         fmt::format("the reference does not answer {}: {}", call(run.cpu_s.size()),
                     how_it_ended(outcome)));
  }
  return tried;
}

const std::string& reference_of_texts(const datasets::Problem& problem) {
  return problem.official_reference.empty() ? problem.reference : problem.official_reference;
}

static TriedReference run_checker(sandbox::Executor& executor, const datasets::Problem& problem,
                                  const datasets::CheckerSuite& suite,
                                  const sandbox::Limits& limits) {
  const std::string& program = reference_of_texts(problem);
  TriedReference tried;
  if (program.empty()) {  // nothing shows whether the text works through the proxy: nearly all do
    tried.run.lane = "proxy";
    return tried;
  }
  for (const bool in_process : {false, true}) {
    sandbox::CheckJob job =
        check_job(program, std::string(datasets::defined_name(problem)), suite, in_process, limits);
    job.trusted = true;
    const sandbox::Outcome outcome = executor.check(job);
    tried.run.lane = in_process ? "in_process" : "proxy";
    tried.run.cpu_s = {outcome.cpu_s};
    tried.run.memory_kib = static_cast<std::int64_t>(outcome.memory_kib_peak);
    if (outcome.end == End::completed) {
      tried.fault = Fault::none;
      tried.timed_out = false;
      tried.run.trouble.clear();
      return tried;
    }
    // What the proxied run showed stands; a fault of ours says nothing about either lane.
    if (!in_process || outcome.end == End::missing) {
      fail(tried, outcome,
           "the reference does not pass the tests: " + how_it_ended(outcome) + advice(outcome));
    }
    if (tried.timed_out || tried.fault == Fault::program || tried.fault == Fault::ours) break;
  }
  return tried;
}

bool add_script(TriedReference& tried, const sandbox::Outcome& outcome, std::size_t output_bytes) {
  store::ReferenceRun& run = tried.run;
  run.cpu_s.push_back(outcome.cpu_s);
  run.memory_kib = std::max(run.memory_kib, static_cast<std::int64_t>(outcome.memory_kib_peak));
  run.reply_bytes_max = std::max(run.reply_bytes_max, static_cast<std::int64_t>(output_bytes));
  tried.timed_out = outcome.end == End::timeout_cpu || outcome.end == End::timeout_wall;
  if (outcome.end == End::missing) {
    tried.fault = Fault::ours;
    run.lane.clear();
    run.trouble = describe(outcome);
    return true;
  }
  if (outcome.end != End::completed) tried.fault = Fault::suite;
  return false;
}

void decide_limits(store::ReferenceRun& run) {
  run.cpu_factor = kCpuFactor;
  // The program may need as much as the reference; the warm interpreter is counted in, generously.
  run.memory_mib_min = kRoomFactor * run.memory_kib / 1024;
  run.reply_mib_min = (kRoomFactor * run.reply_bytes_max >> 20) + 1;
}

TriedReference run_reference(sandbox::Executor& executor, const datasets::Problem& problem,
                             const datasets::Suite& suite, const sandbox::Limits& limits) {
  const auto* code = std::get_if<datasets::CheckerSuite>(&suite.tests);
  TriedReference tried = code ? run_checker(executor, problem, *code, limits)
                              : run_calls(executor, problem, suite, limits);
  decide_limits(tried.run);
  return tried;
}

/// What programs get beyond `limits`, as JSON: it is part of what their verdicts rest on.
static std::string raised(const ProgramLimits& derived, const sandbox::Limits& limits) {
  nlohmann::json out;
  if (derived.limits.suite_cpu_s > limits.suite_cpu_s)
    out["suite_cpu_s"] = derived.limits.suite_cpu_s;
  if (derived.limits.memory_mib > limits.memory_mib) out["memory_mib"] = derived.limits.memory_mib;
  if (derived.limits.reply_mib > limits.reply_mib) out["reply_mib"] = derived.limits.reply_mib;
  for (std::size_t test = 0; test < derived.test_cpu_s_max.size(); ++test) {
    if (derived.test_cpu_s_max[test] > limits.test_cpu_s)
      out["test_cpu_s"][std::to_string(test)] = derived.test_cpu_s_max[test];
  }
  return out.is_null() ? "" : out.dump();
}

ProgramLimits limits_of_programs(const store::ReferenceRun& reference,
                                 const sandbox::Limits& limits) {
  ProgramLimits derived{limits};
  derived.limits.memory_mib =
      std::max(limits.memory_mib, static_cast<std::uint64_t>(reference.memory_mib_min));
  derived.limits.reply_mib =
      std::max(limits.reply_mib, static_cast<std::uint64_t>(reference.reply_mib_min));
  double reference_s = 0;
  for (const double cpu_s : reference.cpu_s) {
    reference_s += cpu_s;
    derived.test_cpu_s_max.push_back(std::max(limits.test_cpu_s, reference.cpu_factor * cpu_s));
  }
  if (reference.lane != "calls" && !derived.test_cpu_s_max.empty())  // test code is one test
    derived.limits.test_cpu_s = derived.test_cpu_s_max.front();
  derived.limits.suite_cpu_s = std::max(limits.suite_cpu_s, reference.cpu_factor * reference_s);
  derived.raised = raised(derived, limits);
  return derived;
}

sandbox::CheckJob check_job(const std::string& program, const std::string& entry_point,
                            const datasets::CheckerSuite& suite, bool in_process,
                            const sandbox::Limits& limits) {
  sandbox::CheckJob job;
  job.program = program;
  job.entry_point = entry_point;
  job.checker_setup = suite.setup;
  job.checker = suite.checker;
  job.in_process = in_process;
  job.limits = limits;
  return job;
}

}  // namespace assay::verify
