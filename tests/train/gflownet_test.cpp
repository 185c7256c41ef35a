#include "harness/train/gflownet.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/train/table_learner.h"

using namespace assay;
using namespace assay::train;
using tests::TableLearner;

static const std::atomic<bool> kGo = false;
static const double kNone = -std::numeric_limits<double>::infinity();
/// Tokens in an order of their own: symbols 0 to 2 are 4, 0 and 2; 1 begins a text, 1 and 3 end it.
static const Words kWords = {{4, 0, 2}, 1, {1, 3}};

/// Three symbols up to length 3, with rewards of a wide range.
static Target some_target() {
  Target target;
  target.space = {3, 3};
  RandomStream stream(7, "target");
  for (std::size_t i = 0; i < target.space.size(); ++i)
    target.log_reward.push_back(-2 + 1.5 * stream.normal());
  return target;
}

/// The same, without a reward for sequences shorter than 2 and for all that begin with symbol 1.
static Target forked_target() {
  Target target = some_target();
  for (std::size_t i = 0; i < target.space.size(); ++i) {
    const auto sequence = target.space.sequence(i);
    if (sequence.size() < 2 || sequence[0] == 1) target.log_reward[i] = kNone;
  }
  return target;
}

/// The reward at and behind each node.
static std::vector<double> flows(const Target& target) {
  std::vector<double> flow;
  for (const double reward : target.log_reward) flow.push_back(std::exp(reward));
  for (std::size_t node = target.space.inner(); node-- > 0;)
    for (int s = 0; s < target.space.symbols; ++s) flow[node] += flow[target.space.child(node, s)];
  return flow;
}

/// Gives the learner the logits of the exact posterior.
static void make_exact(TableLearner& learner, const Policy& policy) {
  const Target& target = policy.target();
  const auto flow = flows(target);
  for (std::size_t node = 0; node < target.space.size(); ++node) {
    std::vector<double>& logits = learner.at(policy.text(target.space.sequence(node)));
    for (int s = 0; node < target.space.inner() && s < 3; ++s)
      logits[std::size_t(kWords.symbols[std::size_t(s)])] =
          std::max(-50., std::log(flow[target.space.child(node, s)]));
    // What may not be done has a large logit, which must not count.
    const double stop = policy.may_stop(node) ? target.log_reward[node] : 40;
    logits[1] = stop + std::log(.3), logits[3] = stop + std::log(.7);
  }
}

static std::vector<std::vector<std::int32_t>> all_sequences(const Policy& policy) {
  std::vector<std::vector<std::int32_t>> out;
  for (std::size_t node = 0; node < policy.target().space.size(); ++node)
    if (policy.may_stop(node)) out.push_back(policy.target().space.sequence(node));
  return out;
}

static Gradient gradient_at(const Policy& policy, TableLearner& learner, const Options& options,
                            const std::vector<std::vector<std::int32_t>>& sequences) {
  std::vector<std::vector<std::int32_t>> texts;
  for (const auto& sequence : sequences) texts.push_back(policy.text(sequence));
  return loss_of(policy, sequences, learner.logits(texts, true), options, 1);
}

TEST_CASE("at the exact posterior every loss is 0, and nowhere near it") {
  for (const bool forked : {false, true}) {
    const Target target = forked ? forked_target() : some_target();
    const Policy policy(target, kWords);
    TableLearner exact(5), other(5);
    make_exact(exact, policy);
    CHECK(fit_of(target, policy.distribution(exact)).kl == doctest::Approx(0).epsilon(1e-9));
    for (const Objective objective : {Objective::subtb, Objective::vargrad, Objective::both}) {
      Options options;
      options.objective = objective;
      const Gradient zero = gradient_at(policy, exact, options, all_sequences(policy));
      CHECK(zero.loss < 1e-20);
      for (const auto& row : zero.by_logits)
        for (const double x : row) CHECK(std::abs(x) < 1e-10);
      CHECK(gradient_at(policy, other, options, all_sequences(policy)).loss > 0.1);
    }
  }
}

