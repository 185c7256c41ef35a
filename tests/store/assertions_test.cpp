#include "harness/store/assertions.h"

#include <doctest/doctest.h>

#include "harness/store/facts.h"
#include "tests/support/own_problem.h"
#include "tests/support/scratch.h"

using namespace assay;
using namespace assay::store;

TEST_CASE(
    "assertions are kept by suite; weights are replaced, and a retired suite is read no more") {
  const tests::Scratch scratch;
  const auto database = open(scratch.path("a.db"), true);
  const std::int64_t dataset = put_dataset(*database, "own", "1", "");
  const std::int64_t problem = put_problem(*database, dataset, 0, tests::own_problem());
  const std::int64_t suite = put_suite(*database, problem, "gen", "hash", 2);
  std::vector<datasets::Assertion> assertions(2);
  assertions[0].text = "assert f(1) == 1", assertions[1].text = "assert f(2)";
  put_assertions(*database, suite, assertions);
  assertions[1].weight = 2.5;
  put_assertions(*database, suite, assertions);
  const auto stored = assertions_of(*database, dataset, "gen");
  REQUIRE(stored.size() == 1);
  CHECK(stored[0].task_id == "Own/0");
  CHECK(stored[0].suite_hash == "hash");
  REQUIRE(stored[0].assertions.size() == 2);
  CHECK(stored[0].assertions[0].text == "assert f(1) == 1");
  CHECK(stored[0].assertions[0].weight == 1);
  CHECK(stored[0].assertions[1].weight == 2.5);
  CHECK(assertions_of(*database, dataset + 1, "gen").empty());

  put_suite(*database, problem, "base", "other", 3);
  CHECK(is_other_suite(*database, "base"));
  CHECK_FALSE(is_other_suite(*database, "gen"));
  CHECK_FALSE(is_other_suite(*database, "nothing"));
  retire_assertions(*database, dataset, "base");  // it is none
  retire_assertions(*database, dataset, "gen");
  CHECK(assertions_of(*database, dataset, "gen").empty());
  put_suite(*database, problem, "gen", "hash", 2);
  CHECK(assertions_of(*database, dataset, "gen").size() == 1);
}
