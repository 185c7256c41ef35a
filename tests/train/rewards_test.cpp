#include "harness/train/rewards.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "harness/train/tree.h"
#include "tests/support/sanitized.h"
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
static void make_exact(TableLearner& learner, const Tree& tree) {
  const Target& target = tree.target();
  const auto flow = flows(target);
  for (std::size_t node = 0; node < target.space.size(); ++node) {
    std::vector<double>& logits = learner.at(tree.trajectory(target.space.sequence(node)).text);
    for (int s = 0; node < target.space.inner() && s < 3; ++s)
      logits[std::size_t(kWords.symbols[std::size_t(s)])] =
          std::max(-50., std::log(flow[target.space.child(node, s)]));
    // What may not be done has a large logit, which must not count.
    const double stop = tree.may_stop(node) ? target.log_reward[node] : 40;
    logits[1] = stop + std::log(.3), logits[3] = stop + std::log(.7);
  }
}

static std::vector<Trajectory> all_trajectories(const Tree& tree) {
  std::vector<Trajectory> out;
  for (std::size_t node = 0; node < tree.target().space.size(); ++node)
    if (tree.may_stop(node)) out.push_back(tree.trajectory(tree.target().space.sequence(node)));
  return out;
}

static Gradient gradient_at(const Tree& tree, TableLearner& learner, const Options& options,
                            const std::vector<Trajectory>& batch) {
  std::vector<std::vector<std::int32_t>> texts;
  for (const Trajectory& one : batch) texts.push_back(one.text);
  return loss_of(tree, batch, learner.logits(texts), options, 1);
}

static Standing train_on(const Game& game, TableLearner& learner, const Options& options) {
  return train::train(game, learner, options, {}, {}, kGo, {});
}

TEST_CASE("at the exact posterior every loss is 0, and nowhere near it") {
  for (const bool forked : {false, true}) {
    const Target target = forked ? forked_target() : some_target();
    const Tree tree(target, kWords);
    TableLearner exact(5), other(5);
    make_exact(exact, tree);
    CHECK(fit_of(target, tree.distribution(*exact.model())).kl < 1e-9);
    for (const Objective objective : {Objective::subtb, Objective::vargrad, Objective::both}) {
      Options options;
      options.objective = objective;
      const Gradient zero = gradient_at(tree, exact, options, all_trajectories(tree));
      CHECK(zero.loss < 1e-20);
      for (const auto& row : zero.by_logits)
        for (const double x : row) CHECK(std::abs(x) < 1e-10);
      CHECK(gradient_at(tree, other, options, all_trajectories(tree)).loss > 0.1);
    }
  }
}

