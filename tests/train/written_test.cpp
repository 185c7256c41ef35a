#include "harness/train/written.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>
#include <map>

#include "harness/base/error.h"

using namespace assay;
using namespace assay::train;

static const std::atomic<bool> kGo = false;

/// A language model that looks at the last token alone.
class Bigrams final : public models::TokenModel {
 public:
  explicit Bigrams(std::shared_ptr<const models::Tokenizer> tokenizer) : tokenizer_(tokenizer) {
    RandomStream stream(5, "bigrams");
    for (std::int32_t i = 0; i < tokenizer->size() * tokenizer->size(); ++i)
      logits_.push_back(static_cast<float>(stream.normal()));
  }
  const models::Tokenizer& tokenizer() const override { return *tokenizer_; }
  std::int32_t context() const override { return 64; }
  void read(std::span<const std::shared_ptr<models::Past>> tokens,
            std::vector<float>* logits) const override {
    if (!logits) return;
    logits->clear();
    const auto size = static_cast<std::size_t>(tokenizer_->size());
    for (const auto& token : tokens) {
      const auto from = logits_.begin() + std::ptrdiff_t(std::size_t(token->token) * size);
      logits->insert(logits->end(), from, from + std::ptrdiff_t(size));
    }
  }
  double log_chance(std::int32_t token, std::int32_t before) const {
    const auto size = static_cast<std::size_t>(tokenizer_->size());
    return models::log_softmax({&logits_[std::size_t(before) * size], size})[std::size_t(token)];
  }
  std::int32_t likeliest(std::int32_t before) const {
    std::int32_t best = 0;
    for (std::int32_t i = 1; i < tokenizer_->size(); ++i)
      if (log_chance(i, before) > log_chance(best, before)) best = i;
    return best;
  }

 private:
  std::shared_ptr<const models::Tokenizer> tokenizer_;
  std::vector<float> logits_;
};

/// Chains of a and b; behind "=" a tool puts in r. A chain may stop where it is empty, or behind r.
static explore::Reasoning reasoning() {
  explore::Reasoning out;
  out.stop = ".", out.pieces = {"a", "b", "="}, out.actions_max = 3;
  out.tool = [](std::string_view chain) { return chain.ends_with("=") ? "r" : ""; };
  out.calls = [](std::string_view chain) {
    return explore::Calls{int(std::count(chain.begin(), chain.end(), '=')), chain.starts_with("=")};
  };
  out.may_stop = [](std::string_view chain) { return chain.empty() || chain.ends_with("r"); };
  out.right = [](const search::Problem& problem) { return problem.task_id; };
  out.difficulty = [](const search::Problem&) { return 1; };
  out.right_chain = [](const search::Problem&, std::string_view chain) { return chain == "a=r"; };
  return out;
}

struct Bench {
  explicit Bench(Reward reward, const std::string& right = "y")
      : tokenizer(std::make_shared<models::PieceTokenizer>(
            models::PieceTokenizer::of({"a", "b", "=", "r", ".", "y", "n", "?"}))),
        judge(std::make_shared<Bigrams>(tokenizer)),
        game(reasoning(), {problem(right)}, judge, tokenizer, reward) {}
  static search::Problem problem(const std::string& right) {
    search::Problem out;
    out.task_id = right, out.prompt = "?";
    return out;
  }
  std::int32_t token(const std::string& piece) const { return (*tokenizer->encode(piece))[0]; }
  double log_chance(const std::string& piece, const std::string& before) const {
    return judge->log_chance(token(piece), token(before));
  }
  double log_end(const std::string& before) const {
    return judge->log_chance(tokenizer->end(), token(before));
  }

  std::shared_ptr<const models::PieceTokenizer> tokenizer;
  std::shared_ptr<const Bigrams> judge;
  Written game;
};

static Reward plain() { return {.token_floor = 100, .answer_floor = 100}; }

TEST_CASE("what a tool puts in is no action, and no part of the reward") {
  const Bench bench(plain());
  auto chain = bench.game.trajectory(0, "a=r");
  REQUIRE(chain);
  CHECK(chain->actions == std::vector<std::int32_t>{bench.token("a"), bench.token("=")});
  CHECK(chain->text.size() == 5);  // begin, ?, a, =, r
  CHECK(bench.game.chain_of(*chain) == "a=r");
  const double answer = bench.log_chance("y", ".") + bench.log_end("y");
  CHECK(chain->log_reward[0] == doctest::Approx(bench.log_chance(".", "?") + answer));
  CHECK(chain->log_reward[1] == kNoReward);
  CHECK(chain->log_reward[2] ==
        doctest::Approx(bench.log_chance("a", "?") + bench.log_chance("=", "a") +
                        bench.log_chance(".", "r") + answer));
  const Bench alone({.joint = false, .token_floor = 100, .answer_floor = 100});
  chain = alone.game.trajectory(0, "a=r");
  CHECK(chain->log_reward[2] == doctest::Approx(bench.log_chance(".", "r") + answer));
}

TEST_CASE("a chain costs at most the floors") {
  const Bench bench({.token_floor = 0.01, .answer_floor = 0.02});
  const auto chain = bench.game.trajectory(0, "a=r");
  CHECK(chain->log_reward[0] == doctest::Approx(-0.02));
  CHECK(chain->log_reward[2] == doctest::Approx(-0.04));
}

