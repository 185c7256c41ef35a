#include <doctest/doctest.h>

#include <set>

#include "harness/base/error.h"
#include "harness/models/tokenizer.h"
#include "harness/tasks/tasks.h"
#include "tests/support/scratch.h"

using namespace assay;

static search::Problem asked(const explore::Task& task, const std::string& prompt) {
  for (const search::Problem& problem : task.problems)
    if (problem.prompt == prompt) return problem;
  FAIL(prompt);
  return {};
}

TEST_CASE("the calculator puts in results of two operands, and of nothing else") {
  const explore::Task task = tasks::arithmetic_task("arithmetic", {.problems = 3, .seed = 1});
  const auto& tool = task.reasoning->tool;
  CHECK(tool("6 - 0 = ") == "6");
  CHECK(tool("6 - 0 = 6, 6 - -4 = ") == "10");
  CHECK(tool("-30 - 30 = ") == "-60");
  for (const char* nothing : {"", "6 - 0", "6 - 0 = 6", "6 - = ", " = ", "6 - 0 - 4 = ",
                              "60 + 1 = ", "6 - 0 = 6 = ", "6 * 2 = ", "99 - 98 = ", "6, 6 = "})
    CHECK(tool(nothing).empty());
  const auto& may_stop = task.reasoning->may_stop;
  CHECK(may_stop(""));
  CHECK(may_stop("6 - 0 = 6"));
  CHECK(may_stop("1 + 1 = 2, 6 - 0 = 6"));
  for (const char* going : {"6", "6 - 0 = ", "6 - 0 = 5", "6 - 0 = 6, ", "6 - 0 = 66"})
    CHECK_FALSE(may_stop(going));
  const explore::Calls calls = task.reasoning->calls("6 - 0 = 6, 6 -  = , 2 + 2 = 4");
  CHECK(calls.all == 3);
  CHECK(calls.invalid == 1);
}

TEST_CASE("a right chain goes from left to right to the end, and no question stands in two sets") {
  const explore::Task task = tasks::arithmetic_task("arithmetic", {.problems = 300, .seed = 3});
  const explore::Reasoning& reasoning = *task.reasoning;
  std::set<std::string> seen;
  std::size_t all = 0;
  for (const auto* set :
       {&task.problems, &reasoning.training, &reasoning.held_out, &reasoning.demonstrations})
    for (const search::Problem& problem : *set) {
      ++all;
      seen.insert(problem.prompt);
      const std::string chain = reasoning.demonstration(problem);
      CHECK(reasoning.right_chain(problem, chain));
      CHECK(reasoning.may_stop(chain));
      CHECK(chain.ends_with(" = " + reasoning.right(problem)));
      CHECK_FALSE(reasoning.right_chain(problem, chain + ", 1 + 1 = 2"));
    }
  CHECK(seen.size() == all);
  CHECK(task.problems.size() == 300);
  CHECK(reasoning.difficulty(task.problems.front()) == 3);
  CHECK(reasoning.difficulty(task.problems.back()) == 5);
}

TEST_CASE("what a first model is trained on are its tokens, of no question that is kept out") {
  for (const char* name : {"arithmetic", "arithmetic:reversed", "arithmetic:mixed"}) {
    const explore::Task task = tasks::arithmetic_task(name, {.problems = 300, .seed = 1});
    std::set<std::string> kept_out;
    for (const auto* set : {&task.problems, &task.reasoning->held_out})
      for (const search::Problem& problem : *set) kept_out.insert(problem.prompt);
    const auto tokenizer = models::PieceTokenizer::of(task.pieces);
    int right = 0, direct = 0;
    for (int i = 0; i < 1000; ++i) {
      RandomStream stream(7, std::to_string(i));
      const explore::Example example = task.example(stream);
      CHECK(tokenizer.encode(example.prompt));
      REQUIRE(tokenizer.encode(example.answer));
      CHECK_FALSE(kept_out.contains(example.prompt));
      const std::size_t stop = example.answer.find(". ");
      REQUIRE(stop != std::string::npos);
      const std::string chain = example.answer.substr(0, stop);
      CHECK(task.reasoning->may_stop(chain));
      // What is answered is what the chain comes to, right or not.
      if (!chain.empty()) CHECK(chain.ends_with(" = " + example.answer.substr(stop + 2)));
      direct += chain.empty();
      const auto parsed = std::count(chain.begin(), chain.end(), '=');
      right += parsed > 0 && example.prompt.starts_with(chain.substr(0, chain.find(" =")));
    }
    CHECK(direct > 60);
    CHECK(direct < 140);
    CHECK(right > (std::string(name) == "arithmetic:reversed" ? 50 : 300));
  }
}

TEST_CASE("questions of a file: those to learn from are not asked in the test") {
  const tests::Scratch scratch;
  const std::string path =
      scratch.write("q.txt",
                    "demo 6 - 0 - 4\nqa 1 + 2 + 3\nqa 1 + 2 + 3\nqa 4 - 4 - 4\n\n"
                    "qa 5 + 5 + 5\nqa 7 + 7 + 7\nt3 1 + 2 + 3\nt3 6 - 0 - 4\n"
                    "t4 1 + 1 + 1 + 1\nt3 9 - 9 + 9\nt3 9 - 9 + 9\n");
  const explore::Task task = tasks::arithmetic_task("arithmetic," + path, {});
  CHECK(task.reasoning->demonstrations.size() == 1);
  CHECK(task.reasoning->training.size() == 3);
  CHECK(task.reasoning->held_out.size() == 1);
  CHECK(task.problems.size() == 2);
  const search::Problem problem = asked(task, "9 - 9 + 9 ? ");
  CHECK(task.reasoning->right(problem) == "9");
  CHECK(task.reasoning->demonstration(problem) == "9 - 9 = 0, 0 + 9 = 9");
}
