#include <doctest/doctest.h>

#include "harness/base/error.h"
#include "harness/tasks/tasks.h"
#include "tests/support/scratch.h"

using namespace assay;

TEST_CASE("what a text answers") {
  CHECK(tasks::answer_in("so it is\n 42 \n\n") == "42");
  CHECK(tasks::answer_in("4 + 4\n#### 8\nand more") == "8");
  CHECK(tasks::answer_in("#### 7\n####  8 ") == "8");
  CHECK(tasks::answer_in("thus \\boxed{\\frac{1}{2}}.") == "\\frac{1}{2}");
  CHECK(tasks::answer_in("thus \\boxed{1") == "thus \\boxed{1");
  CHECK(tasks::answer_in("Answer: 3\nThe ANSWER: 4 apples\nbye") == "4 apples");
  CHECK(tasks::answer_in(" \n") == "");
}

TEST_CASE("own problems: the truth of a finished text, and the rest of the file to calibrate on") {
  tests::Scratch scratch;
  const std::string path = scratch.write(
      "own.jsonl",
      "{\"task_id\": \"a\", \"prompt\": \"1 + 1?\\n\", \"answer\": \"so\\n#### 2\", \"level\": 3}\n\n"
      "{\"task_id\": 7, \"prompt\": \"?\", \"answer\": 12}\n");
  const explore::Task task = tasks::open(path, {1, 1});
  REQUIRE(task.problems.size() == 1);
  CHECK(task.problems[0].prompt == "1 + 1?\n");
  const auto text = [](const std::string& what, search::Finish finish = search::Finish::complete) {
    search::Node step;
    step.text = what;
    step.finish = finish;
    return search::behind(search::make_root("a"), std::move(step));
  };
  CHECK(task.truth(task.problems[0], text("it is\n 2 ")) == 1);
  CHECK(task.truth(task.problems[0], text("it is 2")) == 0);
  CHECK(task.truth(task.problems[0], text("2", search::Finish::refused)) == 0);
  CHECK_FALSE(task.fault(task.problems[0], text("it is", search::Finish::open)));
  CHECK(task.fault(task.problems[0], text("3")) == task.fault(task.problems[0], text("#### 3")));
  REQUIRE(task.calibration);
  const explore::Task rest = task.calibration();
  CHECK(rest.problems.size() == 1);
  CHECK(rest.problems[0].task_id == "7");
  CHECK(rest.truth(rest.problems[0], text("12")) == 1);
  CHECK_THROWS_WITH_AS(tasks::open(scratch.write("b.jsonl", "{\"task_id\": \"a\"}\n"), {}),
                       doctest::Contains("b.jsonl:1:"), Error);
}
