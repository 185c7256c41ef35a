#include "harness/store/trainings.h"

#include <doctest/doctest.h>

#include "harness/store/facts.h"
#include "tests/support/scratch.h"

using namespace assay;
using namespace assay::store;

TEST_CASE("a training is found as it was stored, and the same one replaces it with its answers") {
  const tests::Scratch scratch;
  const auto database = open(scratch.path("t.db"), true);
  Training first;
  first.identity = "a", first.method = "star", first.task = "thoughts", first.seed = 3;
  first.options = R"({"gamma":"0.1"})", first.record = R"({"eval":{}})";
  first.answers = {{"base", "thoughts", "thoughts/0", 2, 1, 5, 1, 0, std::nullopt, std::nullopt},
                   {"trained", "thoughts", "thoughts/0", 2, 1, 4, 1, 1, 1, 0},
                   {"trained", "thoughts", "thoughts/1", 3, 1, 0, 0, 0, 0, 0}};
  Training second = first;
  second.identity = "b", second.answers.clear();
  put_training(*database, first);
  put_training(*database, second);
  auto all = trainings(*database);
  REQUIRE(all.size() == 2);
  CHECK(all[0].method == "star");
  CHECK(all[0].seed == 3);
  CHECK(all[0].options == first.options);
  CHECK(all[0].record == first.record);
  CHECK(all[0].answers == first.answers);
  CHECK(all[1].answers.empty());

  first.record = "{}";
  first.answers.resize(1);
  put_training(*database, first);
  all = trainings(*database);
  REQUIRE(all.size() == 2);
  CHECK(all[1].identity == "a");
  CHECK(all[1].record == "{}");
  CHECK(all[1].answers == first.answers);
  Statement rows = database->use("SELECT count(*) AS n FROM training_answer");
  REQUIRE(rows.step());
  CHECK(rows.integer("n") == 1);
}
