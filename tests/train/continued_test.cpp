#include "harness/train/continued.h"

#include <doctest/doctest.h>

#include <cmath>

#include "harness/search/weights.h"
#include "harness/train/rewards.h"
#include "tests/models/plain_gpt.h"
#include "tests/support/scratch.h"

using namespace assay;
using namespace assay::train;

static const std::atomic<bool> kGo = false;

/// Texts behind "ab b", of at most so many tokens or up to a full stop, that are to hold a "c".
static explore::Continuation some_task(int tokens_max) {
  explore::Continuation task;
  task.tokens_max = tokens_max;
  task.over = [](std::string_view text) { return text.find('.') != text.npos; };
  task.told = [](const search::Problem&) { return "c. "; };
  task.accepted = [](const search::Problem&, std::string_view text) {
    return text.find('c') != text.npos;
  };
  task.right = [](const search::Problem&, std::string_view text) {
    return text.find("ca") != text.npos;
  };
  task.difficulty = [](const search::Problem&) { return 1; };
  return task;
}

static std::vector<search::Problem> some_problems() {
  search::Problem problem;
  problem.task_id = "some/0", problem.prompt = "ab b";
  return {problem};
}

static models::Model some_model() {
  const tests::Scratch folder;
  tests::write_llama2c(folder.path("m.bin"), folder.path("t.bin"));
  return models::load_llama2c(folder.path("m.bin"), folder.path("t.bin"));
}

TEST_CASE("what a model writes itself is learned from behind what it happens to hold") {
  const models::Model model = some_model();
  auto task = some_task(4);
  task.answered = [](const search::Problem& problem, std::string_view text,
                     RandomStream&) -> std::optional<search::Problem> {
    if (text.find('c') == text.npos) return std::nullopt;
    return problem;
  };
  const Continued game(task, some_problems(), tests::gpt_of(model), model.tokenizer, 0, false);
  const auto lessons = hindsight(game, *tests::gpt_of(model), 200, 1, 2, kGo);
  CHECK(lessons.size() > 10);
  CHECK(lessons.size() < 200);
  const auto asked = *models::prompt_tokens(*model.tokenizer, "c. ab b");
  for (const models::Lesson& lesson : lessons) {
    REQUIRE(lesson.tokens.size() >= asked.size());
    CHECK(std::equal(asked.begin(), asked.end(), lesson.tokens.begin()));
    std::string text;
    for (std::size_t i = 0; i < lesson.tokens.size(); ++i) {
      CHECK((lesson.targets[i] == -1) == (i + 1 < asked.size()));
      if (i + 1 < lesson.tokens.size() && lesson.targets[i] >= 0)
        CHECK(lesson.targets[i] == lesson.tokens[i + 1]);
      if (lesson.targets[i] >= 0 && !model.tokenizer->ends(lesson.targets[i]))
        text += model.tokenizer->text(lesson.targets[i], 0);
    }
    CHECK(text.find('c') != text.npos);
    // Its end is learned where the model ended it, and not where it was over.
    const bool over = text.find('.') != text.npos || lesson.tokens.size() + 1 - asked.size() == 4;
    CHECK(model.tokenizer->ends(lesson.targets.back()) == !over);
  }
}

