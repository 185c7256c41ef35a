#include "harness/verify/stdio.h"

#include <doctest/doctest.h>

#include "harness/verify/output_checker.h"
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

TEST_CASE("scripts: bytes that are no text are told as text") {
  // A verdict's message was kept as it came: what reads the database as text could not go on.
  Bench bench;
  const Judgement judgement =
      bench.judge({writes(std::string("\xff\xfe 2", 4))}, Scope::first_failure);
  CHECK(judgement.verdict.message == "line 1: \uFFFD\uFFFD 2 in place of 2");
  REQUIRE(judgement.verdict.witness);
  CHECK(judgement.verdict.witness->actual == "\uFFFD\uFFFD 2");
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

// A right program that writes more than the limit for outputs failed where no reference had shown that it must.
TEST_CASE("scripts: programs may write as much as is right") {
  Bench bench;
  CHECK(bench.judge({writes("2"), writes("4"), writes("6")}, Scope::full).verdict.raised_limits ==
        "");
  Bench large;
  large.problem.suites = {
      {"hidden", datasets::StdioSuite{{{"", {std::string(20 << 20, 'x')}}}, {}}}};
  const auto verifier = verifier_of(large.problem, large.problem.suites[0], {});
  const TriedReference learnt = verifier->learn(large.executor);
  CHECK(limits_of_programs(learnt.run, {}).limits.reply_mib == 41);
}

// ---- checkers of outputs

namespace {

sandbox::Worker& worker() {
  static sandbox::Worker one([] {
    sandbox::Config config;
    config.allow_weaker = true;
    return config;
  }());
  return one;
}

/// Accepts any two numbers that add up to the input.
constexpr const char* kTwoNumbers = R"(import sys
wanted = int(open(sys.argv[1]).read())
words = open(sys.argv[2]).read().split()
if len(words) != 2:
    print("two numbers, please", file=sys.stderr)
    sys.exit(2)
sys.exit(0 if sum(map(int, words)) == wanted else "they add up to another number")
)";

Checked checked(const std::string& source, std::string_view output,
                std::string_view answer = "answer") {
  return check_output(worker(), {"python", source}, "7\n", output, answer);
}

}  // namespace

TEST_CASE("checkers: the exit status decides, as testlib's do") {
  using Says = Checked::Says;
  CHECK(checked(kTwoNumbers, "3 4\n").says == Says::right);
  CHECK(checked(kTwoNumbers, "9 -2").says == Says::right);
  const Checked wrong = checked(kTwoNumbers, "3 5");
  CHECK(wrong.says == Says::wrong);
  CHECK(wrong.message == "they add up to another number");
  const Checked few = checked(kTwoNumbers, "");
  CHECK(few.says == Says::wrong);
  CHECK(few.message == "two numbers, please");
  for (const auto& [ended, says] : {std::pair{0, Says::right},
                                    {1, Says::wrong},
                                    {2, Says::wrong},
                                    {4, Says::wrong},
                                    {7, Says::wrong},
                                    {8, Says::wrong},
                                    {3, Says::nothing},
                                    {5, Says::nothing}}) {
    const int status = ended;
    CAPTURE(status);
    CHECK(checked("raise SystemExit(" + std::to_string(status) + ")", "").says == says);
  }
  CHECK(checked("pass", "").says == Says::right);
}

TEST_CASE("checkers: one that fails itself says nothing of the program, and how it failed") {
  using Says = Checked::Says;
  const Checked raises = checked(kTwoNumbers, "a b");
  CHECK(raises.says == Says::nothing);
  CHECK(raises.message ==
        "ValueError: invalid literal for int() with base 10: 'a' (line 7 of checker.py)");
  CHECK(checked("def f(:", "").message.starts_with("SyntaxError"));
  CHECK(checked("import sys\nprint('no such test')\nsys.exit(3)", "").message == "no such test");
  CHECK(checked("import os\nos._exit(0)", "").says == Says::nothing);
  CHECK(checked("import os\nos._exit(1)", "").says == Says::nothing);
  CHECK(checked("import os\nos.abort()", "").says == Says::nothing);
  CHECK(checked("x = [0] * (1 << 50)", "").says == Says::nothing);
}

