#include "harness/endpoint/completions.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "harness/base/error.h"

using namespace assay::endpoint;
using nlohmann::json;

namespace {

json choice(int index, const std::string& text) {
  return {{"index", index}, {"text", text}, {"finish_reason", "length"}};
}
std::string reply(std::initializer_list<json> choices, int tokens = 0) {
  json body = {{"choices", json(choices)}};
  if (tokens) body["usage"] = {{"completion_tokens", tokens}};
  return body.dump();
}
Choice::End end_of(json one) {
  one["index"] = 0;
  one["text"] = "x";
  return choices_in(reply({one}), 1)[0].value().end;
}

}  // namespace

TEST_CASE("choices are taken by their index, each once, and what is no choice is missing") {
  const auto all =
      choices_in(reply({choice(2, "c"), choice(0, "a"), choice(0, "a"), choice(7, "z")}), 4);
  REQUIRE(all.size() == 4);
  CHECK(all[0]->text == "a");
  CHECK_FALSE(all[1]);
  CHECK(all[2]->text == "c");
  CHECK_FALSE(all[3]);
  // Two that differ: nobody knows which is the draw.
  CHECK_FALSE(choices_in(reply({choice(0, "a"), choice(0, "b"), choice(0, "a")}), 1)[0]);
  CHECK_FALSE(
      choices_in(reply({{{"index", 0}, {"text", nullptr}, {"finish_reason", "stop"}}}), 1)[0]);
  CHECK_FALSE(choices_in(reply({{{"index", 0}, {"text", "a"}, {"finish_reason", nullptr}}}), 1)[0]);
  for (const char* body : {"[]", "{}", "{\"choices\": 3}", "{\"choices\": [1, null]}", "nonsense"})
    CHECK_FALSE(choices_in(body, 1)[0]);
}

TEST_CASE("how a text ended, as the servers say it") {
  CHECK(end_of({{"finish_reason", "length"}}) == Choice::End::length);
  CHECK(end_of({{"finish_reason", "content_filter"}}) == Choice::End::refused);
  CHECK(end_of({{"finish_reason", "stop"}}) == Choice::End::either);
  CHECK(end_of({{"finish_reason", "stop"}, {"stop_reason", nullptr}}) == Choice::End::model);
  CHECK(end_of({{"finish_reason", "stop"}, {"stop_reason", 128001}}) == Choice::End::model);
  CHECK(end_of({{"finish_reason", "stop"}, {"stop_reason", "\n"}}) == Choice::End::text);
  CHECK(end_of({{"finish_reason", "stop"}, {"matched_stop", "\n"}}) == Choice::End::text);
}

TEST_CASE("tokens are counted where somebody counts them, and estimated where nobody does") {
  json told = choice(0, "a b c");
  told["logprobs"] = {{"token_logprobs", {-1.0, -0.5, -0.25}}};
  const Choice one = choices_in(reply({told}, 9), 1)[0].value();
  CHECK(one.tokens == 3);
  CHECK(one.log_probability == -1.75);
  CHECK(choices_in(reply({choice(0, "a b c")}, 9), 1)[0]->tokens == 9);
  const auto two = choices_in(reply({choice(1, "aaaaaaa"), choice(0, "a")}, 10), 2);
  CHECK(two[1]->tokens == 8);
  CHECK(two[0]->tokens == 2);
  CHECK_FALSE(two[0]->counted);
  const Choice none = choices_in(reply({choice(0, "12345678")}), 1)[0].value();
  CHECK(none.tokens == 2);
  CHECK_FALSE(none.counted);
}

