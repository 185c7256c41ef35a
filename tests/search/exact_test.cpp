// Each strategy against what can be enumerated: minutes under a sanitizer, so a program of its own.
#include "harness/search/exact.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "harness/base/error.h"
#include "harness/base/words.h"
#include "harness/search/strategies.h"
#include "tests/search/bench.h"

using namespace assay;
using namespace assay::search;
using Bench = tests::SearchBench;
using tests::Distribution;
using tests::Moments;
using tests::total_variation;
using tests::weights_of;

TEST_CASE("the unnormalised particle estimate is unbiased, however few particles there are") {
  Bench bench(tests::random_table(1, 3, 3));
  for (const char* resampling : {"multinomial", "systematic", "residual"}) {
    for (const char* ess : {"1", "0.5", "0"}) {
      for (const int n : {1, 2, 8}) {
        const std::string name =
            fmt::format("particle[weights=probability,resample={},ess={}]", resampling, ess);
        Moments estimate;
        for (std::uint64_t seed = 0; seed < 4000; ++seed) {
          estimate.add(bench.estimate(bench.run(name, n, seed)));
        }
        CAPTURE(name);
        CAPTURE(n);
        const double z =
            (estimate.mean() - bench.unnormalised(parse_strategy(name))) / estimate.error();
        CHECK(std::abs(z) < 3);
      }
    }
  }
}

TEST_CASE("the self-normalised particle estimate errs by about 1/N") {
  Bench bench(tests::random_table(2, 3, 3));
  const std::string name = "particle[weights=probability,choose=draw]";
  const double exact_value = exact(parse_strategy(name), bench.table.problems[0]).ceiling;
  std::map<int, double> bias;
  for (const int n : {2, 4, 8, 16}) {
    Moments estimate;
    for (std::uint64_t seed = 0; seed < 20000; ++seed) {
      const Result result = bench.run(name, n, seed);
      const std::vector<double> weights = weights_of(result);
      double right = 0;
      for (std::size_t i = 0; i < weights.size(); ++i)
        right += weights[i] * bench.truth(result.pool[i]);
      estimate.add(right);
    }
    bias[n] = estimate.mean() - exact_value;
    MESSAGE("n " << n << " bias " << bias[n] << " +- " << estimate.error());
  }
  CHECK(std::abs(bias[16]) < std::abs(bias[2]) / 4);
}

TEST_CASE("each weighting and aggregate draws from its own enumerated target") {
  Bench bench(tests::random_table(3, 3, 3));
  for (const char* weights : {"odds", "probability", "softmax"}) {
    for (const char* aggregate : {"last", "min", "prod", "model"}) {
      const std::string name =
          fmt::format("particle[weights={},aggregate={},choose=draw]", weights, aggregate);
      Distribution drawn;
      constexpr int kRuns = 8, kParticles = 4000;
      for (std::uint64_t seed = 0; seed < kRuns; ++seed) {
        const Result result = bench.run(name, kParticles, seed);
        const std::vector<double> w = weights_of(result);
        for (std::size_t i = 0; i < w.size(); ++i)
          drawn[bench.problem.answer(result.pool[i].prefix)] += w[i] / kRuns;
      }
      CAPTURE(name);
      CHECK(total_variation(drawn, exact(parse_strategy(name), bench.table.problems[0]).target) <
            .03);
    }
  }
}