TEST_CASE(
    "a text is worth its chance behind the prompt alone, less the floor where it is rejected") {
  const models::Model model = some_model();
  const Continued game(some_task(4), some_problems(), tests::gpt_of(model), model.tokenizer, 3);
  const auto prompt = *models::prompt_tokens(*model.tokenizer, "ab b");
  for (const char* text : {"ab", " ab.", "ca", "caab", "c."}) {
    CAPTURE(text);
    const auto tokens = *model.tokenizer->encode_rest(text);
    Trajectory one = game.played(0, tokens);
    // The policy is told; the language model is not.
    CHECK(one.text.size() ==
          models::prompt_tokens(*model.tokenizer, "c. ab b")->size() + tokens.size());
    game.judge({&one, 1});
    auto read = prompt;
    read.insert(read.end(), tokens.begin(), tokens.end());
    const auto logits = tests::plain_logits(model.weights, read);
    const auto log_chance = [&](std::size_t at, std::int32_t token) {
      return logits[at][std::size_t(token)] - search::log_sum_exp(logits[at]);
    };
    double expected = 0;
    for (std::size_t i = 0; i < tokens.size(); ++i)
      expected += log_chance(prompt.size() - 1 + i, tokens[i]);
    const bool over = std::string(text).ends_with('.');
    if (!over)
      expected += std::log(std::exp(log_chance(read.size() - 1, 1)) +
                           std::exp(log_chance(read.size() - 1, 2)));
    CHECK(game.moves(one, tokens.size()).tokens.empty() == over);
    const bool accepted = std::string(text).find('c') != std::string::npos;
    CHECK(one.accepted == accepted);
    CHECK(game.log_chance(one) == doctest::Approx(expected).epsilon(1e-5));
    CHECK(one.log_reward.back() == doctest::Approx(expected - (accepted ? 0 : 3)).epsilon(1e-5));
    CHECK(game.right(one) == (std::string(text).find("ca") != std::string::npos));
    CHECK(game.text_of(one) == text);
  }
}

TEST_CASE("the chances of all texts sum to 1, and without a floor the model is their posterior") {
  const models::Model model = some_model();
  const auto gpt = tests::gpt_of(model);
  const Continued shortest(some_task(1), some_problems(), gpt, model.tokenizer, 0);
  std::vector<Trajectory> all = {shortest.start(0)};
  for (const std::int32_t token : shortest.moves(all[0], 0).tokens)
    all.push_back(shortest.played(0, {{token}}));
  shortest.judge(all);
  double mass = 0;
  for (const Trajectory& one : all) mass += std::exp(one.log_reward.back());
  CHECK(mass == doctest::Approx(1).epsilon(1e-5));

  const Continued game(some_task(6), some_problems(), gpt, model.tokenizer, 0, false);
  std::vector<RandomStream> streams;
  for (int i = 0; i < 100; ++i) streams.emplace_back(1, fmt::format("text {}", i));
  auto drawn =
      draw(game, *gpt, std::vector<std::size_t>(100), std::vector<double>(100, 1.), streams);
  game.judge(drawn);
  for (const Objective objective : {Objective::subtb, Objective::vargrad, Objective::both}) {
    Options options;
    options.objective = objective;
    CHECK(std::abs(loss_of(game, drawn, logits_of(*gpt, drawn), options, 1).loss) < 1e-8);
  }
  // With a floor the model is no longer what is to be learned.
  const Continued strict(some_task(6), some_problems(), gpt, model.tokenizer, 3, false);
  strict.judge(drawn);
  CHECK(loss_of(strict, drawn, logits_of(*gpt, drawn), {}, 1).loss > 0.1);
}

TEST_CASE(
    "the posterior at temperature 1 holds the model's accepted texts, the others by exp(-floor)") {
  const models::Model model = some_model();
  const auto gpt = tests::gpt_of(model);
  const Continued plain(some_task(6), some_problems(), gpt, model.tokenizer, 2, false);
  const Posterior one = posterior(plain, *gpt, 400, 1, 1, 1, kGo).front();
  const double a = one.drawn_accepted;
  REQUIRE(a > 0.05);
  REQUIRE(a < 0.95);
  CHECK(one.accepted == doctest::Approx(a / (a + (1 - a) * std::exp(-2))).epsilon(1e-3));
  CHECK(one.right / one.accepted == doctest::Approx(one.drawn_right / a).epsilon(1e-3));

  const std::vector<Told> told = tell(plain, *gpt, 50, 1, 1, kGo);
  REQUIRE(told.size() == 1);
  const Solved& solved = told[0].solved;
  CHECK(solved.samples == 50);
  CHECK(solved.accepted - solved.wrong_accepted <= solved.right_answers);
  CHECK(std::abs(solved.accepted / 50. - a) < 0.3);
  CHECK(told[0].different > 1);
  CHECK(told[0].different <= 50);
  CHECK(told[0].log_chance < 0);
}

TEST_CASE("a task that the model cannot read is refused") {
  const models::Model model = some_model();
  CHECK_THROWS_WITH(
      Continued(some_task(40), some_problems(), tests::gpt_of(model), model.tokenizer, 3),
      doctest::Contains("and the model reads 24"));
}