TEST_CASE("the gradient by the logits is that of finite differences") {
  const Target target = forked_target();
  const Policy policy(target, kWords);
  RandomStream stream(3, "logits");
  for (const Objective objective : {Objective::subtb, Objective::vargrad, Objective::both}) {
    Options options;
    options.objective = objective;
    options.huber = objective == Objective::both ? 1.5 : 0;
    const auto sequences = all_sequences(policy);
    std::vector<std::vector<double>> logits;
    for (const auto& sequence : sequences) {
      logits.emplace_back();
      for (std::size_t i = 0; i < (sequence.size() + 1) * 5; ++i)
        logits.back().push_back(stream.normal());
    }
    const auto at = [&] { return loss_of(policy, sequences, logits, options, 0.8); };
    const Gradient gradient = at();
    for (const std::size_t row : {std::size_t{0}, sequences.size() / 2, sequences.size() - 1})
      for (std::size_t i = 0; i < logits[row].size(); ++i) {
        double& x = logits[row][i];
        const double was = x;
        x = was + 1e-5;
        const double up = at().loss;
        x = was - 1e-5;
        const double down = at().loss;
        x = was;
        CHECK(gradient.by_logits[row][i] ==
              doctest::Approx((up - down) / 2e-5).epsilon(1e-4).scale(1e-3));
      }
  }
}

TEST_CASE("what may not be done has probability 0, is never drawn, and the rest adds up to 1") {
  const Target target = forked_target();
  const Policy policy(target, kWords);
  TableLearner learner(5);
  make_exact(learner, policy);
  const auto root = policy.log_actions(0, learner.at({1}).data());
  CHECK(root[1] == kNone);
  CHECK(root[3] == kNone);
  CHECK(std::exp(root[0]) + std::exp(root[2]) == doctest::Approx(1));
  double sum = 0;
  const auto log_q = policy.distribution(learner);
  for (std::size_t node = 0; node < log_q.size(); ++node) {
    if (!policy.may_stop(node)) CHECK(log_q[node] == kNone);
    sum += std::exp(log_q[node]);
  }
  CHECK(sum == doctest::Approx(1));
  std::vector<RandomStream> streams;
  std::vector<double> temperatures;
  for (int i = 0; i < 2000; ++i) {
    streams.emplace_back(1, fmt::format("{}", i));
    temperatures.push_back(i % 2 ? 1 : 20);
  }
  for (const auto& sequence : policy.draw(learner, temperatures, streams)) {
    CHECK(sequence.size() >= 2);
    CHECK(sequence.size() <= 3);
    CHECK(sequence[0] != 1);
  }
}

TEST_CASE("draws at temperature 1 follow the policy, and hotter ones are flatter") {
  const Target target = some_target();
  const Policy policy(target, kWords);
  TableLearner learner(5);
  make_exact(learner, policy);
  const auto shares = [&](double temperature) {
    std::vector<RandomStream> streams;
    for (int i = 0; i < 20000; ++i) streams.emplace_back(2, fmt::format("{}", i));
    std::vector<double> counts(target.space.size());
    for (const auto& sequence :
         policy.draw(learner, std::vector<double>(streams.size(), temperature), streams)) {
      std::size_t node = 0;
      for (const std::int32_t s : sequence) node = target.space.child(node, s);
      counts[node] += 1 / 20000.;
    }
    return counts;
  };
  const auto plain = shares(1), log_p = log_posterior(target);
  double tv = 0;
  for (std::size_t i = 0; i < plain.size(); ++i) tv += std::abs(plain[i] - std::exp(log_p[i])) / 2;
  CHECK(tv < 0.03);
  const auto best = std::max_element(plain.begin(), plain.end()) - plain.begin();
  CHECK(shares(0.5)[std::size_t(best)] > plain[std::size_t(best)]);
  CHECK(shares(2)[std::size_t(best)] < plain[std::size_t(best)]);
}

