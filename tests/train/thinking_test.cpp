#include "harness/train/thinking.h"

#include <doctest/doctest.h>

#include <cmath>

#include "harness/tasks/tasks.h"
#include "tests/models/plain_gpt.h"

using namespace assay;
using namespace assay::train;

namespace {

Thought thought(int tokens, bool accepted, double worth = 0) {
  Thought out;
  out.tokens = tokens;
  out.accepted = accepted;
  out.answer = "x";
  out.worth = worth;
  return out;
}

/// A model of the task that knows nothing yet.
models::Model beginner(const explore::Task& task, std::uint64_t seed) {
  models::Model model;
  model.tokenizer =
      std::make_shared<models::PieceTokenizer>(models::PieceTokenizer::of(task.pieces));
  models::Config config{.dim = 16, .hidden = 32, .layers = 1, .heads = 2, .kv_heads = 2};
  config.vocabulary = model.tokenizer->size();
  model.weights = models::random_weights(config, seed);
  return model;
}

/// Teaches nothing, and remembers what it was given.
class Pupil final : public models::ModelRoom {
 public:
  models::Trained train(const models::Weights& start,
                        const std::function<models::Lesson(RandomStream&)>& next,
                        const models::TrainOptions& options, const std::atomic<bool>&,
                        const std::function<void(int)>&) const override {
    models::Trained out{start, {}, false};
    RandomStream stream(options.seed, "pupil");
    for (int i = 0; i < options.steps; ++i)
      out.loss.push_back(static_cast<double>(next(stream).tokens.size()));
    return out;
  }
  std::shared_ptr<const models::TokenModel> module_model(const std::string&) const override {
    return nullptr;
  }
  std::unique_ptr<models::GptLearner> learner(const models::Weights&,
                                              const models::TrainOptions&) const override {
    return nullptr;
  }
  std::unique_ptr<search::PrefixVerifier> module_verifier(const std::string&) const override {
    return nullptr;
  }
};

}  // namespace

TEST_CASE(
    "a thought is worth what it adds to the answer's chance, less what it costs; none is worth 0") {
  const Worth worth{.gamma = 0.1, .epsilon = 1e-6};
  // log(.9 / .3) - .1 log 4, by hand.
  CHECK(worth.of(0.9, 0.3, 3) == doctest::Approx(1.0986089 - 0.1386294).epsilon(1e-5));
  // A thought that changes nothing costs its length.
  CHECK(worth.of(0.5, 0.5, 9) == doctest::Approx(-0.2302585).epsilon(1e-6));
  // Where the answer was out of reach, epsilon bounds what can be won: log((1 + 1e-6) / 1e-6) - .1 log 2.
  CHECK(worth.of(1, 0, 1) == doctest::Approx(13.8155116 - 0.0693147).epsilon(1e-6));
  CHECK(worth.of(0.37, 0.37, 0) == 0);
  const Worth linear{.gamma = 0.1, .epsilon = 1e-6, .linear = true};
  CHECK(linear.of(0.5, 0.5, 9) == doctest::Approx(-0.9));
}

TEST_CASE("what is kept makes the method") {
  const std::vector<Thought> four = {thought(9, false, 3), thought(6, true, 1.5),
                                     thought(3, true, 1), thought(0, false, 0)};
  CHECK(kept(four, Keeps::first) == std::vector<std::size_t>{1});
  CHECK(kept(four, Keeps::shortest) == std::vector<std::size_t>{2});
  CHECK(kept(four, Keeps::best) == std::vector<std::size_t>{1});
  // The mean is that of the accepted, 1.25: the thought that is worth most was refused.
  CHECK(kept(four, Keeps::advantage) == std::vector<std::size_t>{1});
  CHECK(kept({thought(2, true, 1), thought(0, true, 0)}, Keeps::advantage) ==
        std::vector<std::size_t>{0});
  CHECK(kept({thought(2, true, -1), thought(0, true, 0)}, Keeps::advantage) ==
        std::vector<std::size_t>{1});
  CHECK(kept({thought(2, true, 1), thought(2, true, 1)}, Keeps::advantage) ==
        std::vector<std::size_t>{0, 1});
  for (const Keeps keeps : {Keeps::first, Keeps::shortest, Keeps::best, Keeps::advantage}) {
    CHECK(kept({thought(2, false, 1), thought(1, false, 2)}, keeps).empty());
    CHECK(kept({}, keeps).empty());
  }
}

