#include "harness/verify/audit.h"

#include <doctest/doctest.h>

#include "datasets/probe_suite.h"
#include "datasets/test_text.h"
#include "harness/base/error.h"
#include "tests/support/own_problem.h"

using namespace assay;
using namespace assay::verify;

namespace {

sandbox::Config config_of(unsigned seed) {
  sandbox::Config config;
  config.allow_weaker = true;
  config.seed = seed;
  return config;
}

/// "flaw (suite)" of everything found.
std::vector<std::string> audited(const datasets::Problem& problem) {
  static sandbox::Worker first(config_of(0)), second(config_of(1)), third(config_of(2));
  sandbox::Executor* const others[] = {&second, &third};
  std::vector<std::string> told;
  for (const Finding& finding : audit(first, others, problem, 1)) {
    told.push_back(std::string(name_of(finding.flaw)) + " (" + finding.suite + ")");
  }
  return told;
}

datasets::Problem problem_of(std::string reference, std::vector<Value> arguments) {
  datasets::Problem problem;
  problem.task_id = "Own/0";
  problem.entry_point = "f";
  problem.reference = std::move(reference);
  datasets::DifferentialSuite calls;
  for (Value& argument : arguments)
    calls.inputs.push_back(encode(Value::sequence(Kind::tuple, {std::move(argument)})));
  put_suite(problem, {"base", std::move(calls)});
  return problem;
}

const std::vector<Value> kOneAndTwo = {Value::of_int(1), Value::of_int(2)};
using Told = std::vector<std::string>;

}  // namespace

TEST_CASE("audit: a sound problem has no finding, by inputs and by a test text") {
  datasets::Problem problem = problem_of("def f(n):\n    return 1 if n < 2 else n * f(n - 1)\n",
                                         {Value::of_int(3), Value::of_int(4)});
  put_suite(problem, {"official", datasets::CheckerSuite{problem.reference,
                                                         "assert f(3) == 6\nassert f(1) == 1\n"}});
  CHECK(audited(problem) == Told{});
}

TEST_CASE("audit: an answer that rests on hash order, on chance or on the clock is unstable") {
  for (const char* body :
       {"return list({'a', 'b', 'c', 'd', str(n)})",
        "import random\n    return n + random.random()",
        "import time\n    return n + time.time_ns()", "return n + id(object())"}) {
    CAPTURE(body);
    CHECK(audited(problem_of(std::string("def f(n):\n    ") + body + "\n", kOneAndTwo)) ==
          Told{"unstable (base)"});
  }
  CHECK(audited(problem_of("def f(n):\n    return sorted({'a', str(n)})\n", kOneAndTwo)) == Told{});
}

TEST_CASE("audit: answers that nothing equals are incomparable, and not called unstable") {
  const Told told = audited(problem_of("class C: pass\ndef f(n):\n    return C()\n", kOneAndTwo));
  REQUIRE(told.size() >= 1);
  CHECK(told.front() == "incomparable (base)");
  for (const std::string& one : told) CHECK(one != "unstable (base)");
}

TEST_CASE("audit: the one input of a suite that `assay probe` wrote is no fault") {
  // It stands beside base and plus, which catch the constant program; the file was found wanting.
  datasets::Problem problem = problem_of("def f(n):\n    return n + 1\n", kOneAndTwo);
  datasets::DifferentialSuite found;
  found.inputs = {
      std::get<datasets::DifferentialSuite>(problem.suites.front().tests).inputs.front()};
  put_suite(problem, {datasets::kProbeSuite, found});
  CHECK(audited(problem) == Told{});
  put_suite(problem, {"own", found});
  CHECK(audited(problem) == Told{"accepts_constant (own)"});
}

