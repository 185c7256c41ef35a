#include <doctest/doctest.h>
#include <torch/script.h>

#include <cmath>

#include "harness/base/error.h"
#include "harness/models/libmodel_room.h"
#include "harness/models/token_policy.h"
#include "tests/support/scratch.h"

using namespace assay;
using namespace assay::models;

static const LibmodelRoom kRoom;

/// A module of this forward, in a file.
static std::string module_file(const tests::Scratch& scratch, const std::string& name,
                               const std::string& forward) {
  torch::jit::Module module("M");
  module.define("def forward(self, tokens: Tensor):\n" + forward);
  const std::string path = scratch.path(name);
  module.save(path);
  return path;
}

/// Logits of four tokens: the next is the sum of all so far, modulo 4, four times likelier than others.
static const char* kSums =
    "  sums = torch.cumsum(tokens, 1) % 4\n"
    "  return torch.one_hot(sums, 4) * 1.3862943611198906\n";
static const char* kPieces = R"({"pieces": ["a", "b", "c", "."], "end": 3})";

TEST_CASE("a module proposes steps by its logits, in the pieces that stand beside it") {
  const tests::Scratch scratch;
  const std::string path = module_file(scratch, "sums.pt", kSums);
  scratch.write("sums.pt.json", kPieces);
  TokenPolicy policy(kRoom.module_model(path), {"", 1, 20}, {});
  search::Problem problem;
  problem.task_id = "p", problem.prompt = "bb";
  std::vector<search::Prefix> prefixes(60, policy.open(problem));
  problem.prompt = "b";
  prefixes.push_back(policy.open(problem));
  int likely = 0, all = 0;
  for (int depth = 0; depth < 4; ++depth) {
    std::vector<search::Ask> asks;
    for (std::size_t i = 0; i < prefixes.size(); ++i)
      if (prefixes[i]->finish == search::Finish::open)
        asks.push_back({prefixes[i], RandomStream(depth, std::to_string(i))});
    std::vector<search::Prefix> next = policy.extend(asks);
    for (std::size_t k = 0; k < next.size(); ++k) {
      int sum = asks[k].prefix->state == prefixes.back()->state ? 1 : 2;
      for (const std::int32_t token : search::tokens_of(asks[k].prefix)) sum += token;
      const bool as_likely = next[k]->tokens.at(0) == sum % 4;
      CHECK(*next[k]->log_probability == doctest::Approx(std::log(as_likely ? 4 / 7. : 1 / 7.)));
      CHECK((next[k]->finish == search::Finish::complete) == (next[k]->tokens[0] == 3));
      likely += as_likely, ++all;
    }
    prefixes = std::move(next);
  }
  CHECK(std::abs(likely / double(all) - 4 / 7.) < 0.15);
}

TEST_CASE("a module as a verifier scores the tokens of prompt and answer") {
  const tests::Scratch scratch;
  const std::string path =
      module_file(scratch, "v.pt", "  return torch.mean((tokens == 1) * 1.0, 1)\n");
  scratch.write("v.pt.json", kPieces);
  const auto verifier = kRoom.module_verifier(path);
  search::Problem problem;
  problem.task_id = "p", problem.prompt = "ab";
  const search::Prefix root = search::make_root("p");
  const auto step = [&](const search::Prefix& from, const std::string& text) {
    search::Node node;
    node.text = text;
    return search::behind(from, std::move(node));
  };
  const std::vector<search::Prefix> prefixes = {root, step(root, "b"), step(step(root, "b"), "aa"),
                                                step(root, "x"), step(root, "c")};
  const std::vector<search::Score> scores = verifier->score(problem, prefixes);
  CHECK(scores[0].value == doctest::Approx(.5));
  CHECK(scores[1].value == doctest::Approx(2 / 3.));
  CHECK(scores[2].value == doctest::Approx(.4));
  CHECK(!scores[3].judged);
  CHECK(scores[4].value == doctest::Approx(1 / 3.));
}

TEST_CASE("a module that does not keep to its signature is refused in one sentence") {
  const tests::Scratch scratch;
  const auto refusal = [&](const std::string& forward, const std::string& beside) -> std::string {
    const std::string path = module_file(scratch, "bad.pt", forward);
    scratch.write("bad.pt.json", beside);
    try {
      TokenPolicy policy(kRoom.module_model(path), {}, {});
    } catch (const Error& error) {
      CHECK(std::string(error.what()).find('\n') == std::string::npos);
      return error.what();
    }
    return "nothing";
  };
  CHECK(refusal(kSums, kPieces) == "nothing");
  CHECK(refusal("  return tokens * 1.0\n", kPieces).find("[B,T,V]") != std::string::npos);
  CHECK(refusal("  return (tokens / 0.0).unsqueeze(2).expand(-1, -1, 4)\n", kPieces)
            .find("not finite") != std::string::npos);
  CHECK(
      refusal("  assert False, 'no'\n  return tokens\n", kPieces).ends_with("AssertionError: no"));
  CHECK(refusal(kSums, R"({"pieces": ["a", "b"]})").find("vocabulary of 4") != std::string::npos);
  CHECK(refusal(kSums, R"({"pieces": ["a", "a", "b", "c"]})").find("twice") != std::string::npos);
  CHECK(refusal(kSums, R"({"pieces": 4})").find("`pieces`") != std::string::npos);
  CHECK(refusal(kSums, "[").find("`pieces`") != std::string::npos);
  CHECK(refusal(kSums, R"({"pieces": ["a", "b", "c", "."], "end": -1})").find("`end`") !=
        std::string::npos);
  CHECK_THROWS_AS(kRoom.module_model(scratch.write("no.pt", "no module")), Error);
  CHECK_THROWS_AS(kRoom.module_model(scratch.path("missing.pt")), Error);
}
