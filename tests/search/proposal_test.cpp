// Particles that are drawn from a proposal, against what can be enumerated without one.
#include "harness/search/proposal.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>

#include "harness/base/error.h"
#include "harness/search/strategies.h"
#include "tests/search/bench.h"

using namespace assay;
using namespace assay::search;
using Bench = tests::SearchBench;
using tests::Distribution;
using tests::Moments;
using tests::random_table;
using tests::total_variation;
using tests::weights_of;
using tests::with_proposal;

namespace {

constexpr const char* kWeighing[] = {"particle", "entropic-particle", "gibbs", "tempering"};

/// The target's own conditionals: q(s|z) = p(s|z) g(zs) V(zs) / V(z), where V(z) is what p and g make of
/// all that goes on from z. Gives V of `prefix`.
double fill_posterior(TableProblem& problem, const std::string& prefix, int length,
                      Weighting weighting) {
  if (length == problem.steps) return 1;
  std::vector<double> q;
  double sum = 0;
  for (int s = 0; s < problem.symbols; ++s) {
    const std::string longer = (prefix.empty() ? "" : prefix + ",") + std::to_string(s);
    sum += q.emplace_back(problem.probabilities(prefix)[static_cast<std::size_t>(s)] *
                          std::exp(log_factor(weighting, problem.score_of(longer))) *
                          fill_posterior(problem, longer, length + 1, weighting));
  }
  for (double& x : q) x /= sum;
  problem.proposal[prefix] = q;
  return sum;
}

}  // namespace

TEST_CASE(
    "with a proposal the unnormalised estimate is unbiased, however few particles there are") {
  Bench bench(with_proposal(random_table(21, 3, 3), 21));
  for (const char* ess : {"1", "0.5", "0"}) {
    for (const int n : {1, 2, 8}) {
      const std::string name = fmt::format("particle[weights=probability,ess={}]", ess);
      Moments estimate;
      for (std::uint64_t seed = 0; seed < 2000; ++seed)
        estimate.add(bench.estimate(bench.run(name, n, seed)));
      CAPTURE(name);
      CAPTURE(n);
      const double z =
          (estimate.mean() - bench.unnormalised(parse_strategy(name))) / estimate.error();
      CHECK(std::abs(z) < 3);
    }
  }
}

TEST_CASE("with a proposal each weighting draws from the target that it has without one") {
  Bench bench(with_proposal(random_table(22, 3, 3), 22));
  TableProblem plain = bench.table.problems[0];
  plain.proposal.clear();
  for (const char* kind : {"particle", "entropic-particle"}) {
    for (const char* weights : {"odds", "probability", "softmax"}) {
      for (const char* ess : {"1", "0.5"}) {
        const std::string name =
            fmt::format("{}[weights={},ess={},choose=draw]", kind, weights, ess);
        Distribution drawn;
        constexpr int kRuns = 8, kParticles = 4000;
        for (std::uint64_t seed = 0; seed < kRuns; ++seed) {
          const Result result = bench.run(name, kParticles, seed);
          const std::vector<double> w = weights_of(result);
          for (std::size_t i = 0; i < w.size(); ++i)
            drawn[bench.problem.answer(result.pool[i].prefix)] += w[i] / kRuns;
        }
        CAPTURE(name);
        const Strategy strategy = parse_strategy(name);
        // The entropic filter's own limit rests on whom it draws from: it flattens where few of those
        // carry the weights.
        if (strategy.kind == Kind::particle)
          CHECK(total_variation(drawn, exact(strategy, plain).target) < .03);
        if (strategy.kind == Kind::particle || strategy.ess == 1)
          CHECK(total_variation(drawn, exact(strategy, bench.table.problems[0]).target) < .03);
      }
    }
  }
}

