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
static Model sums_model() {
  Model model;
  model.tokenizer = std::make_shared<PieceTokenizer>(PieceTokenizer::of({"0", "1", "2", "+", "="}));
  model.weights = random_weights({32, 64, 2, 4, 2, model.tokenizer->size(), 8, true, false}, 5);
  return model;
}

static Lesson sum_lesson(const Model& model, RandomStream& stream) {
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
  Model model = letters_model(6);
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
  const Model model = sums_model();
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
  Model after = model;
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
  Model model = sums_model();
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
  const Model model = sums_model();
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
    CHECK(from.learned.size() == from.mean.size());
    options.from = std::make_shared<Halfway>(from);
    const Trained rest = kRoom.train(model.weights, next, options, kGo, {});
    CHECK(rest.loss == whole.loss);
    for (const Part& part : parts_of(model.weights.config))
      CHECK(rest.weights.*part.where == whole.weights.*part.where);
    // The moments matter: without them it comes to something else.
    Halfway forgetful = from;
    forgetful.mean.assign(forgetful.mean.size(), 0);
    options.from = std::make_shared<Halfway>(forgetful);
    CHECK(kRoom.train(model.weights, next, options, kGo, {}).weights.gate != whole.weights.gate);
  }
}

TEST_CASE("training that is stopped says so, and one that explodes is an error") {
  const Model model = sums_model();
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

/// Whether LoRA adds to a part.
static bool is_adapted(const Part& part) {
  return std::string("queries keys values attention_out").find(part.name) != std::string::npos;
}

/// What LoRA of rank 1 adds in a step at rate 1 against the logit of token 1 behind the last of a text.
static Weights lora_step(const Weights& start, const std::vector<std::int32_t>& text,
                         const TrainOptions& options) {
  const auto learner = kRoom.learner(start, options);
  std::vector<std::vector<double>> gradient = {learner->logits({text})[0]};
  std::fill(gradient[0].begin(), gradient[0].end(), 0);
  gradient[0][gradient[0].size() - static_cast<std::size_t>(start.config.vocabulary) + 1] = 1;
  learner->learn(gradient, 1);
  Weights added = learner->weights();
  for (const Part& part : parts_of(start.config))
    for (std::size_t i = 0; i < (start.*part.where).size(); ++i)
      (added.*part.where)[i] -= (start.*part.where)[i];
  return added;
}

TEST_CASE("LoRA goes down by the gradient that finite differences find, of shared keys too") {
  const Weights start = letters_model(3).weights;
  const std::vector<std::int32_t> text = {7, 2, 0, 5};
  TrainOptions options;
  options.weight_decay = 0, options.lora_rank = 1;
  // Adam's first step is as long for each number, unless the gradients are as small as its epsilon, 1e-8:
  // then u = g / (|g| + epsilon) says how large they are.
  options.clip = 1e9;
  const Weights whole = lora_step(start, text, options);
  options.clip = 3e-8;
  const Weights small = lora_step(start, text, options);
  options.clip = 1e9, options.lora_alpha = 32;
  const Weights twice = lora_step(start, text, options);

  std::vector<double> expected, found;
  for (const Part& part : parts_of(start.config)) {
    const std::vector<float>&step = whole.*part.where, &short_step = small.*part.where;
    if (!is_adapted(part)) {
      CHECK(step == std::vector<float>(step.size()));
      continue;
    }
    const auto width = static_cast<std::size_t>(part.shape[2]);
    for (std::size_t row = 0; row < step.size(); row += width) {
      // Of a row's two matrices the outer one alone moves, since it begins as 0.
      double slope = 0, product = 0, square = 0;
      Weights moved = start;
      for (const double side : {1e-3, -1e-3}) {
        for (std::size_t i = row; i < row + width; ++i)
          (moved.*part.where)[i] = (start.*part.where)[i] + static_cast<float>(side) * step[i];
        slope += tests::plain_logits(moved, text).back()[1] / (2 * side);
      }
      for (std::size_t i = row; i < row + width; ++i) {
        product += static_cast<double>(short_step[i]) * step[i];
        square += static_cast<double>(step[i]) * step[i];
        CHECK((twice.*part.where)[i] == doctest::Approx(2 * step[i]).epsilon(1e-3));
      }
      const double u = product / square;
      expected.push_back(-slope);
      found.push_back(1e-8 * u / (1 - u));
    }
  }
  double norm = 0;
  for (const double x : expected) norm += x * x;
  norm = std::sqrt(norm);
  CHECK(norm > 0.1);
  for (std::size_t i = 0; i < expected.size(); ++i)
    CHECK(found[i] / 3e-8 == doctest::Approx(expected[i] / norm).epsilon(0.02).scale(0.01));
}

TEST_CASE("LoRA begins as the model that it is given, and what is written is what was trained") {
  const Weights start = sums_model().weights;
  TrainOptions options;
  options.lora_rank = 2, options.weight_decay = 0;
  const std::vector<std::vector<std::int32_t>> texts = {{5, 0, 3, 1, 4}, {5, 2}};
  const auto plain = kRoom.learner(start, {}), learner = kRoom.learner(start, options);
  CHECK(learner->logits(texts) == plain->logits(texts));
  for (int step = 0; step < 5; ++step) {
    auto gradient = learner->logits(texts);
    for (auto& row : gradient)
      for (std::size_t i = 0; i < row.size(); ++i) row[i] = std::sin(static_cast<double>(i + 1));
    learner->learn(gradient, 1e-2);
  }
  const Weights merged = learner->weights();
  const auto logits = learner->logits(texts);
  CHECK(logits[0] != plain->logits(texts)[0]);
  CHECK(kRoom.learner(merged, {})->logits(texts) == logits);
  for (const Part& part : parts_of(start.config)) {
    CAPTURE(part.name);
    CHECK((start.*part.where == merged.*part.where) == !is_adapted(part));
  }
  // Of rank 2: any three rows of what was added depend on each other.
  const auto added = [&](int row, int column) {
    const auto i = static_cast<std::size_t>(row * 32 + column);
    return static_cast<double>(merged.queries[i]) - start.queries[i];
  };
  double largest = 0;
  for (int first = 0; first < 30; first += 3) {
    double cofactors = 0;
    for (int turn = 0; turn < 3; ++turn) {
      const int b = (turn + 1) % 3, c = (turn + 2) % 3;
      cofactors += added(first, turn) * (added(first + 1, b) * added(first + 2, c) -
                                         added(first + 1, c) * added(first + 2, b));
    }
    CHECK(std::abs(cofactors) < 1e-7);
    largest = std::max(largest, std::abs(added(first, 0)));
  }
  CHECK(largest > 0.02);
}

TEST_CASE("LoRA learns other sums from a model of sums, and the same seed gives the same weights") {
  const Model model = sums_model();
  TrainOptions options;
  options.steps = 250, options.batch = 32, options.learning_rate = 4e-3;
  const auto learned = [&](const Weights& start, std::int32_t more) {
    return kRoom.train(start,
                       [&](RandomStream& stream) {
                         Lesson lesson = sum_lesson(model, stream);
                         lesson.tokens.back() = (lesson.tokens.back() + more) % 3;
                         lesson.targets[lesson.targets.size() - 2] = lesson.tokens.back();
                         return lesson;
                       },
                       options, kGo, {});
  };
  const Weights sums = learned(model.weights, 0).weights;
  options.lora_rank = 4, options.learning_rate = 2e-2;
  const Trained others = learned(sums, 1);
  CHECK(others.loss.front() > 1);
  CHECK(others.loss.back() < 0.05);
  CHECK(others.weights.embedding == sums.embedding);
  CHECK(others.weights.up == sums.up);
  options.steps = 5;
  const Weights one = learned(sums, 1).weights;
  CHECK(one.queries == learned(sums, 1).weights.queries);
  options.seed = 2;
  CHECK(one.queries != learned(sums, 1).weights.queries);
}

TEST_CASE("with LoRA a value head is learned whole") {
  Model model = sums_model();
  model.weights.config.value = true;
  model.weights.value.assign(33, 0);
  const auto next = [&](RandomStream& stream) {
    Lesson lesson = sum_lesson(model, stream);
    lesson.targets.assign(lesson.tokens.size(), -1);
    lesson.targets.back() = lesson.tokens.back() == 1;
    return lesson;
  };
  TrainOptions options;
  options.steps = 150, options.lora_rank = 2, options.learning_rate = 1e-2;
  const Trained trained = kRoom.train(model.weights, next, options, kGo, {});
  CHECK(trained.loss.back() < 0.05);
  CHECK(trained.weights.gate == model.weights.gate);
  CHECK(trained.weights.value != model.weights.value);
}
