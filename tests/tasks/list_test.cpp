#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <thread>

#include "harness/base/error.h"
#include "harness/tasks/judged.h"
#include "harness/tasks/list_policies.h"
#include "harness/tasks/tasks.h"
#include "sandbox/sandbox.h"
#include "tests/support/own_problem.h"

using namespace assay;
using namespace assay::tasks::lists;
using search::Finish;
using search::Prefix;

namespace {

Program random_program(RandomStream& stream) {
  Program program(stream.below(kCallsMax + 1));
  for (std::size_t& call : program) call = stream.below(static_cast<std::uint32_t>(calls().size()));
  return program;
}

Value value_of(const List& list) {
  std::vector<Value> numbers;
  for (const std::int32_t x : list) numbers.push_back(Value::of_int(x));
  return Value::sequence(Kind::list, std::move(numbers));
}

Prefix finished(const search::Problem& problem, const std::string& text) {
  search::Node step;
  step.text = text;
  step.finish = Finish::complete;
  return search::behind(search::make_root(problem.task_id), std::move(step));
}

bool does(const Program& program, const std::vector<Test>& tests) {
  return std::all_of(tests.begin(), tests.end(),
                     [&](const Test& test) { return run(program, test.input) == test.output; });
}

/// What a policy draws, to its end.
Prefix sampled(search::Policy& policy, const search::Problem& problem, std::uint64_t seed) {
  Prefix prefix = policy.open(problem);
  while (prefix->finish == Finish::open) {
    std::vector<search::Ask> asks = {
        {prefix, RandomStream(seed, fmt::format("draw {}", prefix->depth)), false}};
    prefix = policy.extend(asks).front();
  }
  return prefix;
}

const std::vector<std::string> kHostile = {
    "",
    "end",
    "end\nend\n",
    "end\n\n",
    "sort\n",
    "sort\nend\nmap +1\n",
    "sort \nend\n",
    "Sort\nend\n",
    "sort\r\nend\r\n",
    std::string("sort\0\nend\n", 10),
    "map +1\nmap +1\nmap +1\nmap +1\nmap +1\nmap +1\nend\n",
    "\n]; import os; os._exit(0)\nend\n",
    "xs = xs\n    return xs\nend\n",
    "\xff\xfe\nend\n",
    std::string(1 << 20, 'x'),
};

}  // namespace

TEST_CASE("list language: the interpreter and the compiled Python in the sandbox do the same") {
  sandbox::Config config;
  config.allow_weaker = true;
  sandbox::Worker worker(config);
  RandomStream stream(1, "programs");
  std::vector<List> lists = {{}, {7}, {-999, 999}, {-1, -1, -2, -2, 0, 0, 3, 3}};
  for (int i = 0; i < 8; ++i) {
    List list(stream.below(kLengthMax + 1));
    for (std::int32_t& x : list) x = static_cast<std::int32_t>(stream.below(1999)) - 999;
    lists.push_back(list);
  }
  std::vector<std::string> encoded;
  for (const List& list : lists)
    encoded.push_back(encode(Value::sequence(Kind::tuple, {value_of(list)})));
  sandbox::Job job;
  job.entry_point = "f";
  job.inputs = sandbox::Inputs::make(encoded);
  std::vector<Program> programs = {{}};
  for (std::size_t call = 0; call < calls().size(); ++call) programs.push_back({call});
  while (programs.size() < 2100) programs.push_back(random_program(stream));
  int differ = 0;
  for (const Program& program : programs) {
    job.program = python_of(program);
    const sandbox::Outcome outcome = worker.run(job, [&](const sandbox::Reply& reply) {
      if (reply.value != encode(value_of(run(program, lists[reply.index])))) {
        ++differ;
        MESSAGE(job.program << " on list " << reply.index);
      }
      return sandbox::Next::go_on;
    });
    REQUIRE(outcome.end == sandbox::End::completed);
  }
  CHECK(differ == 0);
}

