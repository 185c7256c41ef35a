#include "datasets/forms/reader.h"

#include <doctest/doctest.h>

#include <cstdio>

#include "datasets/join.h"
#include "datasets/python_text.h"
#include "harness/base/hash.h"
#include "harness/base/value/json_value.h"
#include "tests/support/data.h"
#include "tests/support/scratch.h"
#include "tests/support/source_dir.h"

using assay::LineReader;
using namespace assay::datasets;
using assay::tests::data_file;

static Dataset read(const std::string& text) {
  return assay::datasets::read_dataset(LineReader("d.jsonl", text), "d");
}

static std::string shown(const std::string& encoded) {
  assay::Value value;
  REQUIRE(assay::decode_whole(encoded, value));
  return assay::repr(value);
}

TEST_CASE("assay's own form, every key") {
  const Dataset dataset = read(
      R"({"dataset": "mine", "version": "1", "note": "for a test"}
{"task_id": "M/0", "prompt": "def f(x):\n", "entry_point": "f", "reference": "def f(x): return x\n", )"
      R"("official_reference": "def f(y): return y\n", "base": [[1], [{"$tuple": [1, 2]}]], "plus": [], )"
      R"("tests": "assert f(1) == 1\n", "setup": "n = 1\n", "atol": 0.5, "comparison": "same_set", "comment": 1}
{"task_id": "M/1", "entry_point": "g", "reference": "def g(): return 1\n", "tests": "assert g() == 1\n"})");
  CHECK(dataset.name == "mine");
  CHECK(dataset.version == "1");
  CHECK(dataset.note == "for a test");
  REQUIRE(dataset.problems.size() == 2);
  const Problem& first = dataset.problems[0];
  CHECK(first.prompt == "def f(x):\n");
  CHECK(first.reference == "def f(x): return x\n");
  CHECK(first.official_reference == "def f(y): return y\n");
  REQUIRE(differential(first, "base")->inputs.size() == 2);
  CHECK(shown(differential(first, "base")->inputs[0]) == "(1,)");
  CHECK(shown(differential(first, "base")->inputs[1]) == "((1, 2),)");
  CHECK(differential(first, "plus")->inputs.empty());
  CHECK(checker(first, "official")->setup == "n = 1\n");
  CHECK(checker(first, "official")->checker == "assert f(1) == 1\n");
  CHECK(first.atol == 0.5);
  CHECK(first.rule == Rule::same_set);
  const Problem& second = dataset.problems[1];
  CHECK(!find_suite(second, "base"));
  CHECK(!find_suite(second, "plus"));
  CHECK(checker(second, "official")->setup == second.reference);
  CHECK(second.rule == Rule::equal);
}

TEST_CASE("assay's own form: what a call does besides returning") {
  const Dataset dataset = read(
      R"({"task_id": "M/0", "entry_point": "S", "reference": "class S: pass", "operations": true, )"
      R"("compared": ["result", "stdout", "arguments"], )"
      R"("base": [[["S"], [[]]], {"args": [["S", "pop"], [[1], []]], "raises": "IndexError"}]}
{"task_id": "M/1", "entry_point": "S.f", "reference": "class S: pass", "base": [[1]]}
{"task_id": "M/2", "entry_point": "f", "reference": "def f(x): return x", "base": [[1], {"args": [{"a": 1}]}]})");
  const Problem& first = dataset.problems[0];
  CHECK(first.calling.result);
  CHECK(first.calling.printed);
  CHECK(first.calling.arguments);
  CHECK(first.calling.operations);
  const DifferentialSuite& base = *differential(first, "base");
  CHECK(base.raises == std::vector<std::string>{"", "IndexError"});
  CHECK(base.raises_at(1) == "IndexError");
  CHECK(shown(base.inputs[1]) == "(['S', 'pop'], [[1], []])");
  CHECK_FALSE(is_plain(first, base));
  CHECK_FALSE(is_plain(dataset.problems[1], *differential(dataset.problems[1], "base")));
  const Problem& plain = dataset.problems[2];
  CHECK(is_plain(plain, *differential(plain, "base")));
  CHECK(differential(plain, "base")->raises.empty());
  // Whatever decides a verdict is part of what it is kept under.
  Problem other = plain;
  const std::string hash = hash_of(plain, plain.suites[0]);
  other.calling.printed = true;
  CHECK(hash_of(other, other.suites[0]) != hash);
  other = plain;
  std::get<DifferentialSuite>(other.suites[0].tests).raises = {"", "IndexError"};
  CHECK(hash_of(other, other.suites[0]) != hash);
}