TEST_CASE("a policy that is its own proposal answers as without one, to the last bit") {
  Table table = random_table(23, 4, 4);
  Bench plain(table);
  table.problems[0].proposal = table.problems[0].policy;
  Bench proposed(table);
  for (const char* kind : kWeighing) {
    for (const int n : {1, 8}) {
      for (std::uint64_t seed = 0; seed < 50; ++seed) {
        const std::string name = fmt::format("{}[ess=0.5,choose=draw]", kind);
        CAPTURE(name);
        const Result one = plain.run(name, n, seed), two = proposed.run(name, n, seed);
        CHECK(one.chosen->prefix->key == two.chosen->prefix->key);
        CHECK(one.log_z == two.log_z);
        CHECK(weights_of(one) == weights_of(two));
        CHECK(one.trace.effective_size == two.trace.effective_size);
      }
    }
  }
}

TEST_CASE("from the exact posterior all weights are equal, and the estimate of Z does not vary") {
  for (const Weighting weighting : {Weighting::odds, Weighting::probability, Weighting::softmax}) {
    Table table = random_table(24, 3, 4);
    const double z = fill_posterior(table.problems[0], "", 0, weighting);
    Bench bench(table);
    const char* names[] = {"probability", "odds", "softmax"};
    const std::string name =
        fmt::format("particle[weights={},ess=0]", names[static_cast<int>(weighting)]);
    for (const int n : {1, 3, 16}) {
      for (std::uint64_t seed = 0; seed < 20; ++seed) {
        const Result result = bench.run(name, n, seed);
        CAPTURE(name);
        CHECK(*result.log_z == doctest::Approx(std::log(z)).epsilon(1e-12));
        for (const double w : weights_of(result)) CHECK(w == doctest::Approx(1. / n));
        CHECK(result.trace.effective_size.back() == doctest::Approx(n));
      }
    }
  }
}

TEST_CASE("a sweep of particle Gibbs with a proposal leaves an exact draw invariant") {
  Bench bench(with_proposal(random_table(25, 3, 3), 25));
  for (const char* ess : {"1", "0.5"}) {
    const Strategy strategy =
        parse_strategy(fmt::format("gibbs[weights=odds,choose=draw,ess={}]", ess));
    const Distribution target = exact(strategy, bench.table.problems[0]).target;
    Distribution after;
    constexpr int kRuns = 10000;
    for (std::uint64_t seed = 0; seed < kRuns; ++seed) {
      Search search(bench.problem, bench.proposed, bench.verifier, seed);
      RandomStream stream(seed, "exact draw");
      double left = stream.uniform();
      std::string name;
      for (const auto& [sequence, p] : target) {
        name = sequence;
        if ((left -= p) < 0) break;
      }
      Candidate reference;
      reference.prefix = search.root();
      while (reference.prefix->finish == Finish::open) {  // drawn until it is the one wanted
        const Prefix longer = search.extend({reference.prefix}, 0, stream.next())[0];
        const std::string text = text_of(longer);
        if (name.compare(0, text.size(), text) != 0) continue;
        move(reference, longer);
        reference = advanced(reference, longer, search.score({longer})[0], strategy.weighting,
                             strategy.aggregate);
      }
      Cloud cloud;
      filter(search, {strategy, 3, 1, 0, 1, &reference}, cloud);
      std::vector<double> logs;
      for (const Candidate& one : cloud.particles) logs.push_back(one.log_weight);
      RandomStream choice(seed, "next");
      const Candidate& next = cloud.particles[drawn(normalised(logs), choice)];
      after[bench.problem.answer(next.prefix)] += 1.0 / kRuns;
    }
    CAPTURE(ess);
    CHECK(total_variation(after, target) < .03);
  }
}

