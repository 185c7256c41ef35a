#include "harness/endpoint/reward.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "harness/base/error.h"
#include "harness/base/text_file.h"
#include "tests/endpoint/scripted_server.h"
#include "tests/support/scratch.h"

using namespace assay;
using namespace assay::endpoint;
using nlohmann::json;
using search::Prefix;
using tests::http;
using tests::ScriptedServer;

namespace {

const std::atomic<bool> kGoOn = false;

std::vector<Prefix> three() {
  std::vector<Prefix> out;
  for (const char* text : {"a", "b", "c"}) {
    search::Node step;
    step.text = text;
    out.push_back(search::behind(search::make_root("t"), std::move(step)));
  }
  return out;
}

struct Asked {
  std::vector<search::Score> scores;
  std::vector<std::string> requests;
  std::int64_t refused;
};
Asked scores_by(const std::string& path, std::vector<std::string> answers) {
  ScriptedServer server(std::move(answers));
  ClientOptions options;
  options.pause_first = 0.001;
  options.attempts_max = 2;
  Client client(options, kGoOn);
  Replies replies;
  RewardVerifier verifier(server.url() + path, "rm", client, replies);
  const search::Problem problem{"t", "p ", {}, 0, {}, 0};
  const auto scores = verifier.score(problem, three());
  return {scores, server.requests(), verifier.refused()};
}

}  // namespace

TEST_CASE("vLLM's forms: by index, and what is missing is asked again") {
  const Asked asked = scores_by(
      "/classify",
      {http(200, R"({"data": [{"index": 2, "probs": [0.7, 0.3]}, {"index": 0, "probs": [0.9]}]})"),
       http(200, R"({"data": [{"index": 0, "probs": [0.25, 0.75]}]})")});
  CHECK(asked.scores[0].value == 0.9);
  CHECK(asked.scores[1].value == 0.75);
  CHECK(asked.scores[2].value == 0.3);
  REQUIRE(asked.requests.size() == 2);
  CHECK(asked.requests[0].find(R"("input":["p a","p b","p c"],"model":"rm")") != std::string::npos);
  CHECK(asked.requests[1].find(R"("input":["p b"])") != std::string::npos);
  const Asked pairs = scores_by("/score", {http(200, R"({"data": [{"index": 0, "score": 0.1},
    {"index": 1, "score": null}, {"index": 2, "score": 1}]})")});
  CHECK(pairs.scores[0].value == 0.1);
  CHECK_FALSE(pairs.scores[1].judged);
  CHECK(pairs.scores[2].value == 1);
  CHECK(pairs.refused == 0);
}

TEST_CASE("a score whose index is none, or that has another beside it, is not taken by its place") {
  for (const char* answer : {R"({"data": [{"index": -1, "score": 0.9}, {"index": "1", "score": 0.9},
                                          {"index": 2, "score": 0.3}]})",
                             R"({"data": [{"index": 0, "score": 0.9}, {"index": 2, "score": 0.3},
                                          {"index": 0, "score": 0.8}]})"}) {
    CAPTURE(answer);
    const Asked asked = scores_by(
        "/score", {http(200, answer), http(200, R"({"data": [{"index": 0, "score": 0.5}]})")});
    CHECK(asked.scores[0].value == 0.5);
    CHECK(asked.scores[1].value == 0.5);
    CHECK(asked.scores[2].value == 0.3);
    CHECK(asked.requests.size() == 3);
  }
  const Asked never =
      scores_by("/score", {http(200, R"({"data": [{"index": -1, "score": 0.9}]})")});
  CHECK(never.refused == 3);
  CHECK(never.scores[0].lost);
}

TEST_CASE("a kept score that is none is told as such, and not believed") {
  tests::Scratch scratch;
  ScriptedServer server({http(200, R"({"score": 0.5})")});
  Client client({}, kGoOn);
  const search::Problem problem{"t", "p ", {}, 0, {}, 0};
  const std::string path = scratch.path("replies.jsonl");
  {
    Replies replies(path);
    RewardVerifier(server.url() + "/judge", "", client, replies).score(problem, three());
  }
  for (const char* by : {"7", "\"0.5\"", "-1"}) {
    CAPTURE(by);
    std::string text = read_text_file(path);
    Replies replies(scratch.write("spoilt.jsonl", text.replace(text.find("0.5"), 3, by)));
    RewardVerifier verifier(server.url() + "/judge", "", client, replies);
    CHECK_THROWS_WITH_AS(verifier.score(problem, three()),
                         doctest::Contains("a reply of another form"), Error);
  }
}

TEST_CASE("a raw number goes through the logistic function, pairs after steps do not") {
  CHECK(pooled_score(json(0.0), "x") == 0.5);
  CHECK(pooled_score({2.0}, "x") == doctest::Approx(0.8807970780));
  CHECK(pooled_score({{-1.0}, {2.0}}, "x") == doctest::Approx(0.8807970780));
  CHECK(pooled_score({{0.9, 0.1}, {0.25, 0.75}}, "x") == 0.75);
  CHECK(pooled_score({{1.0, 3.0}}, "x") == doctest::Approx(0.8807970780));
  for (const json& bad :
       {json::array(), json({0.1, 0.2, 0.3}), json({{0.1, 0.2, 0.3}}), json("x"), json()})
    CHECK_THROWS_AS(pooled_score(bad, "x"), Error);
}

TEST_CASE("what the server refuses to score is not judged, and is not 0") {
  const Asked asked = scores_by(
      "/judge", {http(422, "{}"), http(200, R"({"score": 0.5})"), http(200, R"({"score": null})")});
  int judged = 0;
  for (const search::Score& score : asked.scores) judged += score.judged;
  CHECK(judged == 1);
  CHECK(asked.refused == 1);
  CHECK(asked.requests.size() == 3);
  CHECK_THROWS_WITH_AS(scores_by("/judge", {http(401, "{}")}), doctest::Contains("401"), Error);
  CHECK_THROWS_WITH_AS(scores_by("/judge", {http(200, R"({"score": -3})")}),
                       doctest::Contains("-3"), Error);
  CHECK_THROWS_WITH_AS(
      scores_by("/classify", {http(200, R"({"data": [{"index": 0, "probs": [1, 2, 3]}]})")}),
      doctest::Contains("`probs`"), Error);
}