TEST_CASE("assay's own form: calls that cannot be made are refused by their key") {
  const auto refused = [](const std::string& keys, const std::string& what) {
    CAPTURE(keys);
    CHECK_THROWS_WITH_AS(read(R"({"task_id": "M/0", "reference": "r", )" + keys + "}"),
                         doctest::Contains(what.c_str()), assay::Error);
  };
  refused(R"("entry_point": "f", "base": [{"raises": "E"}])",
          "\"base\", input 0: the key \"args\" is missing");
  refused(R"("entry_point": "f", "base": [[1], {"args": [], "raise": "E"}])",
          "\"base\", input 1: unknown key \"raise\"");
  refused(R"("entry_point": "f", "base": [{"args": [], "raises": "not a name"}])",
          "\"raises\" is not the name");
  refused(R"("entry_point": "f", "base": [{"args": [], "raises": 1}])",
          "\"raises\" is not the name");
  refused(R"("entry_point": "f", "base": [{"args": 1}])", "is not a list of arguments");
  refused(R"("entry_point": "f", "base": [], "compared": ["output"])", "\"output\" is none of");
  refused(R"("entry_point": "f", "base": [], "compared": [])", "\"compared\" is not a list");
  refused(R"("entry_point": "f", "base": [], "operations": 1)", "neither true nor false");
  refused(R"("entry_point": "S", "operations": true, "base": [[1]])",
          "\"base\", input 0: operations are");
  refused(R"("entry_point": "S", "operations": true, "base": [[["T"], [[]]]])", "\"S\" first");
  refused(R"("entry_point": "S.f", "operations": true, "base": [])", "is a method");
  refused(R"("entry_point": "S.", "base": [])", "neither a name nor a method");
  refused(R"("entry_point": "S.f.g", "tests": "assert 1")", "neither a name nor a method");
}

