// Assertions that somebody wrote: how they are read, and how programs are judged by them, in a jail.
#include "harness/verify/assertions.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "harness/verify/answers.h"
#include "tests/support/own_problem.h"

using namespace assay;
using namespace assay::verify;
using datasets::Assertion;
using store::Status;
using Form = Assertion::Form;

namespace {

sandbox::Worker& worker() {
  static sandbox::Worker shared([] {
    sandbox::Config config;
    config.allow_weaker = true;
    return config;
  }());
  return shared;
}

datasets::Problem doubling() {
  datasets::Problem problem;
  problem.task_id = "Own/0", problem.entry_point = "f";
  problem.prompt = "def helper(x):\n    return x + 1\n\ndef f(x):\n    '''Twice x.'''\n";
  problem.reference = problem.prompt + "    return 2 * x\n";
  return problem;
}

std::vector<ReadTest> read(const std::string& text, bool whole_text = false) {
  return read_tests(worker(), doubling(), {{text, whole_text, 1}}).front();
}
Form form_of(const std::string& text) {
  const std::vector<ReadTest> tests = read(text);
  REQUIRE(tests.size() == 1);
  REQUIRE_MESSAGE(tests[0].trouble == "", tests[0].trouble);
  return tests[0].assertion.form;
}
std::string trouble_of(const std::string& text) {
  const std::vector<ReadTest> tests = read(text);
  REQUIRE(tests.size() == 1);
  return tests[0].trouble;
}

/// The problem with a suite of these assertions, which it reads; calls first.
datasets::Problem with(const std::vector<std::string>& texts) {
  datasets::Problem problem = doubling();
  datasets::AssertionSuite suite;
  suite.setup = setup_of(worker(), problem);
  for (const std::string& text : texts) {
    const std::vector<ReadTest> tests = read(text);
    REQUIRE_MESSAGE(tests.at(0).trouble == "", tests.at(0).trouble);
    suite.assertions.push_back(tests[0].assertion);
  }
  problem.suites = {{"gen", suite}};
  return problem;
}

Judgement judge(const datasets::Problem& problem, const std::string& program) {
  Demands demands;
  demands.limits.test_cpu_s = 0.3;
  const auto verifier = verifier_of(problem, problem.suites[0], demands);
  return verifier->prepare(verifier->learn(worker()).run).judge(worker(), program, Scope::full);
}
std::string body(const std::string& lines) { return "def f(x):\n    " + lines + "\n"; }

}  // namespace

TEST_CASE("assertions: what one call's answer decides is a call, all else runs as it stands") {
  CHECK(form_of("assert f(1) == 2") == Form::equal);
  CHECK(form_of("assert [1, 'a'] == f(x := 1) or f(1)") == Form::text);
  CHECK(form_of("assert (2.5, -1) == f({'a': [1]}), 'a message'") == Form::equal);
  CHECK(form_of("assert f(1) != 2") == Form::unequal);
  CHECK(form_of("assert f([])") == Form::truthy);
  CHECK(form_of("assert not f(0)") == Form::falsy);
  CHECK(form_of("assert f(x=1) == 2") == Form::text);
  CHECK(form_of("assert f([0] * 3) == 2") == Form::text);
  CHECK(form_of("assert f(f(1)) == 4") == Form::text);
  CHECK(form_of("assert abs(f(1) - 2) < 1e-6") == Form::text);
  CHECK(form_of("assert f(1) is True") == Form::text);
  CHECK(form_of("assert f(1) == f(2)") == Form::text);
  const Assertion one = read("  assert   f( 1,2 )==  3  ").at(0).assertion;
  CHECK(one.text == "assert f(1, 2) == 3");
  CHECK(one.input == encode(Value::sequence(Kind::tuple, {Value::of_int(1), Value::of_int(2)})));
  CHECK(one.expected == encode(Value::of_int(3)));
}

