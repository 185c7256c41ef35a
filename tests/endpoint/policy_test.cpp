#include "harness/endpoint/policy.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "harness/base/error.h"
#include "harness/base/text_file.h"
#include "tests/endpoint/scripted_server.h"
#include "tests/support/scratch.h"

using namespace assay;
using namespace assay::endpoint;
using nlohmann::json;
using search::Finish;
using tests::http;
using tests::ScriptedServer;

namespace {

const std::atomic<bool> kGoOn = false;

std::string drawn(const std::string& text, const std::string& finish, int prompt_tokens = 2) {
  const json choice = {
      {"index", 0}, {"text", text}, {"finish_reason", finish}, {"stop_reason", nullptr}};
  return http(200, json{{"choices", {choice}},
                        {"usage", {{"prompt_tokens", prompt_tokens}, {"completion_tokens", 3}}}}
                       .dump());
}
std::string said(const std::string& text) {
  const json choice = {{"index", 0}, {"message", {{"content", text}}}, {"finish_reason", "stop"}};
  return http(200, json{{"choices", {choice}}}.dump());
}
std::string refusal(const std::string& words, int status = 400) {
  return http(status, json{{"error", {{"message", words}}}}.dump());
}

/// A policy at a server that gives these answers, and what it was asked.
struct Trial {
  explicit Trial(std::vector<std::string> answers, int tokens_max = 100,
                 const std::string& delimiter = "\n")
      : server(std::move(answers)),
        client({.attempts_max = 1, .pause_first = 0.001}, kGoOn),
        policy({.url = server.url(),
                .model = "m",
                .step = {.delimiter = delimiter, .tokens_max = tokens_max}},
               client, replies) {}

  search::Prefix step(search::Prefix from, bool greedy = true) {
    search::Ask asks[] = {{std::move(from), RandomStream(1, "test"), greedy}};
    return policy.extend(asks).front();
  }
  search::Prefix open() { return policy.open({"t", "p", {}, 0, {}, 0}); }
  json asked(std::size_t i) const {
    const std::string request = server.requests().at(i);
    return json::parse(request.substr(request.find("\r\n\r\n") + 4));
  }

  ScriptedServer server;
  Client client;
  Replies replies;
  EndpointPolicy policy;
};

const std::string kProbe = drawn("x", "length");

}  // namespace

TEST_CASE("a reply that is asked too long is asked again with what is left, and ends there") {
  Trial trial(
      {kProbe,
       refusal("This model's maximum context length is 50 tokens. However, you requested 120 "
               "tokens (20 in the messages, 100 in the completion)."),
       drawn("as far as it goes", "length")});
  const auto step = trial.step(trial.open());
  CHECK(trial.asked(1)["max_tokens"] == 100);
  CHECK(trial.asked(2)["max_tokens"] == 30);
  CHECK(step->text == "as far as it goes");
  CHECK(step->finish == Finish::cut);
  CHECK(trial.policy.counts().shortened == 1);
  CHECK(trial.policy.counts().full == 1);
  // The same is not asked again, and means the same.
  CHECK(trial.step(trial.open())->finish == Finish::cut);
  CHECK(trial.server.requests().size() == 3);
}

TEST_CASE("where no numbers are told the reply is halved, and goes on behind such a half") {
  Trial trial({kProbe, refusal("context_length_exceeded"), refusal("context_length_exceeded"),
               drawn("a part", "length"), drawn("the rest", "stop")});
  const auto part = trial.step(trial.open());
  CHECK(trial.asked(2)["max_tokens"] == 50);
  CHECK(trial.asked(3)["max_tokens"] == 25);
  CHECK(part->finish == Finish::open);
  CHECK(part->text == "a part");
  const auto rest = trial.step(part);
  CHECK(trial.asked(4)["max_tokens"] == 100);
  CHECK(trial.asked(4)["prompt"] == "pa part");
  CHECK(rest->finish == Finish::complete);
}