TEST_CASE("checkers: the three files are read as they are, by any of the usual ways") {
  const std::string bytes("a\r\n\xff\0b", 6);
  for (
      const char* source :
      {"import sys\nassert open(sys.argv[2], 'rb').read() == b'a\\r\\n\\xff\\0b'",
       "import sys, pathlib\nassert pathlib.Path(sys.argv[2]).read_bytes() == b'a\\r\\n\\xff\\0b'",
       "import sys, io\nwith io.open(sys.argv[3]) as f: assert f.readline() == 'one\\n' and next(f) == 'two'",
       "import sys, pathlib\nassert pathlib.Path(sys.argv[3]).read_text() == 'one\\ntwo'",
       "import sys\nassert sys.stdin.read() == '' and __name__ == '__main__'"}) {
    CAPTURE(source);
    const Checked found = checked(source, bytes, "one\r\ntwo");
    CHECK(found.message == "");
    CHECK(found.says == Checked::Says::right);
  }
  CHECK(checked("import sys\nopen(sys.argv[1], 'w')", "").message.starts_with("PermissionError"));
  CHECK(checked("open('other.txt')", "").message.starts_with("FileNotFoundError"));
}

TEST_CASE("checkers: nothing of one output is left for the next") {
  const std::string keeps =
      "import builtins, sys\nold = getattr(builtins, 'kept', '')\n"
      "builtins.kept = open(sys.argv[2]).read()\nsys.exit('kept ' + old if old else 0)";
  CHECK(checked(keeps, "first").says == Checked::Says::right);
  CHECK(checked(keeps, "second").says == Checked::Says::right);
}

TEST_CASE(
    "scripts: a checker decides in place of a comparison, and its own failure is no verdict") {
  datasets::Problem problem;
  problem.task_id = "T/0";
  datasets::StdioSuite suite{{{"7\n", {"3 4\n"}}, {"10\n", {"5 5\n"}}}, {}};
  suite.checker.source = kTwoNumbers;
  problem.suites = {{"hidden", suite}};
  const auto judged = [&](const std::string& program) {
    const auto verifier = verifier_of(problem, problem.suites[0], {});
    const Prepared prepared = verifier->prepare(verifier->learn(worker()).run);
    REQUIRE(prepared.trouble.empty());
    return prepared.judge(worker(), program, Scope::first_failure).verdict;
  };
  CHECK(judged("n = int(input())\nprint(n + 1, -1)").status == Status::pass);
  const store::Verdict wrong = judged("print(3, 4)");
  CHECK(wrong.status == Status::fail);
  CHECK(wrong.judged == 2);
  CHECK(wrong.message == "the checker rejects it: they add up to another number");
  REQUIRE(wrong.witness);
  CHECK(wrong.witness->actual == "3 4\n");
  const store::Verdict lost = judged("print('a', 'b')");
  CHECK(lost.status == Status::missing);
  CHECK(lost.message.starts_with("the checker failed: ValueError"));
  CHECK(judged("print(3, 4); raise ValueError").status == Status::error);

  problem.reference = "print(0, input())";
  CHECK(verifier_of(problem, problem.suites[0], {})->learn(worker()).run.trouble == "");
  problem.reference = "print(input())";
  CHECK(verifier_of(problem, problem.suites[0], {})->learn(worker()).run.trouble ==
        "the reference does not pass test 0: the checker rejects it: two numbers, please");
  // What decides verdicts is what they are kept under.
  datasets::Problem other = problem;
  std::get<datasets::StdioSuite>(other.suites[0].tests).checker.source += " ";
  CHECK(hash_of(other, other.suites[0]) != hash_of(problem, problem.suites[0]));
}
