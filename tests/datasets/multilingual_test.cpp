#include <doctest/doctest.h>

#include "datasets/fenced.h"
#include "datasets/forms/reader.h"
#include "datasets/go_text.h"
#include "datasets/languages.h"
#include "tests/support/data.h"

using assay::LineReader;
using namespace assay::datasets;
using assay::tests::data_file;

static Problem read_one(const std::string& text) {
  const Dataset dataset = read_dataset(LineReader("d.jsonl", text), "d");
  REQUIRE(dataset.problems.size() == 1);
  return dataset.problems.front();
}

static const AppendedSuite& appended(const Problem& problem, const char* name) {
  const Suite* suite = find_suite(problem, name);
  REQUIRE(suite);
  return std::get<AppendedSuite>(suite->tests);
}

TEST_CASE("languages have one name of ours and many of others'") {
  CHECK(language_named("C++") == language_named("cpp"));
  CHECK(std::string(language_named("nodejs")->name) == "javascript");
  CHECK(std::string(language_named("go_test.go")->name) == "go");
  CHECK(language_named("cobol") == nullptr);
  CHECK(language_named("") == nullptr);
}

TEST_CASE("MultiPL-E: tests stand behind the program; Python's are run beside it") {
  const Problem cpp = read_one(
      R"({"task_id": "HumanEval/0", "name": "HumanEval_0_f", "language": "cpp", "prompt": "int f() {\n", )"
      R"("tests": "}\nint main() {}\n", "stop_tokens": ["\n}"]})");
  CHECK(cpp.language == "cpp");
  CHECK(cpp.task_id == "HumanEval/0");
  CHECK(appended(cpp, "official").after == "}\nint main() {}\n");
  const Problem python = read_one(
      R"({"name": "HumanEval_0_f", "language": "py", "prompt": "def f():\n    \"\"\"one\"\"\"\n", )"
      R"("tests": "def check(candidate):\n    assert candidate() == 1\n\ndef test_check():\n    check(f)\n\ntest_check()\n", )"
      R"("stop_tokens": []})");
  CHECK(python.task_id == "HumanEval_0_f");
  CHECK(python.entry_point == "f");
  REQUIRE(checker(python, "official") != nullptr);
  CHECK(checker(python, "official")->setup == python.prompt);
  // Its prompt alone is no program, and is executed before the tests.
  const Problem bare = read_one(
      R"({"name": "f", "language": "py", "prompt": "def f(x):\n", "tests": "def check(candidate):\n    pass\n\ncheck(f)\n", )"
      R"("stop_tokens": []})");
  CHECK(checker(bare, "official")->setup == "def f(x):\n\n    pass\n");
}

TEST_CASE("MultiPL-E: a language that nothing here runs is told by its name") {
  CHECK_THROWS_WITH(
      read_one(R"({"name": "n", "language": "lua", "prompt": "", "tests": "", "stop_tokens": []})"),
      "d.jsonl:1: \"language\" is \"lua\"; programs can be judged in python, c, cpp, java, "
      "javascript, go, rust");
}

