// Which texts are read in a jail, and what becomes of them. The forms themselves are tested through
// the whole program: tests/cli/intake_test.py.
#include "harness/samples/intake.h"

#include <doctest/doctest.h>

#include "harness/base/value/value.h"
#include "tests/support/fake_executor.h"

extern "C" const char assay_intake_py_begin[], assay_intake_py_end[];

using namespace assay;
using samples::Answer;
using samples::Found;
using samples::Intake;
using samples::Reading;
using tests::Play;

namespace {

std::string found(const std::string& program, const std::string& rule, const std::string& chosen) {
  Value value;
  value.kind = Kind::dict;
  value.items = {Value::of_str("program"), Value::of_str(program),
                 Value::of_str("rules"),   Value::sequence(Kind::list, {Value::of_str(rule)}),
                 Value::of_str("chosen"),  Value::of_str(chosen)};
  return encode(value);
}

/// An intake whose jail answers what the test says.
struct Bench {
  datasets::Problem problem;
  tests::Script script;
  tests::FakeExecutor executor{script};
  std::atomic<bool> stop = false;

  Bench() {
    problem.entry_point = "f";
    problem.prompt = "def f(x):\n";
  }
  const std::string reader{assay_intake_py_begin, assay_intake_py_end};
  void answers(std::vector<Play> plays) { script.put(reader, std::move(plays)); }
  std::vector<Found> read(Reading reading, const std::vector<std::string>& texts,
                          bool are_completions = true) {
    std::vector<Answer> asked;
    for (const std::string& text : texts) asked.push_back({&problem, are_completions, text});
    return Intake(reading, {&executor}, stop).read(asked);
  }
};

}  // namespace

TEST_CASE("intake: what Python needs no help with is read in no jail") {
  Bench bench;
  const auto out = bench.read(Reading::repaired, {"    return x\n", "\n    return 1\n"});
  CHECK(out[0].program == "def f(x):\n    return x\n");
  CHECK(out[0].rules.empty());
  CHECK(bench.read(Reading::repaired, {"def f(x): 1"}, false)[0].program == "def f(x): 1");
  CHECK(bench.read(Reading::as_is, {"at the margin"})[0].program == "def f(x):\nat the margin");
  CHECK(bench.script.runs(bench.reader) == 0);
}

TEST_CASE("intake: the same text is read once, and each gets its own") {
  Bench bench;
  bench.answers(
      {tests::plays({{found("first", "cut", ""), ""}, {found("second", "cut", ""), ""}})});
  const auto out = bench.read(Reading::repaired, {"x = 1", "    return x", "y = 1", "x = 1"});
  CHECK(out[0].program == "first");
  CHECK(out[1].program == "def f(x):\n    return x");
  CHECK(out[2].program == "second");
  CHECK(out[3].program == "first");
  CHECK(out[3].rules == "cut");
}

// A text of 5 s that stood among others cost three times that: it was first in a new process, and
// then read alone as well.
TEST_CASE("intake: a text that brings its process down is read once more, then taken as it is") {
  Bench bench;
  const Play dies = tests::plays({}, sandbox::End::crash);
  const tests::Answer good{found("good", "cut", ""), ""};
  bench.answers({tests::plays({good}, sandbox::End::crash), dies, tests::plays({good})});
  const auto out = bench.read(Reading::repaired, {"good one", "bad", "good two"});
  CHECK(out[0].program == "good");
  CHECK(out[1].program == "def f(x):\nbad");
  CHECK(out[1].rules == "not_read");
  CHECK(out[2].program == "good");
  CHECK(bench.script.runs(bench.reader) == 3);
}

TEST_CASE("intake: trouble of the jail's own is no text's fault") {
  Bench bench;
  const tests::Answer good{found("good", "cut", ""), ""};
  bench.answers({tests::plays({}, sandbox::End::missing), tests::plays({good})});
  CHECK(bench.read(Reading::repaired, {"one"})[0].program == "good");
  CHECK(bench.script.runs(bench.reader) == 2);
}

TEST_CASE("intake: what no reader of ours would answer is not taken") {
  const std::string answers[] = {
      found("p", "no\nrule", ""),
      found("p", "cut", std::string(1000, 'x')),
      found(std::string(100'000, 'x'), "cut", ""),
      encode(Value::of_int(1)),
      encode(Value::of_str("program")),
      "",
  };
  for (const std::string& answer : answers) {
    Bench bench;
    bench.answers({tests::plays({{answer, ""}})});
    const auto out = bench.read(Reading::chat, {"text"}, false);
    CHECK(out[0].program == "text");
    CHECK(out[0].rules == "not_read");
  }
}

TEST_CASE("intake: an interrupt ends it") {
  Bench bench;
  bench.stop = true;
  CHECK_THROWS_AS(bench.read(Reading::repaired, {"x = 1"}), samples::Interrupted);
}

// MultiPL-E's C++ and Java tests begin with the brace that ends the function. A right program that closed its
// function itself was `syntax`: a chat model's whole program always, and a completion that ran on.
TEST_CASE("intake: before tests that close the function a program leaves it open") {
  Bench bench;
  bench.problem.language = "cpp";
  bench.problem.prompt = "int f(int x) {\n";
  bench.problem.suites.push_back({"official", datasets::AppendedSuite{"", "}\nint main() {}\n"}});
  const auto completion = [&](const std::string& text) {
    return bench.read(Reading::repaired, {text}).front();
  };
  const auto whole = [&](const std::string& text) {
    return bench.read(Reading::repaired, {text}, false).front();
  };
  const std::string open = "int f(int x) {\n  if (x) { x = '}'; }  // }\n  return x;\n";
  const std::string body = open.substr(bench.problem.prompt.size());
  CHECK(completion(body).program == open);
  CHECK(completion(body).rules.empty());
  CHECK(completion(body + "}\n").program == open);
  CHECK(completion(body + "}\n").rules == "left_open");
  CHECK(completion(body + "}\n\nint main() {\n  return f(").program == open);
  CHECK(whole(open).program == open);
  CHECK(whole(open).rules.empty());
  CHECK(whole(open + "}\n").program == open);
  CHECK(whole("struct P { int y; };\n" + open + "}\nint main() { return 0; }\n").program ==
        "struct P { int y; };\n" + open);
  CHECK(whole(open + "}\nint g() { return 1; }\n").program == open + "}\nint g() { return 1; ");
  CHECK(bench.read(Reading::as_is, {body + "}\n"}).front().program == open + "}\n");

  bench.problem.suites.front().tests =
      datasets::AppendedSuite{"", "    }\n  public static void main(String[] a) {}\n}\n"};
  bench.problem.language = "java";
  const std::string java = "class Problem {\n  static int f() {\n    return 1;\n  ";
  CHECK(whole(java + "}\n}\n").program == java);
  CHECK(whole(java + "}\n  public static void main(String[] a) { f(); }\n}\n").program == java);
  // Tests that close nothing leave every program as it is.
  bench.problem.suites.front().tests = datasets::AppendedSuite{"", "test();\n"};
  CHECK(whole(java + "}\n}\n").rules.empty());
}
