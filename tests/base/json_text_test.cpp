#include "harness/base/json_text.h"

#include <doctest/doctest.h>

#include "harness/base/error.h"

using namespace assay;

TEST_CASE("a key that stands twice is named: the last of the two won without a word") {
  CHECK(json_of(R"({"a": 1, "b": {"a": 2}, "c": [{"a": 1}, {"a": 2}]})", "t.json")["b"]["a"] == 2);
  CHECK_THROWS_WITH_AS(json_of(R"({"a": {"0,1": 1, "0,1": 2}})", "t.json"),
                       "t.json: the key `0,1` stands twice in one object", Error);
}

TEST_CASE("what is no JSON is named by line and column") {
  CHECK_THROWS_WITH_AS(json_of(" \n", "t.json"), "t.json: it is empty", Error);
  CHECK_THROWS_WITH_AS(json_of("{\"a\": 1,\n \"b\": NaN}", "t.json"),
                       doctest::Contains("t.json:2: it is not JSON at column 7"), Error);
  CHECK_THROWS_WITH_AS(json_of("{", "t.json"), doctest::Contains("t.json:1: it is not JSON"),
                       Error);
  CHECK_THROWS_WITH_AS(json_of("[1e999]", "t.json"), doctest::Contains("too large"), Error);
}