TEST_CASE("audit: what passes wrong programs is named by the least of them") {
  CHECK(audited(problem_of("def f(n):\n    pass\n", kOneAndTwo)) ==
        Told{"accepts_anything (base)"});
  CHECK(audited(problem_of("def f(n):\n    return 7\n", kOneAndTwo)) ==
        Told{"accepts_constant (base)"});
  CHECK(audited(problem_of("def f(n):\n    return n\n", {})) == Told{"no_tests (base)"});
  datasets::Problem loose = problem_of("def f(n):\n    return n / 3\n", kOneAndTwo);
  CHECK(audited(loose) == Told{});
  loose.atol = 1e3;
  CHECK(audited(loose) == Told{"tolerance_accepts_anything (base)", "accepts_constant (base)"});
  datasets::Problem text = problem_of("def f(n):\n    return n + 1\n", kOneAndTwo);
  const auto official = [&](const char* tests) {
    put_suite(text, {"official",
                     datasets::CheckerSuite{text.reference, datasets::with_test_calls(tests)}});
    return audited(text);
  };
  CHECK(official("def check(candidate):\n    assert candidate(1) == 2\n") ==
        Told{"accepts_anything (official)"});
  CHECK(official("f(1) == 2\n") ==
        Told{"asserts_nothing (official)", "accepts_anything (official)"});
  CHECK(official("assert f(1) == 2\n") == Told{"accepts_constant (official)"});
  CHECK(official("assert f(1) == 3\n") == Told{"reference_fails (official)"});
  CHECK(official("# later\n") == Told{"no_tests (official)"});
  CHECK(official("assert f(1) == 2 and f(2) == 3\ndef test_g(tmp_path): pass\n") ==
        Told{"never_run (official)"});
}

TEST_CASE(
    "audit: a checker of outputs must accept what is right, and be able to say that nothing is wrong") {
  const auto told = [](const std::string& checker) {
    datasets::Problem problem;
    problem.task_id = "Own/0";
    datasets::StdioSuite suite{{{"1\n", {"2\n", "two"}}, {"2\n", {"4\n"}}}, {}};
    suite.checker.source = "import sys\noutput = open(sys.argv[2]).read()\n" + checker;
    put_suite(problem, {"own", suite});
    return audited(problem);
  };
  CHECK(told("sys.exit(output.strip() not in (open(sys.argv[3]).read().strip(), 'two'))") ==
        Told{});
  CHECK(told("sys.exit(output != open(sys.argv[3]).read())") == Told{"checker_fails (own)"});
  CHECK(told("sys.exit(int(output) < 0)") == Told{"checker_fails (own)"});
  CHECK(told("sys.exit(3)") == Told{"checker_fails (own)"});
  CHECK(told("sys.exit(0)") == Told{"accepts_anything (own)"});
  CHECK(told("sys.exit(output.strip() not in ('2', '4', 'two'))") ==
        Told{"accepts_constant (own)"});
}

TEST_CASE("audit: answers that the benchmark names stand for a reference") {
  datasets::Problem problem = problem_of("", kOneAndTwo);
  auto& calls = std::get<datasets::DifferentialSuite>(problem.suites[0].tests);
  calls.expected = {encode(Value::of_int(2)), encode(Value::of_int(4))};
  CHECK(audited(problem) == Told{});
  calls.expected[1] = calls.expected[0];
  CHECK(audited(problem) == Told{"accepts_constant (base)"});
}

TEST_CASE("audit: a class is no constant: one instance may serve a whole test") {
  datasets::Problem problem;
  problem.task_id = "Own/0";
  problem.entry_point = "Stack";
  problem.reference =
      "class Stack:\n    def __init__(self): self.n = 0\n    def push(self): self.n += 1\n";
  put_suite(problem,
            {"official", datasets::CheckerSuite{problem.reference,
                                                "s = Stack()\ns.push()\nassert s.n == 1\n"}});
  CHECK(audited(problem) == Told{});
}

TEST_CASE("audit: a reference that does not load is said once; a jail lost twice is an error") {
  datasets::Problem problem = problem_of("def f(n)\n", kOneAndTwo);
  put_suite(problem, {"plus", problem.suites.front().tests});
  CHECK(audited(problem) == Told{"reference_fails (base)"});
  tests::Script script;
  tests::FakeExecutor executor(script);
  script.put("reference", {tests::ends(sandbox::End::missing, 0, "the jail is gone")});
  CHECK_THROWS_WITH_AS(audit(executor, {}, tests::own_problem(), 1), "the jail is gone", Error);
}
