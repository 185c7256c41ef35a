#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "datasets/registry.h"
#include "harness/base/error.h"
#include "harness/tasks/recorded.h"
#include "harness/tasks/tasks.h"
#include "tests/support/data.h"
#include "tests/support/scratch.h"

using namespace assay;
using nlohmann::json;
using search::Finish;
using search::Prefix;

namespace {

const char* const kPrompt = "def largest(numbers):\n";

json problem(const std::string& task_id) {
  return {{"task_id", task_id},
          {"prompt", kPrompt},
          {"entry_point", "largest"},
          {"reference", std::string(kPrompt) + "    return max(numbers)\n"},
          {"base", json::parse("[[[1, 2, 3]], [[5, 4, 5]]]")},
          {"plus", json::parse("[[[-1, -2]], [[3, 7, 2]]]")}};
}

std::string lines(const std::vector<json>& rows) {
  std::string out;
  for (const json& row : rows) out += row.dump() + "\n";
  return out;
}

struct Own {
  tests::Scratch scratch;
  std::vector<std::string> told;
  tasks::Tell tell = [this](const std::string& what) { told.push_back(what); };

  explore::Task open(const std::vector<json>& rows, tasks::Options options = {}) {
    options.tell = tell;
    return tasks::open(scratch.write("own.jsonl", lines(rows)), options);
  }
  std::string samples(const std::vector<json>& rows) {
    return scratch.write("samples.jsonl", lines(rows));
  }
};

Prefix finished(const search::Problem& of, const std::string& text, bool alone = false,
                Finish finish = Finish::complete) {
  search::Node step;
  step.text = text;
  step.alone = alone;
  step.finish = finish;
  return search::behind(search::make_root(of.task_id), std::move(step));
}

Prefix drawn(search::Policy& policy, const search::Problem& of, std::uint64_t seed, bool greedy) {
  std::vector<search::Ask> asks = {{policy.open(of), RandomStream(seed, "draw"), greedy}};
  return policy.extend(asks).front();
}

json sample(const std::string& task_id, const char* form, const std::string& text) {
  return {{"task_id", task_id}, {form, text}};
}

}  // namespace

TEST_CASE(
    "a benchmark as a task: truth by gold, verifiers by suite, equal programs are equal answers") {
  Own own;
  const explore::Task task = own.open({problem("a"), problem("b"), problem("c")}, {2});
  REQUIRE(task.problems.size() == 2);
  CHECK(task.usual_verifier == "suite:base");
  CHECK(task.problems[0].prompt == kPrompt);
  const search::Problem& one = task.problems[1];
  const std::string body = "    return sorted(numbers)[-1]\n";
  const Prefix right = finished(one, body),
               longer = finished(one, body + "\nprint(largest([1]))\ndef more(x):\n"),
               whole = finished(one, kPrompt + body, true),
               weak = finished(one, "    return max(0, *numbers)\n"),
               wrong = finished(one, "    return numbers[0]\n"), nothing = finished(one, ""),
               refused = finished(one, body, false, Finish::refused);
  CHECK(one.answer(right) + "\n" == kPrompt + body);
  CHECK(one.answer(longer) == one.answer(right));
  CHECK(one.answer(whole) == one.answer(right));
  CHECK(one.answer(refused) == "");
  for (const Prefix& answer : {right, longer, whole}) CHECK(task.truth(one, answer) == 1);
  for (const Prefix& answer : {weak, wrong, nothing, refused}) CHECK(task.truth(one, answer) == 0);
  // The text alone does not say which program it is.
  CHECK(task.truth(one, finished(one, body, true)) == 0);
  CHECK(finished(one, body, true)->key != finished(one, body)->key);

  const std::vector<Prefix> answers = {right,   weak,    wrong,
                                       nothing, refused, search::make_root("b")};
  const auto scores = [&](const char* suite) {
    std::string out;
    for (const search::Score& score : task.verifiers.at(suite)()->score(one, answers))
      out += !score.judged ? '-' : score.value > 0 ? '1' : '0';
    return out;
  };
  CHECK(scores("suite:base") == "1100--");
  CHECK(scores("suite:plus") == "1000--");
  const explore::Task others = task.calibration();
  REQUIRE(others.problems.size() == 1);
  CHECK(others.problems[0].task_id == "c");
  CHECK(others.truth(others.problems[0], finished(others.problems[0], body)) == 1);
}