TEST_CASE("a sweep of particle Gibbs leaves an exact draw invariant") {
  Bench bench(tests::random_table(4, 3, 3));
  for (const char* ess : {"1", "0.5"}) {
    const Strategy strategy =
        parse_strategy(fmt::format("gibbs[weights=odds,choose=draw,ess={}]", ess));
    const Distribution target = exact(strategy, bench.table.problems[0]).target;
    Distribution after;
    constexpr int kRuns = 20000;
    for (std::uint64_t seed = 0; seed < kRuns; ++seed) {
      Search search(bench.problem, bench.policy, bench.verifier, seed);
      RandomStream stream(seed, "exact draw");
      double left = stream.uniform();
      std::string name;
      for (const auto& [sequence, p] : target) {
        name = sequence;
        if ((left -= p) < 0) break;
      }
      Candidate reference;
      reference.prefix = search.root();
      for (const std::string& symbol : split(name, ',')) {
        Node step;
        step.tokens = {std::stoi(symbol)};
        step.text = (reference.prefix->depth ? "," : "") + symbol;
        step.state = reference.prefix->state;
        step.finish = reference.prefix->depth == 2 ? Finish::complete : Finish::open;
        const Prefix longer = behind(reference.prefix, step);
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

TEST_CASE("swapping chains is in detailed balance, and the first chain keeps its target") {
  Bench bench(tests::random_table(5, 3, 2));
  const Strategy strategy = parse_strategy("tempering[chains=3,sweeps=6,choose=draw,weights=odds]");
  RandomStream stream(5, "pairs");
  for (int i = 0; i < 100; ++i) {
    const double a = 1, b = 0.5, x = 4 * stream.normal(), y = 4 * stream.normal();
    // pi_a(x) pi_b(y) A(x, y) = pi_a(y) pi_b(x) A(y, x), where pi_t is p times exp(t g).
    const double there = std::exp(a * x + b * y) * swap_probability(a, b, x, y);
    const double back = std::exp(a * y + b * x) * swap_probability(a, b, y, x);
    CHECK(there == doctest::Approx(back));
  }
  const double nothing = -std::numeric_limits<double>::infinity();
  CHECK(swap_probability(1, .5, nothing, 0) == 1);
  CHECK(swap_probability(1, .5, 0, nothing) == 0);
  CHECK(swap_probability(1, .5, nothing, nothing) == 1);
  Distribution drawn;
  constexpr int kRuns = 8000;
  for (std::uint64_t seed = 0; seed < kRuns; ++seed)
    drawn[bench.problem.answer(bench.run(strategy.name, 90, seed).chosen->prefix)] += 1.0 / kRuns;
  CHECK(total_variation(drawn, exact(strategy, bench.table.problems[0]).target) < .03);
}

namespace {

/// All that `width` draws behind a prefix can be, and how probable each is: by brute force.
using Outcome = std::pair<std::vector<int>, double>;
std::vector<Outcome> outcomes(const std::vector<double>& p, int draws) {
  std::vector<Outcome> all = {{{}, 1}};
  for (int d = 0; d < draws; ++d) {
    std::vector<Outcome> next;
    for (const auto& [symbols, q] : all) {
      for (std::size_t s = 0; s < p.size(); ++s) {
        next.push_back({symbols, q * p[s]});
        next.back().first.push_back(static_cast<int>(s));
      }
    }
    all = std::move(next);
  }
  return all;
}

/// Two steps of DVTS with one tree, or of a beam that keeps one of `width`.
Distribution best_of_two_steps(const TableProblem& problem, int width) {
  Distribution out;
  for (const auto& [first, q] : outcomes(problem.probabilities(""), width)) {
    int kept = first[0];
    for (const int s : first)
      if (problem.score_of(std::to_string(s)) > problem.score_of(std::to_string(kept))) kept = s;
    const std::string prefix = std::to_string(kept);
    for (const auto& [second, r] : outcomes(problem.probabilities(prefix), width)) {
      std::string best = prefix + "," + std::to_string(second[0]);
      for (const int s : second) {
        const std::string name = prefix + "," + std::to_string(s);
        if (problem.score_of(name) > problem.score_of(best)) best = name;
      }
      out[best] += q * r;
    }
  }
  return out;
}

/// The better of two independent trees.
Distribution better_of_two(const TableProblem& problem, const Distribution& tree) {
  Distribution out;
  for (const auto& [a, p] : tree)
    for (const auto& [b, q] : tree) out[problem.score_of(b) > problem.score_of(a) ? b : a] += p * q;
  return out;
}

/// Two steps of a beam of 4 that keeps the best 2, each extended twice; 4 times where only one is left.
Distribution beam_of_four(const TableProblem& problem) {
  Distribution out;
  for (const auto& [first, q] : outcomes(problem.probabilities(""), 4)) {
    std::set<int> distinct(first.begin(), first.end());
    std::vector<int> kept(distinct.begin(), distinct.end());
    std::sort(kept.begin(), kept.end(), [&](int a, int b) {
      return problem.score_of(std::to_string(a)) > problem.score_of(std::to_string(b));
    });
    if (kept.size() > 2) kept.resize(2);
    const int copies = kept.size() == 2 ? 2 : 4;
    std::vector<std::pair<std::string, double>> best = {{"", q}};
    for (const int s : kept) {
      std::vector<std::pair<std::string, double>> next;
      for (const auto& [so_far, mass] : best) {
        for (const auto& [second, r] : outcomes(problem.probabilities(std::to_string(s)), copies)) {
          std::string winner = so_far;
          for (const int t : second) {
            const std::string name = std::to_string(s) + "," + std::to_string(t);
            if (winner.empty() || problem.score_of(name) > problem.score_of(winner)) winner = name;
          }
          next.emplace_back(winner, mass * r);
        }
      }
      best = std::move(next);
    }
    for (const auto& [name, mass] : best) out[name] += mass;
  }
  return out;
}

}  // namespace

TEST_CASE("beam search and DVTS answer as brute force says") {
  Table table = tests::random_table(6, 3, 2);
  double next = 0.01;  // no two scores are equal, so that no tie has to be drawn
  for (auto& [prefix, score] : table.problems[0].score) score = next += 0.07 - 0.02 * (next > .3);
  std::swap(table.problems[0].score["0,1"], table.problems[0].score["2,2"]);
  std::swap(table.problems[0].score["1"], table.problems[0].score["0,2"]);
  Bench bench(table);
  const TableProblem& problem = bench.table.problems[0];
  const Distribution tree = best_of_two_steps(problem, 3);
  struct Case {
    const char* name;
    int n;
    Distribution expected;
  };
  const Case cases[] = {{"dvts[width=3]", 3, tree},
                        {"dvts[width=3]", 6, better_of_two(problem, tree)},
                        {"beam[width=3]", 3, tree},
                        {"beam[width=2]", 4, beam_of_four(problem)}};
  for (const Case& one : cases) {
    Distribution drawn;
    constexpr int kRuns = 20000;
    for (std::uint64_t seed = 0; seed < kRuns; ++seed)
      drawn[bench.problem.answer(bench.run(one.name, one.n, seed).chosen->prefix)] += 1.0 / kRuns;
    CAPTURE(one.name);
    CAPTURE(one.n);
    CHECK(total_variation(drawn, one.expected) < .015);
  }
}

TEST_CASE("with many generations every strategy is at its enumerated ceiling") {
  Table table = tests::random_table(8, 2, 3);
  for (auto& [prefix, p] :
       table.problems[0].policy) {  // no answer is nearly as frequent as the most frequent
    const double cubes = p[0] * p[0] * p[0] + p[1] * p[1] * p[1];
    for (double& x : p) x = x * x * x / cubes;
  }
  Bench bench(table);
  for (const auto& [name, kind] : strategy_names()) {
    if (kind == Kind::rational) continue;  // it gives up, by design
    std::vector<std::string> forms = {name};
    if (kind == Kind::particle || kind == Kind::entropic_particle || kind == Kind::gibbs ||
        kind == Kind::tempering) {
      for (const char* choice : {"vote", "draw"}) forms.push_back(name + "[choose=" + choice + "]");
    }
    for (const std::string& form : forms) {
      Distribution drawn;
      constexpr int kRuns = 200;
      double abstained = 0;
      for (std::uint64_t seed = 0; seed < kRuns; ++seed) {
        const bool votes = kind == Kind::majority || kind == Kind::weighted_best_of;
        const Result result = bench.run(form, votes ? 3000 : 400, seed);
        if (result.chosen)
          drawn[bench.problem.answer(result.chosen->prefix)] += 1.0 / kRuns;
        else
          abstained += 1.0 / kRuns;
      }
      CAPTURE(form);
      const Exact limit = exact(parse_strategy(form), bench.table.problems[0]);
      CHECK(abstained == limit.abstains);
      double accuracy = 0;
      for (const auto& [sequence, p] : drawn)
        accuracy += p * bench.table.problems[0].truth_of(sequence);
      CHECK(std::abs(accuracy - limit.ceiling) < .09);  // three standard errors of 300 runs
    }
  }
}
