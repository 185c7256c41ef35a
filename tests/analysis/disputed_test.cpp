#include "harness/analysis/disputed.h"

#include <doctest/doctest.h>

#include "harness/store/facts.h"
#include "tests/analysis/tiny_database.h"

using namespace assay;
using namespace assay::analysis;

namespace {

/// One problem with a base of 3 tests that accepts every program, and a plus of 10.
struct Judged : tests::TinyDatabase {
  std::int64_t problem = 0, base = 0, plus = 0;

  Judged() {
    problem = put_problem("Tiny/7");
    base = store::put_suite(*database, problem, "base", "b", 3);
    plus = store::put_suite(*database, problem, "plus", "p", 10);
  }
  /// A sample that is the program `text`; an empty answer: it passes, else it gives it on test 4.
  void put(const std::string& model_name, const std::string& text, const std::string& answer = "",
           store::Status status = store::Status::fail) {
    const std::int64_t model = store::put_model(*database, model_name);
    store::put_run_model(*database, run, model);
    store::put_sample(*database, {problem, model, text, text, text, "solution"});
    store::Verdict verdict;
    verdict.program_id = store::put_program(*database, text);
    verdict.condition_id = condition;
    verdict.run_id = run;
    verdict.suite_id = base;
    verdict.status = store::Status::pass;
    verdict.passed = verdict.judged = 3;
    store::put_verdict(*database, verdict);
    verdict.suite_id = plus;
    verdict.passed = verdict.judged = 10;
    if (!answer.empty()) {
      verdict.status = status;
      verdict.passed = 9;
      verdict.failing = {4};
      verdict.witness = store::Witness{4, "(17,)", "4", answer};
    }
    store::put_verdict(*database, verdict);
  }
  std::vector<Dispute> list() { return disputes(*database, select(*database, {})); }
};

}  // namespace

TEST_CASE("programs of several models that outnumber the reference's answer dispute it") {
  Judged judged;
  judged.put("a", "one", "5"), judged.put("a", "two", "5"), judged.put("b", "three", "5");
  judged.put("a", "right"), judged.put("b", "right too");
  judged.put("b", "other", "6");
  const std::vector<Dispute> list = judged.list();
  REQUIRE(list.size() == 1);
  CHECK(list[0].suite.task_id == "Tiny/7");
  CHECK(list[0].suite.name == "plus");
  CHECK(list[0].test == 4);
  CHECK(list[0].input == "(17,)");
  CHECK(list[0].expected == "4");
  CHECK(list[0].answer == "5");
  CHECK(list[0].programs == 3);
  CHECK(list[0].models == 2);
  CHECK(list[0].reference_programs == 2);
  CHECK(list[0].reference_models == 2);
  CHECK(list[0].wrong == 3);
  const Selected left = without(select(*judged.database, {}), list);
  CHECK(left.models.empty());
  CHECK(left.left_out.size() == 2);
}

TEST_CASE("one model, a draw, or an exception disputes nothing") {
  Judged one_model;
  one_model.put("a", "one", "5"), one_model.put("a", "two", "5"), one_model.put("b", "right");
  CHECK(one_model.list().empty());
  Judged draw;
  draw.put("a", "one", "5"), draw.put("b", "two", "5");
  draw.put("a", "right"), draw.put("b", "right too");
  CHECK(draw.list().empty());
  Judged exception;
  exception.put("a", "one", "ValueError", store::Status::error);
  exception.put("b", "two", "ValueError", store::Status::error);
  CHECK(exception.list().empty());
}

TEST_CASE("one program with two comments is one voice") {
  // Found by reading the disputed problems: texts that differed in their comments alone outvoted a
  // reference.
  Judged judged;
  judged.put("a", "def f(x):\n    return 5  # as asked\n", "5");
  judged.put("b", "def f( x ):\n\n  # five\n  return 5\n", "5");
  judged.put("a", "def f(x):\n    return x\n");
  CHECK(judged.list().empty());
  judged.put("b", "def f(x):\n    return 2 + 3\n", "5");
  judged.put("b", "def f(x):\n    '''Described.'''\n    return x\n");
  const std::vector<Dispute> list = judged.list();
  REQUIRE(list.size() == 1);
  CHECK(list[0].programs == 2);
  CHECK(list[0].reference_programs == 1);
  CHECK(list[0].reference_models == 2);
  CHECK(list[0].wrong == 3);
}

TEST_CASE("many programs of few models outvote no reference that more models give") {
  // HumanEval/49: the programs of two models with a hundred samples and more each outnumbered those
  // of 31 models, which were right.
  Judged judged;
  for (const char* text : {"1", "2", "3", "4"}) judged.put("a", text, "5");
  judged.put("b", "5", "5");
  judged.put("a", "right"), judged.put("b", "right");
  CHECK(judged.list().size() == 1);  // voices: 4/5 + 1/2 against 1/5 + 1/2
  judged.put("c", "right");
  CHECK(judged.list().empty());  // 1/5 + 1/2 + 1
  judged.put("d", "1", "5");
  CHECK(judged.list().size() == 1);
}

TEST_CASE("a program that fails elsewhere gives the reference's answer here") {
  Judged judged;
  judged.put("a", "one", "5"), judged.put("b", "two", "5");
  CHECK(judged.list().size() == 1);
  for (const char* text : {"x", "y"}) {  // fail test 7 alone
    judged.put("b", text);
    store::Verdict verdict;
    verdict.program_id = store::put_program(*judged.database, text);
    verdict.condition_id = judged.condition;
    verdict.run_id = judged.run;
    verdict.suite_id = judged.plus;
    verdict.status = store::Status::fail;
    verdict.passed = 9, verdict.judged = 10;
    verdict.failing = {7};
    verdict.witness = store::Witness{7, "(1,)", "4", std::string(text)};
    store::put_verdict(*judged.database, verdict);
  }
  CHECK(judged.list().empty());
}