TEST_CASE("a misspelt key in the first row hides no complaint about the others") {
  // The first row decided that the form is unknown, and nothing was said of the rest.
  const assay::tests::Scratch scratch;
  const std::string path = scratch.path("d.jsonl");
  const auto complaints = [&](const std::string& text) {
    scratch.write("d.jsonl", text);
    try {
      read_whole_dataset(path);
    } catch (const assay::Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  const std::string good =
      R"({"task_id": "M/0", "entry_point": "f", "reference": "r", "base": [[1]]})";
  CHECK(complaints(good + "\n").empty());
  CHECK(
      complaints(R"({"task_id": "M/1", "entry_pont": "f", "reference": "r", "base": []})"
                 "\n{\"task_id\": 1\n" +
                 good + "\n" + R"({"task_id": "M/2", "entry_point": "f", "reference": "r"})") ==
      path +
          ":1: unknown key \"entry_pont\"; the keys are atol, base, comment, compared, comparison, "
          "contract, entry_point, official_reference, operations, plus, prompt, reference, setup, "
          "suites, task_id, tests\n" +
          path + ":2: " + complaints("{\"task_id\": 1").substr(path.size() + 4) + "\n" + path +
          ":4: the problem has no suite (\"base\", \"plus\", \"tests\" or \"suites\")");
  std::string many;
  for (int i = 0; i < 23; ++i) many += "{\"a\": 1}\n";
  CHECK(complaints(many).ends_with(
      ":20: the keys of this row are those of no known form (HumanEval, "
      "HumanEval+, MBPP, MBPP+, HumanEval-X, MultiPL-E, APPS, LiveCodeBench, CodeContests, verl, assay's own; see datasets/README.md)\n"
      "... and 3 more rows: see assay datasets check"));
}

TEST_CASE("a bad benchmark row is refused by file, line and key") {
  const std::string row =
      R"({"task_id": "M/0", "entry_point": "f", "reference": "def f(x): return x", "base": [[1]]})";
  const auto refused = [&](const std::string& text, const char* what) {
    CAPTURE(text);
    CHECK_THROWS_WITH(read(text), doctest::Contains(what));
  };
  refused(row + "\n" + row, "d.jsonl:2: the task_id \"M/0\" occurs twice");
  refused(row + "\n{\"task_id\": 1", "d.jsonl:2: malformed JSON");
  refused("{\"a\": 1}", "d.jsonl:1: the keys of this row are those of no known form");
  // EvalPlus's row without a key was told apart from no form, and not from HumanEval+.
  refused(R"({"entry_point": "f", "canonical_solution": "c", "base_input": [], "test": "t"})",
          "datasets/README.md); nearest is HumanEval+, of which it lacks \"plus_input\"");
  refused("", "d.jsonl: the file is empty");
  refused("{\"dataset\": \"x\"}", "holds no problems");
  const std::string head = R"({"task_id": "M/0", "entry_point": "f", "reference": "")";
  refused(head + "}", "has no suite");
  refused(head + R"(, "base": [1]})",
          "\"base\", input 0: an input is not a list of arguments, as [1] is for the argument 1");
  refused(head + R"(, "base": 1})", "\"base\" is not an array of inputs");
  refused(head + R"(, "inputs": []})", "unknown key \"inputs\"");
  refused(head + R"(, "base": [], "comparison": "fuzzy"})", "unknown \"comparison\" \"fuzzy\"");
  refused(head + R"(, "base": [], "atol": "1"})", "\"atol\" is not a number");
  refused(head + R"(, "tests": 1})", "\"tests\" is not a string");
  // An infinite tolerance accepted anything (attack 78).
  for (const char* atol : {"NaN", "Infinity", "-Infinity", "-1", "-0.5"}) {
    refused(head + R"(, "base": [], "atol": )" + atol + "}", "d.jsonl:1: \"atol\" is");
  }
  refused(R"({"task_id": "a\u0007", "entry_point": "f", "reference": "", "base": []})",
          "d.jsonl:1: \"task_id\" holds a control character");
}

TEST_CASE("a problem knows its place, and a row that cannot be read hides none of the others") {
  const std::string good = R"(", "entry_point": "f", "reference": "", "base": [[1]]})";
  std::vector<std::string> refused;
  const Dataset dataset = assay::datasets::read_dataset(
      LineReader("d.jsonl", "{\"task_id\": \"a" + good +
                                "\n\n{\"task_id\": 1}\n{broken\n{\"task_id\": \"b" + good +
                                "\n{\"task_id\": \"a" + good),
      "d", [&](const RowError& error) { refused.push_back(error.what()); });
  REQUIRE(dataset.problems.size() == 2);
  CHECK(dataset.problems[0].place.text() == "d.jsonl:1");
  CHECK(dataset.problems[1].place.text() == "d.jsonl:5");
  REQUIRE(refused.size() == 3);
  CHECK(refused[0].starts_with("d.jsonl:3: "));
  CHECK(refused[1].starts_with("d.jsonl:4: malformed JSON"));
  CHECK(refused[2] == "d.jsonl:6: the task_id \"a\" occurs twice");
  CHECK(read("[{\"task_id\": \"a" + good + "]").problems[0].place.text() == "d.jsonl, row 1");
}

TEST_CASE("an own benchmark may have suites of any names, of inputs or of test code") {
  const Dataset dataset = read(
      R"({"task_id": "M/0", "entry_point": "f", "reference": "def f(x): return x", )"
      R"("suites": {"public": [[1]], "hidden": [[2], [3]], "asserts": "assert f(1) == 1\n"}})");
  const Problem& problem = dataset.problems.front();
  CHECK(suite_names(dataset) == std::vector<std::string>{"public", "hidden", "asserts"});
  CHECK(differential(problem, "public")->inputs.size() == 1);
  CHECK(tests_of(*find_suite(problem, "hidden")) == 2);
  CHECK(checker(problem, "asserts")->checker == "assert f(1) == 1\n");
  CHECK(checker(problem, "asserts")->setup == problem.reference);
  CHECK_THROWS_WITH(
      read(R"({"task_id": "M/0", "entry_point": "f", "reference": "", "suites": {"a,b": []}})"),
      doctest::Contains("\"a,b\" is no name for a suite"));
  CHECK_THROWS_WITH(read(R"({"task_id": "M/0", "entry_point": "f", "reference": "", "base": [], )"
                         R"("suites": {"base": []}})"),
                    doctest::Contains("suite \"base\" is given twice"));
}

