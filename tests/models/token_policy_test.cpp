#include "harness/models/token_policy.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>

#include "harness/base/error.h"
#include "harness/search/proposal.h"
#include "tests/models/plain_gpt.h"
#include "tests/support/data.h"
#include "tests/support/sanitized.h"

using namespace assay;
using namespace assay::models;
using assay::tests::gpt_of;
using assay::tests::letters_model;
using search::Finish;
using search::Prefix;

static search::Problem problem(const std::string& name, const std::string& prompt) {
  search::Problem out;
  out.task_id = name;
  out.prompt = prompt;
  return out;
}

static RandomStream stream(const std::string& name) { return {7, name}; }

/// Prompt and answer as the model has read them.
static std::vector<std::int32_t> all_tokens(const Tokenizer& tokenizer, const std::string& prompt,
                                            const Prefix& prefix) {
  std::vector<std::int32_t> tokens = *prompt_tokens(tokenizer, prompt);
  for (const std::int32_t token : search::tokens_of(prefix)) tokens.push_back(token);
  return tokens;
}

/// The step once more, token by token, each time with everything computed anew.
static void check_step(const Model& model, const std::string& prompt, const Prefix& prefix,
                       RandomStream draws, const search::Sampling& sampling) {
  std::vector<std::int32_t> tokens = all_tokens(*model.tokenizer, prompt, prefix->parent);
  double log_probability = 0;
  for (const std::int32_t token : prefix->tokens) {
    const std::vector<double> logits = tests::plain_logits(model.weights, tokens).back();
    const std::vector<float> rounded(logits.begin(), logits.end());
    CHECK(drawn_token(rounded, sampling, false, draws) == token);
    double sum = 0;
    for (const double logit : logits) sum += std::exp(logit);
    log_probability += logits[std::size_t(token)] - std::log(sum);
    tokens.push_back(token);
  }
  CHECK(*prefix->log_probability == doctest::Approx(log_probability).epsilon(1e-4));
}

TEST_CASE("steps drawn with a cache, in batches and behind forks, are those drawn without") {
  const Model model = letters_model();
  for (const search::Sampling& sampling : {search::Sampling{1, 1}, search::Sampling{0.7, 0.8}}) {
    search::StepRule rule;
    rule.tokens_max = 4;
    TokenPolicy policy(gpt_of(model), rule, sampling);
    const std::vector<std::string> prompts = {"", "abc", "dddcab.\nb", "a"};
    std::vector<Prefix> live;
    std::vector<std::string> prompt_of;
    for (const std::string& prompt : prompts)
      for (int copy = 0; copy < 4; ++copy) {
        live.push_back(policy.open(problem(prompt, prompt)));
        prompt_of.push_back(prompt);
      }
    int steps = 0, forks = 0;
    for (int round = 0; round < 5; ++round) {
      std::vector<search::Ask> asks;
      std::vector<std::size_t> who;
      for (std::size_t i = 0; i < live.size(); ++i) {
        if (live[i]->finish != Finish::open) continue;
        asks.push_back({live[i], stream(fmt::format("{} {}", round, i))});
        who.push_back(i);
      }
      const std::vector<Prefix> next = policy.extend(asks);
      for (std::size_t k = 0; k < next.size(); ++k) {
        CHECK(next[k]->parent == live[who[k]]);
        CHECK(next[k]->tokens_out == std::int64_t(next[k]->tokens.size()));
        check_step(model, prompt_of[who[k]], next[k], stream(fmt::format("{} {}", round, who[k])),
                   sampling);
        live[who[k]] = next[k];
        ++steps;
      }
      for (std::size_t i = 0; i + 1 < live.size(); i += 2)  // one takes the other's place
        if (live[i]->finish == Finish::open) live[i + 1] = live[i], ++forks;
    }
    CHECK(steps >= 25);
    CHECK(forks >= 3);
  }
}

