#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>

#include "harness/base/error.h"
#include "harness/models/libmodel_room.h"
#include "harness/models/token_policy.h"
#include "tests/models/plain_gpt.h"

using namespace assay;
using namespace assay::models;
using assay::tests::gpt_of;
using assay::tests::letters_model;

static const LibmodelRoom kRoom;
static const std::atomic<bool> kGo = false;

/// "1+2=" is answered by the sum modulo 3, and an end: 9 problems.
static OwnModel sums_model() {
  OwnModel model;
  model.tokenizer = std::make_shared<PieceTokenizer>(PieceTokenizer::of({"0", "1", "2", "+", "="}));
  model.weights = random_weights({32, 64, 2, 4, 2, model.tokenizer->size(), 8, true, false}, 5);
  return model;
}

static Lesson sum_lesson(const OwnModel& model, RandomStream& stream) {
  const std::uint32_t a = stream.below(3), b = stream.below(3);
  Lesson lesson;
  lesson.tokens = *prompt_tokens(*model.tokenizer, fmt::format("{}+{}=", a, b));
  lesson.targets.assign(lesson.tokens.size(), -1);
  lesson.targets.back() = static_cast<std::int32_t>((a + b) % 3);
  lesson.tokens.push_back(lesson.targets.back());
  lesson.targets.push_back(model.tokenizer->end());
  return lesson;
}

TEST_CASE("the loss before training is that of the slow computation, and of the targets alone") {
  OwnModel model = letters_model(6);
  const std::vector<std::int32_t> tokens = {7, 0, 5, 3, 3, 2, 1};
  const std::vector<std::int32_t> targets = {-1, -1, 3, 3, -1, 1, 8};
  const auto logits = tests::plain_logits(model.weights, tokens);
  double loss = 0;
  int counted = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (targets[i] < 0) continue;
    double sum = 0;
    for (const double logit : logits[i]) sum += std::exp(logit);
    loss += std::log(sum) - logits[i][std::size_t(targets[i])];
    ++counted;
  }
  // The second text is longer and counts nowhere: what fills the first one up changes nothing.
  int turn = 0;
  const auto next = [&](RandomStream&) {
    if (turn++ % 2 == 0) return Lesson{tokens, targets};
    return Lesson{std::vector<std::int32_t>(12, 2), std::vector<std::int32_t>(12, -1)};
  };
  TrainOptions options;
  options.steps = 1, options.batch = 2;
  const Trained trained = kRoom.train(model.weights, next, options, kGo, {});
  CHECK(trained.loss.at(0) == doctest::Approx(loss / counted).epsilon(1e-4));
}

TEST_CASE("training learns sums modulo 3, and the same seed gives the same weights") {
  const OwnModel model = sums_model();
  TrainOptions options;
  options.steps = 250, options.batch = 32, options.learning_rate = 4e-3;
  int last = 0;
  const auto train = [&] {
    return kRoom.train(
        model.weights, [&](RandomStream& stream) { return sum_lesson(model, stream); }, options,
        kGo, [&](int done) { last = done; });
  };
  const Trained trained = train();
  CHECK(last == options.steps);
  CHECK(trained.loss.size() == 250);
  CHECK(trained.loss.front() > 1.3);
  CHECK(trained.loss.back() < 0.05);
  OwnModel after = model;
  after.weights = trained.weights;
  TokenPolicy policy(gpt_of(after), {"", 1, 4}, {});
  int right = 0;
  for (int a = 0; a < 3; ++a)
    for (int b = 0; b < 3; ++b) {
      search::Problem problem;
      problem.task_id = problem.prompt = fmt::format("{}+{}=", a, b);
      search::Prefix at = policy.open(problem);
      while (at->finish == search::Finish::open) {
        search::Ask ask{at, RandomStream(1, ""), true};
        at = policy.extend({&ask, 1})[0];
      }
      right += at->finish == search::Finish::complete &&
               search::text_of(at) == std::to_string((a + b) % 3);
    }
  CHECK(right == 9);
  options.steps = 20;
  CHECK(train().weights.gate == train().weights.gate);
}

TEST_CASE("a value head learns which sums are right") {
  OwnModel model = sums_model();
  model.weights.config.value = true;
  model.weights.value.assign(33, 0);
  const auto next = [&](RandomStream& stream) {
    Lesson lesson = sum_lesson(model, stream);
    const std::int32_t right = lesson.tokens.back();
    if (stream.below(2)) lesson.tokens.back() = static_cast<std::int32_t>(stream.below(3));
    lesson.targets.assign(lesson.tokens.size(), -1);
    lesson.targets.back() = lesson.tokens.back() == right;
    return lesson;
  };
  TrainOptions options;
  options.steps = 300, options.batch = 64, options.learning_rate = 4e-3;
  model.weights = kRoom.train(model.weights, next, options, kGo, {}).weights;
  const auto gpt = gpt_of(model);
  int agree = 0;
  for (int i = 0; i < 200; ++i) {
    RandomStream stream(9, std::to_string(i));
    const Lesson lesson = next(stream);
    agree +=
        (gpt->values(chain(nullptr, lesson.tokens)).back() > 0) == (lesson.targets.back() == 1);
  }
  CHECK(agree >= 195);
}

TEST_CASE("training that goes on from where it stood comes to the same weights to the last bit") {
  const OwnModel model = sums_model();
  const auto next = [&](RandomStream& stream) { return sum_lesson(model, stream); };
  TrainOptions options;
  options.steps = 30, options.batch = 8;
  std::vector<Halfway> stood;
  options.each = [&](const Step& step) {
    if (step.done == 1 || step.done == 17) stood.push_back(step.now());
  };
  const Trained whole = kRoom.train(model.weights, next, options, kGo, {});
  CHECK(whole.tokens == 30 * 8 * 6);
  CHECK(whole.seconds > 0);
  std::atomic<bool> stop = false;
  options.each = [&](const Step& step) { stop = step.done == 9; };
  stood.push_back(kRoom.train(model.weights, next, options, stop, {}).halfway);
  REQUIRE(stood.size() == 3);
  CHECK(stood[2].loss.size() == 9);
  options.each = {};
  for (const Halfway& from : stood) {
    CHECK(from.weights.gate != whole.weights.gate);
    options.from = std::make_shared<Halfway>(from);
    const Trained rest = kRoom.train(model.weights, next, options, kGo, {});
    CHECK(rest.loss == whole.loss);
    for (const Part& part : parts_of(model.weights.config))
      CHECK(rest.weights.*part.where == whole.weights.*part.where);
    // The moments matter: without them it comes to something else.
    Halfway forgetful = from;
    forgetful.mean.gate.assign(forgetful.mean.gate.size(), 0);
    options.from = std::make_shared<Halfway>(forgetful);
    CHECK(kRoom.train(model.weights, next, options, kGo, {}).weights.gate != whole.weights.gate);
  }
}

TEST_CASE("training that is stopped says so, and one that explodes is an error") {
  const OwnModel model = sums_model();
  const auto next = [&](RandomStream& stream) { return sum_lesson(model, stream); };
  TrainOptions options;
  const std::atomic<bool> stop = true;
  const Trained stopped = kRoom.train(model.weights, next, options, stop, {});
  CHECK(stopped.stopped);
  CHECK(stopped.loss.empty());
  Weights broken = model.weights;
  broken.embedding[0] = NAN;
  CHECK_THROWS_AS(kRoom.train(broken, next, options, kGo, {}), Error);
}