TEST_CASE("the entry point of a MBPP problem is the last definition its tests call") {
  using assay::datasets::entry_point_of;
  CHECK(entry_point_of("def a(): pass\ndef b(): pass\n", "assert a(1) == 2") == "a");
  CHECK(entry_point_of("class Pair: pass\ndef longest(): pass\n",
                       "assert longest([Pair(1)]) == 2") == "longest");
  CHECK(entry_point_of("def is_a(): pass\ndef a(): pass\n", "assert is_a (1)") == "is_a");
  CHECK(entry_point_of("  def a(): pass\n", "assert a(1)") == "");
  CHECK(entry_point_of("import math\nx = 1\n", "assert a(1)") == "");
}

TEST_CASE("task ids are found as sample files write them") {
  Dataset dataset;
  for (const char* id : {"Mbpp/2", "Mbpp/20", "Other/20"})
    dataset.problems.emplace_back().task_id = id;
  const ProblemIndex index(dataset);
  CHECK(index.find("Mbpp/2") == &dataset.problems[0]);
  CHECK(index.find("MBPP/2") == &dataset.problems[0]);
  CHECK(index.find("2") == &dataset.problems[0]);
  CHECK(index.find("Other/20") == &dataset.problems[2]);
  CHECK(index.find("20") == nullptr);  // two problems share it
  CHECK(index.find("3") == nullptr);
  CHECK(index.find("") == nullptr);
}

TEST_CASE("a suite's hash changes with everything that decides its verdicts, and nothing else") {
  Problem problem;
  problem.entry_point = "f";
  problem.reference = "def f(): pass";
  put_suite(problem, {"base", DifferentialSuite{{"t\x01N"}}});
  put_suite(problem, {"plus", DifferentialSuite{}});
  put_suite(problem, {"official", CheckerSuite{"", "assert f()"}});
  const auto hash = [](const Problem& of, const char* suite) {
    return hash_of(of, *find_suite(of, suite));
  };
  const auto changed = [&](const char* suite, auto change) {
    Problem other = problem;
    change(other);
    return hash(other, suite) != hash(problem, suite);
  };
  CHECK(hash(problem, "base") != hash(problem, "plus"));
  CHECK(hash(problem, "base") != hash(problem, "official"));
  for (const char* suite : {"base", "plus", "official"}) {
    CHECK(changed(suite, [](Problem& p) { p.entry_point += "g"; }));
    CHECK(!changed(suite, [](Problem& p) { p.prompt += "another"; }));
  }
  CHECK(changed("base", [](Problem& p) { p.reference += " "; }));
  CHECK(changed("base", [](Problem& p) { p.atol = 1e-6; }));
  CHECK(changed("base", [](Problem& p) { p.rule = Rule::same_set; }));
  CHECK(changed("base", [](Problem& p) {
    put_suite(p, {"base", DifferentialSuite{{"t\x01N", "t\x01N"}}});
  }));
  CHECK(!changed("official", [](Problem& p) { p.reference += " "; }));
  CHECK(changed("official", [](Problem& p) {
    put_suite(p, {"official", CheckerSuite{"", "assert f() "}});
  }));
  CHECK(changed("official", [](Problem& p) {
    put_suite(p, {"official", CheckerSuite{" ", "assert f()"}});
  }));
}

// ---- problems of competitions, as hubs and trainers keep them

static const StdioSuite& scripts(const Problem& problem, const char* name) {
  const Suite* suite = find_suite(problem, name);
  REQUIRE(suite);
  REQUIRE(std::holds_alternative<StdioSuite>(suite->tests));
  return std::get<StdioSuite>(suite->tests);
}

static void check_refused(const std::string& row, const char* what) {
  CAPTURE(row);
  CHECK_THROWS_WITH_AS(read(row), doctest::Contains(what), assay::Error);
}

