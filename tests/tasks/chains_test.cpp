#include <doctest/doctest.h>

#include <cctype>
#include <set>
#include <string>

#include "harness/tasks/tasks.h"
#include "tests/tasks/pieces.h"

using namespace assay;
using search::Prefix;
using search::Problem;

namespace {

/// The values of a prompt, worked out from its text alone.
std::vector<int> values_of(const std::string& prompt) {
  std::vector<int> values;
  const std::size_t colon = prompt.find(':');
  int value = std::stoi(prompt.substr(colon + 1));
  char op = 0;
  for (std::size_t i = 0; i < colon;) {
    if (prompt[i] == ' ') {
      std::size_t used = 0;
      const int number = std::stoi(prompt.substr(i), &used);
      i += used;
      value = op == '+' ? value + number : op == '-' ? value - number : value * number;
      value = ((value % 17) + 17) % 17;
      values.push_back(value);
    } else {
      op = prompt[i++];
    }
  }
  return values;
}

Prefix said(const Problem& problem, const std::vector<std::string>& steps) {
  Prefix prefix = search::make_root(problem.task_id);
  for (const std::string& text : steps) {
    search::Node step;
    step.text = text;
    step.finish = prefix->depth == 7 ? search::Finish::complete : search::Finish::open;
    prefix = search::behind(prefix, std::move(step));
  }
  return prefix;
}

std::vector<std::string> texts_of(const std::vector<int>& values) {
  std::vector<std::string> out;
  for (const int value : values) out.push_back(" " + std::to_string(value));
  return out;
}

}  // namespace

TEST_CASE("the truth of a chain is the arithmetic of its prompt") {
  const explore::Task task = tasks::chains_task({.problems = 50, .seed = 4});
  for (const Problem& problem : task.problems) {
    const std::vector<int> values = values_of(problem.prompt);
    REQUIRE(values.size() == 8);
    std::vector<std::string> texts = texts_of(values);
    CHECK(task.truth(problem, said(problem, texts)) == 1);
    CHECK(!task.fault(problem, said(problem, texts)));
    CHECK(problem.whole(search::text_of(said(problem, texts))));
    CHECK(!problem.whole(search::text_of(said(problem, {texts[0]}))));
    texts[3] = " " + std::to_string((values[3] + 1) % 17);
    CHECK(!task.fault(problem, said(problem, {texts[0], texts[1], texts[2]})));
    const auto fault = task.fault(problem, said(problem, {texts[0], texts[1], texts[2], texts[3]}));
    CHECK(fault.has_value());
    // A wrong value that comes right in the end is right.
    CHECK(task.truth(problem, said(problem, texts)) == 1);
    CHECK(!task.fault(problem, said(problem, texts)));
    texts[7] = " " + std::to_string((values[7] + 1) % 17);
    CHECK(task.fault(problem, said(problem, texts)) == fault);
    CHECK(task.truth(problem, said(problem, texts)) == 0);
    texts[7] = ":";
    CHECK(task.truth(problem, said(problem, texts)) == 0);
    CHECK(problem.answer(said(problem, texts)).empty());
  }
}

TEST_CASE("training, calibration and test share no chain, and the pieces make up every text") {
  const explore::Task task = tasks::chains_task({.problems = 400, .seed = 1});
  std::set<std::string> seen;
  for (const Problem& problem : task.problems) seen.insert(problem.prompt);
  for (const Problem& problem : task.calibration().problems) CHECK(!seen.contains(problem.prompt));
  RandomStream stream(9, "examples");
  for (int i = 0; i < 400; ++i) {
    const explore::Example example = task.example(stream);
    CHECK(!seen.contains(example.prompt));
    CHECK(texts_of(values_of(example.prompt)) == [&] {
      std::vector<std::string> words;
      for (const char c : example.answer) c == ' ' ? words.emplace_back(1, c) : words.back() += c;
      return words;
    }());
    REQUIRE(tests::made_up_of(example.prompt + example.answer, task.pieces));
  }
}

TEST_CASE("the same seed makes the same chains, however many are asked for") {
  const explore::Task few = tasks::chains_task({.problems = 5, .seed = 2}),
                      many = tasks::chains_task({.problems = 50, .seed = 2}),
                      other = tasks::chains_task({.problems = 5, .seed = 3});
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK(few.problems[i].prompt == many.problems[i].prompt);
    CHECK(few.problems[i].prompt != other.problems[i].prompt);
  }
}