TEST_CASE("a server that counts one more than it says is asked for a token less, then for half") {
  const std::string words =
      refusal("maximum context length is 50 tokens, your request has 20 input tokens");
  Trial trial({kProbe, words, words, words, drawn("x", "stop")});
  CHECK(trial.step(trial.open())->finish == Finish::complete);
  CHECK(trial.asked(2)["max_tokens"] == 30);
  CHECK(trial.asked(3)["max_tokens"] == 29);
  CHECK(trial.asked(4)["max_tokens"] == 14);
}

TEST_CASE("a prompt that does not fit gets no answer, an answer that has grown too long is cut") {
  const std::string full = refusal("maximum context length is 50 tokens, you have 60 input tokens");
  Trial trial({kProbe, full});
  const auto none = trial.step(trial.open());
  CHECK(none->finish == Finish::refused);
  CHECK_FALSE(none->lost);  // it is so another time too
  CHECK(trial.policy.counts().too_long == 1);
  CHECK(trial.policy.counts().refused == 0);
  CHECK(trial.server.requests().size() == 2);
  Trial later({kProbe, drawn("a", "length"), full});
  const auto cut = later.step(later.step(later.open()));
  CHECK(cut->finish == Finish::cut);
  CHECK(later.policy.counts().full == 1);
  // llama.cpp ends a reply without a token there, and would for ever.
  Trial silent({kProbe, drawn("", "length")});
  CHECK(silent.step(silent.open())->finish == Finish::cut);
}

TEST_CASE("a rate limit that speaks of lengths is none") {
  Trial trial({kProbe, refusal("reduce the length of the messages or slow down", 429)});
  CHECK_THROWS_AS(trial.step(trial.open()), Error);
}

TEST_CASE("a step of one token is a request for one token without a stop") {
  Trial trial({kProbe, drawn(" 13", "length"), drawn("", "stop")}, 1, "");
  const auto step = trial.step(trial.open());
  CHECK(trial.asked(1)["max_tokens"] == 1);
  CHECK_FALSE(trial.asked(1).contains("stop"));
  CHECK(step->text == " 13");
  CHECK(step->finish == Finish::open);
  CHECK(trial.step(step)->finish == Finish::complete);
  CHECK(trial.server.requests().size() == 3);
}

TEST_CASE("several choices that a server refuses as if it had failed are asked for one by one") {
  Trial trial({kProbe, refusal("Only one completion choice is allowed", 500), drawn("x", "stop")});
  std::vector<search::Ask> asks(3, {trial.open(), RandomStream(1, "test"), false});
  for (const auto& step : trial.policy.extend(asks)) CHECK(step->text == "x");
  CHECK(trial.asked(1)["n"] == 3);
  for (std::size_t i = 2; i < 5; ++i) {
    CHECK_FALSE(trial.asked(i).contains("n"));
    CHECK(trial.asked(i)["seed"] == trial.asked(1)["seed"].get<std::uint64_t>() + i - 2);
  }
}

TEST_CASE("completions that are put into a chat template, as Ollama's are, are not gone on from") {
  Trial trial({drawn("Hello!", "length", 26), said("lie delta"), said("three"), said("on")});
  REQUIRE(trial.policy.notes().size() == 1);
  CHECK(trial.policy.notes()[0].find("chat template") != std::string::npos);
  CHECK(trial.policy.capabilities().steps);
  CHECK(trial.step(trial.open())->text == "on\n");
  CHECK(trial.server.requests().back().starts_with("POST /v1/chat/completions"));
}

TEST_CASE("of what a probe was answered the text is kept, not what else a server repeats") {
  tests::Scratch scratch;
  const std::string path = scratch.path("replies.jsonl");
  ScriptedServer server(
      {http(200, R"({"headers": "Bearer abc", "choices": [{"index": 0, "text": "x",
                                       "finish_reason": "stop"}]})")});
  Client client({}, kGoOn);
  Replies replies(path);
  const EndpointPolicy first({.url = server.url(), .model = "m"}, client, replies);
  CHECK(read_text_file(path).find("abc") == std::string::npos);
  const EndpointPolicy again({.url = server.url(), .model = "m"}, client, replies);
  CHECK(server.requests().size() == 1);
}