/// [{"input": "3 4\n", "output": "7\n", "testtype": "stdin"}] in a pickle of protocol 2 to 5.
static const char* const kPacked[] = {
    "eJxrYIqwYmBgiK5WyswrKC1RslJQMlYwiclT0lFQyi8tgQqZQwRKUotLSioLUkFCxSUpmXlKtbGFDHoAfJQTeQ==",
    "eJxrYI6wYmBgiK5WyswrKC1RslJQMlYwiclT0lFQyi8tgQqZQwRKUotLSioLUkFCxSUpmXlKtbGFDHoAfNcTeg==",
    "eJxrYJlqxwABPVbR1UqZeQWlJUpWCkrGCiYxeUo6Ckr5pSVQIXOIQElqcUlJZUEqSKi4JCUzT6k2dooeALJaFKU=",
    "eJxrYJ1qxwABPVbR1UqZeQWlJUpWCkrGCiYxeUo6Ckr5pSVQIXOIQElqcUlJZUEqSKi4JCUzT6k2dooeALKiFKY="};

static std::string live_row(const std::string& hidden, const std::string& more = "") {
  return R"({"question_title": "Sum", "question_content": "Add.", "platform": "atcoder", )"
         R"("question_id": "abc001_a", "starter_code": "", "difficulty": "easy", )"
         R"("public_test_cases": "[{\"input\": \"1 2\\n\", \"output\": \"3\", \"testtype\": \"stdin\"}]", )"
         R"("private_test_cases": ")" +
         hidden + "\"" + more + "}";
}

TEST_CASE("LiveCodeBench: scripts, whose private tests are packed and never unpickled") {
  for (const char* packed : kPacked) {
    const Problem problem = read(live_row(packed)).problems.front();
    CHECK(problem.task_id == "abc001_a");
    CHECK(problem.prompt == "Add.");
    CHECK(problem.entry_point.empty());
    CHECK(problem.reference.empty());
    REQUIRE(scripts(problem, "public").tests.size() == 1);
    CHECK(scripts(problem, "public").tests[0].input == "1 2\n");
    CHECK(scripts(problem, "public").tests[0].outputs == std::vector<std::string>{"3"});
    REQUIRE(scripts(problem, "hidden").tests.size() == 1);
    CHECK(scripts(problem, "hidden").tests[0].outputs == std::vector<std::string>{"7\n"});
  }
  CHECK(!find_suite(read(live_row("[]")).problems.front(), "hidden"));
  // os.system in a pickle, and a list of a text.
  for (
      const char* hostile :
      {"eJxrYJmqygABPawF+cWZFVN62Iori0tSc6dMntLDlZqcka+QX56XmjKldUrQFD0AXnYQvA==",
       "eJxrYJnqyAABsVN6rKKrlTLzCkpLlKwUlIwVTGLylHQUlPJLS6BC5hCBktTikpLKglSQUHFJSmaeUm3slEQ9AAfKFfo="})
    check_refused(
        live_row(hostile),
        "d.jsonl:1: \"private_test_cases\": the pickle in it is not one of a single text; "
        "it is not executed");
  check_refused(live_row("no base64!"), "\"private_test_cases\": neither JSON nor base64");
  check_refused(live_row("AAAA"), "zlib data is corrupt");
  check_refused(live_row("[1]"), "\"private_test_cases\", test 0: \"input\" is no text");
  check_refused(live_row(R"([{\"input\": \"\", \"output\": \"\", \"testtype\": \"x\"}])"),
                "\"testtype\" is neither");
  check_refused(
      live_row(R"([{\"input\": \"1\", \"output\": \"1\", \"testtype\": \"functional\"}])"),
      "where \"metadata\" names no \"func_name\"");
}

