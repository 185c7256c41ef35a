#include "harness/train/checkpoint.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>
#include <filesystem>

#include "harness/base/safetensors.h"
#include "harness/base/text_file.h"
#include "harness/tasks/tasks.h"
#include "tests/models/plain_gpt.h"
#include "tests/support/fake_clock.h"
#include "tests/support/scratch.h"

using namespace assay;
using namespace assay::train;
using nlohmann::json;

namespace {

/// Learns something of every lesson, and goes on from where it stood.
class Student final : public models::ModelRoom {
 public:
  models::Trained train(const models::Weights& start,
                        const std::function<models::Lesson(RandomStream&)>& next,
                        const models::TrainOptions& options, const std::atomic<bool>& stop,
                        const std::function<void(int)>&) const override {
    models::Halfway now{start.embedding, start.embedding, start.embedding, {}};
    if (options.from) now = *options.from;
    models::Trained out;
    for (int step = int(now.loss.size()); step < options.steps && !(out.stopped = stop); ++step) {
      RandomStream stream(options.seed, fmt::format("lesson {}", step));
      const auto tokens = double(next(stream).tokens.size());
      now.mean[0] = 0.9f * now.mean[0] + float(tokens);
      now.learned[std::size_t(step) % 50] += 1e-4f * now.mean[0];
      now.loss.push_back(tokens);
      if (options.each) options.each({step + 1, tokens, [&] { return now; }});
    }
    out.weights = start, out.weights.embedding = now.learned;
    out.loss = now.loss, out.halfway = now;
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

models::Model beginner(const explore::Task& task) {
  models::Model model;
  model.tokenizer =
      std::make_shared<models::PieceTokenizer>(models::PieceTokenizer::of(task.pieces));
  models::Config config{.dim = 16, .hidden = 32, .layers = 1, .heads = 2, .kv_heads = 2};
  config.vocabulary = model.tokenizer->size();
  model.weights = models::random_weights(config, 1);
  return model;
}

}  // namespace

TEST_CASE("learning to think, stopped anywhere, goes on from its file and comes to the same") {
  const tests::Scratch scratch;
  const explore::Task task = tasks::thoughts_task("thoughts:chain", {.problems = 5, .seed = 1});
  const models::Model model = beginner(task);
  const Student student;
  ThinkingOptions options;
  options.rounds = 3, options.questions = 30;
  options.temperature = 1, options.top_p = 1;
  options.filter.fpr = 1;  // a model that knows nothing is seldom right
  options.train.batch = 4;
  const std::atomic<bool> go = false;
  for (const bool continual : {false, true}) {
    options.continual = continual;
    options.from = nullptr, options.due = {}, options.keep = {};
    const Thinker whole = learn_to_think(model, task, options, student, go, {});
    REQUIRE(whole.rounds.size() == 3);
    // Every call takes two more steps, and is then stopped.
    Thinker last;
    int calls = 0;
    for (bool done = false; !done; ++calls) {
      Checkpoint checkpoint(scratch.path("x.partial"), {{"continual", continual}}, 0);
      const std::string found = checkpoint.open(model.weights.config);
      CHECK(found.empty() == (calls == 0));
      if (checkpoint.kept.thinker)
        options.from = std::make_shared<Thinker>(std::move(*checkpoint.kept.thinker));
      int steps = 0;
      std::atomic<bool> stop = false;
      options.due = [&] { return ++steps % 2 == 0; };
      options.keep = [&](const Thinker& now) {
        checkpoint.kept.thinker = now;
        checkpoint.write("somewhere");
        stop = true;
      };
      last = learn_to_think(model, task, options, student, stop, {});
      done = !last.stopped;
      if (done) checkpoint.remove();
    }
    CHECK(calls > 3);
    CHECK(last.loss == whole.loss);
    CHECK(last.weights.embedding == whole.weights.embedding);
    REQUIRE(last.rounds.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
      CHECK(last.rounds[i].rows == whole.rounds[i].rows);
      CHECK(last.rounds[i].fdr == whole.rounds[i].fdr);
      CHECK(last.rounds[i].tokens == whole.rounds[i].tokens);
      CHECK(last.rounds[i].loss == whole.rounds[i].loss);
    }
    CHECK(!std::filesystem::exists(scratch.path("x.partial")));
  }
}

TEST_CASE("a checkpoint is of one recipe, and nothing in it is trusted") {
  const tests::Scratch scratch;
  const std::string path = scratch.path("m.partial");
  const models::Model model = tests::letters_model(2);
  const models::Config& config = model.weights.config;
  const json recipe = {{"seed", 1}, {"options", {{"batch", 16}, {"until", nullptr}}}};
  CHECK(Checkpoint(path, recipe, 20).open(config).empty());

  Checkpoint one(path, recipe, 20);
  one.kept.training = models::Halfway{{1, 2, 3}, {4, 5, 6}, {7, 8, 9}, {1.5, 0.5}};
  one.kept.base = model.weights;
  Thinker thinker;
  thinker.weights = model.weights;
  thinker.rounds = {{3, 0.5, std::nullopt, 2.5, 0.25}, {1, 0.25, 0.5, 1.5, std::nullopt}};
  thinker.loss = {3, 2};
  thinker.lessons = {{{1, 2, 3}, {-1, 3, 4}}, {{5}, {0}}};
  thinker.halfway = one.kept.training;
  one.kept.thinker = thinker;
  one.kept.rewarded =
      Kept::Rewarded{*one.kept.training, {{}, {{{1, 2}, -3.5}, {{}, 0.5}}, {{{4}, 1}}}};
  one.write("step 2 of 9");

  Checkpoint two(path, recipe, 20);
  CHECK(two.open(config).find("goes on from step 2 of 9") != std::string::npos);
  CHECK(two.where() == "step 2 of 9");
  CHECK(two.kept.training->loss == one.kept.training->loss);
  CHECK(two.kept.training->square == one.kept.training->square);
  CHECK(two.kept.base->embedding == model.weights.embedding);
  CHECK(two.kept.thinker->lessons[0].targets == thinker.lessons[0].targets);
  CHECK(!two.kept.thinker->rounds[0].fdr);
  REQUIRE(two.kept.rewarded->replays.size() == 3);
  CHECK(two.kept.rewarded->replays[0].empty());
  CHECK(two.kept.rewarded->replays[1][0].sequence == std::vector<std::int32_t>{1, 2});
  CHECK(two.kept.rewarded->replays[1][1].sequence.empty());
  CHECK(two.kept.rewarded->replays[2][0].log_reward == 1);
  CHECK(two.kept.thinker->rounds[1].fdr == 0.5);
  CHECK(two.kept.thinker->halfway->loss == thinker.halfway->loss);

  json other = recipe;
  other["options"]["batch"] = 32;
  other["options"]["until"] = 0.5;
  Checkpoint three(path, other, 20);
  const std::string said = three.open(config);
  CHECK(said.find("batch 16, not 32, until null, not 0.5") != std::string::npos);
  // Of a list only the index was named: "0 1.0, not 2.0".
  json cooled = recipe;
  cooled["options"]["reward_temperature"] = {2.0, 1.0, 50};
  CHECK(Checkpoint(path, cooled, 20).open(config).find("(reward_temperature/0 none, not 2.0") !=
        std::string::npos);
  CHECK(!three.kept.training);
  CHECK(three.where().empty());

  const std::string bytes = read_file_bytes(path);
  const auto refused = [&](const std::function<void(Tensors&)>& change) {
    Tensors all = decode_tensors(bytes);
    change(all);
    scratch.write("m.partial", encode_tensors(all));
    Checkpoint broken(path, recipe, 20);
    const std::string why = broken.open(config);
    CHECK(why.find("begins anew") != std::string::npos);
    CHECK((!broken.kept.training && !broken.kept.base && !broken.kept.thinker));
    return why;
  };
  const auto numbers = [](std::vector<std::int64_t> of) { return Tensor::of(of); };
  CHECK(refused([](Tensors& all) { all.metadata["form"] = "assay gpt 1"; }).find("no training") !=
        std::string::npos);
  CHECK(refused([](Tensors& all) { all.metadata["recipe"] = "{"; }).find("does not say") !=
        std::string::npos);
  CHECK(refused([](Tensors& all) {
          all.tensors.erase("training.mean");
        }).find("lacks `training.mean`") != std::string::npos);
  CHECK(refused([&](Tensors& all) {
          models::Weights wider = tests::letters_model(2).weights;
          wider.config.context += 1;
          models::put_weights(wider, "base.", all);
        }).find("of another model") != std::string::npos);
  for (const char* cut : {"training.square", "rewards.mean"})
    CHECK(refused([&](Tensors& all) {
            all.tensors[cut] = Tensor::of(std::vector<float>{1});
          }).find("do not fit") != std::string::npos);
  for (const std::int64_t many : {std::int64_t{-1}, std::int64_t{9}, INT64_MAX}) {
    CHECK(refused([&](Tensors& all) {
            all.tensors["replay_items"] = numbers({many});
          }).find("cut short") != std::string::npos);
    CHECK(refused([&](Tensors& all) {
            all.tensors["replay_lengths"] = numbers({many, 0, 0});
          }).find("cannot be") != std::string::npos);
  }
  CHECK(refused([&](Tensors& all) {
          all.tensors["replay_tokens"] = numbers({1, 2, config.vocabulary});
        }).find("the model lacks") != std::string::npos);
  for (const std::int64_t length : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{5}, INT64_MAX})
    CHECK(refused([&](Tensors& all) {
            all.tensors["lesson_lengths"] = numbers({length});
          }).find("lengths") != std::string::npos);
  for (const std::int64_t token : {std::int64_t{-1}, std::int64_t{config.vocabulary}, INT64_MIN})
    CHECK(refused([&](Tensors& all) {
            all.tensors["lesson_tokens"] = numbers({1, token, 3, 5});
          }).find("tokens that the model lacks") != std::string::npos);
  CHECK(refused([&](Tensors& all) {
          all.tensors["lesson_lengths"] = numbers({});
        }).find("do not fit") != std::string::npos);
  CHECK(refused([&](Tensors& all) {
          all.tensors["rounds"] = Tensor::of(std::vector<double>{NAN, 1, 1, 1, 1});
        }).find("rounds") != std::string::npos);
}

TEST_CASE("a recipe is read from any text") {
  const json recipe = {{"method", "base"}, {"options", {{"list", {1, 2}}, {"until", nullptr}}}};
  CHECK(recipe_in(recipe.dump()) == recipe);
  for (const char* text : {"", "[1]", "{", "7", "\xff"}) CHECK(recipe_in(text).is_null());
  // What would take a call for each level.
  const std::size_t deep = 3'000'000;
  const std::string nested = "{\"a\":" + std::string(deep, '[') + std::string(deep, ']') + "}";
  CHECK(recipe_in(nested).dump().size() < 100);
}

TEST_CASE("a checkpoint is due when its time has passed since the last one") {
  const tests::Scratch scratch;
  tests::FakeClock clock;
  Checkpoint checkpoint(scratch.path("x"), json::object(), 20, clock);
  CHECK(!checkpoint.due());
  clock.advance(std::chrono::seconds(21));
  CHECK(checkpoint.due());
  checkpoint.write("x");
  CHECK(!checkpoint.due());
}
