#include "harness/analysis/selection.h"

#include <doctest/doctest.h>

#include "datasets/probe_suite.h"
#include "harness/base/error.h"
#include "harness/store/facts.h"
#include "harness/store/judging.h"
#include "tests/analysis/tiny_database.h"

using namespace assay;
using namespace assay::analysis;
using Names = std::vector<std::string>;

namespace {
/// One problem with three suites; of one model's program, base says `status`.
struct Judged : tests::TinyDatabase {
  std::int64_t problem = 0, official = 0, base = 0, plus = 0, program = 0;

  Judged() {
    problem = put_problem("Tiny/7");
    official = store::put_suite(*database, problem, "official", "o", 1);
    base = store::put_suite(*database, problem, "base", "b", 3);
    plus = store::put_suite(*database, problem, "plus", "p", 100);
    const std::int64_t model = store::put_model(*database, "m");
    store::put_run_model(*database, run, model);
    store::put_sample(*database, {problem, model, "0", "text", "text", "solution"});
    program = store::put_program(*database, "text");
  }
  void judge(std::int64_t suite, store::Status status) {
    store::Verdict verdict;
    verdict.program_id = program;
    verdict.condition_id = condition;
    verdict.run_id = run;
    verdict.suite_id = suite;
    verdict.status = status;
    store::put_verdict(*database, verdict);
  }
};
}  // namespace

TEST_CASE("a model that fails everything has the same gold as its neighbours") {
  // Where base rejects every program, plus judges none, and its rates said gold = base.
  Judged judged;
  judged.judge(judged.base, store::Status::fail);
  store::put_decided(*judged.database, judged.program, judged.plus, judged.condition);
  const Selected selected = select(*judged.database, {});
  REQUIRE(selected.suites.size() == 1);
  CHECK(selected.suites[0].proxy == Names{"base"});
  CHECK(selected.suites[0].gold == Names{"base", "plus"});
  CHECK(selected.counts[0].problems[0].tn == 1);
  CHECK(selected.unused.empty());
}

namespace {
/// A model with `both` programs that base and plus accept, `base_only` that base accepts and plus has
/// not judged, and `rejected` that base rejects.
void add_model(Judged& judged, const std::string& name, int both, int base_only, int rejected) {
  const std::int64_t model = store::put_model(*judged.database, name);
  store::put_run_model(*judged.database, judged.run, model);
  for (int i = 0; i < both + base_only + rejected; ++i) {
    const std::string text = name + std::to_string(i);
    store::put_sample(*judged.database,
                      {judged.problem, model, std::to_string(i), text, text, "solution"});
    judged.program = store::put_program(*judged.database, text);
    const bool passes = i < both + base_only;
    judged.judge(judged.base, passes ? store::Status::pass : store::Status::fail);
    if (i < both) judged.judge(judged.plus, store::Status::pass);
  }
}
}  // namespace

TEST_CASE("what gold has not judged is told by model, and where it is much there are no rates") {
  // After `run --suite plus` for another model the rates rested on the texts that both wrote; of what
  // base rejects nothing counted though it is wrong whatever plus says.
  Judged judged;
  judged.judge(judged.base, store::Status::pass);
  judged.judge(judged.plus, store::Status::pass);
  add_model(judged, "few", 19, 1, 5);
  add_model(judged, "many", 18, 2, 50);
  const Selected selected = select(*judged.database, {.gold = {"base", "plus"}});
  REQUIRE(selected.models.size() == 2);
  CHECK(selected.models[0].model == "few");
  CHECK(selected.counts[0].problems[0].tn == 5);
  CHECK(selected.counts[0].undecided == 1);
  REQUIRE(selected.left_out.size() == 1);
  const std::string& why = selected.left_out[0];
  CHECK(why.find(
            "many on tiny: 2 of the 20 samples that no suite rejects are not judged by plus") == 0);
  CHECK(why.find("`assay run --suite plus` on its samples judges them") != why.npos);
  const Names told = unjudged_by_name(selected);
  REQUIRE(told.size() == 1);
  CHECK(told[0].find(
            "few on tiny: 1 of the 20 samples that no suite rejects are not judged by plus") == 0);
  CHECK(selected.unjudged[1].empty());
}

TEST_CASE("what assay probe made decides the truth only where it is asked to") {
  // `run --suite probe` made it part of the default gold from then on, so that rates of two days differed.
  Judged judged;
  const std::int64_t probe =
      store::put_suite(*judged.database, judged.problem, datasets::kProbeSuite, "q", 2);
  judged.judge(judged.base, store::Status::pass);
  judged.judge(judged.plus, store::Status::pass);
  judged.judge(probe, store::Status::fail);
  const Selected selected = select(*judged.database, {});
  CHECK(selected.suites[0].gold == Names{"base", "plus"});
  CHECK(selected.counts[0].problems[0].tp == 1);
  CHECK(selected.unused == std::set<std::string>{"probe"});
  const Selected asked = select(*judged.database, {.gold = {"base", "plus", "probe"}});
  CHECK(asked.counts[0].problems[0].fp == 1);
}

TEST_CASE("suites with verdicts that no rate rests on are told") {
  Judged judged;
  judged.judge(judged.base, store::Status::pass);
  judged.judge(judged.plus, store::Status::pass);
  judged.judge(judged.official, store::Status::pass);
  CHECK(select(*judged.database, {}).unused == std::set<std::string>{"official"});
  const Selected asked = select(*judged.database, {.proxy = {"official"}, .gold = {"plus"}});
  CHECK(asked.unused == std::set<std::string>{"base"});
}

TEST_CASE("verdicts under other conditions are told where they count for nothing") {
  // A run with other limits that judged nothing hid all verdicts without a word.
  Judged judged;
  judged.judge(judged.base, store::Status::pass);
  CHECK(select(*judged.database, {}).otherwise == 0);
  const std::int64_t other =
      store::put_condition(*judged.database, {"{\"x\":1}", "strict", "3.11.2"});
  const std::int64_t newest = store::begin_run(
      *judged.database, {judged.dataset, other, "full", "assay run --limits x=1", "{}", "{}"});
  store::put_run_model(*judged.database, newest, store::put_model(*judged.database, "m"));
  const Selected selected = select(*judged.database, {});
  CHECK(selected.models.empty());
  CHECK(selected.otherwise == 1);
}

TEST_CASE("a problem may be named by its number alone") {
  Judged judged;
  CHECK(meant_task(*judged.database, "7") == "Tiny/7");
  CHECK(meant_task(*judged.database, "Tiny/7") == "Tiny/7");
  CHECK(meant_task(*judged.database, "") == "");
  CHECK_THROWS_AS(meant_task(*judged.database, "8"), Error);
}