TEST_CASE("a row comes out the same to the last bit alone and among others") {
  const Model model = letters_model(2);
  TokenPolicy policy(gpt_of(model), {"", 1, 30}, {});
  std::vector<Prefix> roots;
  for (int i = 0; i < 11; ++i)
    roots.push_back(policy.open(problem("p", std::string(std::size_t(i), 'c') + "ab")));
  std::vector<search::Ask> asks;
  for (std::size_t i = 0; i < roots.size(); ++i)
    asks.push_back({roots[i], stream(std::to_string(i))});
  const std::vector<Prefix> together = policy.extend(asks);
  for (std::size_t i = 0; i < roots.size(); ++i) {
    search::Ask alone{roots[i], stream(std::to_string(i))};
    const Prefix one = policy.extend({&alone, 1})[0];
    CHECK(one->tokens == together[i]->tokens);
    CHECK(*one->log_probability == *together[i]->log_probability);
  }
}

TEST_CASE(
    "a step ends at its delimiter, its most tokens, a whole answer, and what the model can read") {
  const Model model = letters_model();
  const auto gpt = gpt_of(model);
  const auto walk = [&](const search::StepRule& rule, search::Problem one, int most) {
    TokenPolicy policy(gpt, rule, {});
    Prefix at = policy.open(one);
    for (int i = 0; i < most && at->finish == Finish::open; ++i) {
      search::Ask ask{at, stream(std::to_string(i))};
      at = policy.extend({&ask, 1})[0];
      if (at->finish == Finish::open && !rule.delimiter.empty() && at->tokens_out < rule.tokens_max)
        CHECK(at->text.find(rule.delimiter) != std::string::npos);
      CHECK(at->tokens_out <= rule.tokens_max);
    }
    return at;
  };
  int delimited = 0;
  for (int i = 0; i < 20; ++i) {
    const Prefix end = walk({"b", 9, 100}, problem(std::to_string(i), "a"), 100);
    CHECK(end->finish != Finish::open);
    for (Prefix at = end; at->parent; at = at->parent) delimited += at->text.ends_with('b');
  }
  CHECK(delimited > 5);
  CHECK(walk({"", 1, 3}, problem("few", "a"), 100)->depth <= 3);
  search::Problem whole = problem("whole", "a");
  whole.whole = [](std::string_view text) { return text.size() >= 4; };
  const Prefix end = walk({"\n", 100, 100}, whole, 100);
  CHECK(end->finish == Finish::complete);
  CHECK(search::text_of(end).size() <= 5);
  // The model reads 48 tokens: one begins, 45 are the prompt, two are left.
  const Prefix cut = walk({"", 1, 100}, problem("long", std::string(45, 'c')), 100);
  CHECK(search::tokens_of(cut).size() <= 2);
  CHECK((cut->finish == Finish::cut || cut->finish == Finish::complete));
  const Prefix refused = walk({"", 1, 100}, problem("longer", std::string(60, 'c')), 1);
  CHECK(refused->finish == Finish::refused);
  CHECK(refused->tokens_out == 0);
  TokenPolicy policy(gpt, {}, {});
  CHECK_THROWS_WITH_AS(policy.open(problem("p7", "xyz")),
                       "problem p7: its prompt holds what the model has no token for", Error);
}

TEST_CASE("draws follow the probabilities, the temperature and the nucleus") {
  const std::vector<float> logits = {std::log(.5f), std::log(.3f), std::log(.15f), std::log(.05f)};
  const auto shares = [&](const search::Sampling& sampling) {
    std::vector<double> out(4);
    RandomStream draws(3, "draws");
    for (int i = 0; i < 20000; ++i)
      out[std::size_t(drawn_token(logits, sampling, false, draws))] += 1. / 20000;
    return out;
  };
  const auto check = [](const std::vector<double>& a, const std::vector<double>& b) {
    for (std::size_t i = 0; i < b.size(); ++i) CHECK(std::abs(a[i] - b[i]) < 0.015);
  };
  check(shares({1, 1}), {.5, .3, .15, .05});
  const double z = .25 + .09 + .0225 + .0025;
  check(shares({0.5, 1}), {.25 / z, .09 / z, .0225 / z, .0025 / z});
  check(shares({1, 0.8}), {.625, .375, 0, 0});
  check(shares({1, 0.81}), {.5 / .95, .3 / .95, .15 / .95, 0});
  check(shares({1, 1e-9}), {1, 0, 0, 0});
  RandomStream none(1, "none");
  CHECK(drawn_token(std::vector<float>{1, 2, 2}, {}, true, none) == 1);
}