TEST_CASE("HumanEval-X: the task_id names the language, two suites judge") {
  const Problem go = read_one(
      R"({"task_id": "Go/0", "prompt": "import (\n)\nfunc F() int {\n", "import": "import (\n)\n", )"
      R"("declaration": "func F() int {\n", "canonical_solution": "return 1 }\n", )"
      R"("test": "func TestF(t *testing.T) {}", "test_setup": "package main", )"
      R"("example_test": "func TestF(t *testing.T) {\n}"})");
  CHECK(go.language == "go");
  CHECK(go.reference == "import (\n)\nfunc F() int {\nreturn 1 }\n");
  CHECK(appended(go, "test").before == "package main\n");
  CHECK(appended(go, "example").after == "func TestF(t *testing.T) {\n}");
  const Problem rust = read_one(
      R"({"task_id": "Rust/0", "prompt": "/* one */", "declaration": "\nfn f() -> i32{\n", )"
      R"("canonical_solution": "1}", "test": "#[test] fn t() {}", "example_test": "None"})");
  CHECK(rust.prompt == "/* one */\nfn f() -> i32{\n");
  CHECK(find_suite(rust, "example") == nullptr);
}

TEST_CASE("HumanEval-X: Python's tests are run beside the program") {
  const Problem python = read_one(
      R"({"task_id": "Python/0", "prompt": "def f():\n", "declaration": "def f():\n", )"
      R"("canonical_solution": "    return 1\n", "example_test": "def check(f):\n    assert f() == 1\n\ncheck(f)\n", )"
      R"("test": "\n\nMETADATA = {}\n\n\ndef check(f):\n    assert f() == 1\n\ncheck(f)\n"})");
  CHECK(python.entry_point == "f");
  CHECK(checker(python, "test")->setup == "def f():\n    return 1\n");
  CHECK(checker(python, "example") != nullptr);
}

TEST_CASE("HumanEval-X and MultiPL-E as they were published are read") {
  for (const char* language : {"cpp", "go", "java", "js", "python", "rust"}) {
    const auto path = data_file(std::string("benchmarks/humaneval-x-") + language + ".jsonl.gz");
    ASSAY_NEEDS_DATA(path);
    const Dataset dataset = read_dataset(path);
    CHECK(dataset.problems.size() == 164);
    for (const Problem& problem : dataset.problems) CHECK(find_suite(problem, "test"));
  }
  for (const char* language : {"cpp", "java", "js", "python"}) {
    const auto path =
        data_file(std::string("benchmarks/humaneval-") + language + "-multipl-e-problems.jsonl.gz");
    ASSAY_NEEDS_DATA(path);
    CHECK(read_dataset(path).problems.size() == 161);
  }
}

TEST_CASE("the own form of scripts: a language, and tests as text around the program") {
  const Problem problem = read_one(
      R"({"task_id": "M/0", "language": "js", "suites": {"weak": [{"input": "1", "output": "2"}], )"
      R"("unit": {"after": "if (f() !== 1) throw 1"}}})");
  CHECK(problem.language == "javascript");
  CHECK(appended(problem, "unit").after == "if (f() !== 1) throw 1");
  CHECK_THROWS_WITH(read_one(R"({"task_id": "M/0", "suites": {"unit": {"behind": "x"}}})"),
                    "d.jsonl:1: suite \"unit\": unknown key \"behind\" (tests as text have "
                    "\"before\" and \"after\")");
  CHECK_THROWS_WITH(
      read_one(R"({"task_id": "M/0", "language": "perl", "suites": {"unit": {"after": "x"}}})"),
      "d.jsonl:1: \"language\" is \"perl\"; programs can be judged in python, c, cpp, java, "
      "javascript, go, rust");
}

TEST_CASE("Go programs get the imports that they use, once each") {
  const char* before = "package main\n\nimport (\n    \"math\"\n    \"testing\"\n)\n";
  CHECK(
      with_go_imports(
          before,
          "import (\n    \"math\"\n    \"sort\"\n)\n\nfunc F() { strings.ToLower(\"\"); math.Abs(1) }") ==
      "import \"strings\"\n\n\nfunc F() { strings.ToLower(\"\"); math.Abs(1) }");
  CHECK(with_go_imports("", "// The longest of the strings.\nfunc F() {}") ==
        "// The longest of the strings.\nfunc F() {}");
  CHECK(with_go_imports("", "import \"fmt\"\nfunc F() { mymath.Abs(1) }") ==
        "func F() { mymath.Abs(1) }");
  CHECK(with_go_imports(
            "",
            "// of a model\nimport (\n\t\"math/big\"\n\tm \"math\"\n\t_ \"embed\"\n)\n"
            "import \"container/list\"\nfunc F() { var list, b = m.Abs(1), big.NewInt(1) }") ==
        "import \"math/big\"\nimport m \"math\"\nimport _ \"embed\"\n"
        "func F() { var list, b = m.Abs(1), big.NewInt(1) }");
  CHECK(with_go_imports("", "import (") == "import (");
  CHECK(with_go_imports("", "") == "");
}

TEST_CASE("fenced blocks: what is inside, whatever the fence, and the one that is not ended") {
  const auto blocks = fenced_blocks(
      "Here:\n```cpp\nint a;\n```\nor\n  ~~~~ js title\nlet a = `x`;\n~~~\n~~~~\n```\nrest");
  REQUIRE(blocks.size() == 3);
  CHECK(blocks[0].language == "cpp");
  CHECK(blocks[0].text == "int a;\n");
  CHECK(blocks[1].language == "js");
  CHECK(blocks[1].text == "let a = `x`;\n~~~\n");
  CHECK(blocks[2].language == "");
  CHECK(blocks[2].text == "rest");
  CHECK(fenced_blocks("no ```code``` here\n``` a`b\n").empty());
  CHECK(fenced_blocks("```").size() == 1);
  CHECK(fenced_blocks("").empty());
}

// HumanEvalPack's rows have HumanEval-X's keys, but its Rust prompts begin the function themselves: it stood
// there twice, and the reference did not compile.
TEST_CASE("HumanEval-X: a Rust prompt that begins the function needs no declaration") {
  const std::string rest =
      R"("declaration": "fn f() -> i32 {\n", "canonical_solution": "1 }\n", "test": "#[test] fn t() {}"})";
  CHECK(read_one(R"({"task_id": "Rust/0", "prompt": "// one\n", )" + rest).prompt ==
        "// one\nfn f() -> i32 {\n");
  CHECK(
      read_one(R"({"task_id": "Rust/0", "prompt": "// one\nfn f() -> i32 {\n", )" + rest).prompt ==
      "// one\nfn f() -> i32 {\n");
}
