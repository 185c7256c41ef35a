// Arithmetic in a search: the calculator, and what verifiers and truths make of an answer.
#include <doctest/doctest.h>

#include <set>

#include "harness/base/error.h"
#include "harness/explore/verifiers.h"
#include "harness/tasks/tasks.h"
#include "tests/support/scratch.h"

using namespace assay;
using search::Finish;
using search::Prefix;
using search::Problem;

namespace {

/// A prefix of these steps; the last is finished so.
Prefix said(const std::vector<std::string>& steps, Finish finish = Finish::complete) {
  Prefix at = search::make_root("p");
  for (std::size_t i = 0; i < steps.size(); ++i) {
    search::Node step;
    step.text = steps[i];
    if (i + 1 == steps.size()) step.finish = finish;
    at = search::behind(at, std::move(step));
  }
  return at;
}

/// The task with "6 - 0 - 4 - 8 ? " as its one problem.
explore::Task asked(const std::vector<std::string>& gold = {}) {
  const tests::Scratch folder;
  const std::string path =
      folder.write("questions.txt", "demo 1 + 2 + 3\nqa 4 + 5 + 6\nt4 6 - 0 - 4 - 8\n");
  return tasks::arithmetic_task("arithmetic," + path, {.gold = gold});
}

double score(const explore::Task& task, const std::string& verifier, const Prefix& prefix) {
  const auto made = task.verifiers.at(verifier)();
  const search::Score out = made->score(task.problems[0], {&prefix, 1})[0];
  return out.judged ? out.value : -1;
}

const std::vector<std::string> kRight = {"6 - 0 = 6", ", 6 - 4 = 2", ", 2 - 8 = -6", ". -6"};
/// Other numbers than those that were asked for, which come to the same.
const std::vector<std::string> kLucky = {"0 - 3 = -3", ", -3 - 3 = -6", ". -6"};
const std::vector<std::string> kStray = {"9 - 3 = 6", ". 6"};

}  // namespace

TEST_CASE("the calculator says what two numbers come to, and nothing else") {
  const explore::Task task = asked();
  const auto& tool = task.problems[0].tool;
  CHECK(tool("6 - 0 = ") == "6");
  CHECK(tool("6 - 0 = 6, 2 - 8 = ") == "-6");
  CHECK(tool("-6 + 4 = ") == "-2");
  for (const char* text : {"", "6 - 0", "6 - 0 = 6",
                           "6 - 0 - 4 = ", "6 = ", " - 4 = ", "60 + 1 = ", "6 - 0 = 6. 2 - 8 = "}) {
    CAPTURE(text);
    CHECK(tool(text).empty());
  }
}

TEST_CASE("`answer` knows the answer and no chain; `consistent` knows the chain and no question") {
  const explore::Task task = asked();
  REQUIRE(task.problems.size() == 1);
  CHECK(task.problems[0].prompt == "6 - 0 - 4 - 8 ? ");
  CHECK(task.usual_verifier == "consistent");
  struct Case {
    std::vector<std::string> steps;
    double answer, consistent;
  };
  for (const Case& one : std::vector<Case>{{kRight, 1, 1},
                                           {kLucky, 1, 1},
                                           {kStray, 0, 1},
                                           {{". -6"}, 1, 0},
                                           {{"9 - 3 = 6", ". -6"}, 1, 0},
                                           {{"9 - 3 = 5", ". 5"}, 0, 0},
                                           {{"6 - 0 = 6", ", 2 - 8 = -6", ". -6"}, 1, 0},
                                           {{"6 - 0 = 6", ", 6 - 12 = ", ". -6"}, 1, 0},
                                           {{"6 - 0 = 6", ", . 6"}, 0, 0},
                                           {{"6 - 0 - 4 = ", ". -6"}, 1, 0},
                                           {{"6 - 0 = 6"}, 0, 0},
                                           {{""}, 0, 0}}) {
    const Prefix answer = said(one.steps);
    CAPTURE(search::text_of(answer));
    CHECK(score(task, "answer", answer) == one.answer);
    CHECK(score(task, "consistent", answer) == one.consistent);
    CHECK(task.truth(task.problems[0], answer) == one.answer);
  }
  CHECK(score(task, "answer", said(kRight, Finish::cut)) == 0);
  CHECK(score(task, "consistent", said(kRight, Finish::cut)) == 0);
}

