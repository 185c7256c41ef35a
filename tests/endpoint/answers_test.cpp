#include "harness/endpoint/answers.h"

#include <doctest/doctest.h>

#include <atomic>
#include <nlohmann/json.hpp>

#include "harness/base/error.h"
#include "tests/endpoint/scripted_server.h"

using namespace assay;
using namespace assay::endpoint;
using nlohmann::json;
using tests::http;
using tests::ScriptedServer;

namespace {

const std::atomic<bool> kGoOn = false;

json choice(int index, const char* text, const char* finish = "stop") {
  return {{"index", index}, {"text", text}, {"finish_reason", finish}};
}

struct Result {
  std::vector<Drawn> drawn;
  std::vector<NotDrawn> lost;
  std::vector<json> asked;
};
/// Three answers of one prompt, of seeds from 100, one request at a time.
Result draw(const ScriptedServer& server) {
  ClientOptions client_options;
  client_options.in_flight = 1;
  client_options.pause_first = 0.01;
  client_options.attempts_max = 2;
  Client client(client_options, kGoOn);
  AnswerOptions options;
  options.url = server.url();
  options.drawing.model = "m";
  AnswerSource source(options, client);
  Result out;
  out.lost = source.draw({{"p", 100, {0, 1, 2}}}, [&](std::span<const Drawn> drawn) {
    out.drawn.insert(out.drawn.end(), drawn.begin(), drawn.end());
  });
  for (const std::string& request : server.requests())
    out.asked.push_back(json::parse(request.substr(request.find("\r\n\r\n") + 4)));
  return out;
}

std::string choices(const std::vector<json>& all) {
  return http(200, json{{"choices", all}}.dump());
}

}  // namespace

TEST_CASE("what a reply lacks is asked for again by its own seed") {
  ScriptedServer server({choices({choice(2, "c"), choice(0, "a")}), choices({choice(0, "b")})});
  const Result got = draw(server);
  REQUIRE(got.drawn.size() == 3);
  CHECK(got.drawn[0].number == 0);
  CHECK(got.drawn[1].answer.text == "c");
  CHECK(got.drawn[2].number == 1);
  CHECK(got.drawn[2].seed == 101);
  CHECK(got.asked[0]["n"] == 3);
  CHECK(got.asked[0]["seed"] == 100);
  CHECK_FALSE(got.asked[1].contains("n"));
  CHECK(got.asked[1]["seed"] == 101);
}

TEST_CASE("an answer that no reply has is given up after some tries, and the others stand") {
  ScriptedServer server(
      {choices({choice(0, "a"), choice(2, "c")}), choices({choice(0, "b", "abort")})});
  const Result got = draw(server);
  CHECK(got.drawn.size() == 2);
  REQUIRE(got.lost.size() == 1);
  CHECK(got.lost[0].answers == 1);
  CHECK(got.asked.size() == 6);
}

TEST_CASE("a server that refuses several is asked one by one; a refusal of one is told") {
  ScriptedServer server({http(400, "{\"error\": \"n must be 1\"}"), choices({choice(0, "a")}),
                         http(400, "{\"error\": \"no such word\"}"), choices({choice(0, "c")})});
  const Result got = draw(server);
  CHECK(got.drawn.size() == 2);
  REQUIRE(got.lost.size() == 1);
  CHECK(got.lost[0].why == "HTTP 400: no such word");
  CHECK(got.asked.size() == 4);
  ScriptedServer nothing({http(400, "{\"error\": \"no such word\"}")});
  CHECK_THROWS_WITH_AS(draw(nothing), doctest::Contains("no such word"), Error);
}

TEST_CASE("answers as servers of several kinds give them") {
  const std::string thought =
      json{{"model", "served"},
           {"usage", {{"prompt_tokens", 9}, {"completion_tokens", 11}}},
           {"choices",
            {{{"index", 0},
              {"finish_reason", "length"},
              {"message", {{"content", nullptr}, {"reasoning", "hm"}}}},
             {{"index", 1},
              {"finish_reason", "stop"},
              {"message", {{"content", {{{"type", "text"}, {"text", "x"}}}}}}},
             {{"index", 2}, {"finish_reason", nullptr}, {"message", {{"content", "y"}}}}}}}
          .dump();
  const auto answers = answers_in(thought, 3);
  REQUIRE(answers[0]);
  CHECK(answers[0]->text.empty());
  CHECK(answers[0]->reasoning == "hm");
  CHECK(answers[0]->finish == "length");
  REQUIRE(answers[1]);
  CHECK(answers[1]->text == "x");
  CHECK_FALSE(answers[2]);
  CHECK(model_in(thought) == "served");
  CHECK(*answers[0]->prompt_tokens + *answers[1]->prompt_tokens == 6);  // a third is of the last
  for (const char* nonsense : {"", "[]", "{}", "{\"choices\": 3}", "{\"choices\": [null, 1]}"})
    for (const auto& one : answers_in(nonsense, 2)) CHECK_FALSE(one);
}