/// A tool.
static std::string says_cd_behind_b(std::string_view text) {
  return text.ends_with('b') ? "cd" : "";
}

/// All of a text that the policy draws, a step at a time.
static Prefix drawn_text(search::Policy& policy, const search::Problem& problem, int seed) {
  Prefix at = policy.open(problem);
  while (at->finish == Finish::open) {
    search::Ask ask{at, stream(fmt::format("text {} {}", seed, at->depth))};
    at = policy.extend({&ask, 1})[0];
  }
  return at;
}

TEST_CASE("steps of one sampling, weighed by another's, are on average what the other draws" *
          doctest::skip(assay::tests::kSanitized)) {
  const auto gpt = gpt_of(letters_model());
  search::StepRule rule;
  rule.tokens_max = 3;
  rule.steps_max = 2;
  search::Problem asked = problem("p", "ab");
  for (const search::Sampling& target : {search::Sampling{1, 1}, search::Sampling{0.7, 0.8}}) {
    // The second time a tool has something to say, which counts for neither of them.
    if (target.temperature != 1) asked.tool = says_cd_behind_b;
    TokenPolicy policy(gpt, rule, target), sampler(gpt, rule, {1.5, 1});
    search::Proposed proposed(policy, sampler);
    // Of each of 4,000 texts: its weight p/q, and p/q where it holds an `a`.
    double sum = 0, squares = 0, with = 0, with_squares = 0, plain = 0;
    constexpr int kTexts = 4000;
    for (int seed = 0; seed < kTexts; ++seed) {
      const Prefix text = drawn_text(proposed, asked, seed);
      double log_ratio = 0, log_drawn = 0;
      for (Prefix at = text; at->parent; at = at->parent) log_ratio += at->log_ratio;
      const double weight = text->finish == Finish::refused ? 0 : std::exp(log_ratio);
      const double holds = search::text_of(text).find('a') != std::string::npos ? weight : 0;
      sum += weight, squares += weight * weight;
      with += holds, with_squares += holds * holds;
      const Prefix own = drawn_text(policy, asked, seed);
      plain += search::text_of(own).find('a') != std::string::npos;
      for (Prefix at = own; at->parent; at = at->parent) log_drawn += *at->log_drawn;
      if (target.temperature == 1)
        for (Prefix at = own; at->parent; at = at->parent)
          CHECK(*at->log_drawn == *at->log_probability);
      CHECK(log_drawn <= 0);
    }
    const auto error = [](double s, double s2) {
      return std::sqrt((s2 / kTexts - s * s / kTexts / kTexts) / kTexts);
    };
    CHECK(std::abs(sum / kTexts - 1) < 3 * error(sum, squares));
    CHECK(std::abs(with / kTexts - plain / kTexts) <
          3 * (error(with, with_squares) + error(plain, plain)));
  }
}