TEST_CASE("chains of a tempering with a proposal: the first keeps its target") {
  Bench bench(with_proposal(random_table(26, 3, 2), 26));
  const Strategy strategy = parse_strategy("tempering[chains=3,sweeps=6,choose=draw,weights=odds]");
  Distribution drawn;
  constexpr int kRuns = 4000;
  for (std::uint64_t seed = 0; seed < kRuns; ++seed)
    drawn[bench.problem.answer(bench.run(strategy.name, 90, seed).chosen->prefix)] += 1.0 / kRuns;
  CHECK(total_variation(drawn, exact(strategy, bench.table.problems[0]).target) < .03);
}

TEST_CASE("what the policy never writes weighs nothing, and is neither scored nor gone on from") {
  Table table = with_proposal(random_table(27, 3, 3), 27);
  TableProblem& problem = table.problems[0];
  problem.policy[""] = {0, .25, .75};
  // Neither policy nor verifier knows of anything behind 0: asking would throw.
  std::erase_if(problem.policy, [](const auto& row) { return row.first.starts_with("0"); });
  std::erase_if(problem.score, [](const auto& row) { return row.first.starts_with("0"); });
  Bench bench(table);
  for (const char* ess : {"1", "0"}) {
    const std::string name = fmt::format("particle[weights=probability,ess={}]", ess);
    Moments estimate;
    for (std::uint64_t seed = 0; seed < 2000; ++seed)
      estimate.add(bench.estimate(bench.run(name, 4, seed)));
    CAPTURE(name);
    CHECK(std::abs(estimate.mean() - bench.unnormalised(parse_strategy(name))) <
          3 * estimate.error());
  }
  problem.proposal[""] = {1, 0, 0};
  Bench hopeless(table);
  for (const char* kind : kWeighing) {
    const Result result = hopeless.run(kind, 4, 1);
    CHECK_FALSE(result.chosen);
    if (result.log_z) CHECK(std::exp(*result.log_z) == 0);
  }
}

TEST_CASE("what a proposal never draws is named, where the verifier may accept it") {
  Table table = with_proposal(random_table(28, 3, 3), 28);
  TableProblem& problem = table.problems[0];
  CHECK_FALSE(never_proposed(problem));
  problem.proposal["1,2"] = {.5, 0, .5};
  CHECK(never_proposed(problem) == "1,2,1");
  problem.score["1,2,1"] = 0;
  CHECK_FALSE(never_proposed(problem));
  // What a proposal lacks, the limit lacks.
  problem.score["1,2,1"] = .9;
  const Exact limit = exact(parse_strategy("particle[choose=draw]"), problem);
  CHECK_FALSE(limit.target.contains("1,2,1"));
  CHECK(exact(parse_strategy("best-of"), problem).ceiling >= 0);
}

TEST_CASE("the ledger counts what the policy reads, and a cap on tokens pays for it too") {
  Bench bench(with_proposal(random_table(29, 3, 3), 29));
  const auto ledger = [&](Policy& policy, Caps caps) {
    Search search(bench.problem, policy, bench.verifier, 1, caps);
    run(parse_strategy("particle"), 4, search);
    return search.ledger();
  };
  const Ledger plain = ledger(bench.policy, {}), proposed = ledger(bench.proposed, {});
  CHECK(plain.tokens() == 12);
  CHECK(plain.tokens_scored() == 0);
  CHECK(proposed.tokens() == 12);
  CHECK(proposed.tokens_scored() == 12);
  CHECK(proposed.generations() == 4);
  CHECK(ledger(bench.policy, {.tokens = 8}).tokens() == 8);
  CHECK(ledger(bench.proposed, {.tokens = 8}).tokens() == 4);
}

TEST_CASE("a policy that cannot tell how likely it writes a given step has no proposal") {
  class Blind : public TablePolicy {
   public:
    using TablePolicy::TablePolicy;
    Capabilities capabilities() const override { return {}; }
  };
  Bench bench(with_proposal(random_table(30, 2, 2), 30));
  Blind blind(bench.table);
  CHECK_THROWS_AS(Proposed(blind, bench.proposal), Error);
  CHECK_THROWS_AS(Proposed(bench.policy, blind), Error);
}
