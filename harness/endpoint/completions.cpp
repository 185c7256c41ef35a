#include "harness/endpoint/completions.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <regex>

#include "harness/endpoint/replies.h"

namespace assay::endpoint {

using nlohmann::json;

namespace {

constexpr std::size_t kWordsRead = 2000;  ///< of an error
constexpr double kBytesPerToken = 4;      ///< of an estimate, where a server counts nothing
constexpr std::int64_t kTokensMax = 1'000'000'000;  ///< of a reply; a greater count is a lie

const std::vector<std::pair<std::string, Choice::End>>& names_of_ends() {
  static const std::vector<std::pair<std::string, Choice::End>> names = {
      {"text", Choice::End::text},       {"model", Choice::End::model},
      {"either", Choice::End::either},   {"length", Choice::End::length},
      {"context", Choice::End::context}, {"refused", Choice::End::refused}};
  return names;
}

const json* at(const json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

/// vLLM says `stop_reason` and SGLang `matched_stop`: the stop text, the number of a token that ends
/// texts, or null, which is the model's own end.
std::optional<Choice::End> told_stop(const json& choice) {
  for (const char* key : {"stop_reason", "matched_stop"}) {
    if (!choice.contains(key)) continue;
    return choice[key].is_string() ? Choice::End::text : Choice::End::model;
  }
  return std::nullopt;
}

std::optional<Choice::End> end_of(const json& choice) {
  const json* reason = at(choice, "finish_reason");
  if (!reason || !reason->is_string()) return std::nullopt;
  if (*reason == "length") return Choice::End::length;
  if (*reason == "content_filter") return Choice::End::refused;
  if (*reason == "stop") return told_stop(choice).value_or(Choice::End::either);
  if (*reason == "stop_sequence") return Choice::End::text;
  if (*reason == "eos_token" || *reason == "eos") return Choice::End::model;
  return std::nullopt;
}

/// A number of tokens, where it can be one.
std::optional<std::int64_t> a_count(const json* value) {
  if (!value || !value->is_number_integer()) return std::nullopt;
  const double count = value->get<double>();  // exact as far as the comparison needs it
  if (!(count >= 0 && count <= static_cast<double>(kTokensMax))) return std::nullopt;
  return value->get<std::int64_t>();
}

std::optional<double> a_log_probability(double value) {
  if (!std::isfinite(value) || value > 0) return std::nullopt;
  return value;
}

struct Logprobs {
  std::int64_t tokens = 0;
  std::optional<double> sum;
};
Logprobs logprobs_of(const json& choice) {
  Logprobs out;
  const json* all = at(choice, "logprobs");
  if (!all) return out;
  double sum = 0;
  bool whole = true;
  const auto add = [&](const json* value) {
    ++out.tokens;
    whole &= value && value->is_number();
    if (whole) sum += value->get<double>();
  };
  if (const json* values = at(*all, "token_logprobs"); values && values->is_array())
    for (const json& value : *values) add(&value);
  else if (const json* tokens = at(*all, "content"); tokens && tokens->is_array())
    for (const json& token : *tokens) add(at(token, "logprob"));
  if (whole && out.tokens > 0) out.sum = a_log_probability(sum);
  return out;
}

/// `total` shared out by weight, in whole numbers that add up to it.
std::vector<std::int64_t> shared_out(std::int64_t total, const std::vector<double>& weights) {
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  std::vector<std::int64_t> out;
  double up_to = 0;
  std::int64_t given = 0;
  for (const double weight : weights) {
    up_to += weight;
    out.push_back(std::llround(static_cast<double>(total) * up_to / sum) - given);
    given += out.back();
  }
  return out;
}

/// The choices of a reply to a request for some, each where its index puts it: no object where there is
/// none, or two that differ.
struct Indexed {
  std::vector<json> choices;
  std::vector<std::size_t> place;  ///< of each of these in the reply
  std::vector<double> weights;     ///< of all that the reply has: how long their texts are
};
Indexed by_index(const json& reply, std::size_t n) {
  Indexed out{std::vector<json>(n), std::vector<std::size_t>(n), {}};
  const json* choices = at(reply, "choices");
  if (!choices || !choices->is_array()) return out;
  for (std::size_t i = 0; i < choices->size(); ++i) {
    const json& choice = (*choices)[i];
    const json* text = at(choice, "text");
    if (const json* message = at(choice, "message")) text = at(*message, "content");
    out.weights.push_back(1 + (text && text->is_string()
                                   ? text->get_ref<const std::string&>().size()
                                   : std::size_t{0}));
    const json* index = at(choice, "index");
    if (index && !index->is_number_unsigned()) continue;
    const std::size_t where = index ? index->get<std::size_t>() : i;
    if (where >= n || !choice.is_object()) continue;
    out.place[where] = i;
    if (out.choices[where].is_null())
      out.choices[where] = choice;
    else if (out.choices[where] != choice)
      out.choices[where] = "two of them";  // neither is to be trusted
  }
  return out;
}

/// A text, also where it comes in parts: [{"type": "text", "text": ...}].
std::string text_of(const json* value) {
  if (!value) return "";
  if (value->is_string()) return value->get<std::string>();
  std::string out;
  if (value->is_array())
    for (const json& part : *value)
      if (const json* text = at(part, "text"); text && text->is_string())
        out += text->get_ref<const std::string&>();
  return out;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

bool holds(const std::string& body, std::initializer_list<const char*> words) {
  const std::string text = lower(body);
  return std::any_of(words.begin(), words.end(),
                     [&](const char* word) { return text.find(word) != text.npos; });
}

/// What the first of these expressions that is found has in its brackets.
std::optional<std::int64_t> number_in(const std::string& words,
                                      std::initializer_list<const char*> expressions) {
  constexpr std::ptrdiff_t kDigitsMax = 15;
  for (const char* expression : expressions) {
    std::smatch found;
    if (std::regex_search(words, found, std::regex(expression)) && found.length(1) <= kDigitsMax)
      return std::stoll(found[1].str());
  }
  return std::nullopt;
}

}  // namespace

std::string path_of(Form form) {
  return form == Form::completions ? "/v1/completions" : "/v1/chat/completions";
}

json request_of(const Drawing& drawing, const std::string& prompt, const std::string& so_far,
                bool greedy) {
  const auto wanted = [&](const char* field) { return !drawing.refused.contains(field); };
  json body = {{"model", drawing.model}};
  if (drawing.form == Form::completions) {
    body["prompt"] = prompt + so_far;
    if (wanted("logprobs")) body["logprobs"] = 0;
  } else {
    body["messages"] = json::array({{{"role", "user"}, {"content", prompt}}});
    if (!so_far.empty()) {
      body["messages"].push_back({{"role", "assistant"}, {"content", so_far}});
      body["continue_final_message"] = true;
      body["add_generation_prompt"] = false;
    }
    if (wanted("logprobs")) body["logprobs"] = true;
  }
  body[wanted("max_tokens") ? "max_tokens" : "max_completion_tokens"] = drawing.tokens_max;
  if (wanted("temperature")) body["temperature"] = greedy ? 0.0 : drawing.sampling.temperature;
  if (wanted("top_p")) body["top_p"] = greedy ? 1.0 : drawing.sampling.top_p;
  if (!drawing.stop.empty()) body["stop"] = json::array({drawing.stop});
  return body;
}

json kept(const Choice& choice) {
  const auto& names = names_of_ends();
  const auto name = std::find_if(names.begin(), names.end(),
                                 [&](const auto& one) { return one.second == choice.end; });
  json out = {{"text", choice.text}, {"end", name->first}, {"tokens", choice.tokens}};
  if (!choice.counted) out["estimated"] = true;
  if (choice.log_probability) out["log_probability"] = *choice.log_probability;
  return out;
}

Choice choice_of(const json& kept) {
  Choice out;
  try {
    out.text = kept.at("text").get<std::string>();
    out.counted = !kept.value("estimated", false);
    if (const json* sum = at(kept, "log_probability"))
      out.log_probability = a_log_probability(sum->get<double>());
    const auto tokens = a_count(at(kept, "tokens"));
    const std::string end = kept.at("end").get<std::string>();
    for (const auto& [name, value] : names_of_ends())
      if (tokens && name == end) {
        out.tokens = *tokens;
        out.end = value;
        return out;
      }
  } catch (const json::exception&) {
  }
  throw of_another_form();
}

std::vector<std::optional<Choice>> choices_in(const std::string& body, std::size_t n) {
  std::vector<std::optional<Choice>> out(n);
  const json reply = json::parse(body, nullptr, false);
  const Indexed found = by_index(reply, n);
  const std::vector<double>& weights = found.weights;
  const json* usage = at(reply, "usage");
  const auto made = usage ? a_count(at(*usage, "completion_tokens")) : std::nullopt;
  std::vector<std::int64_t> shares;
  if (made && !weights.empty()) shares = shared_out(*made, weights);
  for (std::size_t i = 0; i < n; ++i) {
    const json& choice = found.choices[i];
    if (!choice.is_object()) continue;
    const std::optional<Choice::End> end = end_of(choice);
    if (!end) continue;
    const json* message = at(choice, "message");
    const json* text = message ? at(*message, "content") : at(choice, "text");
    // A model that spent all its tokens on thinking, or whose text was filtered, has said nothing.
    const bool silent = *end == Choice::End::refused || (message && *end == Choice::End::length);
    if (!text && !silent) continue;
    if (text && !text->is_string()) continue;
    Choice& one = out[i].emplace();
    if (text) one.text = text->get<std::string>();
    one.end = *end;
    const Logprobs told = logprobs_of(choice);
    one.log_probability = told.sum;
    if (told.tokens > 0) {
      one.tokens = told.tokens;
    } else if (!shares.empty()) {
      one.tokens = shares[found.place[i]];
      one.counted = weights.size() == 1;
    } else {
      one.tokens = std::max<std::int64_t>(
          1, std::llround(static_cast<double>(one.text.size()) / kBytesPerToken));
      one.counted = false;
    }
  }
  return out;
}

std::vector<std::optional<Answer>> answers_in(const std::string& body, std::size_t n) {
  const json reply = json::parse(body, nullptr, false);
  const Indexed found = by_index(reply, n);
  std::vector<std::optional<Answer>> out(n);
  if (found.weights.empty()) return out;
  const auto shares = [&](const char* key, const std::vector<double>& weights) {
    const json* usage = at(reply, "usage");
    const auto all = usage ? a_count(at(*usage, key)) : std::nullopt;
    return all ? shared_out(*all, weights) : std::vector<std::int64_t>();
  };
  const auto made = shares("completion_tokens", found.weights);
  const auto read = shares("prompt_tokens", std::vector<double>(found.weights.size(), 1));
  for (std::size_t i = 0; i < n; ++i) {
    const json& choice = found.choices[i];
    const json* finish = at(choice, "finish_reason");
    if (!finish || !finish->is_string() || *finish == "error" || *finish == "abort") continue;
    if (!choice.contains("text") && !at(choice, "message")) continue;
    Answer& one = out[i].emplace();
    one.finish = finish->get<std::string>();
    if (const json* message = at(choice, "message")) {
      one.text = text_of(at(*message, "content"));
      for (const char* key : {"reasoning_content", "reasoning"})
        if (one.reasoning.empty()) one.reasoning = text_of(at(*message, key));
    } else {
      one.text = text_of(at(choice, "text"));
    }
    if (!made.empty()) one.completion_tokens = made[found.place[i]];
    if (!read.empty()) one.prompt_tokens = read[found.place[i]];
  }
  return out;
}

std::string model_in(const std::string& body) {
  const json reply = json::parse(body, nullptr, false);
  return text_of(at(reply, "model"));
}

bool says_too_long(const std::string& body) {
  return holds(body,
               {"context_length_exceeded", "context length", "context size", "context window",
                "exceed_context_size", "longer than the maximum model length", "prompt is too long",
                "input is too long", "maximum prompt length", "maximum number of tokens",
                "maximum allowed length", "maximum allowed input length", "reduce the length",
                "`inputs` tokens", "`inputs` must have less", "max_tokens is too large"}) ||
         room_in(body, 0).of_replies;
}

bool says_one_choice(const std::string& body) {
  return holds(body, {"only one completion choice"});
}

Room room_in(const std::string& body, std::int64_t asked) {
  const std::string words = lower(body.substr(0, kWordsRead));
  // What one reply may have at most, whatever its prompt: OpenAI, SGLang.
  if (const auto most = number_in(words, {R"(at most (\d+) completion tokens)",
                                          R"(completion_tokens is not valid: .{0,20}<= (\d+))"}))
    return {*most, true};
  const auto limit = number_in(
      words, {R"((?:context|model|prompt) length (?:is|of)(?: only)? (\d+))",
              R"(context (?:length|size) \((\d+))", R"("n_ctx": ?(\d+))",
              R"(context window of (\d+))", R"(must be <= (\d+))", R"(> (\d+) maximum)",
              R"(with (\d+) maximum)", R"(less than (\d+) tokens)", R"(allowed length \((\d+))",
              R"(input length of (\d+))", R"(tokens allowed \((\d+))"});
  if (!limit) return {};
  auto prompt =
      number_in(words, {R"((\d+) in (?:the messages|your prompt|the prompt))",
                        R"((\d+) (?:tokens from the )?`?input)", R"("n_prompt_tokens": ?(\d+))",
                        R"((?:input|request|requested tokens|input token count) \((\d+))",
                        R"(prompt \(length (\d+))", R"(resulted in (\d+))",
                        R"(prompt contains (\d+))", R"(request contains (\d+))",
                        R"(input length \(?(\d+))", R"(too long: (\d+))", R"(given: (\d+))"});
  if (!prompt)
    if (const auto all = number_in(words, {R"(requested (?:about )?(\d+) tokens)"}))
      prompt = *all - asked;
  if (!prompt) return {};
  const std::int64_t left = *limit - *prompt;
  // A newer vLLM stops counting the prompt where it no longer fits: "at least".
  if (left > 0 && words.find("at least") != words.npos) return {};
  return {left, false};
}

std::optional<std::int64_t> prompt_tokens_in(const std::string& body) {
  const json reply = json::parse(body, nullptr, false);
  const json* usage = at(reply, "usage");
  return usage ? a_count(at(*usage, "prompt_tokens")) : std::nullopt;
}

bool says_filtered(const std::string& body) {
  return holds(body, {"content_filter", "content management policy", "content_policy"});
}

}  // namespace assay::endpoint