TEST_CASE(
    "a given step is written as it stands, and refused where the policy would end elsewhere") {
  const auto gpt = gpt_of(letters_model());
  TokenPolicy policy(gpt, {"", 3, 8}, {}), short_steps(gpt, {"", 2, 8}, {}),
      narrow(gpt, {"", 3, 8}, {1, 1e-9});
  const search::Problem asked = problem("p", "ab");
  const auto given = [&](TokenPolicy& to, const Prefix& step) {
    search::Ask ask{to.open(asked), stream("unused"), false, step.get()};
    return to.extend({&ask, 1})[0];
  };
  search::Ask likeliest{policy.open(asked), stream("unused"), true};
  const Prefix greedy = policy.extend({&likeliest, 1})[0];
  int refused = 0;
  for (int i = 0; i < 20; ++i) {
    search::Ask ask{policy.open(asked), stream(fmt::format("step {}", i))};
    const Prefix step = policy.extend({&ask, 1})[0];
    const Prefix again = given(policy, step);
    CHECK(again->key == step->key);
    CHECK(*again->log_drawn == *step->log_drawn);
    CHECK(again->finish == step->finish);
    if (step->tokens.size() == 3) CHECK(given(short_steps, step)->finish == Finish::refused);
    const bool outside = given(narrow, step)->finish == Finish::refused;
    CHECK(outside == (step->key != greedy->key));
    refused += outside;
  }
  CHECK(refused > 0);
  CHECK(refused < 20);
}

TEST_CASE("what a tool says is put in behind its call, is read, and counts as nobody's choice") {
  const Model model = letters_model();
  const auto gpt = gpt_of(model);
  search::Problem asked = problem("p", "a");
  asked.tool = says_cd_behind_b;
  int calls = 0, in_the_middle = 0;
  // A step ends at the call, or goes on behind it.
  for (const search::StepRule& rule : {search::StepRule{"b", 9, 6}, search::StepRule{"d", 9, 6}}) {
    TokenPolicy policy(gpt, rule, {0.8, 0.9});
    for (int seed = 0; seed < 20; ++seed) {
      for (Prefix at = drawn_text(policy, asked, seed); at->parent; at = at->parent) {
        std::vector<std::int32_t> tokens = all_tokens(*model.tokenizer, "a", at->parent);
        double log_probability = 0;
        std::int64_t own = 0;
        std::string text = search::text_of(at->parent);
        for (std::size_t i = 0; i < at->tokens.size(); ++i) {
          const bool put_in = text.ends_with('b') || text.ends_with("bc");
          if (!put_in) {
            const auto logits = tests::plain_logits(model.weights, tokens).back();
            double sum = 0;
            for (const double logit : logits) sum += std::exp(logit);
            log_probability += logits[std::size_t(at->tokens[i])] - std::log(sum);
            ++own;
          }
          if (!model.tokenizer->ends(at->tokens[i]))
            text += model.tokenizer->text(at->tokens[i], tokens.back());
          tokens.push_back(at->tokens[i]);
        }
        CHECK(text == search::text_of(at));
        CHECK(at->tokens_out == own);
        CHECK(*at->log_probability == doctest::Approx(log_probability).epsilon(1e-4));
        const std::size_t call = at->text.find('b');
        if (call == std::string::npos || tokens.size() >= 48) continue;
        CHECK(at->text.substr(call, 3) == "bcd");
        ++calls, in_the_middle += at->text.size() > call + 3;
      }
    }
  }
  CHECK(calls > 20);
  CHECK(in_the_middle == 0);  // by either rule the step is over behind it
  TokenPolicy lines(gpt, {"\n", 20, 3}, {});
  for (int seed = 0; seed < 20; ++seed) {
    const std::string text = search::text_of(drawn_text(lines, asked, seed));
    const std::size_t call = text.find('b');
    in_the_middle += call != std::string::npos && text.size() > call + 3;
  }
  CHECK(in_the_middle > 5);
}