TEST_CASE("a benchmark as a task: gold is what is asked for; problems that lack it are left out") {
  Own own;
  json poor = problem("poor");
  poor.erase("plus");
  const explore::Task all = own.open({problem("a"), poor});
  CHECK(all.problems.size() == 1);
  REQUIRE(own.told.size() == 1);
  CHECK(own.told[0].find("1 problems of") == 0);
  tasks::Options options;
  options.gold = {"base"};
  const explore::Task base = own.open({problem("a"), poor}, options);
  REQUIRE(base.problems.size() == 2);
  CHECK(base.truth(base.problems[0], finished(base.problems[0], "    return max(0, *numbers)\n")) ==
        1);
  const Prefix answer = finished(base.problems[1], "    return max(numbers)\n");
  CHECK_FALSE(
      base.verifiers.at("suite:plus")()->score(base.problems[1], std::span(&answer, 1))[0].judged);
  options.gold = {"bass"};
  CHECK_THROWS_WITH_AS(own.open({problem("a")}, options),
                       "--gold bass: no problem of dataset own has it; it has base, plus", Error);
}

TEST_CASE("a completion is over where the next statement begins behind the body") {
  Own own;
  json whole = problem("whole");
  whole["prompt"] = "\"\"\"\nWrite largest(numbers).\n\"\"\"\n";
  const explore::Task task = own.open({problem("a"), whole});
  const auto& over = task.problems[0].whole;
  CHECK_FALSE(over(""));
  CHECK_FALSE(over("    return max(\nnumbers\n)\n"));
  CHECK_FALSE(over("    x = '''\nprint(1)\n'''\n    return x\n\n# a remark\n"));
  CHECK(over("    return 1\n\nprint(2)\n"));
  CHECK(over("    return 1\ndef"));
  CHECK(over("    return 1\n@cache\n"));
  CHECK_FALSE(over("\n# so:\n    return 1\n"));
  CHECK(over("\n# so:\n    return 1\nprint"));
  // It lost its first indent, or is a whole program.
  CHECK_FALSE(over("return 1\n"));
  CHECK_FALSE(over("x = 1\n    return x\n"));
  CHECK_FALSE(over("import math\n\ndef helper(x):\n    return x\n\ndef largest(numbers):\n"));
  CHECK(over("import math\n\ndef largest(numbers):\n    return 1\nlargest(2)\n"));
  const auto& alone = task.problems[1].whole;
  CHECK_FALSE(alone("import math\ndef largest(numbers):\n    return max(numbers)\n"));
  CHECK(alone("import math\ndef largest(numbers):\n    return max(numbers)\nassert"));
  tasks::Options chat;
  chat.extract = true;
  CHECK_FALSE(own.open({problem("a")}, chat).problems[0].whole);
}

TEST_CASE("a completion is over: no right body is before its end, each is behind it") {
  const auto check = [](const std::string& name, std::size_t most) {
    const datasets::Dataset dataset = datasets::load(name);
    const explore::Task task = tasks::open(name, {most});
    std::size_t bodies = 0;
    for (const search::Problem& one : task.problems) {
      const datasets::ProblemIndex index(dataset);
      const std::string& reference = index.find(one.task_id)->reference;
      if (!reference.starts_with(one.prompt)) continue;
      ++bodies;
      const std::string body = reference.substr(one.prompt.size());
      CHECK_FALSE(one.whole(body));
      CHECK(one.whole(body + "\n\nprint(1)\n"));
    }
    return bodies;
  };
  CHECK(check("builtin", 0) == datasets::load("builtin").problems.size());
  const std::string path = tests::data_file("benchmarks/HumanEval.jsonl.gz");
  ASSAY_NEEDS_DATA(path);
  CHECK(check(path, 0) == 164);
}

TEST_CASE("rows with an answer stay problems of one's own; a table stays a table") {
  Own own;
  CHECK_FALSE(own.open({{{"task_id", "a"}, {"prompt", "?"}, {"answer", "1"}}}).benchmark);
  CHECK(own.open({problem("a")}).benchmark);
  CHECK_THROWS_AS(own.open({{{"task_id", "a"}, {"prompt", "?"}}}), Error);
  CHECK(tasks::open("builtin", {3}).problems.size() == 3);
}