TEST_CASE("list language: a program is read as it is written, and nothing else is one") {
  RandomStream stream(2, "programs");
  for (int i = 0; i < 200; ++i) {
    const Program program = random_program(stream);
    CHECK(parse(written(program)) == program);
  }
  CHECK(parse("end") == Program{});
  for (const std::string& text : kHostile)
    if (text != "end") CHECK_FALSE(parse(text));
}

TEST_CASE("list targets: the same for a seed, no two alike, none trivial") {
  const auto one = targets(Side::tests, 40, 7), two = targets(Side::tests, 60, 7),
             other = targets(Side::tests, 40, 8);
  std::set<std::uint64_t> behaviours;
  int shared = 0;
  for (std::size_t i = 0; i < one.size(); ++i) {
    CHECK(one[i].program == two[i].program);
    CHECK(prompt_of(one[i], 4) == prompt_of(two[i], 4));
    shared += one[i].program == other[i].program;
    behaviours.insert(one[i].behaviour);
  }
  CHECK(shared < 5);
  CHECK(behaviours.size() == one.size());
  for (const Target& target : two) {
    CHECK(target.hidden.size() == 32);
    std::vector<Test> all = target.hidden;
    all.insert(all.end(), target.visible.begin(), target.visible.end());
    CHECK(does(target.program, all));
    CHECK(std::any_of(all.begin(), all.end(),
                      [&](const Test& test) { return test.output != all[0].output; }));
    // The slow reference: each program of fewer calls, up to 2, on each test.
    std::vector<Program> shorter = {{}};
    for (std::size_t begin = 0, length = 0;
         length + 1 < std::min<std::size_t>(target.program.size(), 3); ++length) {
      const std::size_t end = shorter.size();
      for (std::size_t i = begin; i < end; ++i) {
        for (std::size_t call = 0; call < calls().size(); ++call) {
          shorter.push_back(shorter[i]);
          shorter.back().push_back(call);
        }
      }
      begin = end;
    }
    CHECK(std::none_of(shorter.begin(), shorter.end(),
                       [&](const Program& program) { return does(program, all); }));
  }
}

// Short targets are few: where those that repeat were dropped, the first 40 problems of 500 were twice
// as easy as the rest.
TEST_CASE("list targets: as many of each length at the beginning as at the end") {
  for (const std::uint64_t seed : {1, 2}) {
    for (const auto& all : {targets(Side::tests, kTargetsMax, seed),
                            targets(Side::calibration, kCalibrationTargetsMax, seed)}) {
      std::map<std::size_t, double> first, second;
      for (std::size_t i = 0; i < all.size(); ++i)
        (2 * i < all.size() ? first : second)[all[i].program.size()] +=
            2.0 / static_cast<double>(all.size());
      CHECK(first.size() == 3);
      for (const auto& half : {first, second}) {
        const double sigma = 0.5 / std::sqrt(static_cast<double>(all.size()) / 2);
        CHECK(std::abs(half.at(2) - 0.2) < 4 * sigma);
        CHECK(std::abs(half.at(3) - 0.4) < 4 * sigma);
        CHECK(std::abs(half.at(4) - 0.4) < 4 * sigma);
      }
    }
  }
}

TEST_CASE("list targets: training, calibration and tests share no behaviour, whatever the seed") {
  std::map<std::uint64_t, Side> side;
  const auto meet = [&](std::uint64_t behaviour, Side on) {
    CHECK(side.try_emplace(behaviour, on).first->second == on);
  };
  for (const std::uint64_t seed : {1, 2}) {
    for (const Target& target : targets(Side::tests, 80, seed)) meet(target.behaviour, Side::tests);
    for (const Target& target : targets(Side::calibration, 20, seed))
      meet(target.behaviour, Side::calibration);
  }
  const explore::Task task = tasks::open("list", {1, 1});
  RandomStream stream(3, "examples");
  for (int i = 0; i < 200; ++i) {
    const explore::Example example = task.example(stream);
    const auto program = parse(example.answer);
    REQUIRE(program);
    meet(behaviour(*program), Side::training);
  }
}

