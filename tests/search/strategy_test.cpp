#include "harness/search/strategy.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/base/error.h"
#include "tests/search/bench.h"

using namespace assay;
using namespace assay::search;
using Bench = tests::SearchBench;

TEST_CASE(
    "with one generation every strategy that takes what it drew is a plain sample on the same stream") {
  Bench bench(tests::random_table(7, 4, 4));
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const Prefix sample = bench.run("sample", 1, seed).chosen->prefix;
    for (const char* name :
         {"majority", "best-of", "weighted-best-of", "beam", "dvts", "particle",
          "entropic-particle", "gibbs", "tempering", "pessimism", "soft-best-of"}) {
      CAPTURE(name);
      CHECK(bench.run(name, 1, seed).chosen->prefix->key == sample->key);
    }
  }
}

TEST_CASE("scores of 0 and of 1, and weights that are all zero, give numbers") {
  Table table = tests::random_table(9, 2, 2);
  for (const double all : {0.0, 1.0}) {
    for (auto& [prefix, score] : table.problems[0].score) score = all;
    Bench bench(table);
    for (const auto& [name, kind] : strategy_names()) {
      if (kind == Kind::rational) continue;
      for (const char* weights : {"odds", "probability", "softmax"}) {
        const std::string form = fmt::format("{}[weights={},choose=draw]", name, weights);
        CAPTURE(form);
        CAPTURE(all);
        const Result result = bench.run(form, 8, 1);
        const bool may_abstain = kind == Kind::rejection || kind == Kind::first_accepted;
        CHECK(result.chosen.has_value() == !(may_abstain && all == 0));
        for (const Candidate& one : result.pool) CHECK_FALSE(std::isnan(one.log_weight));
        if (result.log_z) CHECK_FALSE(std::isnan(*result.log_z));
        const Exact limit = exact(parse_strategy(form), table.problems[0]);
        CHECK_FALSE(std::isnan(limit.ceiling));
        double sum = limit.abstains;
        for (const auto& [sequence, p] : limit.target) sum += p;
        CHECK(sum == doctest::Approx(1));
      }
    }
  }
}

TEST_CASE("a cap ends a strategy, which gives what it holds") {
  Bench bench(tests::random_table(10, 3, 3));
  for (const auto& [listed, kind] : strategy_names()) {
    if (kind == Kind::rational) continue;
    const std::string name(listed);
    for (const Caps caps : {Caps{.generations = 5}, Caps{.tokens = 7}, Caps{.calls = 4}}) {
      CAPTURE(name);
      Search search(bench.problem, bench.policy, bench.verifier, 3, caps);
      const Result result = search::run(parse_strategy(name), 16, search);
      CHECK(search.ledger().generations() <= caps.generations);
      CHECK(search.ledger().calls() <= caps.calls);
      CHECK(search.ledger().tokens() < std::min<std::int64_t>(caps.tokens, 1000) + 16);
      if (result.chosen) CHECK(result.chosen->prefix->finish == Finish::complete);
      // Five generations are enough for an answer, and so are four scores of finished ones.
      const bool enough = caps.generations == 5 || (caps.calls == 4 && kind == Kind::best_of);
      if (enough && kind != Kind::rejection && kind != Kind::first_accepted)
        CHECK(result.chosen.has_value());
      if (caps.calls == 4 && kind == Kind::best_of) CHECK(result.chosen->judged);
    }
  }
}

TEST_CASE("what was drawn and rejected is no answer when a cap ends the search") {
  // A cap on calls made first-accepted and rejection hand out what they had rejected.
  Table table = tests::random_table(11, 3, 3);
  for (auto& [prefix, score] : table.problems[0].score) score = .1;
  Bench bench(table);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Search search(bench.problem, bench.policy, bench.verifier, seed, {.calls = 1});
    CHECK_FALSE(search::run(parse_strategy("first-accepted"), 8, search).chosen);
  }
}

TEST_CASE("under a cap on tokens whole answers are drawn one after the other, the same ones") {
  Bench bench(tests::random_table(12, 3, 3));
  Search capped(bench.problem, bench.policy, bench.verifier, 1, {.tokens = 6});
  const Result two = search::run(parse_strategy("best-of"), 8, capped);
  CHECK(two.spent);
  CHECK(capped.ledger().tokens() == 6);
  REQUIRE(two.chosen);
  CHECK(two.chosen->prefix->key == bench.run("best-of", 2, 1).chosen->prefix->key);
}

TEST_CASE("a strategy's options are read, and what is none is named") {
  const Strategy strategy = parse_strategy("particle[weights=softmax,ess=0.5,choose=vote]");
  CHECK(strategy.weighting == Weighting::softmax);
  CHECK(strategy.ess == .5);
  CHECK(strategy.choose == Choice::vote);
  for (const char* wrong :
       {"particles", "particle[weights=heavy]", "particle[ess=2]", "beam[width=0]",
        "beam[width=1.5]", "beam[depth=3]", "beam[width]", "beam[width=4"}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(parse_strategy(wrong), Error);
  }
}

TEST_CASE("pessimism's level is where the mean of what lies above it is beta") {
  const std::vector<double> scores = {.1, .5, .5, .9}, weights(4, .25);
  for (const double beta : {.01, .1, .3, 2.0}) {
    const double level = pessimistic_level(scores, weights, beta);
    double mean = 0;
    for (const double r : scores) mean += std::max(0.0, r - level) / 4;
    CHECK(mean == doctest::Approx(beta));
  }
}

namespace {

/// Refuses every other first step.
class Unwilling : public TablePolicy {
 public:
  using TablePolicy::TablePolicy;
  std::vector<Prefix> extend(std::span<Ask> asks) override {
    std::vector<Prefix> out = TablePolicy::extend(asks);
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (out[i]->depth != 1 || (++begun_ % 2 == 0)) continue;
      Node step;
      step.finish = Finish::refused;
      out[i] = behind(asks[i].prefix, std::move(step));
    }
    return out;
  }

 private:
  int begun_ = 0;
};

}  // namespace

TEST_CASE("a step that was refused answers nothing, is not scored, and costs the others nothing") {
  const Table table = tests::random_table(12, 3, 3);
  const Problem problem = problem_of(table.problems[0]);
  TableVerifier verifier(table);
  for (const auto& [listed, kind] : strategy_names()) {
    if (kind == Kind::rational) continue;
    const std::string name(listed);
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      CAPTURE(name);
      Unwilling policy(table);
      Search search(problem, policy, verifier, seed);
      const Result result = run(parse_strategy(name), 4, search);
      for (const Candidate& one : result.pool) CHECK_FALSE(std::isnan(one.log_weight));
      if (result.chosen) CHECK(result.chosen->prefix->finish == Finish::complete);
      const bool one_draw = kind == Kind::greedy || kind == Kind::sample;
      const bool may_abstain = kind == Kind::rejection || kind == Kind::first_accepted;
      if (!may_abstain) CHECK(result.chosen.has_value() == !one_draw);
    }
  }
}