TEST_CASE("a batch has its kinds in their shares, and what the buffer lacks is drawn tempered") {
  const Target target = some_target();
  const Policy policy(target, kWords);
  TableLearner learner(5);
  Replay replay(50);
  Options options;
  options.train.batch = 32;
  options.on_policy = 0.25, options.replay = 0.125;
  const Batch first = draw_batch(policy, learner, replay, options, 0);
  CHECK(first.replayed == 0);
  CHECK(first.on_policy == 8);
  CHECK(first.tempered == 24);
  CHECK(first.sequences.size() == 32);
  CHECK(replay.items().size() >= 4);
  for (const Replay::Item& item : replay.items()) {
    std::size_t node = 0;
    for (const std::int32_t s : item.sequence) node = target.space.child(node, s);
    CHECK(item.log_reward == target.log_reward[node]);
  }
  const Batch second = draw_batch(policy, learner, replay, options, 1);
  CHECK(second.replayed == 4);
  CHECK(second.on_policy == 8);
  CHECK(second.tempered == 20);
  options.on_policy = 1;
  CHECK(draw_batch(policy, learner, replay, options, 2).on_policy == 32);
}

TEST_CASE("from on-policy, tempered and partly replayed data the same posterior is learned") {
  for (const bool forked : {false, true}) {
    const Target target = forked ? forked_target() : some_target();
    const Policy policy(target, kWords);
    struct Mix {
      double on_policy, replay;
    };
    for (const Mix mix : {Mix{1, 0}, Mix{0, 0}, Mix{.1, .6}}) {
      for (const Objective objective : {Objective::subtb, Objective::vargrad, Objective::both}) {
        if (!trouble_of(target, objective).empty()) continue;
        Options options;
        options.objective = objective;
        options.on_policy = mix.on_policy, options.replay = mix.replay;
        options.train.steps = 1500, options.train.batch = 16;
        options.train.learning_rate = 0.1;
        TableLearner learner(5);
        const Trained trained = train::train(policy, learner, options, kGo, {});
        const Fit fit = fit_of(target, policy.distribution(learner));
        INFO(forked, " ", mix.on_policy, " ", mix.replay, " ", int(objective));
        CHECK(fit.kl < 0.01);
        CHECK(trained.loss.back() < trained.loss.front() / 10);
      }
    }
  }
}

TEST_CASE("subtb alone is refused where a fork has no reward of its own") {
  CHECK(trouble_of(some_target(), Objective::subtb).empty());
  CHECK_FALSE(trouble_of(forked_target(), Objective::subtb).empty());
  CHECK(trouble_of(forked_target(), Objective::both).empty());
}

TEST_CASE("maximising the reward collapses on the best sequence") {
  const Target target = some_target();
  const Policy policy(target, kWords);
  Options options;
  options.objective = Objective::reinforce;
  options.on_policy = 1, options.replay = 0;
  options.train.steps = 600, options.train.batch = 32, options.train.learning_rate = 0.1;
  TableLearner learner(5);
  train::train(policy, learner, options, kGo, {});
  const Fit fit = fit_of(target, policy.distribution(learner));
  CHECK(fit.entropy < 0.3 * fit.target_entropy);
}

TEST_CASE("with a reward temperature the tempered target is learned, and it goes there in a line") {
  Options options;
  options.reward_temperature_first = 2, options.reward_temperature_last = 0.5;
  options.reward_temperature_steps = 100;
  CHECK(reward_temperature(options, 0) == 2);
  CHECK(reward_temperature(options, 50) == doctest::Approx(1.25));
  CHECK(reward_temperature(options, 100) == 0.5);
  CHECK(reward_temperature(options, 5000) == 0.5);
  const Target target = some_target();
  const Policy policy(target, kWords);
  options.train.steps = 1500, options.train.batch = 16, options.train.learning_rate = 0.1;
  TableLearner learner(5);
  train::train(policy, learner, options, kGo, {});
  CHECK(fit_of(target, policy.distribution(learner), 0.5).kl < 0.02);
  CHECK(fit_of(target, policy.distribution(learner), 1).kl > 0.05);
}

TEST_CASE("training hears that it shall stop") {
  const Target target = some_target();
  const Policy policy(target, kWords);
  std::atomic<bool> stop = false;
  TableLearner learner(5);
  const Trained trained = train::train(policy, learner, {}, stop, [&](int done, double) {
    if (done == 3) stop = true;
  });
  CHECK(trained.stopped);
  CHECK(trained.loss.size() == 3);
}