TEST_CASE("a given step is refused where another tool has spoken, or none") {
  const auto gpt = gpt_of(letters_model());
  TokenPolicy policy(gpt, {"b", 9, 6}, {});
  search::Problem with = problem("p", "a"), without = with, other = with;
  with.tool = says_cd_behind_b;
  other.tool = [](std::string_view text) { return text.ends_with('b') ? "ca" : ""; };
  const auto given = [&](const search::Problem& to, const Prefix& step) {
    search::Ask ask{policy.open(to), stream("unused"), false, step.get()};
    return policy.extend({&ask, 1})[0];
  };
  int spoke = 0;
  for (int i = 0; i < 20; ++i) {
    search::Ask ask{policy.open(with), stream(fmt::format("step {}", i))};
    const Prefix step = policy.extend({&ask, 1})[0];
    const Prefix again = given(with, step);
    CHECK(again->key == step->key);
    CHECK(again->tokens_out == step->tokens_out);
    CHECK(*again->log_drawn == *step->log_drawn);
    if (!step->text.ends_with("bcd")) continue;
    ++spoke;
    CHECK(given(without, step)->finish == Finish::refused);
    CHECK(given(other, step)->finish == Finish::refused);
    search::Ask plain{policy.open(without), stream(fmt::format("step {}", i))};
    CHECK(given(with, policy.extend({&plain, 1})[0])->finish == Finish::refused);
  }
  CHECK(spoke > 5);
}

TEST_CASE("a tool that says what the model has no token for is named with what it said") {
  TokenPolicy policy(gpt_of(letters_model()), {"", 1, 6}, {});
  search::Problem asked = problem("p", "a");
  asked.tool = [](std::string_view) { return "xyz"; };
  search::Ask ask{policy.open(asked), stream("step")};
  CHECK_THROWS_WITH_AS(policy.extend({&ask, 1}),
                       "the model has no token for what the tool of the task says: `xyz`; take one "
                       "that was trained for it",
                       Error);
}

TEST_CASE("tokens are the same where each says the same") {
  const auto pieces = [](std::vector<std::string> texts) {
    return PieceTokenizer::of(std::move(texts));
  };
  CHECK(same_tokens(pieces({"a", "b"}), pieces({"a", "b"})));
  CHECK_FALSE(same_tokens(pieces({"a", "b"}), pieces({"b", "a"})));
  CHECK_FALSE(same_tokens(pieces({"a", "b"}), pieces({"a", "b", "c"})));
  CHECK_FALSE(same_tokens(PieceTokenizer({"a", "b"}, 2, 3), PieceTokenizer({"a", "b"}, 3, 2)));
}

TEST_CASE("the story model tells its story, as a slow computation does" *
          doctest::skip(assay::tests::kSanitized)) {
  const std::string file = tests::data_file("models/stories260K.bin"),
                    tokenizer = tests::data_file("models/tok512.bin");
  ASSAY_NEEDS_DATA(file);
  const Model model = load_llama2c(file, tokenizer);
  TokenPolicy policy(std::make_shared<Gpt>(model), {"", 1, 600}, {});
  Prefix at = policy.open(problem("story", ""));
  std::vector<std::int32_t> tokens = {1};
  std::vector<double> told;
  while (at->finish == Finish::open) {
    search::Ask ask{at, stream("greedy"), true};
    at = policy.extend({&ask, 1})[0];
    tokens.push_back(at->tokens.at(0));
    told.push_back(*at->log_probability);
  }
  const std::string text = search::text_of(at);
  CHECK(text.starts_with("Once upon a time, there was a little girl named"));
  CHECK(at->finish == Finish::complete);
  CHECK(told.size() > 60);
  const auto logits = tests::plain_logits(model.weights, {tokens.begin(), tokens.end() - 1});
  for (std::size_t t = 0; t < told.size(); ++t) {
    const auto best = std::max_element(logits[t].begin(), logits[t].end());
    CHECK(best - logits[t].begin() == tokens[t + 1]);
    double sum = 0;
    for (const double logit : logits[t]) sum += std::exp(logit - *best);
    CHECK(told[t] == doctest::Approx(-std::log(sum)).epsilon(1e-3));
  }
  // What it tells is read back as the same tokens.
  const auto again = prompt_tokens(*model.tokenizer, text);
  REQUIRE(again);
  CHECK(std::vector(tokens.begin(), tokens.end() - 1) == *again);
}
