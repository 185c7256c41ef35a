#include <doctest/doctest.h>

#include <set>
#include <string>

#include "harness/tasks/tasks.h"
#include "tests/tasks/pieces.h"

using namespace assay;
using search::Prefix;
using search::Problem;

namespace {

Prefix said(const std::string& text, search::Finish finish = search::Finish::complete) {
  search::Node step;
  step.text = text;
  step.finish = finish;
  return search::behind(search::make_root("p"), std::move(step));
}

/// The states of a chain's prompt ("+ 3* 2: 5"), worked out from its text alone.
std::vector<int> chain_states(const std::string& prompt) {
  const std::size_t colon = prompt.find(':');
  int value = std::stoi(prompt.substr(colon + 1));
  std::vector<int> out;
  for (std::size_t i = 0; i < colon;) {
    const char op = prompt[i++];
    std::size_t used = 0;
    const int number = std::stoi(prompt.substr(i), &used);
    i += used;
    value = op == '+' ? value + number : op == '-' ? value - number : value * number;
    value = (value % 11 + 11) % 11;
    out.push_back(value);
  }
  return out;
}

std::string text_of(const std::vector<int>& states) {
  std::string out;
  for (const int state : states) out += " " + std::to_string(state);
  return out;
}

}  // namespace

TEST_CASE("the answer of a chain is the arithmetic of its prompt, whatever was thought before") {
  const explore::Task task = tasks::thoughts_task("thoughts:chain", {.problems = 60, .seed = 3});
  const explore::Thinking& thinking = *task.thinking;
  std::set<int> difficulties;
  for (const Problem& problem : task.problems) {
    const std::vector<int> states = chain_states(problem.prompt);
    const std::string end = " " + std::to_string(states.back()),
                      wrong = " " + std::to_string((states.back() + 1) % 11);
    difficulties.insert(thinking.difficulty(problem));
    CHECK(thinking.difficulty(problem) == static_cast<int>(states.size()));
    CHECK(thinking.right(problem) == end);
    CHECK(task.truth(problem, said(" =" + end)) == 1);
    CHECK(task.truth(problem, said(text_of(states) + " =" + end)) == 1);
    CHECK(task.truth(problem, said(wrong + " =" + end)) == 1);
    CHECK(task.truth(problem, said(" =" + wrong)) == 0);
    CHECK(task.truth(problem, said(" =" + end, search::Finish::cut)) == 0);
    CHECK(task.truth(problem, said(end)) == 0);

    // A right chain names states on the way, in their order, and may leave some out.
    CHECK(thinking.right_chain(problem, " =" + end));
    CHECK(thinking.right_chain(problem, text_of(states) + " =" + end));
    CHECK(thinking.right_chain(problem, text_of({states.back()}) + " =" + end));
    CHECK(!thinking.right_chain(problem, text_of(states) + " =" + wrong));
    CHECK(!thinking.right_chain(problem, text_of(states) + end + " =" + end));
    std::set<int> known(states.begin(), states.end());
    for (int other = 0; other < 11; ++other)
      if (!known.contains(other))
        CHECK(!thinking.right_chain(problem, text_of({other}) + " =" + end));
  }
  CHECK(difficulties == std::set<int>{1, 2, 3, 4, 5, 6});
}

TEST_CASE("examples answer rightly in each style, and pieces make up every text") {
  for (const char* name : {"thoughts", "thoughts:chain", "thoughts:walk", "thoughts:cups"}) {
    const explore::Task task = tasks::thoughts_task(name, {.problems = 300, .seed = 1});
    std::set<std::string> seen;
    for (const Problem& problem : task.problems) CHECK(seen.insert(problem.prompt).second);
    for (const Problem& problem : task.calibration().problems)
      CHECK(!seen.contains(problem.prompt));
    RandomStream stream(9, "examples");
    std::set<std::string> begun;
    for (int i = 0; i < 400; ++i) {
      const explore::Example example = task.example(stream);
      std::string prompt = example.prompt;
      for (const std::string& style : task.thinking->styles)
        if (prompt.starts_with(style)) begun.insert(style), prompt.erase(0, style.size());
      CHECK(!seen.contains(prompt));
      REQUIRE(tests::made_up_of(example.prompt + example.answer, task.pieces));
      CHECK(!seen.contains(task.thinking->question(stream).prompt));
    }
    CHECK(begun.size() == 3);
  }
}

TEST_CASE("the thoughts of examples are right chains of their own problems") {
  // An example is the text that a problem of training would be answered with.
  for (const char* name : {"thoughts:chain", "thoughts:walk", "thoughts:cups"}) {
    const explore::Task task = tasks::thoughts_task(name, {.problems = 1, .seed = 1});
    std::map<std::string, Problem> problems;
    RandomStream questions(1, "questions"), examples(2, "examples");
    for (int i = 0; i < 20'000; ++i) {
      Problem problem = task.thinking->question(questions);
      problems.emplace(problem.prompt, problem);
    }
    int met = 0;
    for (int i = 0; i < 20'000; ++i) {
      const explore::Example example = task.example(examples);
      std::string prompt = example.prompt;
      for (const std::string& style : task.thinking->styles)
        if (prompt.starts_with(style)) prompt.erase(0, style.size());
      const auto problem = problems.find(prompt);
      if (problem == problems.end()) continue;
      ++met;
      CHECK(task.thinking->right_chain(problem->second, example.answer));
      CHECK(task.truth(problem->second, said(example.answer)) == 1);
    }
    CHECK(met > 300);
  }
}

TEST_CASE("the same seed makes the same thoughts' problems, however many are asked for") {
  const explore::Task few = tasks::thoughts_task("thoughts", {.problems = 5, .seed = 2}),
                      many = tasks::thoughts_task("thoughts", {.problems = 50, .seed = 2});
  for (std::size_t i = 0; i < 5; ++i) CHECK(few.problems[i].prompt == many.problems[i].prompt);
}
