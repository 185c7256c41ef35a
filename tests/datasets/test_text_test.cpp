#include "datasets/test_text.h"

#include <doctest/doctest.h>

using namespace assay::datasets;

TEST_CASE("a test text without a statement is told by its lines") {
  CHECK(holds_no_statement(""));
  CHECK(holds_no_statement("\n  # to be written\n\r\n#"));
  CHECK_FALSE(holds_no_statement("# a comment\nassert f(1) == 1"));
}

TEST_CASE("a text with tests that nothing calls is given what runs them") {
  // A text of pytest's kind defined its tests and passed every program.
  for (const char* left :
       {"def test_a():\n    assert f(1) == 1\n\ndef test_b(candidate) -> None:\n    pass\n",
        "if True:\n    def test_a(): pass\n", "async def test_a(): pass\n", "class TestB: pass\n",
        "import unittest\nclass Own(unittest.TestCase): pass\nclass Other(Own): pass\n",
        "def test_a(): pass\n# test_a()\n",
        "def test_a(): pass\nif __name__ == '__main__':\n    test_a()\n"}) {
    CAPTURE(left);
    const std::string text = with_test_calls(left);
    CHECK(text_as_given(text) == left);
    CHECK(text.ends_with("_assay_run_tests(())\n"));
  }
  // Whether the call is reached shows when the text runs.
  for (const char* perhaps : {"def test_a(): pass\nif True:\n    test_a ()\n",
                              "import asyncio\nasync def test_a(): pass\nasyncio.run(test_a())\n",
                              "def test_a():\n    \"\"\"As in test_a(1).\"\"\"\n"}) {
    CAPTURE(perhaps);
    CHECK(with_test_calls(perhaps).ends_with("_assay_run_tests((\"test_a\", ))\n"));
  }
  for (const char* as_it_is :
       {"def test_a():\n    assert f(1)\n\ntest_a()\n", "assert f(1) == 1\n",
        "def check(candidate):\n    pass\n", "class Point:\n    pass\n", ""}) {
    CAPTURE(as_it_is);
    CHECK(with_test_calls(as_it_is) == as_it_is);
    CHECK(text_as_given(as_it_is) == as_it_is);
  }
}

TEST_CASE("what the text calls itself is not run once more") {
  CHECK(with_test_calls("def test_a(): pass\ndef test_b(): pass\ntest_a()\n")
            .ends_with("_assay_run_tests((\"test_a\", ))\n"));
}

TEST_CASE("the modules that a text imports are told by its lines") {
  for (const char* text :
       {"import pytest\n", "  from pytest import raises", "import pytest as p"}) {
    CAPTURE(text);
    CHECK(imports(text, "pytest"));
  }
  for (const char* text : {"# import pytest\n", "import pytest_x\n", "pytest = 1\n", ""}) {
    CAPTURE(text);
    CHECK_FALSE(imports(text, "pytest"));
  }
}