TEST_CASE("list task: a name or a number that there is not is an error") {
  CHECK_THROWS_WITH_AS(tasks::open("list:3", {1, 1}),
                       "--task list:3: there is list:1, list:2 and list:4, by the tests that are "
                       "visible; list is list:2",
                       Error);
  CHECK_THROWS_WITH_AS(tasks::open("list", {1001, 1}),
                       "--problems 1001: the task list has up to 1000", Error);
}

TEST_CASE("list task: prompts and answers consist of the pieces; prompts show the visible tests") {
  for (const std::size_t visible : {1, 2, 4}) {
    const explore::Task task = tasks::open(fmt::format("list:{}", visible), {20, 5});
    const auto target = targets(Side::tests, 20, 5);
    RandomStream stream(5, "examples");
    std::vector<std::string> texts;
    for (const search::Problem& problem : task.problems) {
      CHECK(problem.prompt == prompt_of(target[problem.index], visible));
      CHECK(std::count(problem.prompt.begin(), problem.prompt.end(), '\n') ==
            static_cast<std::ptrdiff_t>(2 * visible + 1));
      texts.push_back(problem.prompt + written(target[problem.index].program));
    }
    for (int i = 0; i < 20; ++i) {
      const explore::Example example = task.example(stream);
      texts.push_back(example.prompt + example.answer);
    }
    for (std::string_view text : texts) {
      while (!text.empty()) {
        std::size_t longest = 0;
        for (const std::string& piece : task.pieces)
          if (text.starts_with(piece)) longest = std::max(longest, piece.size());
        REQUIRE(longest > 0);
        text.remove_prefix(longest);
      }
    }
  }
}

TEST_CASE("list task: whole texts and their answers") {
  const explore::Task task = tasks::open("list", {1, 1});
  const search::Problem& problem = task.problems[0];
  CHECK(problem.whole("sort\nend\n"));
  CHECK(problem.whole("end"));
  CHECK_FALSE(problem.whole("sort\n"));
  CHECK_FALSE(problem.whole("sort\nen"));
  CHECK_FALSE(problem.whole("blend"));
  CHECK(problem.answer(finished(problem, "sort\nend")) == "sort\nend\n");
  CHECK(problem.answer(finished(problem, "sort\n")) == "");
}

TEST_CASE("list task: truth and verifier say what the interpreter says, from several threads") {
  const explore::Task task = tasks::open("list:1", {12, 9});
  const auto target = targets(Side::tests, 12, 9);
  const auto policy = task.policies.at("guided")();
  const auto verifier = task.verifiers.at("suite:visible")();
  std::vector<int> wrong(3), right(3);
  std::vector<std::jthread> threads;
  for (std::size_t t = 0; t < 3; ++t) {
    threads.emplace_back([&, t] {
      for (const search::Problem& problem : task.problems) {
        std::vector<Prefix> answers = {finished(problem, written(target[problem.index].program))};
        for (std::uint64_t seed = 0; seed < 6; ++seed)
          answers.push_back(sampled(*policy, problem, seed + t % 2));
        for (const std::string& text : kHostile) answers.push_back(finished(problem, text));
        const auto scores = verifier->score(problem, answers);
        for (std::size_t i = 0; i < answers.size(); ++i) {
          const auto program = parse(search::text_of(answers[i]));
          const Target& its = target[problem.index];
          const bool hidden = program && does(*program, its.hidden),
                     shown = program && does(*program, {its.visible[0]});
          right[t] += hidden;
          wrong[t] += !scores[i].judged || scores[i].value != shown ||
                      task.truth(problem, answers[i]) != hidden;
        }
      }
    });
  }
  threads.clear();
  for (std::size_t t = 0; t < 3; ++t) {
    CHECK(wrong[t] == 0);
    CHECK(right[t] >= 12);
  }
  // A prefix is not judged.
  const Prefix root = policy->open(task.problems[0]);
  CHECK_FALSE(verifier->score(task.problems[0], std::span(&root, 1))[0].judged);
}