TEST_CASE("LiveCodeBench: methods of Solution, whose answers the file names") {
  const Problem problem =
      read(
          R"({"question_id": "2777", "question_content": "Two.", "starter_code": "class Solution:\n    def two(self, a: List[int]) -> int:\n        ", )"
          R"("public_test_cases": "[{\"input\": \"[1, 2]\\n\\\"a\\\"\", \"output\": \"[[1], 2.5]\", \"testtype\": \"functional\"}]", )"
          R"("private_test_cases": "[]", "metadata": "{\"func_name\": \"two\"}"})")
          .problems.front();
  CHECK(problem.entry_point == "Solution.two");
  CHECK(problem.rule == Rule::as_json);
  CHECK(problem.prelude.find("from typing import *") != std::string::npos);
  const DifferentialSuite& calls = *differential(problem, "public");
  REQUIRE(calls.inputs.size() == 1);
  CHECK(shown(calls.inputs[0]) == "([1, 2], 'a')");
  REQUIRE(calls.expected.size() == 1);
  CHECK(shown(calls.expected[0]) == "[[1], 2.5]");
  // What is expected decides verdicts, and so does what stands in front of a program.
  Problem other = problem;
  std::get<DifferentialSuite>(other.suites[0].tests).expected[0] = calls.inputs[0];
  CHECK(hash_of(other, other.suites[0]) != hash_of(problem, problem.suites[0]));
  other = problem;
  other.prelude.clear();
  CHECK(hash_of(other, other.suites[0]) != hash_of(problem, problem.suites[0]));
}

TEST_CASE(
    "assay's own form of scripts: a checker decides, and what it decides without is refused") {
  const auto row = [](const std::string& more, const std::string& test = R"({"input": "1"})") {
    return R"({"task_id": "S/0", "suites": {"own": [)" + test + R"(]}, )" + more + "}";
  };
  const Problem plain = read(row(R"("checker": "pass")")).problems.front();
  CHECK(scripts(plain, "own").checker.source == "pass");
  CHECK(scripts(plain, "own").checker.language == "python");
  CHECK(scripts(plain, "own").tests[0].outputs == std::vector<std::string>{""});
  const Problem named =
      read(row(R"("checker": {"language": "python", "source": "pass"})")).problems.front();
  CHECK(hash_of(named, named.suites[0]) == hash_of(plain, plain.suites[0]));
  check_refused(row(R"("compare": "lines")"), "the key \"output\" is missing");
  check_refused(row(R"("checker": "pass", "compare": "lines")"),
                "\"checker\" leaves nothing to \"compare\"");
  check_refused(row(R"("checker": "")"), "\"checker\" is neither a program nor");
  check_refused(row(R"("checker": {"language": "cpp", "source": "int main() {}"})"),
                "\"checker\": a checker is a Python program");
}

static std::string apps_row(const std::string& tests, const std::string& starter = "") {
  return R"({"problem_id": 12, "question": "Q", "solutions": "", "difficulty": "interview", )"
         R"("url": "", "starter_code": ")" +
         starter + R"(", "input_output": )" + tests + "}";
}