TEST_CASE("an address that cannot have a path behind it is refused") {
  Client client({}, kGoOn);
  Replies replies;
  for (const char* url : {"http://h:1/?key=1", "http://h:1/#x"})
    CHECK_THROWS_WITH_AS(EndpointPolicy({.url = url, .model = "m"}, client, replies),
                         doctest::Contains("no `?` or `#`"), Error);
}

TEST_CASE("a server cannot forge lines of the terminal by the names of its models") {
  ScriptedServer server({http(200, R"({"data": [{"id": "a\nassay: all is well"}, {"id": "b"}]})")});
  Client client({}, kGoOn);
  Replies replies;
  CHECK_THROWS_WITH_AS(EndpointPolicy({.url = server.url()}, client, replies),
                       doctest::Contains(R"(the server has a\x0aassay: all is well, b)"), Error);
}

TEST_CASE("a line by hand in the file of --replies is told as such, not as a bug of this program") {
  // The answers to the probe and to what model there is, spoilt one field at a time.
  tests::Scratch scratch;
  ScriptedServer server({http(200, R"({"data": [{"id": "m"}]})"), kProbe});
  Client client({}, kGoOn);
  const std::string path = scratch.path("replies.jsonl");
  {
    Replies replies(path);
    const EndpointPolicy first({.url = server.url()}, client, replies);
  }
  const std::string good = read_text_file(path);
  const auto spoilt = [&](const std::string& field, const std::string& by) {
    std::string text = good;
    REQUIRE(text.find(field) != std::string::npos);
    return scratch.write("spoilt.jsonl", text.replace(text.find(field), field.size(), by));
  };
  for (const auto& [field, other] : std::vector<std::pair<std::string, std::string>>{
           {R"("model":"m")", R"("model":7)"},
           {R"("text":"x")", R"("text":[1])"},
           {R"("prompt_tokens":2)", R"("prompt_tokens":"2")"},
           {R"("prompt_tokens":2)", R"("prompt_tokens":1e300)"}}) {
    const std::string& by = other;
    CAPTURE(by);
    Replies replies(spoilt(field, by));
    CHECK_THROWS_WITH_AS(EndpointPolicy({.url = server.url()}, client, replies),
                         doctest::Contains("a reply of another form"), Error);
  }
}

TEST_CASE("a reply that is no JSON for its text costs that step, not the search") {
  const std::string lone = http(200, R"({"choices": [{"index": 0, "text": "\ud800"}]})");
  Trial trial({kProbe, lone, drawn("x", "stop")});
  const auto step = trial.step(trial.open());
  CHECK(step->lost);
  CHECK(step->finish == Finish::refused);
  CHECK(trial.policy.counts().refused == 1);
  CHECK(trial.server.requests().size() == 2);
  CHECK(trial.step(trial.open())->text == "x");  // it is asked for again
  // It may be one of several that is so: each has its own reply then.
  Trial several({kProbe, lone, drawn("a", "stop"), lone, drawn("c", "stop")});
  std::vector<search::Ask> asks(3, {several.open(), RandomStream(1, "test"), false});
  int lost = 0;
  for (const auto& one : several.policy.extend(asks)) lost += one->lost;
  CHECK(lost == 1);
  CHECK(several.server.requests().size() == 5);
  // A page that stands in for the server is another matter.
  Trial page({kProbe, http(200, "<p>Log in")});
  CHECK_THROWS_WITH_AS(page.step(page.open()), doctest::Contains("not JSON"), Error);
}

TEST_CASE("a reply that is nested as deep as no answer is does not end the process") {
  const std::string deep(1'000'000, '['), shut(1'000'000, ']');
  const std::string body = R"({"choices": [{"index": 0, "text": "x", "x": )" + deep + shut + "}]}";
  Trial trial({kProbe, http(200, body)});
  CHECK(trial.step(trial.open())->lost);
}
