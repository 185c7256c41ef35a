#include "harness/endpoint/completions.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

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