TEST_CASE("APPS of its hub: scripts, calls, and problems without tests") {
  const Problem script =
      read(apps_row(
               R"("{\"inputs\": [\"1\\n\", [\"2\", \"3\"]], \"outputs\": [\"a\\n\", [\"b\"]]}")"))
          .problems.front();
  CHECK(script.task_id == "APPS/12");
  CHECK(script.prompt == "Q");
  REQUIRE(scripts(script, "official").tests.size() == 2);
  CHECK(scripts(script, "official").tests[1].input == "2\n3\n");
  CHECK(scripts(script, "official").tests[1].outputs == std::vector<std::string>{"b\n"});

  const std::string called = R"({"fn_name": "f", "inputs": [[1, [2]]], "outputs": [["x"]]})";
  const Problem function = read(apps_row(called)).problems.front();
  CHECK(function.entry_point == "f");
  CHECK(function.rule == Rule::as_json_or_item);
  CHECK(shown(differential(function, "official")->inputs[0]) == "(1, [2])");
  CHECK(shown(differential(function, "official")->expected[0]) == "['x']");
  CHECK(read(apps_row(called, "class Solution:")).problems.front().entry_point == "Solution.f");
  CHECK(read(apps_row("\"\"")).problems.front().suites.empty());

  const std::string key = "d.jsonl:1: \"input_output\"";
  check_refused(apps_row("\"{\""), (key + ": malformed JSON").c_str());
  check_refused(apps_row("1"), (key + " has no list \"inputs\"").c_str());
  check_refused(apps_row(R"({"inputs": ["1"], "outputs": []})"),
                (key + " has 1 inputs and 0 outputs").c_str());
  check_refused(apps_row(R"({"inputs": [], "outputs": []})"), (key + " has no test").c_str());
  check_refused(apps_row(R"({"inputs": [1], "outputs": ["1"]})"),
                (key + ", test 0: its input is neither a text nor a list of lines").c_str());
  check_refused(apps_row(R"({"fn_name": "a b", "inputs": [[1]], "outputs": [1]})"),
                (key + ": \"fn_name\" is not the name of a function").c_str());
}

static std::string verl_row(const std::string& truth,
                            const std::string& extra = R"({"index": 7})") {
  return R"({"data_source": "taco", "prompt": [{"role": "system", "content": "S"}, )"
         R"({"role": "user", "content": "U"}], "ability": "code", "reward_model": )"
         R"({"style": "rule", "ground_truth": )" +
         truth + R"(}, "extra_info": )" + extra + "}";
}

TEST_CASE("verl's records: the tests are what the reward function is given") {
  const Problem script =
      read(verl_row(R"("{\"inputs\": [\"1\"], \"outputs\": [\"2\"], \"fn_name\": null}")"))
          .problems.front();
  CHECK(script.task_id == "taco/7");
  CHECK(script.prompt == "S\n\nU");
  CHECK(scripts(script, "official").tests.size() == 1);
  // Its calls are texts: arguments in JSON, one a line.
  const Problem function =
      read(verl_row(R"({"fn_name": "f", "inputs": ["[1, 2]\n\"a\"\n"], "outputs": ["\"b\""]})"))
          .problems.front();
  CHECK(shown(differential(function, "official")->inputs[0]) == "([1, 2], 'a')");
  CHECK(shown(differential(function, "official")->expected[0]) == "'b'");
  const std::string truth = R"({"inputs": ["1"], "outputs": ["2"]})";
  CHECK(read(verl_row(truth, R"({"index": "x-1"})")).problems.front().task_id == "taco/x-1");
  check_refused(verl_row(truth, "{}"), "neither \"task_id\" nor \"extra_info\"");
  check_refused(verl_row("\"42\""), "\"ground_truth\" has no list \"inputs\"");
  check_refused(verl_row(R"({"assert_case": ["assert f"]})"), "\"assert_case\"");
  check_refused(verl_row(R"({"fn_name": "f", "inputs": ["[1"], "outputs": ["1"]})"),
                "test 0: its argument 0: malformed JSON");
}

TEST_CASE("CodeContests: three lists of tests, three suites") {
  const auto row = [](const std::string& tests, const std::string& more = "") {
    return R"({"name": "1_A. Sum", "description": "D", "public_tests": )" + tests +
           R"(, "private_tests": {"input": [], "output": []}, "generated_tests": )"
           R"({"input": ["5\n", "6\n"], "output": ["6\n", "7\n"]}, "time_limit": )"
           R"({"seconds": 2, "nanos": 0}, "memory_limit_bytes": 256000000)" +
           more + "}";
  };
  const std::string one = R"({"input": ["1\n"], "output": ["2\n"]})";
  const Problem problem = read(row(one, R"(, "input_file": "")")).problems.front();
  CHECK(problem.task_id == "1_A. Sum");
  CHECK(scripts(problem, "public").tests[0].outputs == std::vector<std::string>{"2\n"});
  CHECK(!find_suite(problem, "private"));
  CHECK(scripts(problem, "generated").tests.size() == 2);
  check_refused(row(R"({"input": ["1"], "output": []})"), "d.jsonl:1: \"public_tests\" is not");
  check_refused(row(R"({"input": [1], "output": ["1"]})"), "\"public_tests\", test 0: its input");
  check_refused(row(one, R"(, "input_file": "in.txt")"), "\"input_file\" is 'in.txt'");
}

// ---- the real files

static std::size_t inputs_in(const Dataset& dataset) {
  std::size_t count = 0;
  for (const Problem& problem : dataset.problems) {
    for (const char* name : {"base", "plus"}) {
      if (const DifferentialSuite* suite = differential(problem, name))
        count += suite->inputs.size();
    }
  }
  return count;
}

TEST_CASE("humaneval: every problem, every input, all three suites") {
  const std::string official = data_file("benchmarks/HumanEval.jsonl.gz");
  const std::string plus = data_file("benchmarks/HumanEvalPlus-v0.1.10.jsonl.gz");
  ASSAY_NEEDS_DATA(official);
  const Dataset dataset = assay::datasets::join_humaneval({official, plus});
  CHECK(dataset.name == "humaneval");
  CHECK(dataset.version.starts_with("sha256:"));
  REQUIRE(dataset.problems.size() == 164);
  CHECK(inputs_in(dataset) == 124253);
  std::size_t prompts_apart = 0;
  for (const Problem& problem : dataset.problems) {
    CHECK(find_suite(problem, "base"));
    CHECK(find_suite(problem, "plus"));
    CHECK(checker(problem, "official")->checker.ends_with("\ncheck(candidate)\n"));
    CHECK(problem.reference.starts_with(problem.prompt));
    CHECK(problem.reference != problem.official_reference);
    prompts_apart += !problem.official_reference.starts_with(problem.prompt);
  }
  CHECK(prompts_apart == 1);  // HumanEval/115
  CHECK(dataset.problems[32].rule == Rule::root_of_polynomial);
  CHECK(dataset.problems[32].atol == 1e-4);
  CHECK(shown(differential(dataset.problems[0], "base")->inputs[0]) ==
        "([1.0, 2.0, 3.9, 4.0, 5.0, 2.2], 0.3)");
}

TEST_CASE("mbpp: 974 problems, 378 of them with base and plus") {
  const std::string full = data_file("benchmarks/mbpp.jsonl.gz");
  const std::string sanitized = data_file("benchmarks/sanitized-mbpp.json.gz");
  const std::string plus = data_file("benchmarks/MbppPlus-v0.2.0.jsonl.gz");
  ASSAY_NEEDS_DATA(full);
  const Dataset dataset = assay::datasets::join_mbpp({full, sanitized, plus});
  REQUIRE(dataset.problems.size() == 974);
  CHECK(inputs_in(dataset) == 41015);
  std::size_t with_base = 0;
  for (const Problem& problem : dataset.problems) {
    CAPTURE(problem.task_id);
    CHECK(find_suite(problem, "official"));
    const bool has_base = find_suite(problem, "base");
    CHECK(has_base == (find_suite(problem, "plus") != nullptr));
    with_base += has_base;
    // The tests name what the differential suites call: that is why the sanitized edition is taken.
    CHECK(assay::datasets::entry_point_of(problem.official_reference,
                                          checker(problem, "official")->checker) ==
          problem.entry_point);
    CHECK(problem.official_reference.find('\r') == std::string::npos);
  }
  CHECK(with_base == 378);
  const ProblemIndex index(dataset);
  CHECK(differential(*index.find("Mbpp/793"), "plus")->inputs.empty());
  CHECK(shown(differential(*index.find("Mbpp/2"), "base")->inputs[0]) ==
        "((3, 4, 5, 6), (5, 7, 4, 10))");
  CHECK(shown(differential(*index.find("Mbpp/252"), "base")->inputs[0]) == "((1+0j),)");
  CHECK(checker(*index.find("Mbpp/82"), "official")->checker.starts_with("import math\n"));
  CHECK(checker(*index.find("Mbpp/927"), "official")->setup.find("root = Node(1)") !=
        std::string::npos);
}

TEST_CASE(
    "every Plus input is, byte for byte, the value that Python and EvalPlus's types make of it") {
  for (const char* name : {"HumanEvalPlus-v0.1.10.jsonl.gz", "MbppPlus-v0.2.0.jsonl.gz"}) {
    const std::string path = data_file(std::string("benchmarks/") + name);
    ASSAY_NEEDS_DATA(path);
    const std::string command =
        "/usr/bin/python3 -I " + source_dir() + "/tests/datasets/plus_inputs.py '" + path + "'";
    FILE* pipe = popen(command.c_str(), "r");
    REQUIRE(pipe);
    char answer[128] = {};
    REQUIRE(fgets(answer, sizeof answer, pipe));
    CHECK(pclose(pipe) == 0);
    const Dataset dataset = assay::datasets::read_dataset(path);
    std::string all;
    for (const Problem& problem : dataset.problems) {
      for (const std::string& input : differential(problem, "base")->inputs) all += input;
      for (const std::string& input : differential(problem, "plus")->inputs) all += input;
    }
    CHECK(std::to_string(inputs_in(dataset)) + " " + assay::sha256(all) + "\n" == answer);
  }
}

TEST_CASE("the wrong file in a place is named") {
  const std::string full = data_file("benchmarks/mbpp.jsonl.gz");
  ASSAY_NEEDS_DATA(full);
  CHECK_THROWS_WITH(assay::datasets::join_humaneval({full, full}),
                    doctest::Contains("holds MBPP, where HumanEval is expected"));
}
