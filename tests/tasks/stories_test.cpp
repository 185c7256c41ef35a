#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <sstream>
#include <string>

#include "harness/explore/verifiers.h"
#include "harness/tasks/tasks.h"

using namespace assay;
using search::Finish;
using search::Prefix;
using search::Problem;

namespace {

/// A story of these sentences behind the problem's opening; the last one ends it.
Prefix told(const Problem& problem, const std::vector<std::string>& sentences,
            Finish finish = Finish::complete) {
  Prefix prefix = search::make_root(problem.task_id);
  for (std::size_t i = 0; i < sentences.size(); ++i) {
    search::Node step;
    step.text = sentences[i];
    step.finish = i + 1 == sentences.size() ? finish : Finish::open;
    prefix = search::behind(prefix, std::move(step));
  }
  return prefix;
}

/// The words of a problem, found by the truth alone: of all that stand in `from`, those without which
/// a story that holds the others is wrong.
std::vector<std::string> words_of(const explore::Task& task, const Problem& problem,
                                  const std::vector<std::string>& from) {
  std::vector<std::string> out;
  for (const std::string& word : from) {
    std::string others;
    for (const std::string& other : from)
      if (other != word) others += " " + other;
    if (task.truth(problem, told(problem, {others + "."})) == 0) out.push_back(word);
  }
  return out;
}

const std::vector<std::string> kAll = {"big", "day", "mom",  "play", "said", "saw",  "all",
                                       "go",  "her", "like", "so",   "toy",  "very", "want"};

std::string joined(const std::vector<std::string>& words, const std::string& before,
                   const std::string& behind) {
  std::string out;
  for (const std::string& word : words) out += before + word + behind;
  return out;
}

double score(search::PrefixVerifier& verifier, const Problem& problem, const Prefix& prefix) {
  const search::Score one = verifier.score(problem, std::span(&prefix, 1))[0];
  CHECK(one.judged);
  return one.value;
}

}  // namespace

TEST_CASE("a story is right where each word stands there as a word of its own") {
  const explore::Task task = tasks::stories_task({.problems = 60, .seed = 3});
  const auto letters = task.verifiers.at("letters")(), words = task.verifiers.at("words")();
  for (const Problem& problem : task.problems) {
    const std::vector<std::string> mine = words_of(task, problem, kAll);
    CAPTURE(problem.prompt);
    CAPTURE(joined(mine, " ", ""));
    REQUIRE((mine.size() == 2 || mine.size() == 3));
    const auto right = [&](const std::string& text, bool own, bool by_letters) {
      const Prefix story = told(problem, {text});
      CHECK(task.truth(problem, story) == own);
      CHECK(score(*words, problem, story) == own);
      CHECK(score(*letters, problem, story) == by_letters);
    };
    right(joined(mine, " ", ""), true, true);
    right(joined(mine, "\n\"", "!\""), true, true);
    right(joined(mine, " ", "'s"), true, true);
    // Within other words: what the verifier of letters takes for a word.
    right(joined(mine, " x", ""), false, true);
    right(joined(mine, " ", "ed"), false, true);
    right(joined(mine, " ", "\xc3\xa9"), false, true);
    right(joined({mine.begin() + 1, mine.end()}, " ", ""), false, false);
    right("", false, false);
    std::string loud = joined(mine, " ", "");
    std::transform(loud.begin(), loud.end(), loud.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    right(loud, true, true);
    // The opening does not count, and would give nothing away.
    for (const std::string& word : mine) {
      std::istringstream opening(problem.prompt);
      for (std::string one; opening >> one;) CHECK(one != word);
    }
  }
}

TEST_CASE(
    "a story that goes on is worth the share of the words that it holds, never 0 nor surely right") {
  const explore::Task task = tasks::stories_task({.problems = 20, .seed = 4});
  const auto verifier = task.verifiers.at("letters")();
  for (const Problem& problem : task.problems) {
    const std::vector<std::string> mine = words_of(task, problem, kAll);
    const double all = static_cast<double>(mine.size());
    std::vector<std::string> sentences = {" Now."};
    CHECK(score(*verifier, problem, told(problem, sentences, Finish::open)) ==
          doctest::Approx(1 / (all + 1)));
    for (std::size_t held = 1; held <= mine.size(); ++held) {
      sentences.push_back(" " + mine[held - 1] + ".");
      CHECK(score(*verifier, problem, told(problem, sentences, Finish::open)) ==
            doctest::Approx((static_cast<double>(held) + 1) / (all + 1)));
      for (const Finish end : {Finish::complete, Finish::cut})
        CHECK(score(*verifier, problem, told(problem, sentences, end)) ==
              (held == mine.size() ? 1 : 0));
    }
  }
}

TEST_CASE("stories that differ in white space alone are one answer") {
  const explore::Task task = tasks::stories_task({.problems = 1, .seed = 1});
  const Problem& problem = task.problems[0];
  const std::string answer = problem.answer(told(problem, {" A  dog ran.", "\n\nIt was\tbig. "}));
  CHECK(answer == "A dog ran. It was big.");
  CHECK(problem.answer(told(problem, {"A dog ran. It was big."})) == answer);
  CHECK(problem.answer(told(problem, {"A dog ran. it was big."})) != answer);
  CHECK(problem.answer(told(problem, {" "})).empty());
  CHECK(problem.answer(told(problem, {"A dog ran. It was big."}, Finish::refused)).empty());
}

TEST_CASE("stories: the same seed tells the same, and no problem is among those to calibrate on") {
  const explore::Task few = tasks::open("stories", {5, 2}), many = tasks::open("stories", {300, 2}),
                      other = tasks::open("stories", {5, 3});
  CHECK(few.name == "stories");
  CHECK(few.usual_verifier == "letters");
  bool differs = false;
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK(few.problems[i].prompt == many.problems[i].prompt);
    CHECK(words_of(few, few.problems[i], kAll) == words_of(many, many.problems[i], kAll));
    differs |= few.problems[i].prompt != other.problems[i].prompt;
  }
  CHECK(differs);
  std::set<std::string> seen;
  const auto name = [](const explore::Task& task, const Problem& problem) {
    return problem.prompt + joined(words_of(task, problem, kAll), " ", "");
  };
  for (const Problem& problem : many.problems) CHECK(seen.insert(name(many, problem)).second);
  for (const std::uint64_t seed : {2, 7}) {
    const explore::Task calibration = tasks::open("stories", {300, seed}).calibration();
    CHECK(calibration.problems.size() >= 300);
    for (const Problem& problem : calibration.problems)
      CHECK(!seen.contains(name(calibration, problem)));
  }
  // A prefix is right until its end: only its end is judged.
  const Prefix prefix = told(few.problems[0], {" Now."}, Finish::open);
  CHECK(!few.fault);
  CHECK(!explore::Truth(few).score(few.problems[0], std::span(&prefix, 1))[0].judged);
}