TEST_CASE("list policies: log-probabilities are those of the draws") {
  const auto bigrams = std::make_shared<Bigrams>(300, 1);
  const explore::Task task = tasks::open("list", {2, 1});
  const auto policy = grammar_policy(bigrams);
  std::map<std::string, std::pair<int, double>> first;
  constexpr int kDraws = 4000;
  for (int i = 0; i < kDraws; ++i) {
    const Prefix prefix = sampled(*policy, task.problems[0], static_cast<std::uint64_t>(i));
    const Prefix step = search::first_steps(prefix, 1);
    ++first[step->text].first;
    first[step->text].second = std::exp(*step->log_probability);
    const auto program = parse(search::text_of(prefix));
    REQUIRE(program);
    double log_p = 0, expected = 0;
    std::size_t before = calls().size();
    for (const std::size_t call : *program) {
      expected += std::log(bigrams->behind(before)[call]);
      before = call;
    }
    const int last = prefix->depth;
    if (last <= static_cast<int>(kCallsMax)) expected += std::log(bigrams->behind(before).back());
    for (Prefix p = prefix; p->parent; p = p->parent) log_p += *p->log_probability;
    CHECK(log_p == doctest::Approx(expected));
  }
  double total = 0;
  for (const auto& [text, seen] : first) {
    total += seen.second;
    const double sigma = std::sqrt(seen.second * (1 - seen.second) / kDraws);
    CHECK(std::abs(seen.first / double{kDraws} - seen.second) < 5 * sigma);
  }
  CHECK(total == doctest::Approx(1).epsilon(0.01));
  CHECK_FALSE(first.contains("end\n"));
}

TEST_CASE("list policies: distance is the least number of changes over the longer length") {
  CHECK(distance({}, {}) == 0);
  CHECK(distance({}, {1, 2}) == 1);
  CHECK(distance({1, 2, 3}, {1, 2, 3}) == 0);
  CHECK(distance({1, 2, 3, 4}, {2, 3, 4}) == doctest::Approx(0.25));
  CHECK(distance({1, 2, 3, 4}, {1, 9, 3, 4}) == doctest::Approx(0.25));
  CHECK(distance({3, 2, 1}, {1, 2, 3}) == doctest::Approx(2.0 / 3));
}

TEST_CASE("judged: each program once by a suite; a failure of ours is no verdict and tried again") {
  tests::Script script;
  script.put("reference", {tests::passes()});
  script.put("right", {tests::passes()});
  script.put("wrong", {tests::wrong_at(2)});
  script.put("lost", {tests::ends(sandbox::End::missing), tests::ends(sandbox::End::missing),
                      tests::passes()});
  script.put("lost later", {tests::ends(sandbox::End::missing), tests::wrong_at(0)});
  tasks::Judged judged({tests::own_problem()}, 2,
                       [&] { return std::make_unique<tests::FakeExecutor>(script); });
  for (int again = 0; again < 3; ++again) {
    CHECK(judged.passes(0, "plus", "right") == true);
    CHECK(judged.passes(0, "plus", "wrong") == false);
    CHECK(judged.passes(0, "base", "wrong") == true);
  }
  CHECK(script.runs("right") == 1);
  CHECK(script.runs("wrong") == 2);
  CHECK(judged.passes(0, "plus", "lost") == std::nullopt);
  CHECK(judged.passes(0, "plus", "lost") == true);
  CHECK(judged.passes(0, "plus", "lost later") == false);
}

TEST_CASE("judged: a reference that fails is an error, one that is lost is no verdict") {
  tests::Script script;
  script.put("reference", {tests::ends(sandbox::End::missing), tests::ends(sandbox::End::missing),
                           tests::ends(sandbox::End::raised)});
  tasks::Judged judged({tests::own_problem()}, 1,
                       [&] { return std::make_unique<tests::FakeExecutor>(script); });
  CHECK(judged.passes(0, "plus", "right") == std::nullopt);
  CHECK_THROWS_AS(judged.passes(0, "plus", "right"), Error);
}
