#include <doctest/doctest.h>

#include <cmath>
#include <set>

#include "harness/base/error.h"
#include "harness/explore/experiment.h"
#include "harness/search/table.h"
#include "harness/tasks/rational.h"
#include "harness/tasks/tasks.h"
#include "tests/support/sanitized.h"

using namespace assay;
using search::Prefix;
using search::Problem;

namespace {

std::optional<tasks::Rational> value_of(std::string_view text) {
  std::vector<tasks::Rational> used;
  return tasks::evaluated(text, &used);
}

Prefix said(const Problem& problem, const std::vector<std::string>& lines) {
  Prefix prefix = search::make_root(problem.task_id);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    search::Node step;
    step.text = lines[i];
    step.finish = lines[i].starts_with("Answer") ? search::Finish::complete : search::Finish::open;
    prefix = search::behind(prefix, std::move(step));
  }
  return prefix;
}

const Problem& problem_of(const explore::Task& task, const std::string& id) {
  for (const Problem& one : task.problems)
    if (one.task_id == id) return one;
  FAIL("no such puzzle");
  return task.problems[0];
}

/// By floating point and without any merging of states.
bool can_reach(std::vector<double> numbers) {
  if (numbers.size() == 1) return std::abs(numbers[0] - 24) < 1e-6;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    for (std::size_t j = 0; j < numbers.size(); ++j) {
      if (i == j) continue;
      std::vector<double> rest;
      for (std::size_t k = 0; k < numbers.size(); ++k)
        if (k != i && k != j) rest.push_back(numbers[k]);
      const double a = numbers[i], b = numbers[j];
      for (const double value : {a + b, a - b, a * b, b == 0 ? NAN : a / b}) {
        if (std::isnan(value)) continue;
        rest.push_back(value);
        if (can_reach(rest)) return true;
        rest.pop_back();
      }
    }
  }
  return false;
}

}  // namespace

TEST_CASE("expressions are read exactly, and what is none is refused") {
  using tasks::Rational;
  CHECK(value_of("8 / (3 - 8 / 3)") == Rational(24));
  CHECK(value_of("(4*6)+10-10") == Rational(24));
  CHECK(value_of("1 / 3") == Rational(1, 3));
  CHECK(value_of("2 - 3 - 4") == Rational(-5));
  CHECK(value_of("999 * 999 * 999 * 999") == Rational(996005996001));
  for (const char* text : {"", "1 +", "(1", "1)", "1 / 0", "1 // 2", "--1", "1e3", "1000", "1 2",
                           "1+1+1+1+1", "((((((((((((((((((((((((((((((((((1"})
    CHECK_MESSAGE(!value_of(text), text);
}

TEST_CASE("there are 1,362 puzzles of numbers from 1 to 13" *
          doctest::skip(assay::tests::kSanitized)) {
  CHECK(tasks::game24_task({.problems = 1362}).problems.size() == 1362);
  CHECK_THROWS_AS(tasks::game24_task({.problems = 1363}), Error);
  CHECK(!tasks::game24_task({.problems = 1362}).calibration);
  const explore::Task some = tasks::game24_task({.problems = 900});
  std::set<std::string> ids;
  for (const Problem& problem : some.problems) ids.insert(problem.task_id);
  const explore::Task others = some.calibration();
  CHECK(others.problems.size() == 462);
  for (const Problem& problem : others.problems) CHECK(!ids.contains(problem.task_id));
}