TEST_CASE(
    "stories: what is learned from names its words, is judged as the task is, and is none of its problems") {
  const explore::Task task = tasks::open("stories", {200, 2});
  const explore::Continuation& continuation = *task.continuation;
  std::set<std::string> seen;
  for (const auto* part : {&task.problems, &continuation.training, &continuation.held_out})
    for (const Problem& problem : *part)
      CHECK(seen.insert(continuation.told(problem) + problem.prompt).second);
  CHECK(continuation.held_out.size() == 100);
  CHECK(continuation.training.size() == 400);
  for (std::size_t i = 0; i < 20; ++i) {
    const Problem& problem = task.problems[i];
    std::vector<std::string> mine = words_of(task, problem, kAll);
    std::sort(mine.begin(), mine.end());
    CHECK(continuation.told(problem) ==
          joined({mine.begin(), mine.end() - 1}, "", ", ") + mine.back() + ": ");
    CHECK(continuation.difficulty(problem) == int(mine.size()));
    const std::string own = joined(mine, " ", "") + ".", within = joined(mine, " x", "");
    CHECK(continuation.right(problem, own));
    CHECK(continuation.accepted(problem, own));
    CHECK(!continuation.right(problem, within));
    CHECK(continuation.accepted(problem, within));
    CHECK(!continuation.accepted(problem, " " + mine[0] + "."));
  }
  CHECK(!continuation.over(" A dog ran."));
  CHECK(continuation.over(" A dog ran. It was big."));
}

TEST_CASE(
    "stories: a text is learned from behind words that it holds, of no problem that is kept out") {
  const explore::Task task = tasks::open("stories", {200, 2});
  const explore::Continuation& continuation = *task.continuation;
  const Problem& problem = continuation.training[0];
  RandomStream stream(1, "texts");
  const std::string rich =
      " The big saw said: play all day, mom! We like to go so very far with her toy.";
  std::set<std::string> kept_out, told;
  for (const auto* part : {&task.problems, &continuation.held_out})
    for (const Problem& one : *part) kept_out.insert(continuation.told(one) + one.prompt);
  for (int i = 0; i < 300; ++i) {
    const auto asked = continuation.answered(problem, rich, stream);
    if (!asked) continue;
    CHECK(asked->prompt == problem.prompt);
    CHECK(continuation.right(*asked, rich));
    told.insert(continuation.told(*asked) + asked->prompt);
  }
  CHECK(told.size() > 10);
  for (const std::string& one : told) CHECK(!kept_out.contains(one));
  CHECK(!continuation.answered(problem, " A cat slept.", stream));
  // Letters within another word are not enough.
  CHECK(!continuation.answered(problem, " The bigger cat was called and liked.", stream));
}
