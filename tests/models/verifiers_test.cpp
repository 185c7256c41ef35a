#include "harness/models/verifiers.h"

#include <doctest/doctest.h>

#include <cmath>

#include "harness/base/random.h"
#include "tests/models/plain_gpt.h"
#include "tests/support/scratch.h"

using namespace assay;
using namespace assay::models;
using assay::tests::gpt_of;
using assay::tests::letters_model;
using search::Prefix;

static search::Problem problem(const std::string& prompt) {
  search::Problem out;
  out.task_id = "p";
  out.prompt = prompt;
  return out;
}

static Prefix prefix_of(const std::vector<std::string>& steps) {
  Prefix at = search::make_root("p");
  for (const std::string& step : steps) {
    search::Node node;
    node.text = step;
    at = search::behind(at, std::move(node));
  }
  return at;
}

/// The score of the header's formula, with everything computed anew.
static double plain_score(const Model& model, const std::string& prompt,
                          const std::vector<std::string>& steps) {
  std::vector<std::int32_t> tokens = *prompt_tokens(*model.tokenizer, prompt);
  double log_score = 0;
  for (const std::string& step : steps) {
    const std::vector<std::int32_t> own = *model.tokenizer->encode(step);
    double sum = 0;
    for (const std::int32_t token : own) {
      const std::vector<double> logits = tests::plain_logits(model.weights, tokens).back();
      double all = 0;
      for (const double logit : logits) all += std::exp(logit);
      sum += logits[std::size_t(token)] - std::log(all);
      tokens.push_back(token);
    }
    log_score += sum / double(own.size());
  }
  return std::exp(log_score);
}

TEST_CASE(
    "a generative verifier scores by its formula, whatever it has kept and whoever asks with") {
  const Model model = letters_model(3);
  const search::Problem p = problem("abc");
  const std::vector<std::vector<std::string>> all = {
      {"a"}, {"a", "bd\n"}, {"ab"}, {"ab", "c", "d", "a"}, {"a", "bd\n", "dab"}, {}, {"ccc"}};
  std::vector<Prefix> prefixes;
  for (const auto& steps : all) prefixes.push_back(prefix_of(steps));
  GenerativeVerifier verifier(gpt_of(model));
  const std::vector<search::Score> together = verifier.score(p, prefixes);
  for (std::size_t i = 0; i < all.size(); ++i) {
    CHECK(together[i].judged);
    CHECK(together[i].value == doctest::Approx(plain_score(model, "abc", all[i])).epsilon(1e-4));
    GenerativeVerifier fresh(gpt_of(model));
    CHECK(fresh.score(p, {&prefixes[i], 1})[0].value == together[i].value);
    CHECK(verifier.score(p, {&prefixes[i], 1})[0].value == together[i].value);
  }
  // Another problem of the same name is another problem.
  CHECK(verifier.score(problem("dd"), {&prefixes[1], 1})[0].value ==
        doctest::Approx(plain_score(model, "dd", all[1])).epsilon(1e-4));
}

TEST_CASE("what a model cannot read is not judged, and neither is what stands behind it") {
  GenerativeVerifier verifier(gpt_of(letters_model()));
  const std::vector<Prefix> prefixes = {prefix_of({"a", "x"}), prefix_of({"a", "x", "a"}),
                                        prefix_of({"a", std::string(60, 'd')}),
                                        prefix_of({"a", ""})};
  const std::vector<search::Score> scores = verifier.score(problem("b"), prefixes);
  CHECK(!scores[0].judged);
  CHECK(!scores[1].judged);
  CHECK(!scores[2].judged);
  CHECK(scores[3].judged);
  const Prefix a = prefix_of({"a"});
  CHECK(scores[3].value == verifier.score(problem("b"), {&a, 1})[0].value);
  CHECK(!verifier.score(problem("?"), {&a, 1})[0].judged);
}

TEST_CASE("a value head gives the probability at a prefix's last token") {
  Model model = letters_model(4);
  model.weights.config.value = true;
  RandomStream stream(1, "head");
  for (int i = 0; i < 25; ++i) model.weights.value.push_back(static_cast<float>(stream.normal()));
  const auto gpt = gpt_of(model);
  ValueVerifier verifier(gpt);
  const std::vector<Prefix> prefixes = {prefix_of({"ab", "c"}), prefix_of({"ab"}),
                                        prefix_of({"ab", "c", ".d"})};
  const std::vector<search::Score> scores = verifier.score(problem("aa"), prefixes);
  for (std::size_t i = 0; i < prefixes.size(); ++i) {
    std::vector<std::int32_t> tokens = *prompt_tokens(*model.tokenizer, "aa");
    for (int depth = 1; depth <= prefixes[i]->depth; ++depth) {
      const auto own = model.tokenizer->encode(search::first_steps(prefixes[i], depth)->text);
      tokens.insert(tokens.end(), own->begin(), own->end());
    }
    const double odds = gpt->values(chain(nullptr, tokens)).back();
    CHECK(scores[i].value == doctest::Approx(1 / (1 + std::exp(-odds))).epsilon(1e-12));
  }
  CHECK(scores[0].value != scores[1].value);
  // So the whole as one step is worth the same: with it, aggregate=model is the same as last.
  const Prefix whole = prefix_of({"abc.d"});
  CHECK(verifier.score(problem("aa"), {&whole, 1})[0].value == scores[2].value);
}

TEST_CASE("a step is read as what goes on, not as a text of its own") {
  // A space was put before each step where the tokenizer was llama2.c's: the verifier read, and scored,
  // another text than the one that was written.
  const tests::Scratch scratch;
  tests::write_llama2c(scratch.path("m.bin"), scratch.path("t.bin"));
  Model model = load_llama2c(scratch.path("m.bin"), scratch.path("t.bin"));
  model.weights.config.value = true;
  RandomStream stream(1, "head");
  for (int i = 0; i < 17; ++i) model.weights.value.push_back(static_cast<float>(stream.normal()));
  const auto gpt = std::make_shared<Gpt>(model);
  ValueVerifier verifier(gpt);
  const Prefix end = prefix_of({"ca.", " ab"});
  for (const std::string prompt : {"ab", ""}) {
    const auto tokens = prompt_tokens(*model.tokenizer, prompt + "ca. ab");
    const double odds = gpt->values(chain(nullptr, *tokens)).back();
    CHECK(verifier.score(problem(prompt), {&end, 1})[0].value ==
          doctest::Approx(1 / (1 + std::exp(-odds))).epsilon(1e-12));
  }
}