TEST_CASE("`consistent` refuses a prefix once a call is not what it should be, and no sooner") {
  const explore::Task task = asked();
  const auto scored = [&](const std::vector<std::string>& steps) {
    return score(task, "consistent", said(steps, Finish::open));
  };
  for (const char* text : {"", "6", "6 - 0", "6 - 0 = ", "6 - 0 = 6", "6 - 0 = 6, ", "6 - 0 = 6, 6",
                           "6 - 0 = 6, 6 - 4 = ", "6 - 0 = 6, 6 - 4 = 2"}) {
    CAPTURE(text);
    CHECK(scored({text}) == 1);
    CHECK(score(task, "answer", said({text}, Finish::open)) == -1);
  }
  for (const char* text : {", ", "6, ", "6 - 0 = 5", "6 - 0 - 4 = ", "6 - 0 = 6, 5",
                           "6 - 0 = 6, 60 - 4", "6 - 0 = 6, 5 - 4 = 1", "6 - 0 = , 6"}) {
    CAPTURE(text);
    CHECK(scored({text}) == 0);
  }
}

TEST_CASE(
    "by --gold chain a right answer behind another chain is wrong, from its first other step") {
  const explore::Task task = asked({"chain"});
  const Problem& problem = task.problems[0];
  CHECK(task.truth(problem, said(kRight)) == 1);
  CHECK(task.truth(problem, said(kLucky)) == 0);
  CHECK(task.truth(problem, said(kRight, Finish::cut)) == 0);
  CHECK(score(task, "answer", said(kLucky)) == 1);
  CHECK(task.tells_prefixes);
  CHECK_FALSE(task.fault(problem, said(kRight)));
  CHECK_FALSE(task.fault(problem, said({kRight[0], kRight[1]}, Finish::open)));
  const auto fault = task.fault(problem, said({kRight[0], ", 6 + 4 = 10"}, Finish::open));
  REQUIRE(fault);
  // The same error for as long as the answer rests on it, whatever comes behind.
  CHECK(task.fault(problem, said({kRight[0], ", 6 + 4 = 10", ". 10"})) == fault);
  CHECK(task.fault(problem, said({kRight[0], ", 6 + 4 = 10", ". -6"})) == fault);
  CHECK(task.fault(problem, said({kRight[0], ", 6 - 5 = 1"}, Finish::open)) != fault);
  explore::Truth truth(task);
  const std::vector<Prefix> prefixes = {said({kRight[0]}, Finish::open),
                                        said({"0 - 3 = -3"}, Finish::open), said(kLucky),
                                        said(kRight)};
  std::vector<double> values;
  for (const search::Score& one : truth.score(problem, prefixes)) values.push_back(one.value);
  CHECK(values == std::vector<double>{1, 0, 0, 1});
  CHECK_FALSE(asked({"answer"}).tells_prefixes);
  CHECK_THROWS_WITH_AS(asked({"plus"}), "--gold plus: of arithmetic there is answer, and chain",
                       Error);
}

TEST_CASE("so many problems are asked as are asked for, and others are kept to calibrate by") {
  // Ten became nine: three of each number of operands.
  for (const std::size_t count : {1u, 5u, 10u, 100u}) {
    const explore::Task task = tasks::open("arithmetic", {count, 2});
    CHECK(task.problems.size() == count);
    std::set<std::string> asked;
    for (const Problem& problem : task.problems) asked.insert(problem.prompt);
    const explore::Task others = task.calibration();
    CHECK(others.problems.size() == 200);
    for (const Problem& problem : others.problems) CHECK(!asked.contains(problem.prompt));
    CHECK(others.problems[3].index == 3);
  }
}