TEST_CASE("assertions: what is none says why") {
  CHECK(trouble_of("f(1) == 2") == "it is not one assert statement");
  CHECK(trouble_of("assert f(1) == 2; import os") == "it is not one assert statement");
  CHECK(trouble_of("assert True") == "it does not call f");
  CHECK(trouble_of("assert g(1) == 2") == "it does not call f");
  CHECK(trouble_of("assert (f(1) == 3, 'always true')") ==
        "it asserts a tuple, which is always true");
  CHECK(trouble_of("assert f(1 == 2").starts_with("it does not compile: "));
  CHECK(trouble_of("") == "it is not one assert statement");
  CHECK(trouble_of("assert f(" + std::string(300, '[') + std::string(300, ']') + ") == 1") != "");
  CHECK(trouble_of(std::string("assert f(1)\0 == 2", 17)) != "");
  // The reader goes on behind what it cannot take.
  const auto tests =
      read_tests(worker(), doubling(),
                 {{"assert f(" + std::string(100'000, '(') + "1"}, {"assert f(1) == 2"}});
  REQUIRE(tests.size() == 2);
  CHECK(tests[0].at(0).trouble != "");
  CHECK(tests[1].at(0).trouble == "");
}

TEST_CASE("assertions: a completion is cut as CodeT cuts it") {
  const auto tests = read(
      " f(1) == 2\n    assert f(2) == 4\n    assert g(1) == 1\n# that is all\nassert f(", true);
  REQUIRE(tests.size() == 3);
  CHECK(tests[0].assertion.text == "assert f(1) == 2");
  CHECK(tests[1].assertion.text == "assert f(2) == 4");
  CHECK(tests[2].trouble.starts_with("it does not compile"));
}

TEST_CASE("assertions: each has a result of its own, whatever the others do") {
  const datasets::Problem problem =
      with({"assert f(1) == 2", "assert f(2) == 5", "assert f(3) == 6", "assert f(0) == 0",
            "assert not f(0)", "assert helper(f(1)) == 3", "assert f(x=4) == 9"});
  Judgement got = judge(problem, body("return 2 * x"));
  CHECK(got.verdict.failing == std::vector<std::uint32_t>{1, 6});
  CHECK(got.verdict.passed == 5);
  CHECK(got.verdict.judged == 7);
  CHECK(got.verdict.status == Status::fail);
  REQUIRE(got.verdict.witness);
  CHECK(got.verdict.witness->input == "assert f(2) == 5");
  CHECK(got.verdict.witness->actual == "4");
  CHECK(got.verdict.scope == "full");
  CHECK_FALSE(got.verdict.forgeable);
  // A call that never ends, one that ends the process, one that raises: those behind are still judged.
  got = judge(
      problem,
      body(
          "while x == 1: pass\n    if x == 2: import os; os._exit(0)\n    if x == 4: raise ValueError\n"
          "    return 2 * x"));
  CHECK(got.verdict.failing == std::vector<std::uint32_t>{0, 1, 5, 6});
  CHECK(got.verdict.judged == 7);
  CHECK(got.verdict.status == Status::timeout);
}

TEST_CASE("assertions: what is true is so by bool(), of every type that crosses") {
  // A fraction of nothing, an empty view and an empty bytearray were true, as objects are.
  const datasets::Problem problem = with({"assert not f(0)", "assert f(1)"});
  for (const std::string made :
       {"fractions.Fraction(x)", "decimal.Decimal(x)", "bytearray(x)",
        "dict.fromkeys(range(x)).keys()", "collections.Counter(range(x))"}) {
    const std::string answer =
        std::string("import fractions, decimal, collections\n    return ") + made;
    CHECK_MESSAGE(judge(problem, body(answer.c_str())).verdict.status == Status::pass, made);
  }
}

TEST_CASE("assertions: a program that cannot be called fails all, one that answers all passes") {
  const datasets::Problem problem = with({"assert f(1) == 2", "assert f(x=1) == 2"});
  CHECK(judge(problem, body("return 2 * x")).verdict.status == Status::pass);
  const Judgement broken = judge(problem, "def f(x:\n");
  CHECK(broken.verdict.status == Status::syntax);
  CHECK(broken.verdict.judged == 2);
  CHECK(broken.verdict.passed == 0);
  CHECK(judge(problem, "def g(x): return 1\n").verdict.status == Status::no_entry_point);
  CHECK(judge(with({"assert f(x=1) == 2"}), "def g(x): return 1\n").verdict.status ==
        Status::no_entry_point);
}

TEST_CASE(
    "assertions: a program that can be called once and then no more is a result, not a fault") {
  // It defines its function only where it runs by calls: the text behind found none, nothing had
  // failed, and a broken invariant of ours ended the whole of `assay tests`.
  const std::string sockets =
      "import os, stat\nn = 0\nfor fd in range(200):\n"
      "    try: n += stat.S_ISSOCK(os.fstat(fd).st_mode)\n    except OSError: pass\n"
      "def f(x): return 2 * x\nif n > 1: ";
  const datasets::Problem problem =
      with({"assert f(2) == 4", "assert f(3) + 0 == 6", "assert f(4) + 0 == 8"});
  Judgement got = judge(problem, sockets + "del f\n");
  REQUIRE(got.verdict.status == Status::no_entry_point);
  CHECK(got.verdict.message != "");
  CHECK(got.verdict.passed == 1);
  CHECK(got.verdict.judged == 3);
  CHECK(got.verdict.failing == std::vector<std::uint32_t>{1, 2});
  // What failed before says why it was rejected.
  got = judge(with({"assert f(2) == 5", "assert f(3) + 0 == 6"}), sockets + "del f\n");
  CHECK(got.verdict.status == Status::fail);
  CHECK(got.verdict.judged == 2);
  CHECK(got.verdict.failing == std::vector<std::uint32_t>{0, 1});
}

TEST_CASE("assertions: what parses and does not compile is none") {
  // One such text was taken in, and left the whole suite of its problem without a verdict.
  for (const char* text :
       {"assert await f(2) == 4", "assert f((yield 1)) == 2", "assert [await f(1) for _ in 'a']",
        "assert f(*a, **(yield)) == 1", "assert (__debug__ := f(1))"})
    CHECK_MESSAGE(trouble_of(text).starts_with("it does not compile: "), text);
  CHECK(form_of("assert (lambda: (yield f(1)))") == Form::text);
  CHECK(form_of("assert f(1) is 2") == Form::text);  // the compiler warns of it
}

TEST_CASE("assertions: a program that loops on every call is not waited for a hundred times") {
  std::vector<std::string> texts;
  for (int i = 0; i < 100; ++i) texts.push_back(fmt::format("assert f({}) == 1", i));
  const Judgement got = judge(with(texts), body("while True: pass"));
  CHECK(got.verdict.judged < 100);
  CHECK(got.verdict.failing.size() == static_cast<std::size_t>(got.verdict.judged));
}

TEST_CASE("assertions: those behind the sixteenth that ends a program's process are judged too") {
  // They were not, and counted as failed, so that the order of the assertions decided.
  std::vector<std::string> texts;
  for (int i = 0; i < 20; ++i) texts.push_back(fmt::format("assert f({}) == 1", i));
  texts.emplace_back("assert f(100) == 200");
  const Judgement got =
      judge(with(texts), body("import os\n    if x < 100: os._exit(0)\n    return 2 * x"));
  CHECK(got.verdict.judged == 21);
  CHECK(got.verdict.passed == 1);
}

TEST_CASE("assertions: one that interferes with its judging is no fault of the program's") {
  // It writes into every descriptor that there is, and a right program was `tampered`.
  const std::string meddling =
      "exec('import os\\nfor fd in range(200):\\n try: os.write(fd, b\"x\" * 64)\\n except OSError: pass')";
  const datasets::Problem problem =
      with({"assert f(1) == 2", "assert " + meddling + " or f(2) == 4", "assert f(3) + 0 == 6"});
  const Judgement got = judge(problem, body("return 2 * x"));
  CHECK(got.verdict.status == Status::error);
  CHECK(got.verdict.message.find("the assertion interferes") == 0);
  CHECK(got.verdict.failing == std::vector<std::uint32_t>{1});
  CHECK(got.verdict.judged == 3);
  // A program that does so is.
  const Judgement own =
      judge(with({"assert f(3) + 0 == 6"}), body(meddling + "\n    return 2 * x"));
  CHECK(own.verdict.status == Status::tampered);
}

TEST_CASE("assertions: a program that meddles with equality or the test text gains nothing") {
  const datasets::Problem problem = with({"assert f(1) == 3", "assert f(x=1) == 3"});
  const char* cheats[] = {
      "class A:\n    def __eq__(self, other): return True\n    def __bool__(self): return True\ndef f(x): return A()\n",
      "class A(int):\n    def __eq__(self, other): return True\ndef f(x): return A(2)\n",
      "import builtins\nbuiltins.AssertionError = Exception\ndef f(x):\n    print('pass'); return 2\n"};
  for (const char* cheat : cheats) {
    const Judgement got = judge(problem, cheat);
    CHECK_MESSAGE(got.verdict.passed == 0, cheat);
  }
}

TEST_CASE("assertions: the reference is asked too, and what it does not end by is not known") {
  const datasets::Problem problem = with({"assert f(1) == 2", "assert f(1) == 3",
                                          "assert f('a' * 3) == 'aaaaaa'", "assert nobody(f(1))"});
  const auto verifier = verifier_of(problem, problem.suites[0], {});
  const TriedReference tried = verifier->learn(worker());
  CHECK(tried.run.trouble == "");
  CHECK(truths(tried.run.chunks) == std::vector<std::optional<bool>>{true, false, true, false});
  // It raises no limit of a program, whatever it needs.
  CHECK(tried.run.cpu_s.size() == 4);
  CHECK(tried.run.cpu_factor == 0);
  datasets::Problem broken = problem;
  broken.reference = "def f(x:\n";
  const TriedReference none = verifier_of(broken, broken.suites[0], {})->learn(worker());
  CHECK(none.run.trouble == "");
  CHECK(truths(none.run.chunks) == std::vector<std::optional<bool>>(4));
}
