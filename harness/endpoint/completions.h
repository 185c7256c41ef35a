// What OpenAI-compatible servers are asked and what they answer, as far as drawing texts needs it.
// Pure functions; thread-safe.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "harness/search/prefix.h"

namespace assay::endpoint {

/// How a server takes texts that it shall go on from.
enum class Form {
  completions,   ///< /v1/completions: a prompt
  prefill,       ///< /v1/chat/completions, where it does go on from an assistant's message
  whole_answers  ///< /v1/chat/completions, where it does not
};
std::string path_of(Form form);

/// What is the same in all requests of a search.
struct Drawing {
  Form form = Form::completions;
  std::string model;
  search::Sampling sampling;
  int tokens_max = 256;  ///< of a reply
  std::string stop;      ///< where it ends; empty: nowhere
  /// Fields that the server refuses, which are left out: seed, logprobs, top_p, temperature. It may
  /// also refuse max_tokens, which then is called max_completion_tokens.
  std::set<std::string> refused;
};

/// A body to be posted, without `n` and `seed`. `so_far` is the text behind the prompt.
nlohmann::json request_of(const Drawing& drawing, const std::string& prompt,
                          const std::string& so_far, bool greedy);

/// One text of a reply.
struct Choice {
  enum class End {
    text,     ///< at `stop`, which the text may lack
    model,    ///< the model has ended it
    either,   ///< one of the two: the server does not tell
    length,   ///< it was cut at the greatest length of a reply
    context,  ///< what it would go on from is as long as the model can read
    refused,  ///< by a filter
  };
  std::string text;
  End end = End::either;
  std::int64_t tokens = 0;
  bool counted = true;  ///< false: the tokens are estimated
  std::optional<double> log_probability;
};
nlohmann::json kept(const Choice& choice);
Choice choice_of(const nlohmann::json& kept);

/// The choices of a reply to a request for `n` of them, by their index. Missing are those that the
/// server left out, that hold no text, and where it gave two different ones of the same index.
std::vector<std::optional<Choice>> choices_in(const std::string& body, std::size_t n);

/// One whole answer of a reply, as it is kept with what the server says of it.
struct Answer {
  std::string text;       ///< empty where it holds none: all may have been thought
  std::string reasoning;  ///< what was thought, where the server tells it apart
  std::string finish;     ///< finish_reason, as the server says it
  /// Parts of what the reply counts, which add up to it; empty where it counts nothing.
  std::optional<std::int64_t> prompt_tokens, completion_tokens;
};
/// The answers of a reply to a request for `n` of them, by their index. Missing are those that the server
/// left out, that do not say how they ended or ended by an error, and where it gave two different ones
/// of the same index. An answer may hold no text.
std::vector<std::optional<Answer>> answers_in(const std::string& body, std::size_t n);
/// What the server calls the model that answered; may be empty.
std::string model_in(const std::string& body);

/// Whether these words of an error say that the prompt and the reply that was asked for are too long for
/// the model, that the prompt was filtered, or that there is no more than one choice a request.
bool says_too_long(const std::string& body);
bool says_filtered(const std::string& body);
bool says_one_choice(const std::string& body);

/// What the words of a server that says_too_long() tell of the room for a reply.
struct Room {
  std::optional<std::int64_t> tokens;  ///< below 1: the prompt alone is too long; none: not told
  bool of_replies = false;             ///< no reply of this server is longer, whatever the prompt
};
/// `asked`: the tokens that the reply was to have. As vLLM, SGLang, llama.cpp, TGI and OpenAI word it.
Room room_in(const std::string& body, std::int64_t asked);

/// The tokens of the prompt, where the reply counts them.
std::optional<std::int64_t> prompt_tokens_in(const std::string& body);

}  // namespace assay::endpoint
