#include "harness/verify/stdio.h"

#include <doctest/doctest.h>

#include "tests/support/fake_executor.h"

using namespace assay;
using namespace assay::verify;
using sandbox::End;
using store::Status;

namespace {

/// A script that writes this and ends so.
tests::Play writes(std::string output, End end = End::completed) {
  return tests::plays({tests::Answer{std::move(output), ""}}, end);
}

struct Bench {
  tests::Script script;
  tests::FakeExecutor executor{script};
  datasets::Problem problem;

  Bench() {
    problem.task_id = "T/0";
    problem.suites = {
        {"hidden", datasets::StdioSuite{
                       {{"1\n", {"2\n"}}, {"2\n", {"4\n", "four\n"}}, {"3\n", {"6\n"}}}, {}}}};
  }
  TriedReference learn(std::vector<tests::Play> plays) {
    problem.reference = "reference";
    script.put("reference", std::move(plays));
    return verifier_of(problem, problem.suites[0], {})->learn(executor);
  }
  Judgement judge(std::vector<tests::Play> plays, Scope scope) {
    script.put("program", std::move(plays));
    const auto verifier = verifier_of(problem, problem.suites[0], {});
    const Prepared prepared = verifier->prepare(verifier->learn(executor).run);
    REQUIRE(prepared.trouble.empty());
    return prepared.judge(executor, "program", scope);
  }
};

}  // namespace

TEST_CASE("scripts: each test is a process; any of several right outputs passes") {
  Bench bench;
  const Judgement judgement =
      bench.judge({writes("2"), writes("four"), writes("6\n\n")}, Scope::first_failure);
  CHECK(judgement.verdict.status == Status::pass);
  CHECK(judgement.verdict.passed == 3);
  CHECK(bench.script.runs("program") == 3);
}

TEST_CASE(
    "scripts: a wrong output is a fail with its witness, and the scope says how far it goes") {
  Bench bench;
  Judgement judgement = bench.judge({writes("2"), writes("5"), writes("6")}, Scope::first_failure);
  CHECK(judgement.verdict.status == Status::fail);
  CHECK(judgement.verdict.judged == 2);
  CHECK(judgement.verdict.failing == std::vector<std::uint32_t>{1});
  REQUIRE(judgement.verdict.witness);
  CHECK(judgement.verdict.witness->input == "2\n");
  CHECK(judgement.verdict.witness->expected == "4\n");
  CHECK(judgement.verdict.witness->actual == "5");
  CHECK(judgement.verdict.message == "line 1: 5 in place of 4");
  judgement = bench.judge({writes("1"), writes("4"), writes("7")}, Scope::full);
  CHECK(judgement.verdict.failing == std::vector<std::uint32_t>{0, 2});
  CHECK(judgement.verdict.passed == 1);
}

TEST_CASE("scripts: how a process ends is the verdict, whatever it wrote") {
  for (const auto& [end, status] : {std::pair{End::raised, Status::error},
                                    {End::exited, Status::error},
                                    {End::timeout_cpu, Status::timeout},
                                    {End::memory, Status::memory}}) {
    Bench bench;
    const Judgement judgement = bench.judge({writes("2", end)}, Scope::first_failure);
    CHECK(judgement.verdict.status == status);
    CHECK(judgement.verdict.judged == 1);
  }
}

TEST_CASE("scripts: a text that does not compile is run once") {
  Bench bench;
  const Judgement judgement = bench.judge({writes("", End::syntax)}, Scope::full);
  CHECK(judgement.verdict.status == Status::syntax);
  CHECK(judgement.verdict.judged == 3);
  CHECK(bench.script.runs("program") == 1);
}

TEST_CASE("scripts: an internal error is missing, and what was seen before is kept") {
  Bench bench;
  const Judgement judgement = bench.judge({writes("1"), writes("", End::missing)}, Scope::full);
  CHECK(judgement.verdict.status == Status::missing);
  REQUIRE(judgement.failed_before);
  CHECK(judgement.failed_before->status == Status::fail);
}

TEST_CASE("scripts: a reference must pass its suite; without one the outputs are what there is") {
  CHECK(Bench().learn({writes("2"), writes("4"), writes("6")}).run.trouble == "");
  const TriedReference wrong = Bench().learn({writes("2"), writes("5")});
  CHECK(wrong.fault == Fault::suite);
  CHECK(wrong.run.trouble == "the reference does not pass test 1: line 1: 5 in place of 4");
  const TriedReference lost = Bench().learn({writes("", End::missing)});
  CHECK(lost.fault == Fault::ours);
  CHECK(lost.run.lane == "");
}
