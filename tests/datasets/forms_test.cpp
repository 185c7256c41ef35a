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
      "HumanEval+, MBPP, MBPP+, HumanEval-X, MultiPL-E, APPS, assay's own; see datasets/README.md)\n"
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
  refused("", "d.jsonl: the file is empty");
  refused("{\"dataset\": \"x\"}", "holds no problems");
  const std::string head = R"({"task_id": "M/0", "entry_point": "f", "reference": "")";
  refused(head + "}", "has no suite");
  refused(head + R"(, "base": [1]})", "\"base\", input 0: an input is not a list of arguments");
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