TEST_CASE("a message of a chat is a text too, and silence of a model that thinks is a cut one") {
  const json said = {{"index", 0},
                     {"finish_reason", "stop"},
                     {"message", {{"content", "x"}}},
                     {"logprobs", {{"content", {{{"token", "x"}, {"logprob", -2.0}}}}}}};
  const Choice one = choices_in(reply({said}), 1)[0].value();
  CHECK(one.text == "x");
  CHECK(one.log_probability == -2);
  const json silent = {{"index", 0},
                       {"finish_reason", "length"},
                       {"message", {{"content", nullptr}, {"reasoning", "hm"}}}};
  CHECK(choices_in(reply({silent}), 1)[0]->end == Choice::End::length);
}

TEST_CASE("a choice is what it was when it is read again") {
  Choice one{"a\n\xff", Choice::End::either, 7, false, -0.125};
  const Choice again =
      choice_of(json::parse(kept(one).dump(-1, ' ', false, json::error_handler_t::replace)));
  CHECK(again.text == "a\n\xEF\xBF\xBD");
  CHECK(again.end == one.end);
  CHECK(again.tokens == 7);
  CHECK_FALSE(again.counted);
  CHECK(again.log_probability == one.log_probability);
}

TEST_CASE("what is asked: a prompt, or messages of which the last is gone on from") {
  Drawing drawing;
  drawing.model = "m";
  drawing.sampling = {0.7, 0.9};
  drawing.stop = "\n";
  json body = request_of(drawing, "p", "s", false);
  CHECK(body["prompt"] == "ps");
  CHECK(body["temperature"] == 0.7);
  CHECK(body["top_p"] == 0.9);
  CHECK(body["stop"] == json::array({"\n"}));
  CHECK(request_of(drawing, "p", "s", true)["temperature"] == 0);
  drawing.form = Form::prefill;
  drawing.refused = {"logprobs", "max_tokens", "top_p"};
  body = request_of(drawing, "p", "s", false);
  CHECK(body["messages"].size() == 2);
  CHECK(body["continue_final_message"] == true);
  CHECK(body["add_generation_prompt"] == false);
  CHECK(body["max_completion_tokens"] == 256);
  for (const char* field : {"logprobs", "max_tokens", "top_p"}) CHECK_FALSE(body.contains(field));
  body = request_of(drawing, "p", "", false);
  CHECK(body["messages"].size() == 1);
  CHECK_FALSE(body.contains("continue_final_message"));
}

