#include "harness/analysis/selection.h"

#include <doctest/doctest.h>

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