TEST_CASE(
    "a hint is learned from where no answer was accepted, or where it makes the answer likelier") {
  Thought hint = thought(3, false, 2);
  hint.told = true;
  CHECK(kept({hint}, Keeps::first) == std::vector<std::size_t>{0});
  CHECK(kept({hint, thought(3, true, 0)}, Keeps::first) == std::vector<std::size_t>{1});
  CHECK(kept({hint, thought(3, true, 0)}, Keeps::best) == std::vector<std::size_t>{0});
  hint.worth = -0.5;
  CHECK(kept({hint, thought(3, true, -1)}, Keeps::best) == std::vector<std::size_t>{1});
  CHECK(kept({hint}, Keeps::best).empty());
}

TEST_CASE("a filter errs as often as it is told to, and says the same of the same answer") {
  const Filter filter{.fpr = 0.15, .fnr = 0.3, .seed = 4}, exact;
  int wrong = 0, right = 0;
  for (int i = 0; i < 4000; ++i) {
    search::Problem problem;
    problem.prompt = "p" + std::to_string(i);
    const bool accepted = filter.accepts(problem, "a", false);
    wrong += accepted;
    right += filter.accepts(problem, "b", true);
    CHECK(filter.accepts(problem, "a", false) == accepted);
    CHECK(exact.accepts(problem, "b", true));
    CHECK(!exact.accepts(problem, "a", false));
  }
  CHECK(std::abs(wrong / 4000. - 0.15) < 0.02);
  CHECK(std::abs(right / 4000. - 0.7) < 0.03);
}

TEST_CASE("the chance of an answer is that of all its tokens and the end, computed anew") {
  const models::Model model = tests::letters_model(3);
  const models::Gpt gpt = models::Gpt(models::Model{model.weights, model.tokenizer});
  std::vector<std::int32_t> tokens = *models::prompt_tokens(*model.tokenizer, "abc");
  double log = 0;
  for (const char* letter : {"d", "a", ""}) {
    const std::int32_t next =
        *letter ? model.tokenizer->encode(letter)->front() : model.tokenizer->end();
    const std::vector<double> logits = tests::plain_logits(model.weights, tokens).back();
    double all = 0;
    for (const double logit : logits) all += std::exp(logit);
    log += logits[std::size_t(next)] - std::log(all);
    tokens.push_back(next);
  }
  CHECK(probability(gpt, *model.tokenizer, "abc", "da") ==
        doctest::Approx(std::exp(log)).epsilon(1e-4));
}

TEST_CASE(
    "learning to think gives the same on any number of threads, and learns from what was accepted") {
  const explore::Task task = tasks::thoughts_task("thoughts:chain", {.problems = 20, .seed = 1});
  const models::Model model = beginner(task, 1);
  const std::atomic<bool> stop = false;
  const Pupil pupil;
  ThinkingOptions options;
  options.rounds = 2, options.questions = 60;
  options.temperature = 1, options.top_p = 1;
  options.train.batch = 4;
  for (const Keeps keeps : {Keeps::first, Keeps::shortest, Keeps::best, Keeps::advantage}) {
    options.keeps = keeps;
    // A model that knows nothing is seldom right: what it answers at all, the filter accepts.
    options.filter.fpr = 1;
    options.jobs = 1;
    const Thinker one = learn_to_think(model, task, options, pupil, stop, {});
    options.jobs = 4;
    const Thinker four = learn_to_think(model, task, options, pupil, stop, {});
    CHECK(one.loss == four.loss);
    REQUIRE(one.rounds.size() == 2);
    CHECK(one.rounds[0].rows > 0);
    CHECK(one.rounds[1].rows == four.rounds[1].rows);
    CHECK(one.rounds[0].tokens == four.rounds[0].tokens);
    // All rows of both rounds are there in the second: its steps follow from them.
    const double rows = double(one.rounds[0].rows + one.rounds[1].rows);
    CHECK(int(one.loss.size()) ==
          std::max(1, int(options.epochs * double(one.rounds[0].rows) / 4)) +
              std::max(1, int(options.epochs * rows / 4)));
  }
  options.filter.fpr = 0, options.filter.fnr = 1;
  CHECK_THROWS_WITH(learn_to_think(model, task, options, pupil, stop, {}),
                    doctest::Contains("nothing to learn from"));
}