TEST_CASE("what is left for a reply, in the words of each server") {
  struct {
    const char* words;
    std::int64_t asked, left;  // -1: not told
  } const cases[] = {
      // vLLM, by age
      {"This model's maximum context length is 2048 tokens. However, you requested 2100 tokens (100 in "
       "the messages, 2000 in the completion). Please reduce the length of the messages or "
       "completion.",
       2000, 1948},
      {"'max_tokens' or 'max_completion_tokens' is too large: 5000. This model's maximum context "
       "length is 4096 tokens and your request has 20 input tokens (5000 > 4096 - 20).",
       5000, 4076},
      {"This model's maximum context length is 32768 tokens. However, you requested 32000 output tokens "
       "and your prompt contains at least 769 input tokens, for a total of at least 32769 tokens.",
       32000, -1},
      {"This model's maximum context length is 96 tokens. However, you requested 0 output tokens and "
       "your prompt contains at least 97 input tokens, for a total of at least 97 tokens.",
       0, 0},
      {"This model's maximum context length is 96 tokens. However, your request has 300 input tokens.",
       8, 0},
      {"The decoder prompt (length 3000) is longer than the maximum model length of 2048.", 8, 0},
      // OpenAI
      {"This model's maximum context length is 4097 tokens, however you requested 5000 tokens (1000 in "
       "your prompt; 4000 for the completion).",
       4000, 3097},
      {"This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 "
       "tokens.",
       8, 0},
      {"This endpoint's maximum context length is 1000 tokens. However, you requested about 1100 tokens",
       200, 100},
      {"max_tokens is too large: 100000. This model supports at most 4096 completion tokens",
       100000, 4096},
      // SGLang
      {"Requested token count exceeds the model's maximum context length of 1000 tokens. You requested a "
       "total of 1206 tokens: 6 tokens from the input messages and 1200 tokens for the completion.",
       1200, 994},
      {"The input (5000 tokens) is longer than the model's context length (4096 tokens).", 8, 0},
      {"Input length (5000 tokens) exceeds the maximum allowed length (4096 tokens).", 8, 0},
      // llama.cpp
      {R"({"message":"request (1952 tokens) exceeds the available context size (512 tokens), try )"
       R"(increasing it","type":"exceed_context_size_error","n_prompt_tokens":1952,"n_ctx":512})",
       8, 0},
      {"the request exceeds the available context size, try increasing it", 8, -1},
      {"Requested tokens (600) exceed context window of 512", 8, 0},
      // TGI
      {"Input validation error: `inputs` tokens + `max_new_tokens` must be <= 2048. Given: 1700 `inputs` "
       "tokens and 500 `max_new_tokens`",
       500, 348},
      {"Input validation error: `inputs` must have less than 1024 tokens. Given: 2000", 8, 0},
      // others
      {"prompt is too long: 210000 tokens > 200000 maximum", 8, 0},
      {"Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context "
       "length",
       8, 0},
      {"This model's maximum prompt length is 131072 but the request contains 537812 tokens", 8, 0},
      {"The input token count (1196265) exceeds the maximum number of tokens allowed (1048575)", 8,
       0},
      {"context_length_exceeded", 8, -1},
      {"maximum context length is 99999999999999999999999999 tokens", 8, -1},
  };
  for (const auto& one : cases) {
    CAPTURE(one.words);
    CHECK(says_too_long(one.words));
    const Room room = room_in(one.words, one.asked);
    if (one.left < 0)
      CHECK_FALSE(room.tokens);
    else if (one.left == 0)
      CHECK(room.tokens.value() < 1);
    else
      CHECK(room.tokens == one.left);
    CHECK(room.of_replies == (one.left == 4096));
  }
  for (const char* words : {"temperature exceeds the maximum allowed value", "no such field `seed`",
                            "logprobs must be at most 5"})
    CHECK_FALSE(says_too_long(words));
}

TEST_CASE("a lying log-probability is none, and does not make the kept reply unreadable") {
  const auto told = [](const char* logprobs) {
    return choices_in(R"({"choices": [{"index": 0, "text": "x", "finish_reason": "stop",
                          "logprobs": {"token_logprobs": )" +
                          std::string(logprobs) + "}}]}",
                      1)[0]
        .value();
  };
  CHECK(told("[-1, -0.5]").log_probability == -1.5);
  for (const char* lie : {"[-1e308, -1e308]", "[5, 5]", "[1e308, 1e308]"}) {
    const Choice choice = told(lie);
    CHECK_FALSE(choice.log_probability);
    CHECK(choice.tokens == 2);
    CHECK_FALSE(kept(choice).contains("log_probability"));
  }
  // As it was written once: the file shall go on being read.
  json old = kept(told("[-1]"));
  old["log_probability"] = nullptr;
  CHECK_FALSE(choice_of(old).log_probability);
}

TEST_CASE("a count of tokens that no reply can have is estimated, and a kept one is refused") {
  for (const char* lie : {"18446744073709551615", "9223372036854775807", "1000000001", "-1"}) {
    CAPTURE(lie);
    const std::string body =
        R"({"choices": [{"index": 0, "text": "eight by", "finish_reason": "stop"}],
                                 "usage": {"prompt_tokens": )" +
        std::string(lie) + R"(, "completion_tokens": )" + lie + "}}";
    const Choice choice = choices_in(body, 1)[0].value();
    CHECK(choice.tokens == 2);
    CHECK_FALSE(choice.counted);
    CHECK_FALSE(prompt_tokens_in(body));
    json by_hand = kept(choice);
    by_hand["tokens"] = json::parse(lie);
    CHECK_THROWS_AS(choice_of(by_hand), assay::Error);
  }
}
