#include "harness/verify/appended.h"

#include <doctest/doctest.h>

#include <tuple>

#include "tests/support/fake_executor.h"

using namespace assay;
using namespace assay::verify;
using sandbox::End;
using store::Status;

namespace {

struct Bench {
  tests::Script script;
  tests::FakeExecutor executor{script};
  datasets::Problem problem;

  Bench() {
    problem.task_id = "T/0";
    problem.language = "cpp";
    problem.suites = {{"official", datasets::AppendedSuite{"// front\n", "int main() {}"}}};
  }
  static std::string around(const std::string& program) {
    return "// front\n" + program + "\nint main() {}";
  }
  Judgement judge(End end) {
    script.put(around("program"), {tests::plays({}, end, "why")});
    const auto verifier = verifier_of(problem, problem.suites[0], {});
    const Prepared prepared = verifier->prepare(verifier->learn(executor).run);
    REQUIRE(prepared.trouble.empty());
    return prepared.judge(executor, "program", Scope::first_failure);
  }
};

}  // namespace

TEST_CASE("appended tests: how the one process ends is the verdict, and it is marked forgeable") {
  for (const auto& [end, status] : {std::pair{End::completed, Status::pass},
                                    {End::crash, Status::crash},
                                    {End::exited, Status::error},
                                    {End::syntax, Status::syntax},
                                    {End::timeout_cpu, Status::timeout},
                                    {End::missing, Status::missing}}) {
    const Judgement judgement = Bench().judge(end);
    CHECK(judgement.verdict.status == status);
    CHECK(judgement.verdict.forgeable);
    CHECK(judgement.verdict.judged == (end == End::missing ? 0 : 1));
    CHECK(judgement.verdict.passed == (end == End::completed ? 1 : 0));
  }
}

TEST_CASE("appended tests: an assertion that fails is a wrong answer, another exception an error") {
  for (const auto& [type, message, status] :
       {std::tuple{"assert", "f(1) == 2", Status::fail},
        {"AssertionError", "", Status::fail},
        {"java.lang.AssertionError", "", Status::fail},
        {"panic", "assertion failed: `(left == right)`", Status::fail},
        {"panic", "index out of bounds", Status::error},
        {"TypeError", "assert is no function", Status::error}}) {
    Bench bench;
    tests::Play play = tests::plays({}, End::raised, message);
    play.outcome.exception_type = type;
    bench.script.put(Bench::around("program"), {play});
    const auto verifier = verifier_of(bench.problem, bench.problem.suites[0], {});
    const Prepared prepared = verifier->prepare(verifier->learn(bench.executor).run);
    CHECK(prepared.judge(bench.executor, "program", Scope::first_failure).verdict.status == status);
  }
}

TEST_CASE("appended tests: a reference that fails them makes the suite one that cannot judge") {
  Bench bench;
  bench.problem.reference = "reference";
  bench.script.put(Bench::around("reference"), {tests::plays({}, End::crash)});
  const auto verifier = verifier_of(bench.problem, bench.problem.suites[0], {});
  const TriedReference tried = verifier->learn(bench.executor);
  CHECK(tried.fault == Fault::suite);
  CHECK(verifier->prepare(tried.run).trouble ==
        "the reference does not pass the tests: killed by signal 0");
}

TEST_CASE("appended tests: that the sandbox lost the reference says nothing about it") {
  Bench bench;
  bench.problem.reference = "reference";
  bench.script.put(Bench::around("reference"), {tests::plays({}, End::missing, "gone")});
  const TriedReference tried =
      verifier_of(bench.problem, bench.problem.suites[0], {})->learn(bench.executor);
  CHECK(tried.fault == Fault::ours);
  CHECK(tried.run.lane.empty());
}