TEST_CASE("the gradient by the logits is that of finite differences") {
  const Target target = forked_target();
  const Tree tree(target, kWords);
  RandomStream stream(3, "logits");
  std::vector<Trajectory> batch = all_trajectories(tree);
  const std::size_t half = batch.size() / 2;
  for (std::size_t row = half; row < batch.size(); ++row) batch[row].question = 1;
  std::vector<std::vector<double>> logits, began;
  std::vector<double> log_prior;
  for (Trajectory& one : batch) {
    one.accepted = stream.below(2) == 1;
    logits.emplace_back(), began.emplace_back();
    for (std::size_t i = 0; i < one.text.size() * 5; ++i) logits.back().push_back(stream.normal());
    for (std::size_t i = 0; i < one.at.size(); ++i) began.back().push_back(-stream.uniform());
    log_prior.push_back(-3 * stream.uniform());
  }
  for (const Objective objective :
       {Objective::subtb, Objective::vargrad, Objective::both, Objective::star}) {
    Options options;
    options.objective = objective;
    options.huber = objective == Objective::both ? 1.5 : 0;
    const auto at = [&] { return loss_of(tree, batch, logits, options, 0.8); };
    const Gradient gradient = at();
    for (const std::size_t row : {std::size_t{0}, half, batch.size() - 1})
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

/// The mean of advantage times min-clipped ratio, as ppo has it, or of advantage times log q; the advantages
/// are held as they are.
static double slow_climb(const Tree& tree, const std::vector<Trajectory>& batch,
                         const std::vector<std::vector<double>>& logits,
                         const std::vector<double>& worth,
                         const std::vector<std::vector<double>>& began, double clip) {
  double sum = 0;
  for (std::size_t row = 0; row < batch.size(); ++row) {
    const auto logs = log_chances(tree, batch[row], logits[row].data(), 5);
    for (std::size_t i = 0; i < logs.size(); ++i) {
      if (began.empty()) {
        sum += worth[row] * logs[i];
        continue;
      }
      const double ratio = std::exp(logs[i] - began[row][i]);
      sum += std::min(worth[row] * ratio, worth[row] * std::clamp(ratio, 1 - clip, 1 + clip));
    }
  }
  return -sum / double(batch.size());
}

TEST_CASE("reinforce and ppo go up by what a trajectory is worth more than its question's mean") {
  const Target target = some_target();
  const Tree tree(target, kWords);
  RandomStream stream(5, "logits");
  std::vector<Trajectory> batch;
  for (const int node : {0, 3, 7, 20, 20, 33}) {
    batch.push_back(tree.trajectory(target.space.sequence(std::size_t(node))));
    batch.back().question = batch.size() > 3;
  }
  std::vector<std::vector<double>> logits, began;
  std::vector<double> log_prior;
  for (const Trajectory& one : batch) {
    logits.emplace_back();
    for (std::size_t i = 0; i < one.text.size() * 5; ++i) logits.back().push_back(stream.normal());
    began.push_back(log_chances(tree, one, logits.back().data(), 5));
    for (double& x : began.back()) x += 0.3 * stream.normal();
    log_prior.push_back(-4 * stream.uniform());
  }
  for (const bool ppo : {false, true}) {
    Options options;
    options.objective = ppo ? Objective::ppo : Objective::reinforce;
    options.kl = 0.3;
    std::vector<double> worth;
    for (std::size_t row = 0; row < batch.size(); ++row) {
      const auto logs = ppo ? began[row] : log_chances(tree, batch[row], logits[row].data(), 5);
      double log_q = 0;
      for (const double x : logs) log_q += x;
      worth.push_back(batch[row].log_reward.back() / 0.8 - 0.3 * (log_q - log_prior[row]));
    }
    for (const std::size_t first : {0, 3}) {
      const double mean = (worth[first] + worth[first + 1] + worth[first + 2]) / 3;
      for (std::size_t row = first; row < first + 3; ++row) worth[row] -= mean;
    }
    const auto told = ppo ? began : std::vector<std::vector<double>>{};
    const Gradient gradient = loss_of(tree, batch, logits, options, 0.8, told, log_prior);
    for (std::size_t row = 0; row < batch.size(); ++row)
      for (std::size_t i = 0; i < logits[row].size(); ++i) {
        double& x = logits[row][i];
        const double was = x;
        x = was + 1e-6;
        const double up = slow_climb(tree, batch, logits, worth, told, options.clip);
        x = was - 1e-6;
        const double down = slow_climb(tree, batch, logits, worth, told, options.clip);
        x = was;
        CHECK(gradient.by_logits[row][i] ==
              doctest::Approx((up - down) / 2e-6).epsilon(1e-4).scale(1e-3));
      }
  }
}

TEST_CASE("of each question the first accepted trajectory is imitated, and of no others") {
  const Target target = some_target();
  const Tree tree(target, kWords);
  std::vector<Trajectory> batch(4, tree.trajectory({0, 1}));
  batch[2].question = batch[3].question = 1;
  for (Trajectory& one : batch) one.accepted = false;
  batch[1].accepted = batch[2].accepted = batch[3].accepted = true;
  Options options;
  options.objective = Objective::star;
  const std::vector<std::vector<double>> logits(4, std::vector<double>(15));
  const Gradient gradient = loss_of(tree, batch, logits, options, 1);
  const auto moved = [&](std::size_t row) {
    return std::any_of(gradient.by_logits[row].begin(), gradient.by_logits[row].end(),
                       [](double x) { return x != 0; });
  };
  CHECK_FALSE(moved(0));
  CHECK(moved(1));
  CHECK(moved(2));
  CHECK_FALSE(moved(3));
  // Three choices among three symbols and stopping, which has two tokens.
  CHECK(gradient.loss == doctest::Approx(2 * std::log(5) + std::log(2.5)));
}

TEST_CASE("what may not be done has probability 0, is never drawn, and the rest adds up to 1") {
  const Target target = forked_target();
  const Tree tree(target, kWords);
  TableLearner learner(5);
  make_exact(learner, tree);
  const Moves moves = tree.moves(tree.start(0), 0);
  CHECK(moves.tokens == std::vector<std::int32_t>{4, 2});
  CHECK_FALSE(moves.stop);
  const auto root = log_actions(moves, tree.ends(), learner.at({1}).data());
  CHECK(root[2] == kNone);
  CHECK(std::exp(root[0]) + std::exp(root[1]) == doctest::Approx(1));
  double sum = 0;
  const auto log_q = tree.distribution(*learner.model());
  for (std::size_t node = 0; node < log_q.size(); ++node) {
    if (!tree.may_stop(node)) CHECK(log_q[node] == kNone);
    sum += std::exp(log_q[node]);
  }
  CHECK(sum == doctest::Approx(1));
  std::vector<RandomStream> streams;
  std::vector<double> temperatures;
  for (int i = 0; i < 2000; ++i) {
    streams.emplace_back(1, fmt::format("{}", i));
    temperatures.push_back(i % 2 ? 1 : 20);
  }
  for (const Trajectory& one :
       draw(tree, *learner.model(), std::vector<std::size_t>(2000), temperatures, streams)) {
    CHECK(one.actions.size() >= 2);
    CHECK(one.actions.size() <= 3);
    CHECK(one.actions[0] != kWords.symbols[1]);
  }
}

TEST_CASE("draws at temperature 1 follow the policy, and hotter ones are flatter") {
  const Target target = some_target();
  const Tree tree(target, kWords);
  TableLearner learner(5);
  make_exact(learner, tree);
  const auto shares = [&](double temperature) {
    std::vector<RandomStream> streams;
    for (int i = 0; i < 20000; ++i) streams.emplace_back(2, fmt::format("{}", i));
    std::vector<double> counts(target.space.size());
    const std::vector<std::size_t> questions(streams.size());
    const std::vector<double> temperatures(streams.size(), temperature);
    for (const Trajectory& one : draw(tree, *learner.model(), questions, temperatures, streams))
      counts[one.memo.back()] += 1 / 20000.;
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
  const Tree tree(target, kWords);
  TableLearner learner(5);
  std::vector<Replay> replay = {Replay(50)};
  Options options;
  const auto draw_batch = [&](int step) {
    return train::draw_batch(tree, *learner.model(), replay, options, step);
  };
  options.train.batch = 32;
  options.on_policy = 0.25, options.replay = 0.125;
  const Batch first = draw_batch(0);
  CHECK(first.replayed == 0);
  CHECK(first.on_policy == 8);
  CHECK(first.tempered == 24);
  CHECK(first.trajectories.size() == 32);
  CHECK(replay[0].items().size() >= 4);
  for (const Replay::Item& item : replay[0].items()) {
    CHECK(item.log_reward == target.log_reward[tree.played(0, item.sequence).memo.back()]);
  }
  const Batch second = draw_batch(1);
  CHECK(second.replayed == 4);
  CHECK(second.on_policy == 8);
  CHECK(second.tempered == 20);
  options.on_policy = 1;
  CHECK(draw_batch(2).on_policy == 32);
}

TEST_CASE("from on-policy, tempered and partly replayed data the same posterior is learned" *
          doctest::skip(assay::tests::kSanitized)) {
  for (const bool forked : {false, true}) {
    const Target target = forked ? forked_target() : some_target();
    const Tree tree(target, kWords);
    struct Mix {
      double on_policy, replay;
    };
    for (const Mix mix : {Mix{1, 0}, Mix{0, 0}, Mix{.1, .6}}) {
      for (const Objective objective : {Objective::subtb, Objective::vargrad, Objective::both}) {
        if (objective == Objective::subtb && forked) continue;
        Options options;
        options.objective = objective;
        options.on_policy = mix.on_policy, options.replay = mix.replay;
        options.train.steps = 1500, options.train.batch = 16;
        options.train.learning_rate = 0.1;
        TableLearner learner(5);
        const Standing trained = train_on(tree, learner, options);
        const Fit fit = fit_of(target, tree.distribution(*learner.model()));
        INFO(forked, " ", mix.on_policy, " ", mix.replay, " ", int(objective));
        CHECK(fit.kl < 0.01);
        CHECK(trained.loss.back() < trained.loss.front() / 10);
      }
    }
  }
}

TEST_CASE(
    "a model learns what may not be done, which a search will not forbid, and still the posterior" *
    doctest::skip(assay::tests::kSanitized)) {
  const Target target = forked_target();
  const Tree tree(target, kWords);
  // Of a state where only two symbols may follow: what of all tokens is neither.
  const auto lost = [&](TableLearner& learner) {
    const Trajectory start = tree.start(0);
    const auto logits = learner.logits({start.text})[0];
    std::vector<double> unused(5);
    return 1 - std::exp(-rules_loss(tree.moves(start, 0), tree.ends(), logits, 0, unused.data()));
  };
  for (const double rules : {0., 1.}) {
    Options options;
    options.objective = Objective::both;
    options.rules = rules;
    options.train.steps = 1500, options.train.batch = 16, options.train.learning_rate = 0.1;
    TableLearner learner(5);
    CHECK(lost(learner) == doctest::Approx(.6));
    train_on(tree, learner, options);
    CHECK(fit_of(target, tree.distribution(*learner.model())).kl < 0.01);
    CHECK((lost(learner) < 0.01) == (rules > 0));
  }
  // Its gradient is that of finite differences.
  RandomStream stream(8, "logits");
  std::vector<double> logits, gradient(5), unused(5);
  for (int i = 0; i < 5; ++i) logits.push_back(stream.normal());
  for (const bool stop : {false, true}) {
    const Moves moves = {{4, 2}, stop};
    gradient.assign(5, 0);
    rules_loss(moves, tree.ends(), logits, 0.7, gradient.data());
    for (std::size_t i = 0; i < 5; ++i) {
      const double was = logits[i];
      logits[i] = was + 1e-5;
      const double up = rules_loss(moves, tree.ends(), logits, 0, unused.data());
      logits[i] = was - 1e-5;
      const double down = rules_loss(moves, tree.ends(), logits, 0, unused.data());
      logits[i] = was;
      CHECK(gradient[i] == doctest::Approx(0.7 * (up - down) / 2e-5).epsilon(1e-4).scale(1e-3));
    }
  }
  CHECK(rules_loss({}, tree.ends(), logits, 1, unused.data()) == 0);
}

TEST_CASE("subtb alone is refused where a fork has no reward of its own") {
  CHECK(trouble_of_subtb(some_target()).empty());
  CHECK_FALSE(trouble_of_subtb(forked_target()).empty());
}

TEST_CASE("maximising the reward collapses on the best sequence") {
  const Target target = some_target();
  const Tree tree(target, kWords);
  for (const Objective objective : {Objective::reinforce, Objective::ppo}) {
    Options options;
    options.objective = objective;
    options.train.steps = 600, options.train.batch = 32, options.train.learning_rate = 0.1;
    TableLearner learner(5);
    train_on(tree, learner, options);
    const Fit fit = fit_of(target, tree.distribution(*learner.model()));
    CHECK(fit.entropy < 0.3 * fit.target_entropy);
  }
}

TEST_CASE(
    "with the reward log c and a nat away costing a nat, reinforce ends at the posterior p c" *
    doctest::skip(assay::tests::kSanitized)) {
  // The reward of stopping is log p c for gflownet; what is left of it without p, the prior that training
  // begins with, is log c.
  Target target = some_target();
  const Tree tree(target, kWords);
  TableLearner learner(5);
  const auto log_prior = tree.distribution(*learner.model());
  Target joint = target;
  for (std::size_t i = 0; i < log_prior.size(); ++i) joint.log_reward[i] += log_prior[i];
  Options options;
  options.objective = Objective::reinforce;
  options.kl = 1;
  options.train.steps = 3000, options.train.batch = 64, options.train.learning_rate = 0.02;
  train_on(tree, learner, options);
  CHECK(fit_of(joint, tree.distribution(*learner.model())).kl < 0.03);
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
  const Tree tree(target, kWords);
  options.train.steps = 1500, options.train.batch = 16, options.train.learning_rate = 0.1;
  TableLearner learner(5);
  train_on(tree, learner, options);
  CHECK(fit_of(target, tree.distribution(*learner.model()), 0.5).kl < 0.02);
  CHECK(fit_of(target, tree.distribution(*learner.model()), 1).kl > 0.05);
}

TEST_CASE("training hears that it shall stop") {
  const Target target = some_target();
  const Tree tree(target, kWords);
  std::atomic<bool> stop = false;
  TableLearner learner(5);
  const Standing trained =
      train::train(tree, learner, {}, {}, {}, stop, [&](int done, double, auto&) {
        if (done == 3) stop = true;
      });
  CHECK(trained.stopped);
  CHECK(trained.loss.size() == 3);
}
