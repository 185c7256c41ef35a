#include "harness/verify/reference.h"

#include <doctest/doctest.h>

#include "harness/base/value/value.h"
#include "harness/verify/verifier.h"

using namespace assay;
using verify::Fault;

static datasets::Problem problem_of(std::string reference) {
  datasets::Problem problem;
  problem.task_id = "Own/1";
  problem.entry_point = "f";
  problem.reference = std::move(reference);
  put_suite(problem, {"plus", datasets::DifferentialSuite{
                                  {encode(Value::sequence(Kind::tuple, {Value::of_int(2)}))}}});
  return problem;
}

static verify::TriedReference tried(const datasets::Problem& problem, const std::string& suite) {
  sandbox::Config config;
  config.allow_weaker = true;
  sandbox::Worker worker(config);
  return verify::run_reference(worker, problem, *find_suite(problem, suite),
                               verify::reference_limits(0.3));
}

TEST_CASE("a reference's fault is named: its program, its entry point, a call") {
  const auto good = tried(problem_of("def f(x):\n    return x\n"), "plus");
  CHECK(good.fault == Fault::none);
  CHECK(good.run.trouble.empty());
  CHECK(good.run.chunks.size() == 1);

  const auto syntax = tried(problem_of("def f(x)\n    return x\n"), "plus");
  CHECK(syntax.fault == Fault::program);
  CHECK(syntax.run.trouble ==
        "the reference does not compile: SyntaxError: expected ':' (<solution>, line 1)");

  const auto top = tried(problem_of("def f(x):\n    return x\nraise ValueError('no')\n"), "plus");
  CHECK(top.fault == Fault::program);
  CHECK(top.run.trouble == "the reference's top level raises ValueError: no (line 3)");

  const auto other = tried(problem_of("def g(x):\n    return x\n"), "plus");
  CHECK(other.fault == Fault::entry_point);

  const auto raises = tried(problem_of("def f(x):\n    return 1 // (x - 2)\n"), "plus");
  CHECK(raises.fault == Fault::suite);
  CHECK_FALSE(raises.timed_out);
  CHECK(raises.run.trouble ==
        "the reference raises ZeroDivisionError on call 0 (2,) of suite plus");
}

TEST_CASE(
    "answers that the benchmark names are expected without a reference, of functions and of methods") {
  sandbox::Config config;
  config.allow_weaker = true;
  sandbox::Worker worker(config);
  datasets::Problem problem = problem_of("");
  problem.prelude = "from typing import *";
  problem.rule = datasets::Rule::as_json;
  auto& calls = std::get<datasets::DifferentialSuite>(problem.suites[0].tests);
  calls.expected = {encode(Value::sequence(Kind::list, {Value::of_int(4)}))};
  const auto judged = [&](const std::string& program) {
    const auto verifier = verify::verifier_of(problem, problem.suites[0], {});
    const verify::Prepared prepared = verifier->prepare(verifier->learn(worker).run);
    REQUIRE(prepared.trouble.empty());
    return prepared.judge(worker, program, verify::Scope::full).verdict;
  };
  for (const char* method : {"", "Solution."}) {
    problem.entry_point = method + std::string("f");
    const std::string head =
        *method ? "class Solution:\n def f(self, x: List[int])" : "def f(x: List[int])";
    CHECK(judged(head + ": return [2 * x]").status == store::Status::pass);
    CHECK(judged(head + ": return (2 * x,)").status == store::Status::pass);
    CHECK(judged("from __future__ import annotations\n" + head + ": return [2 * x]").status ==
          store::Status::pass);
    const store::Verdict wrong = judged(head + ": return [3 * x]");
    CHECK(wrong.status == store::Status::fail);
    REQUIRE(wrong.witness);
    CHECK(wrong.witness->expected == "[4]");
    CHECK(wrong.witness->actual == "[6]");
    // The line that stands in front of the program is not counted.
    CHECK(judged(head + ": return [2 * x]\nraise ValueError('no')")
              .message.ends_with(*method ? "(line 3)" : "(line 2)"));
    CHECK(judged(head + ": return [\n").message ==
          (*method ? "SyntaxError: '[' was never closed (<solution>, line 2) (line 2)"
                   : "SyntaxError: '[' was never closed (<solution>, line 1) (line 1)"));
  }
}