TEST_CASE(
    "samples as a policy: drawn with replacement, the first when greedy, the same for a seed") {
  Own own;
  explore::Task task = own.open({problem("a"), problem("b")}, {1});
  std::vector<json> rows;
  for (const char* id : {"a", "b"})
    for (int k = 0; k < 3; ++k)
      rows.push_back(sample(id, "completion", "    return " + std::to_string(k) + "\n"));
  rows.push_back(sample("a", "solution", std::string(kPrompt) + "    return max(numbers)\n"));
  const auto file = tasks::add_samples(task, own.samples(rows), false, own.tell);
  const auto policy = task.policies.at("samples:" + file->path())();
  CHECK_FALSE(policy->capabilities().steps);
  std::map<std::string, int> seen;
  constexpr int kDraws = 4000;
  for (std::uint64_t seed = 0; seed < kDraws; ++seed) {
    const Prefix one = drawn(*policy, task.problems[0], seed, false);
    CHECK(one->text == drawn(*policy, task.problems[0], seed, false)->text);
    CHECK(one->finish == Finish::complete);
    CHECK(one->tokens_out == static_cast<std::int64_t>((one->text.size() + 3) / 4));
    ++seen[tasks::SampleFile::drawn(one).sample_id];
  }
  CHECK(seen.size() == 4);  // 0 to 3, as `assay run` numbers them
  for (const auto& [id, count] : seen) CHECK(std::abs(count - kDraws / 4) < 5 * 28);
  const Prefix first = drawn(*policy, task.problems[0], 5, true);
  CHECK(tasks::SampleFile::drawn(first).sample_id == "0");
  CHECK_FALSE(first->alone);
  CHECK(task.calibration().problems.size() == 1);
}

TEST_CASE(
    "samples as a policy: numbers go on from the highest, and a sample that comes twice is one") {
  Own own;
  explore::Task task = own.open({problem("a")});
  json named = sample("a", "solution", "x = 1\n");
  named["sample_id"] = 7;
  const auto file = tasks::add_samples(
      task, own.samples({named, sample("a", "solution", "x = 2\n"), named}), false, own.tell);
  REQUIRE(file->of("a").size() == 2);
  CHECK(file->of("a")[1].sample_id == "8");
  CHECK(file->of("a")[1].model == "samples");
  json other = named;
  other["solution"] = "x = 3\n";
  CHECK_THROWS_AS(tasks::add_samples(task, own.samples({named, other}), false, own.tell), Error);
  other["model"] = "b";
  const auto two = tasks::add_samples(task, own.samples({named, other}), false, own.tell);
  CHECK(two->find("a", "7", "").size() == 2);
  CHECK(two->find("a", "7", "b").size() == 1);
  CHECK(two->identity() != file->identity());
}

TEST_CASE(
    "samples as a policy: a problem without one is an error, also among those to calibrate on") {
  Own own;
  const std::vector<json> three = {problem("a"), problem("b"), problem("c")};
  const std::string path =
      own.samples({sample("a", "solution", "x"), sample("d", "solution", "x")});
  explore::Task task = own.open(three);
  CHECK_THROWS_WITH_AS(
      tasks::add_samples(task, path, false, own.tell),
      ("--policy samples:" + path + ": 2 of 3 problems of " + own.scratch.path("own.jsonl") +
       " have no sample in it; the first is b; --only-sampled leaves such problems out")
          .c_str(),
      Error);
  tasks::add_samples(task, path, true, own.tell);
  CHECK(task.problems.size() == 1);
  explore::Task part = own.open(three, {1});
  tasks::add_samples(part, path, false, own.tell);
  CHECK_THROWS_AS(part.calibration(), Error);
}

TEST_CASE("recorded scores: by sample, however equal the texts; null is not judged") {
  Own own;
  explore::Task task = own.open({problem("a")});
  const json same = sample("a", "solution", "x = 1\n");
  const auto file = tasks::add_samples(task, own.samples({same, same, same}), false, own.tell);
  const std::string scores = own.scratch.write(
      "scores.jsonl", lines({{{"task_id", "a"}, {"sample_id", 0}, {"score", 0.25}},
                             {{"task_id", "a"}, {"sample_id", "1"}, {"score", nullptr}},
                             {{"task_id", "a"}, {"sample_id", "9"}, {"score", 7}}}));
  const auto verifier = tasks::recorded_verifier(scores, file, true, own.tell);
  const auto policy = task.policies.begin()->second();
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const Prefix one = drawn(*policy, task.problems[0], seed, false);
    const search::Score score = verifier->score(task.problems[0], std::span(&one, 1))[0];
    const bool scored = tasks::SampleFile::drawn(one).sample_id == "0";
    CHECK(score.judged == scored);
    CHECK(score.value == (scored ? 0.25 : 0));
    CHECK_FALSE(score.lost);
  }
  CHECK(own.told ==
        std::vector<std::string>{scores + ": 1 of its 3 rows are of samples that are not tried"});
  CHECK_THROWS_AS(tasks::recorded_verifier(scores, file, false, own.tell), Error);
}
