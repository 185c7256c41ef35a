// What harness/train asks of a network, of the one in libtorch.
#include <doctest/doctest.h>

#include <cmath>
#include <memory>

#include "harness/models/libmodel_room.h"
#include "harness/train/rewards.h"
#include "harness/train/tree.h"
#include "tests/models/plain_gpt.h"

using namespace assay;
using namespace assay::train;

static const models::LibmodelRoom kRoom;
static const std::atomic<bool> kGo = false;
/// Two symbols, then a token that begins and one that ends.
static const Words kWords = {{0, 1}, 2, {2, 3}};

static models::Weights small_weights(std::uint64_t seed) {
  return models::random_weights({16, 32, 1, 2, 2, 4, 8, true, false}, seed);
}

static Target some_target() {
  Target target;
  target.space = {2, 3};
  RandomStream stream(4, "target");
  for (std::size_t i = 0; i < target.space.size(); ++i)
    target.log_reward.push_back(stream.normal());
  return target;
}

static Options some_options() {
  Options options;
  options.train.steps = 400, options.train.batch = 32, options.train.weight_decay = 0;
  options.train.learning_rate = 5e-3;
  options.objective = Objective::both;
  return options;
}

TEST_CASE("a learner's logits are those of the slow computation, whatever stands beside a text") {
  const models::Weights weights = small_weights(3);
  const auto learner = kRoom.learner(weights, {});
  const std::vector<std::vector<std::int32_t>> texts = {{2, 0}, {2, 1, 1, 0, 3}};
  const auto logits = learner->logits(texts);
  for (std::size_t row = 0; row < texts.size(); ++row) {
    const auto plain = tests::plain_logits(weights, texts[row]);
    REQUIRE(logits[row].size() == texts[row].size() * 4);
    for (std::size_t i = 0; i < logits[row].size(); ++i)
      CHECK(logits[row][i] == doctest::Approx(plain[i / 4][i % 4]).epsilon(1e-4).scale(1));
  }
}

TEST_CASE("a learner goes down by the gradient that it is given") {
  const auto learner = kRoom.learner(small_weights(3), {});
  // The loss is the logit of token 1 behind the second of three.
  const std::vector<std::vector<std::int32_t>> texts = {{2, 0, 1}};
  std::vector<std::vector<double>> gradient = {std::vector<double>(12)};
  gradient[0][5] = 1;
  const double before = learner->logits(texts)[0][5];
  learner->learn(gradient, 1e-3);
  const double after = learner->logits(texts)[0][5];
  CHECK(after < before - 1e-3);
}

TEST_CASE("a network learns the posterior, and the same seed gives the same weights") {
  const Target target = some_target();
  const Tree tree(target, kWords);
  Options options = some_options();
  const auto learned = [&] {
    auto learner = kRoom.learner(small_weights(5), options.train);
    train::train(tree, *learner, options, {}, {}, kGo, {});
    return learner;
  };
  const auto learner = learned();
  CHECK(fit_of(target, tree.distribution(*learner->model())).kl < 0.02);
  options.train.steps = 20;
  const models::Weights one = learned()->weights(), two = learned()->weights();
  CHECK(one.gate == two.gate);
  CHECK(one.embedding == two.embedding);
  options.train.seed = 2;
  CHECK(learned()->weights().gate != one.gate);
}