TEST_CASE("only a reference that ran into a time limit is said to have timed out") {
  // A minute of wall time decided that a reference does not end: on a busy machine, one that fails
  // slowly kept the other suites of its problem from being judged.
  const auto looping = tried(problem_of("def f(x):\n    while True: pass\n"), "plus");
  CHECK(looping.timed_out);
  CHECK(looping.fault == Fault::suite);
  CHECK(looping.run.trouble.starts_with(
      "the reference does not answer call 0 (2,) of suite plus: stopped after 0."));
}

TEST_CASE("a reference meets the official tests through the proxy, or else in one process") {
  datasets::Problem problem = problem_of("def f(x):\n    return x\n");
  const auto test = [&](const char* checker) {
    put_suite(problem, {"official", datasets::CheckerSuite{"", checker}});
  };
  test("assert f(3) == 3\n");
  CHECK(tried(problem, "official").run.lane == "proxy");
  test("assert f(3) == 4\n");
  const auto wrong = tried(problem, "official");
  CHECK(wrong.fault == Fault::suite);
  CHECK(wrong.run.trouble.starts_with("the reference does not pass the tests"));
  problem.reference = "class C: pass\ndef f(x):\n    return C()\n";
  test("assert type(f(3)).__name__ == 'C'\n");
  const auto own_class = tried(problem, "official");
  CHECK(own_class.fault == Fault::none);
  CHECK(own_class.run.lane == "in_process");
}

TEST_CASE("what a reference needs beyond the user's limits is said, and nothing else") {
  // The limits were derived from the measured times at every start and stored nowhere: verdicts of
  // two machines could not be told apart.
  auto reference = tried(problem_of("def f(x):\n    return x\n"), "plus").run;
  CHECK(reference.cpu_factor == 4);
  CHECK(reference.memory_mib_min == 2 * reference.memory_kib / 1024);
  const auto raised = [&] { return verify::limits_of_programs(reference, {}).raised; };
  CHECK(raised() == "");
  reference.cpu_s = {0.5};
  CHECK(raised() == R"({"test_cpu_s":{"0":2.0}})");
  reference.cpu_s = {20};
  reference.memory_mib_min = 4096;
  reference.reply_mib_min = 40;
  CHECK(raised() ==
        R"({"memory_mib":4096,"reply_mib":40,"suite_cpu_s":80.0,"test_cpu_s":{"0":80.0}})");
}

// A reference ran in the same warm interpreter as the samples: one of those that had patched it
// made the expected answers of every program after it.
TEST_CASE("every run of a reference asks for a jail that no sample has touched") {
  struct Recorder final : sandbox::Executor {
    sandbox::Outcome run(const sandbox::Job& job, const sandbox::ReplySink&) override {
      trusted.push_back(job.trusted);
      return {};
    }
    sandbox::Outcome check(const sandbox::CheckJob& job) override {
      trusted.push_back(job.trusted);
      sandbox::Outcome outcome;
      outcome.end = sandbox::End::raised;
      return outcome;
    }
    sandbox::Outcome script(const sandbox::ScriptJob&, std::string&) override { return {}; }
    void interrupt() override {}
    sandbox::Level level() const override { return sandbox::Level::full; }
    const sandbox::Interpreter& interpreter() const override { return known; }
    std::vector<bool> trusted;
    sandbox::Interpreter known;
  } recorder;
  datasets::Problem problem = problem_of("def f(x):\n    return x\n");
  put_suite(problem, {"base", datasets::CheckerSuite{}});
  for (const char* suite : {"plus", "base"}) {
    verify::run_reference(recorder, problem, *find_suite(problem, suite),
                          verify::reference_limits(1));
  }
  CHECK(recorder.trusted == std::vector<bool>{true, true, true});  // proxied and in one process
}