TEST_CASE("the truth of a text is its arithmetic, whoever wrote it") {
  const explore::Task task = tasks::game24_task({.problems = 1362});
  const Problem& puzzle = problem_of(task, "game24/4_5_6_10");
  const std::vector<std::string> good = {"4 * 5 = 20 (left: 6 10 20)\n",
                                         "10 - 6 = 4 (left: 4 20)\n", "4 + 20 = 24 (left: 24)\n"};
  const auto with = [&](const std::string& answer) {
    std::vector<std::string> lines = good;
    lines.push_back(answer);
    return said(puzzle, lines);
  };
  CHECK(task.truth(puzzle, with("Answer: 4 * 5 + (10 - 6) = 24\n")) == 1);
  CHECK(task.truth(puzzle, with("Answer: (4 * 5) + (10 - 6) = 24")) == 1);
  CHECK(task.truth(puzzle, with("Answer: 4 * 6 = 24\n")) == 0);             // not all numbers
  CHECK(task.truth(puzzle, with("Answer: 4 * 5 + (10 - 6) = 25\n")) == 0);  // not the target
  CHECK(task.truth(puzzle, with("Answer: 4 + 4 + 6 + 10 = 24\n")) == 0);    // other numbers
  CHECK(task.truth(puzzle, said(puzzle, good)) == 0);                       // no answer yet
  CHECK(!task.fault(puzzle, said(puzzle, good)));
  CHECK(task.fault(puzzle, said(puzzle, {"4 * 5 = 21 (left: 6 10 21)\n"})));  // arithmetic
  CHECK(task.fault(puzzle, said(puzzle, {"4 * 5 = 20 (left: 6 20)\n"})));     // a number lost
  CHECK(task.fault(puzzle, said(puzzle, {"7 * 5 = 35 (left: 4 6 10)\n"})));   // none of these
  // Errors are the same when they are, and are carried on.
  const auto first = task.fault(puzzle, said(puzzle, {"5 + 6 = 11 (left: 4 10 11)\n"}));
  const auto later = task.fault(
      puzzle, said(puzzle, {"5 + 6 = 11 (left: 4 10 11)\n", "4 + 10 = 14 (left: 11 14)\n"}));
  CHECK(first.has_value());
  CHECK(first == later);
}

TEST_CASE("the graph that is written down is the one that policy, votes and truth walk" *
          doctest::skip(assay::tests::kSanitized)) {
  const explore::Task task = tasks::game24_task({.problems = 12, .seed = 3});
  const auto policy = task.policies.at("proposals")();
  const auto votes = task.verifiers.at("votes")();
  int right = 0, fractions = 0;
  for (const Problem& problem : task.problems) {
    const search::TableProblem table = task.tables.at("votes")(problem);
    for (int draw = 0; draw < 40; ++draw) {
      Prefix prefix = policy->open(problem);
      std::string key;
      while (prefix->finish == search::Finish::open) {
        search::Ask ask{prefix, RandomStream(7, problem.task_id + std::to_string(draw) + key)};
        prefix = policy->extend({&ask, 1})[0];
        const std::vector<double>& p = table.probabilities(key);
        const auto token = static_cast<std::size_t>(prefix->tokens[0]);
        CHECK(std::exp(*prefix->log_probability) == doctest::Approx(p[token]));
        key += (key.empty() ? "" : ",") + std::to_string(token);
        CHECK(votes->score(problem, {&prefix, 1})[0].value == table.score_of(key));
        fractions += prefix->text.find(" = ") != std::string::npos &&
                     prefix->text.find("/", prefix->text.find(" = ")) != std::string::npos;
      }
      CHECK(prefix->depth == 4);
      CHECK(problem.whole(search::text_of(prefix)));
      CHECK(task.truth(problem, prefix) == table.truth_of(key));
      CHECK(task.fault(problem, prefix).has_value() == (table.truth_of(key) == 0));
      right += task.truth(problem, prefix) > 0;
    }
    for (const auto& [prefix, p] : table.policy) {
      double sum = 0;
      for (const double one : p) sum += one;
      CHECK(sum == doctest::Approx(1));
    }
  }
  CHECK(right > 0);
  CHECK(fractions > 0);
}

TEST_CASE("a prefix has no fault exactly where plain search by doubles still finds 24") {
  const explore::Task task = tasks::game24_task({.problems = 25, .seed = 5});
  const auto policy = task.policies.at("proposals")();
  int good = 0, bad = 0;
  for (const Problem& problem : task.problems) {
    for (int draw = 0; draw < 6; ++draw) {
      search::Ask ask{policy->open(problem), RandomStream(draw, problem.task_id)};
      const Prefix prefix = policy->extend({&ask, 1})[0];
      std::vector<double> left;
      const std::string& text = prefix->text;
      for (std::size_t at = text.find("left: ") + 6; at < text.size();) {
        std::size_t used = 0;
        double value = std::stod(text.substr(at), &used);
        at += used;
        if (text[at] == '/') {
          value /= std::stod(text.substr(at + 1), &used);
          at += used + 1;
        }
        left.push_back(value);
        if (text[at] == ')') break;
        ++at;
      }
      REQUIRE(left.size() == 3);
      CHECK(can_reach(left) == !task.fault(problem, prefix));
      (can_reach(left) ? good : bad) += 1;
    }
  }
  CHECK(good > 10);
  CHECK(bad > 10);
}