TEST_CASE("stopping is left out where it may not be, and what is longest can only stop") {
  const Bench bench(plain());
  Trajectory chain = bench.game.start(0);
  CHECK(bench.game.moves(chain, 0).stop);
  bench.game.go(chain, bench.token("a"));
  CHECK_FALSE(bench.game.moves(chain, 1).stop);
  bench.game.go(chain, bench.token("b"));
  bench.game.go(chain, bench.token("b"));
  CHECK(bench.game.moves(chain, 3).stop);
  CHECK(bench.game.moves(chain, 3).tokens.empty());
  for (const char* never : {"abb=", "ab", "a=b", "y", "a=r=r="})
    CHECK_FALSE(bench.game.trajectory(0, never));
  // Every draw ends where it may.
  std::vector<RandomStream> streams;
  for (int i = 0; i < 300; ++i) streams.emplace_back(1, std::to_string(i));
  for (Trajectory& one : draw(bench.game, *bench.judge, std::vector<std::size_t>(300),
                              std::vector<double>(300, 1), streams)) {
    bench.game.judge({&one, 1});
    CHECK(one.log_reward.back() != kNoReward);
  }
}

TEST_CASE(
    "accepted is what the language model answers rightly; under a filter that errs, what it accepts") {
  std::string greedy;
  const Bench probe(plain());
  for (std::int32_t token = probe.judge->likeliest(probe.token("."));
       token != probe.tokenizer->end() && greedy.size() < 16; token = probe.judge->likeliest(token))
    greedy += probe.tokenizer->text(token, 0);
  if (greedy.size() == 16) greedy.clear();  // it never ends: no answer of ours is its own
  const Bench right(plain(), greedy.empty() ? "y" : greedy);
  const auto chain = right.game.trajectory(0, "a=r");
  CHECK(chain->accepted == !greedy.empty());
  CHECK(right.game.answers({&*chain, 1})[0].substr(0, greedy.size()) == greedy);
  for (const double fpr : {0., 1.}) {
    Reward reward = plain();
    reward.filter.fpr = fpr, reward.filter.fnr = 1e-9;
    const Bench wrong(reward, greedy == "n" ? "y" : "n");
    const auto judged = wrong.game.trajectory(0, "a=r");
    CHECK(judged->accepted == (fpr == 1));
    const double chain_alone = wrong.log_chance("a", "?") + wrong.log_chance("=", "a");
    if (fpr == 0) CHECK(judged->log_reward[2] == doctest::Approx(chain_alone - 100));
    if (fpr == 1) CHECK(judged->log_reward[2] > chain_alone - 100);
  }
}

TEST_CASE("what the posterior holds, drawn and weighed, is what counting it out gives") {
  const Bench bench(plain());
  // All chains: empty, or up to three actions that end behind r, or three.
  std::map<std::string, double> reward;
  std::vector<Trajectory> going = {bench.game.start(0)};
  while (!going.empty()) {
    Trajectory one = going.back();
    going.pop_back();
    const Moves moves = bench.game.moves(one, one.actions.size());
    if (moves.stop) {
      bench.game.judge({&one, 1});
      reward[bench.game.chain_of(one)] = std::exp(one.log_reward.back() / 0.8);
    }
    for (const std::int32_t token : moves.tokens) {
      going.push_back(one);
      bench.game.go(going.back(), token);
    }
  }
  double sum = 0;
  for (const auto& [chain, r] : reward) sum += r;
  const auto held = posterior(bench.game, *bench.judge, 20000, 0.8, 1, 1, kGo);
  REQUIRE(held.size() == 1);
  const bool accepted = bench.game.trajectory(0, "a=r")->accepted;
  CHECK(held[0].right == doctest::Approx(accepted ? reward["a=r"] / sum : 0).epsilon(0.1));
  CHECK(held[0].effective > 1000);
}

TEST_CASE(
    "samples of a problem: votes, right chains, calls, and the same on any number of threads") {
  const Bench bench(plain());
  const auto one = solve(bench.game, *bench.judge, 50, 1, 1, 1, kGo);
  const auto two = solve(bench.game, *bench.judge, 50, 1, 1, 2, kGo);
  REQUIRE(one.size() == 1);
  CHECK(one[0].samples == 50);
  CHECK(one[0].right_chains <= one[0].right_answers);
  CHECK(one[0].right_answers == one[0].accepted);  // a filter that never errs
  CHECK(one[0].wrong_accepted == one[0].accepted - one[0].right_chains);
  CHECK(one[0].calls > 0);
  CHECK(one[0].chain == two[0].chain);
  CHECK(one[0].actions == two[0].actions);
}

TEST_CASE("a model that lacks a token, or cannot read so much, is refused") {
  const auto tokenizer = std::make_shared<models::PieceTokenizer>(
      models::PieceTokenizer::of({"a", "b", "=", "r", ".", "y", "?"}));
  const auto judge = std::make_shared<Bigrams>(tokenizer);
  CHECK_THROWS_AS(Written(reasoning(), {Bench::problem("n")}, judge, tokenizer, {}), Error);
  explore::Reasoning longer = reasoning();
  longer.actions_max = 60;
  CHECK_THROWS_AS(Written(longer, {Bench::problem("y")}, judge, tokenizer, {}), Error);
}
