#include "datasets/test_text.h"

#include <doctest/doctest.h>

using namespace assay::datasets;
using Names = std::vector<std::string>;

TEST_CASE("a test text without a statement is told by its lines") {
  CHECK(holds_no_statement(""));
  CHECK(holds_no_statement("\n  # to be written\n\r\n#"));
  CHECK_FALSE(holds_no_statement("# a comment\nassert f(1) == 1"));
}

TEST_CASE("test functions that nothing calls are called at the end, as pytest would") {
  // A text of pytest's kind defined its tests and passed every program.
  const std::string text =
      "def test_a():\n    assert f(1) == 1\n\ndef test_b(candidate) -> None:\n    pass\n";
  CHECK(with_test_calls(text) == text + "\ntest_a()\ntest_b(candidate)\n");
  CHECK(never_run(text).empty());
  for (const char* as_it_is :
       {"def test_a():\n    assert f(1)\n\ntest_a()\n",
        "def test_a(): pass\nif True:\n    test_a ()\n", "assert f(1) == 1\n",
        "def check(candidate):\n    pass\n", "TEXT = '''\ndef test_a():\n'''\nassert f(TEXT)\n",
        "def helper():\n    def test_a(): pass\n", ""}) {
    CAPTURE(as_it_is);
    CHECK(with_test_calls(as_it_is) == as_it_is);
    CHECK(never_run(as_it_is).empty());
  }
}

TEST_CASE("a call in a comment or under `if __name__` calls nothing") {
  for (const char* text : {"def test_a(): pass\n# test_a()\n",
                           "def test_a(): pass\nif __name__ == '__main__':\n    test_a()\n"}) {
    CAPTURE(text);
    CHECK(with_test_calls(text) == std::string(text) + "\ntest_a()\n");
  }
  CHECK(with_test_calls("if __name__ == 'x':\n    pass\ndef test_a(): pass\ntest_a()\n")
            .ends_with("pass\ntest_a()\n"));
}

TEST_CASE(
    "the tests of unittest's classes are run, also those of a class that descends from them") {
  const std::string text =
      "import unittest\nclass Base(unittest.TestCase):\n    pass\nclass A(Base):\n    pass\n";
  const std::string told = with_test_calls(text);
  CHECK(told.starts_with(text));
  CHECK(told.find("loadTestsFromTestCase(A).debug()\n") != told.npos);
  const std::string own = text + "unittest.defaultTestLoader.loadTestsFromTestCase(A).debug()\n";
  CHECK(with_test_calls(own).find("loadTestsFromTestCase(A).debug()", own.size()) != own.npos);
}

TEST_CASE("what needs a fixture, and pytest's classes, are said to be never run") {
  CHECK(never_run("def test_a(tmp_path): pass\nclass TestB:\n    def test_c(self): pass\n"
                  "def test_d(\n    x): pass\nclass Test_E(Exception): pass\nraise Test_E()\n") ==
        Names{"test_a", "TestB", "test_d"});
}
